# shellcheck shell=bash
# ./onefin bench NAME: what docs/performance.md's figures come from. Sourced by onefin.

# shellcheck source=tools/packages.sh
source "$ROOT/tools/packages.sh"
# shellcheck source=tools/build.sh
source "$ROOT/tools/build.sh"
# shellcheck source=tools/python.sh
source "$ROOT/tools/python.sh"
# shellcheck source=tools/node.sh
source "$ROOT/tools/node.sh"

# Builds of load generators and the dated tables.
BENCH=$STATE/bench

# Every bench is a function bench_NAME in a file tools/bench-NAME.sh.
command_bench() {
  local name=${1:-}
  if [[ -z $name || ! $name =~ ^[a-z-]+$ || ! -f $ROOT/tools/bench-$name.sh ]]; then
    die "bench needs one of these: $(bench_names)."
  fi
  shift
  make_state
  mkdir -p "$BENCH"
  check_disk "$ROOT" "$STATE"
  find_swift
  need_packages "${PACKAGES_BUILD[@]}"
  check_swift
  cd "$ROOT" || exit
  # shellcheck source=/dev/null
  source "$ROOT/tools/bench-$name.sh"
  "bench_${name//-/_}" "$@"
}

bench_names() { (cd "$ROOT/tools" && printf '%s\n' bench-*.sh | sed 's/^bench-//; s/\.sh$//' | paste -sd ' '); }

# Compiles a load generator with all warnings on, and again only when its sources have changed: build_load NAME [FLAG…]
build_load() {
  local name=$1 stamp
  shift
  stamp=$(content_stamp Benchmarks/load)
  [[ -x $BENCH/$name && $(cat "$BENCH/$name.stamp" 2>/dev/null) == "$stamp" ]] && return
  gcc -O3 -march=native -std=gnu17 -Wall -Wextra -Werror -o "$BENCH/$name" "Benchmarks/load/${name%-tls}.c" "$@" \
    || die "the load generator $name does not build."
  echo "$stamp" >"$BENCH/$name.stamp"
}
