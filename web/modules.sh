#!/bin/sh
# Copies React and its types from where Debian installs them into web/node_modules. Copies and not links: esbuild and
# deno resolve a module's own imports from its real path, and /usr/share/nodejs is no node_modules folder.
set -eu
cd "$(dirname "$0")"
from=${ONEFIN_NODE_MODULES:-/usr/share/nodejs}
for name in react react-dom scheduler loose-envify js-tokens @types/react @types/react-dom @types/scheduler @types/prop-types csstype; do
  [ -d "$from/$name" ] || continue
  cmp -s "$from/$name/package.json" "node_modules/$name/package.json" && continue
  # Aside first: a copy that was cut short must not look like a whole one next time.
  rm -rf "node_modules/.new"
  mkdir -p "node_modules/.new" "node_modules/$(dirname "$name")"
  cp -rL "$from/$name" "node_modules/.new/copy"
  rm -rf "node_modules/$name"
  mv "node_modules/.new/copy" "node_modules/$name"
done
rm -rf "node_modules/.new"
[ -f node_modules/react/package.json ] || { echo "web: React is missing; apt-get install node-react node-react-dom" >&2; exit 1; }
