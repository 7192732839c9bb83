# shellcheck shell=bash
# The fuzz targets of Tests/Fuzz, built by the compiler itself: only what they try, instrumented, and nothing of the main build. Sourced, never run.

FUZZ=$ROOT/.build/fuzz
FUZZ_TARGETS=(frames upgrade inflate command proxy files)
# What they found, and the inputs that led somewhere new.
FUZZ_FOUND=$STATE/fuzz

# Optimised, but with every check of a debug build: so that a step past a borrowed buffer's end stops where it is made. Only what is tried is
# instrumented: the oracles are quicker without, and coverage counts nothing else.
FUZZ_FLAGS=(
  -O -assert-config Debug -g -wmo -parse-as-library -enable-testing -swift-version 6
  -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature MemberImportVisibility
)

# Builds them all unless exactly this is there.
build_fuzz() {
  local stamp log=$STATE/logs/build-fuzz.log
  stamp=$({ echo "$ROOT"; swift --version 2>/dev/null; content_stamp tools/fuzz.sh Tests/Fuzz Sources/CZlib Sources/WebSocketProtocol Sources/Domain Sources/Storage/TopicLog Sources/ChatServer/Wire Sources/ServerKit/Network Sources/RestAPI/Modules/Documents; } | sha256sum)
  [[ $(cat "$FUZZ/stamp" 2>/dev/null) == "$stamp" ]] && return
  say 'building the fuzz targets'
  rm -rf "$FUZZ"
  mkdir -p "$FUZZ/module-cache"
  fuzz_compile >"$log" 2>&1 || { grep -E 'error:' "$log" | sort -u | head -n 20 >&2; die "the fuzz targets don't build: $log has it all."; }
  echo "$stamp" >"$FUZZ/stamp"
}

fuzz_compile() (
  cd "$ROOT" || exit
  printf 'module CZlib {\n  header "%s/Sources/CZlib/include/CZlib.h"\n  export *\n}\n' "$ROOT" >"$FUZZ/module.modulemap"
  # Of the other modules only what is tried and what that needs: the rest would bring swift-crypto, libpq and more along.
  local domain=(Sources/Domain/{DocumentState,DomainError,EntryKind,Hex,Identifiers,Key,LocalDate,Timestamp}.swift Sources/Domain/{Files,Permissions}/*.swift)
  local storage=(Sources/Storage/TopicLog/{LogAction,TopicLog}.swift)
  local chat=(Sources/ChatServer/Wire/{JSON{Reader,String,Token,Writer},Command{,Decoder,Field}}.swift)
  fuzz_c Tests/Fuzz/CFuzz/CFuzz.c || return
  {
    fuzz_module Domain -sanitize=fuzzer,address "${domain[@]}" \
      && fuzz_module Storage -sanitize=fuzzer,address "${storage[@]}" \
      && fuzz_module ChatServer -sanitize=fuzzer,address "${chat[@]}" \
      && fuzz_module ServerKit -sanitize=fuzzer,address Sources/ServerKit/Network/*.swift \
      && fuzz_module RestAPI -sanitize=fuzzer,address Sources/RestAPI/Modules/Documents/ByteRange.swift \
      && fuzz_program files FuzzFiles -- Domain RestAPI \
      && fuzz_program command FuzzCommand JSONOracle -- ChatServer Storage Domain \
      && fuzz_program proxy FuzzProxy -- ServerKit
  } &
  local others=$! status=0
  fuzz_c Sources/CZlib/CZlib.c \
    && fuzz_module WebSocketProtocol -sanitize=fuzzer,address -strict-memory-safety Sources/WebSocketProtocol/*.swift \
    && fuzz_program frames FuzzFrames FrameOracle -- WebSocketProtocol CZlib \
    && fuzz_program upgrade FuzzUpgrade -- WebSocketProtocol CZlib \
    && fuzz_program inflate FuzzInflate -- WebSocketProtocol CZlib || status=1
  wait "$others" && ((status == 0))
)

# fuzz_c FILE
fuzz_c() {
  local name=${1##*/}
  clang -fsanitize=address,fuzzer-no-link -O1 -g -Wall -Wextra -Werror -I "${1%/*}/include" -c "$1" -o "$FUZZ/${name%.c}.o"
}

# fuzz_module NAME FLAG-OR-FILE…
fuzz_module() {
  fuzz_swiftc "${@:2}" -module-name "$1" -package-name onefin -c -o "$FUZZ/$1.o" -emit-module -emit-module-path "$FUZZ/$1.swiftmodule"
}

# fuzz_program TARGET SOURCE… -- MODULE…
fuzz_program() {
  local target=$1 module=$2 files=(Tests/Fuzz/FuzzSupport.swift) objects=()
  shift
  while [[ $1 != -- ]]; do
    files+=("Tests/Fuzz/$1.swift")
    shift
  done
  shift
  while (($#)); do
    objects+=("$FUZZ/$1.o")
    shift
  done
  fuzz_module "$module" "${files[@]}" \
    && swiftc -sanitize=fuzzer,address -use-ld=lld "$FUZZ/$module.o" "$FUZZ/CFuzz.o" "${objects[@]}" -lz -o "$FUZZ/$target"
}

fuzz_swiftc() {
  swiftc "${FUZZ_FLAGS[@]}" -module-cache-path "$FUZZ/module-cache" -I "$FUZZ" -I Tests/Fuzz/CFuzz/include "$@"
}

# Runs a target on the committed inputs and on those that earlier runs kept: fuzz_run TARGET SECONDS LOG. Prints one line about it; what was found is
# kept and named.
fuzz_run() {
  local target=$1 seconds=$2 log=$3 status=0 kept=$FUZZ_FOUND/$1/corpus found=$FUZZ_FOUND/$1/found dictionary=$ROOT/Tests/Fuzz/$1.dict
  local options=(-max_total_time="$seconds" -timeout=30 -rss_limit_mb=1024 -max_len=8192 -print_final_stats=1 -artifact_prefix="$found/")
  mkdir -p "$kept" "$found"
  [[ ! -f $dictionary ]] || options+=(-dict="$dictionary")
  # The sanitizer reports crashes; Swift's own reporter would stop them for minutes.
  ASAN_OPTIONS=malloc_context_size=8:quarantine_size_mb=16 SWIFT_BACKTRACE=enable=no nice -n 19 \
    "$FUZZ/$target" "${options[@]}" "$kept" "$ROOT/Tests/Fuzz/corpus/$target" >"$log" 2>&1 || status=$?
  local runs rate coverage artefact
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
  coverage=$(sed -n 's/.* \(cov: [0-9]* ft: [0-9]*\) .*/\1/p' "$log" | tail -n 1)
  artefact=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
  printf '%s %s: %s runs, %s/s, %s%s\n' "$( ((status == 0)) && echo ok || echo FAILED)" "$target" "${runs:-no}" "${rate:-0}" \
    "${coverage:-no coverage}" "${artefact:+, found: $artefact}"
  return "$status"
}

# Runs targets, two at a time: fuzz_all SECONDS FOLDER-FOR-LOGS TARGET…
fuzz_all() {
  local seconds=$1 logs=$2 target status=0 running=0
  shift 2
  for target in "$@"; do
    if ((running == 2)); then
      wait -n || status=1
      running=1
    fi
    { fuzz_run "$target" "$seconds" "$logs/fuzz-$target.log" || exit 1; } &
    running=$((running + 1))
  done
  while ((running > 0)); do
    wait -n || status=1
    running=$((running - 1))
  done
  return "$status"
}
