# shellcheck shell=bash
# ./onefin bench ws […]: the engine beside node ws and the Python websockets library. Words go to Benchmarks/ws.py.

# shellcheck source=tools/certificate.sh
source "$ROOT/tools/certificate.sh"

bench_ws() {
  need_packages python3 python3-venv
  need_python_tools
  need_node
  build_load wsload
  build_load floor
  build_load wsload-tls -DTLS -lssl -lcrypto
  build_load floor-tls -DTLS -lssl -lcrypto
  need_certificate
  build_servers
  exec "$VENV/bin/python" Benchmarks/ws.py --bench "$BENCH" --engine "$BIN/serve-echo" --certificate "$CERTIFICATE" --key "$CERTIFICATE_KEY" "$@"
}
