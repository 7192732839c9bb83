# shellcheck shell=bash
# ./onefin bench chat […]: the whole chat under load, on a Postgres of its own that keeps its promises (fsync). Words go to Benchmarks/chat.py.

# shellcheck source=tools/postgres.sh
source "$ROOT/tools/postgres.sh"

bench_chat() {
  need_packages "${PACKAGES_DATABASE[@]}" python3
  need_node
  build_load chatload
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
  python3 Benchmarks/chat.py --bench "$BENCH" --bin "$BIN" --socket "$PG_SOCKET" --postmaster "$PG_PID" --psql "$PG_BIN/psql" "$@"
}
