# shellcheck shell=bash
# Words and checks that every command of the front door shares. Sourced, never run.

# Where data, logs and tools go. Tests give another place.
STATE=${ONEFIN_STATE:-$ROOT/.onefin}

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  BOLD=$'\e[1m' DIM=$'\e[2m' RED=$'\e[31m' GREEN=$'\e[32m' PLAIN=$'\e[0m'
else
  BOLD='' DIM='' RED='' GREEN='' PLAIN=''
fi

# One step of what is going on.
say() { printf '%s\n' "${BOLD}1fin${PLAIN}  $*"; }

# The end: one sentence that says what is wrong and what to do.
die() {
  printf '%s\n' "${RED}onefin:${PLAIN} $*" >&2
  exit 1
}

# Runs a command as root, by sudo where needed.
as_root() {
  if ((EUID == 0)); then
    "$@"
  else
    sudo "$@"
  fi
}

# Refuses to work in another user's folders: what root leaves there, its user could neither change nor delete.
check_owner() {
  local folder owner
  for folder in "$STATE" "$ROOT/.onefin" "$ROOT/.build"; do
    [[ -e $folder ]] || continue
    owner=$(stat -Lc %U -- "$folder")
    [[ $(stat -Lc %u -- "$folder") == "$EUID" ]] \
      || die "$folder belongs to $owner, and this is $(id -un): run ./onefin as $owner, or from a checkout of your own."
  done
}

# Makes the state folder. A database that runs under another user must be able to walk through it.
make_state() {
  check_owner
  if ! mkdir -p "$STATE/logs" 2>/dev/null || [[ ! -w $STATE || ! -w $STATE/logs ]]; then
    die "$STATE can't be written by $(id -un): give the folder to this user (chown), or run as the user that owns it."
  fi
  chmod 755 "$STATE"
}

# One `run`, `reset` or … at a time in one folder. The lock ends with this process.
take_lock() {
  exec 9>>"$STATE/lock"
  flock --nonblock 9 \
    || die "1fin is already running from this folder (process $(cat "$STATE/pid" 2>/dev/null || echo unknown)): stop it there with Ctrl-C first."
  echo $$ >"$STATE/pid"
}

# At least 2 GB must be free where we build and where the database grows: check_disk FOLDER…
check_disk() {
  local folder free
  for folder in "$@"; do
    free=$(df -Pk -- "$folder" | awk 'NR == 2 { print $4 }')
    ((free >= 2 * 1024 * 1024)) \
      || die "only $((free / 1024)) MB are free on the disk of $folder, and 1fin needs 2048 MB: make room and try again."
  done
}

# Finds Swift and puts it on PATH.
find_swift() {
  local place
  if ! command -v swift >/dev/null; then
    for place in ${ONEFIN_SWIFT_PLACES-/opt/swift/usr/bin /usr/local/swift/usr/bin /usr/share/swift/usr/bin "$HOME/.local/share/swiftly/bin" "$HOME/swift/usr/bin"}; do
      if [[ -x $place/swift ]]; then
        PATH=$PATH:$place
        break
      fi
    done
  fi
  command -v swift >/dev/null \
    || die "Swift is missing: install the Swift 6.3 toolchain (https://www.swift.org/install/linux), put its usr/bin on PATH and try again."
}

# Swift must be 6.3 or newer. Asked only once the libraries that it needs to run at all are there.
check_swift() {
  local version
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p' | head -n 1) || true
  [[ $(printf '6.3\n%s\n' "${version:-0}" | sort -V | head -n 1) == 6.3 ]] \
    || die "Swift ${version:-that does not start} is not what 1fin needs: install the Swift 6.3 toolchain (https://www.swift.org/install/linux) and put it first on PATH."
}

# Whether somebody listens on a port of this machine.
port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# The first free port from the one given.
free_port() {
  local port=$1
  while port_taken "$port"; do port=$((port + 1)); done
  echo "$port"
}

# A stamp of the contents of files and folders: equal stamps mean that nothing needs to be built again.
content_stamp() {
  (
    cd "$ROOT" || exit
    find "$@" -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' -print0 2>/dev/null \
      | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-64
  )
}
