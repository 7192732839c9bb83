#!/bin/sh
# Types, format, lint, unit tests. Needs deno and oxlint on PATH.
set -eu
cd "$(dirname "$0")"
sh ./modules.sh
deno check src tests
deno fmt --check -q
oxlint --react-plugin --jsx-a11y-plugin --deny-warnings -c .oxlintrc.json src tests
deno test -q --allow-read=.,../Sources/Storage,../Sources/Audit --allow-env=NODE_ENV tests
