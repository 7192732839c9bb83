# shellcheck shell=bash
# ./onefin bench figures […]: months of work out of the log, on a Postgres of its own that keeps its promises (fsync). Words go to
# Benchmarks/figures.py.

# shellcheck source=tools/postgres.sh
source "$ROOT/tools/postgres.sh"

bench_figures() {
  need_packages "${PACKAGES_DATABASE[@]}" python3
  build_servers
  local cluster
  cluster=$(mktemp -d /tmp/onefin-bench.XXXXXXXX)
  chmod 755 "$cluster"
  # shellcheck disable=SC2064 # the folder of now
  trap "end QUIT 10 \"\${PG_PID:-}\"; socket_remove; rm -rf '$cluster'" EXIT
  trap 'exit 130' INT TERM
  cluster_create "$cluster"
  cluster_start "$cluster" "$STATE/logs/bench-postgres.log" -c shared_buffers=1GB -c max_wal_size=8GB
  roles_create
  python3 Benchmarks/figures.py --bench "$BENCH" --bin "$BIN" --socket "$PG_SOCKET" --postmaster "$PG_PID" --psql "$PG_BIN/psql" "$@"
}
