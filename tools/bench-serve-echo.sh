# shellcheck shell=bash
# ./onefin bench serve-echo PORT […]: runs the engine alone until Ctrl-C. Paths: /echo, /room, /idle.
# --tls CERTIFICATE KEY speaks TLS with these PEM files, --tls alone with a certificate made for it.

# shellcheck source=tools/certificate.sh
source "$ROOT/tools/certificate.sh"

bench_serve_echo() {
  local words=() word
  build_servers
  while (($#)); do
    word=$1
    shift
    words+=("$word")
    if [[ $word == --tls && (${1:-} == '' || ${1:-} == --*) ]]; then
      need_certificate
      words+=("$CERTIFICATE" "$CERTIFICATE_KEY")
    fi
  done
  exec "$BIN/serve-echo" "${words[@]}"
}
