# shellcheck shell=bash
# A certificate for 127.0.0.1 and localhost that nobody trusts, for benchmarks. Sourced, never run.

CERTIFICATE=$STATE/bench/certificate.pem
CERTIFICATE_KEY=$STATE/bench/certificate-key.pem

# Makes it unless there is one that is good for another day.
need_certificate() {
  need_packages openssl
  openssl x509 -checkend 86400 -noout -in "$CERTIFICATE" >/dev/null 2>&1 && [[ -s $CERTIFICATE_KEY ]] && return
  (umask 077 && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost \
    -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -keyout "$CERTIFICATE_KEY" -out "$CERTIFICATE" 2>/dev/null) \
    || die "openssl could not make a certificate in ${CERTIFICATE%/*}."
}
