# shellcheck shell=bash
# ./onefin test: everything that must hold, in order; the last line counts it. Sourced by onefin.

# shellcheck source=tools/packages.sh
source "$ROOT/tools/packages.sh"
# shellcheck source=tools/postgres.sh
source "$ROOT/tools/postgres.sh"
# shellcheck source=tools/build.sh
source "$ROOT/tools/build.sh"
# shellcheck source=tools/python.sh
source "$ROOT/tools/python.sh"
# shellcheck source=tools/node.sh
source "$ROOT/tools/node.sh"
# shellcheck source=tools/conformance.sh
source "$ROOT/tools/conformance.sh"
# shellcheck source=tools/fuzz.sh
source "$ROOT/tools/fuzz.sh"
# shellcheck source=tools/s3-server.sh
source "$ROOT/tools/s3-server.sh"

TEST_LOGS=$STATE/test-logs
PASSED=0
FAILED=0
FAILURES=()
# The parts that run: their processes, and since when.
declare -A PART_PIDS=() PART_SINCE=()

command_test() {
  (($# == 0)) || die "test takes no words: it runs everything."
  make_state
  exec 8>>"$STATE/test-lock"
  flock --nonblock 8 || die "./onefin test runs in this folder already: wait for it."
  rm -rf "$TEST_LOGS"
  mkdir -p "$TEST_LOGS"
  check_disk "$ROOT" "$STATE"
  find_swift
  need_packages "${PACKAGES_BUILD[@]}" "${PACKAGES_WEB[@]}" "${PACKAGES_DATABASE[@]}" "${PACKAGES_MEDIA[@]}" "${PACKAGES_TEST[@]}" "${PACKAGES_CONFORMANCE[@]}"
  check_swift
  need_python_tools
  need_node
  need_conformance_suite
  need_s3_server
  settle_build
  PATH=$VENV/bin:$PATH
  export ONEFIN_CONFORMANCE=$CONFORMANCE
  cd "$ROOT" || exit
  trap 'exit 130' INT TERM HUP
  trap 'parts_stop; s3_server_stop; test_database_stop' EXIT
  test_database_start
  s3_server_start "$TEST_LOGS/s3-server.log"

  step 'Swift format' swift format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks
  step 'shell lint' shellcheck -x onefin .ci/run web/*.sh tools/bench-*.sh
  part 'pages' count_pages sh -x web/check.sh
  step 'debug build' swift build --build-tests
  after 'debug build' part 'Swift tests' count_xunit swift test --skip-build --parallel --xunit-output "$TEST_LOGS/Swift-tests.xml"
  # The fuzz targets take, at the lowest priority, what the front door's tests leave of the processors.
  part_start 'fuzz' fuzz_briefly
  part 'front door' count_xunit pytest -q -p no:cacheprovider --junit-xml "$TEST_LOGS/front-door.xml" Tests/FrontDoor
  part_end 'fuzz' count_fuzz
  step 'release build' release_build
  after 'release build' part 'conformance' count_xunit pytest -q -p no:cacheprovider --junit-xml "$TEST_LOGS/conformance.xml" Tests/Conformance
  after 'release build' part 'faults' count_xunit pytest -q -p no:cacheprovider --junit-xml "$TEST_LOGS/faults.xml" Tests/Faults
  after 'release build' part 'browser' count_xunit pytest -q -p no:cacheprovider --numprocesses 2 --dist loadfile --junit-xml "$TEST_LOGS/browser.xml" Tests/EndToEnd

  report
}

# What the browser sees: servers and pages as `run` builds them.
release_build() (
  build_servers
  build_pages
)

# Every fuzz target for half a minute.
fuzz_briefly() (
  build_fuzz
  fuzz_all 30 "$TEST_LOGS" "${FUZZ_TARGETS[@]}" || exit 1
)

# A cluster that is thrown away, quick because it may lose everything. Whoever has one already names it in ONEFIN_TEST_DATABASE.
test_database_start() {
  [[ -z ${ONEFIN_TEST_DATABASE:-} ]] || return 0
  TEST_CLUSTER=$(mktemp -d /tmp/onefin-test.XXXXXXXX)
  chmod 755 "$TEST_CLUSTER"
  cluster_create "$TEST_CLUSTER"
  cluster_start "$TEST_CLUSTER" "$TEST_LOGS/postgres.log" -c fsync=off -c full_page_writes=off -c synchronous_commit=on
  roles_create
  export ONEFIN_TEST_DATABASE
  ONEFIN_TEST_DATABASE=$(conninfo postgres postgres)
}

test_database_stop() {
  [[ -n ${TEST_CLUSTER:-} ]] || return 0
  end QUIT 10 "$PG_PID"
  socket_remove
  rm -rf "$TEST_CLUSTER"
  TEST_CLUSTER=''
}

# Runs the rest only if that step went well: an old build must not answer for new sources.
after() {
  if [[ " ${FAILURES[*]%%$'\n'*} " == *"$1"* ]]; then
    printf '%s  %s\n' "${RED}not run${PLAIN}" "${3}: after '$1' failed"
  else
    "${@:2}"
  fi
}

# One check that is counted as one: step NAME COMMAND…
step() { part "$1" count_one "${@:2}"; }

# Runs a part with its output in a log and counts what it counted: part NAME COUNTER COMMAND…
part() {
  part_start "$1" "${@:3}"
  part_end "$1" "$2"
}

# part_start NAME COMMAND…
part_start() {
  local name=$1
  shift
  PART_SINCE[$name]=$SECONDS
  # In the background and in a process group of its own, so that a signal ends it at once with everything that it started.
  set -m
  "$@" >"$TEST_LOGS/${name// /-}.log" 2>&1 8>&- </dev/null &
  PART_PIDS[$name]=$!
  set +m
}

# Waits for a part that was started: part_end NAME COUNTER
part_end() {
  local name=$1 counter=$2 status=0 passed=0 failed=0 names='' log start=${PART_SINCE[$1]}
  log=$TEST_LOGS/${name// /-}.log
  wait "${PART_PIDS[$name]}" || status=$?
  unset "PART_PIDS[$name]"
  "$counter" "$status" "$log" "$TEST_LOGS/${name// /-}.xml"
  if ((status != 0 && failed == 0)); then
    failed=1
    names="ended with status $status"
  fi
  PASSED=$((PASSED + passed)) FAILED=$((FAILED + failed))
  local mark="${GREEN}ok${PLAIN}    "
  ((failed == 0)) || mark="${RED}FAILED${PLAIN}"
  printf '%s  %-14s %4d passed %3d failed  %4d s\n' "$mark" "$name" "$passed" "$failed" $((SECONDS - start))
  ((failed == 0)) || FAILURES+=("$name"$'\n'"$names"$'\n'"$log")
}

# Ends the parts that run, if any do.
parts_stop() {
  local pid
  for pid in "${PART_PIDS[@]}"; do
    kill -TERM -- "-$pid" 2>/dev/null || true
    wait "$pid" || true
  done
}

# The counters set passed, failed and names of the part that calls them: COUNTER STATUS LOG XUNIT.
count_one() { if (($1 == 0)); then passed=1; else failed=1; fi; }

count_xunit() {
  local files=("$3" "${3%.xml}-swift-testing.xml")
  { read -r passed failed && names=$(cat); } < <(python3 "$ROOT/tools/count.py" xunit "${files[@]}")
}

count_pages() {
  { read -r passed failed && names=$(cat); } < <(python3 "$ROOT/tools/count.py" pages "$2" "$1")
}

# A line for every target; without one the targets were not built.
count_fuzz() {
  passed=$(grep -c '^ok ' "$2") || true
  failed=$(grep -c '^FAILED ' "$2") || true
  names=$(grep '^FAILED ' "$2") || true
}

# What failed, once more with the end of its log, and the line that counts.
report() {
  local failure name names log
  for failure in "${FAILURES[@]}"; do
    name=${failure%%$'\n'*} log=${failure##*$'\n'}
    names=${failure#*$'\n'} names=${names%$'\n'*}
    printf '\n%s\n' "${RED}${BOLD}$name${PLAIN} ($log)"
    [[ -z $names ]] || printf '%s\n' "$names"
    grep -nE 'error:|✘|^E  |FAILED|AssertionError' "$log" | head -n 40 || true
    tail -n 30 "$log"
  done
  printf '\n%s passed, %s failed\n' "$PASSED" "$FAILED"
  ((FAILED == 0 && PASSED > 0)) || exit 1
}
