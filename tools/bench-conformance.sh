# shellcheck shell=bash
# ./onefin bench conformance: every case of chapters 1–7, 9, 12 and 13 of the Autobahn suite against the engine. Takes minutes.

# shellcheck source=tools/conformance.sh
source "$ROOT/tools/conformance.sh"

bench_conformance() {
  need_packages "${PACKAGES_CONFORMANCE[@]}"
  need_python_tools
  need_conformance_suite
  build_servers
  ONEFIN_CONFORMANCE=$CONFORMANCE ONEFIN_CONFORMANCE_ALL=1 "$VENV/bin/pytest" -q -p no:cacheprovider Tests/Conformance/test_autobahn.py "$@"
}
