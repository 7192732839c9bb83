# shellcheck shell=bash
# What 1fin needs from Debian 12. Sourced, never run.

# To build: what the Swift toolchain links with, and the C libraries that the servers stand on.
PACKAGES_BUILD=(
  ca-certificates git pkg-config gcc libc6-dev libstdc++-12-dev binutils zlib1g-dev
  libcurl4 libicu72 libncurses6 libsqlite3-0 libxml2 libuuid1 tzdata
  libpq-dev libsodium-dev libssl-dev libjemalloc-dev
  libvips-dev libpango1.0-dev libqrencode-dev libqpdf-dev libxlsxwriter-dev
)
# What MediaWorker runs, and the letters of its stamp. (libreoffice-writer-nogui and libreoffice-calc-nogui, if they are there, make PDFs of DOCX and XLSX: 300 MB.)
PACKAGES_MEDIA=(poppler-utils fonts-dejavu-core)
# The pages (tools of web/build.sh), and the database.
PACKAGES_WEB=(esbuild node-react node-react-dom node-qrcode-generator libjs-pdf)
PACKAGES_DATABASE=(postgresql-15 postgresql-client-15)
# What only tests need. (Not clamav-daemon, 26 MB: with it comes a service that keeps fetching signatures, 300 MB. Where it is installed it is tested.)
PACKAGES_TEST=(shellcheck python3 python3-venv curl openssl chromium fonts-noto-color-emoji qpdf zbar-tools)

# Installs those of the packages that are not there. Says nothing when nothing is missing.
need_packages() {
  command -v dpkg-query >/dev/null \
    || die "this system has no dpkg: 1fin installs itself on Debian 12 only."
  local missing=() package have
  have=$(dpkg-query --show --showformat '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    grep -qxF "$package installed" <<<"$have" || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  if ((EUID != 0)) && ! command -v sudo >/dev/null; then
    die "packages are missing and there is no sudo: have root run 'apt-get install ${missing[*]}' and try again."
  fi
  say "installing ${missing[*]}"
  local log=$STATE/logs/apt.log
  as_root apt-get update >"$log" 2>&1 \
    || die "the package lists could not be brought up to date ($(tail -n 1 "$log")): check the network and try again; $log has it all."
  without_main_cluster as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}" >>"$log" 2>&1 \
    || die "apt-get could not install ${missing[*]} ($(grep -m 1 '^E:' "$log" || tail -n 1 "$log")): $log has it all."
}

# Debian's Postgres package starts a server of its own on TCP; we want the programs only. The switch is there during the install only.
without_main_cluster() {
  local switch=/etc/postgresql-common/createcluster.d/onefin.conf status=0
  if dpkg-query --show postgresql-common >/dev/null 2>&1; then
    "$@"
    return
  fi
  as_root mkdir -p "${switch%/*}"
  echo 'create_main_cluster = false' | as_root tee "$switch" >/dev/null
  "$@" || status=$?
  as_root rm -f "$switch"
  return "$status"
}
