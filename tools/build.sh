# shellcheck shell=bash
# Builds the servers and the pages, and only when their sources have changed. Sourced, never run.

BIN=$ROOT/.build/release

# What the compiler keeps of modules knows its folder: in a checkout that was moved or copied it would stop every build.
settle_build() {
  local note=$ROOT/.build/place
  if [[ -f $note && $(<"$note") != "$ROOT" ]]; then rm -rf "$ROOT"/.build/*/*/ModuleCache; fi
  mkdir -p "$ROOT/.build"
  echo "$ROOT" >"$note"
}

# The servers, optimised. The stamp lies with what it speaks of, so that deleting .build builds again.
build_servers() {
  local stamp log=$STATE/logs/build-servers.log
  stamp=$({ swift --version 2>/dev/null; content_stamp Package.swift Sources Benchmarks/ServeEcho; } | sha256sum)
  [[ -x $BIN/ChatServer && -x $BIN/RestAPI && -x $BIN/MediaWorker && -x $BIN/onefin-cli && -x $BIN/serve-echo && $(cat "$ROOT/.build/release.stamp" 2>/dev/null) == "$stamp" ]] && return
  settle_build
  say "building the servers ${DIM}(the first time takes some minutes)${PLAIN}"
  show_progress "$log" swift build --package-path "$ROOT" --configuration release \
    || { grep -E 'error:' "$log" | sort -u | head -n 20 >&2; die "the servers don't build: $log has it all."; }
  echo "$stamp" >"$ROOT/.build/release.stamp"
}

# The pages, into web/dist.
build_pages() {
  local stamp log=$STATE/logs/build-pages.log
  stamp=$(content_stamp web)
  [[ -f $ROOT/web/dist/index.html && $(cat "$ROOT/.build/web.stamp" 2>/dev/null) == "$stamp" ]] && return
  say 'building the pages'
  "$ROOT/web/build.sh" >"$log" 2>&1 || { tail -n 20 "$log" >&2; die "the pages don't build: $log has it all."; }
  mkdir -p "$ROOT/.build"
  echo "$stamp" >"$ROOT/.build/web.stamp"
}

# Runs a command with its output in a log; a terminal sees the newest line of it.
show_progress() {
  local log=$1
  shift
  if [[ -t 1 ]]; then
    "$@" 2>&1 9>&- | tee "$log" | while IFS= read -r line; do printf '\r\e[K%s' "${line:0:$((${COLUMNS:-$(tput cols 2>/dev/null || echo 80)} - 1))}"; done
    local status=${PIPESTATUS[0]}
    printf '\r\e[K'
    return "$status"
  fi
  "$@" >"$log" 2>&1 9>&-
}
