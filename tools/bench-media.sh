# shellcheck shell=bash
# ./onefin bench media […]: stamping pictures and PDFs beside ImageMagick and the qpdf command. Words go to Benchmarks/media.py.

bench_media() {
  need_packages "${PACKAGES_MEDIA[@]}" imagemagick qpdf python3
  build_servers
  python3 Benchmarks/media.py --bench "$BENCH" --worker "$BIN/MediaWorker" "$@"
}
