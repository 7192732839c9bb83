# shellcheck shell=bash
# ./onefin bench figures […]: months of work out of the log. Words go to Benchmarks/figures.py.

# shellcheck source=tools/postgres.sh
source "$ROOT/tools/postgres.sh"

bench_figures() {
  need_packages "${PACKAGES_DATABASE[@]}" python3
  build_servers
  cluster_bench Benchmarks/figures.py "$@"
}
