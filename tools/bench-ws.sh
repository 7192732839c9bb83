# shellcheck shell=bash
# ./onefin bench ws […]: the engine beside node ws and the Python websockets library. Words go to Benchmarks/ws.py.

bench_ws() {
  need_packages python3 python3-venv
  need_python_tools
  need_node
  build_load wsload
  build_load floor
  build_servers
  exec "$VENV/bin/python" Benchmarks/ws.py --bench "$BENCH" --engine "$BIN/serve-echo" "$@"
}
