# shellcheck shell=bash
# ./onefin bench fuzz [SECONDS] [TARGET]: throws inputs at what reads strangers' bytes, an hour for each target unless told otherwise.

# shellcheck source=tools/fuzz.sh
source "$ROOT/tools/fuzz.sh"

bench_fuzz() {
  local seconds=${1:-3600} targets=("${FUZZ_TARGETS[@]}")
  [[ $seconds =~ ^[1-9][0-9]*$ ]] || die "bench fuzz takes seconds and one of these: ${FUZZ_TARGETS[*]}."
  if (($# > 1)); then
    [[ " ${FUZZ_TARGETS[*]} " == *" $2 "* ]] || die "there is no fuzz target '$2', only these: ${FUZZ_TARGETS[*]}."
    targets=("$2")
  fi
  build_fuzz
  say "fuzzing ${targets[*]} ${DIM}(logs: $STATE/logs/fuzz-*.log)${PLAIN}"
  fuzz_all "$seconds" "$STATE/logs" "${targets[@]}" || die "something was found: the lines above name the inputs."
}
