# shellcheck shell=bash
# ./onefin bench faults [ROUNDS [WORDS…]]: everything of Tests/Faults with that many kills (100). WORDS go to pytest. ONEFIN_FAULTS_SEED repeats a run.

bench_faults() {
  local rounds=${1:-100}
  [[ $rounds =~ ^[1-9][0-9]*$ ]] || die "bench faults takes a number of rounds: ./onefin bench faults 100."
  need_packages "${PACKAGES_DATABASE[@]}" python3 python3-venv
  need_python_tools
  build_servers
  ONEFIN_FAULTS_ROUNDS=$rounds "$VENV/bin/pytest" -q -s -p no:cacheprovider Tests/Faults "${@:2}"
}
