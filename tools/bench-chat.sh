# shellcheck shell=bash
# ./onefin bench chat […]: the whole chat under load. Words go to Benchmarks/chat.py.

# shellcheck source=tools/postgres.sh
source "$ROOT/tools/postgres.sh"

bench_chat() {
  need_packages "${PACKAGES_DATABASE[@]}" python3
  need_node
  build_load chatload
  build_servers
  cluster_bench Benchmarks/chat.py "$@"
}
