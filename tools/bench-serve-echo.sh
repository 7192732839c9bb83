# shellcheck shell=bash
# ./onefin bench serve-echo PORT […]: runs the engine alone until Ctrl-C. Paths: /echo, /room, /idle.

bench_serve_echo() {
  build_servers
  exec "$BIN/serve-echo" "$@"
}
