# shellcheck shell=bash
# A throw-away S3 server for tests: OpenStack Swift with s3api, which checks every signature. Sourced, never run.
#
# Debian's packages are unpacked and not installed, and only the library: the packages of the servers would start and enable four services,
# and bring users, timers and a web server. Everything runs as this user, on loopback, in a folder that is removed at the end.

S3=$STATE/s3
S3_UNPACKED=$S3/unpacked
# All four servers, and what they import that a bare Python doesn't have; liberasurecode is loaded by one of them, and not used.
PACKAGES_S3=(python3-swift liberasurecode1)
S3_PIDS=()

# Fetches and unpacks the servers, unless they are there or a server is named already.
need_s3_server() {
  [[ -z ${ONEFIN_TEST_S3:-} ]] || return 0
  [[ ! -f $S3/whole ]] || return 0
  local names log=$STATE/logs/s3-packages.log deb
  say 'fetching the S3 server for tests: OpenStack Swift'
  rm -rf "$S3"
  mkdir -p "$S3_UNPACKED" "$S3/debs"
  as_root apt-get update >"$log" 2>&1 || die "the package lists could not be brought up to date: $log has it all."
  names=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "${PACKAGES_S3[@]}" \
    | grep -E '^(python3-|liberasurecode1)' | grep -vE '^python3-(minimal|distutils|lib2to3|docutils|roman|pip|wheel)$' | sort -u)
  # shellcheck disable=SC2086 # one word a name
  (cd "$S3/debs" && apt-get download $names) >>"$log" 2>&1 || die "Debian's packages of the S3 server could not be fetched: $log has it all."
  for deb in "$S3"/debs/*.deb; do dpkg-deb --extract "$deb" "$S3_UNPACKED"; done
  rm -rf "$S3/debs"
  touch "$S3/whole"
}

# What runs Python with Swift's libraries and nothing of this user's. Sets S3_PYTHON.
s3_python() {
  local libraries
  libraries=$S3_UNPACKED/usr/lib/$(uname -m)-linux-gnu
  S3_PYTHON=(env -u PYTHONHOME PYTHONPATH="$S3_UNPACKED/usr/lib/python3/dist-packages" PYTHONNOUSERSITE=1 PYTHONDONTWRITEBYTECODE=1
    PYTHONWARNINGS=ignore LD_LIBRARY_PATH="$libraries" /usr/bin/python3)
}

# Starts the four servers: s3_server_start LOG. Sets ONEFIN_TEST_S3. Whoever has a server already names it there.
s3_server_start() {
  [[ -z ${ONEFIN_TEST_S3:-} ]] || return 0
  local log=$1 name port=16200 ports=()
  s3_python
  S3_FOLDER=$(mktemp -d "$STATE/s3-test.XXXXXXXX")
  mkdir -p "$S3_FOLDER/node/disk"
  printf '[swift-hash]\nswift_hash_path_prefix = onefin\nswift_hash_path_suffix = tests\n' >"$S3_FOLDER/swift.conf"
  for name in account container object; do
    port=$(free_port "$port")
    s3_backend_conf "$name" "$port" >"$S3_FOLDER/$name.conf"
    ports+=("$name=$port")
    port=$((port + 1))
  done
  port=$(free_port "$port")
  s3_proxy_conf "$port" >"$S3_FOLDER/proxy.conf"
  "${S3_PYTHON[@]}" -c "$S3_RINGS" "$S3_FOLDER" "${ports[@]}" >"$log" 2>&1 || die "Swift could not make its rings: $log has it all."
  for name in account container object proxy; do s3_launch "$name" "$log"; done
  s3_wait "$port" "$log"
  export ONEFIN_TEST_S3="http://127.0.0.1:$port test:tester testing"
}

# Where everything lies: one copy of it, on one disk that is a folder.
S3_RINGS='
import sys
from swift.common.ring import RingBuilder
for name, port in (word.split("=") for word in sys.argv[2:]):
    builder = RingBuilder(4, 1, 0)
    builder.add_dev({"region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port), "device": "disk", "weight": 1})
    builder.rebalance()
    builder.get_ring().save(f"{sys.argv[1]}/{name}.ring.gz")
'
# Swift has starters of its own, which read /etc/swift and nothing else.
S3_STARTER='
import sys
from swift.common import utils, wsgi
utils.set_swift_dir(sys.argv[1])
sys.exit(wsgi.run_wsgi(sys.argv[2], sys.argv[3], verbose=True))
'

# Starts one server in the background: s3_launch NAME LOG. It ends with this process.
s3_launch() {
  setsid setpriv --pdeathsig TERM "${S3_PYTHON[@]}" -c "$S3_STARTER" "$S3_FOLDER" "$S3_FOLDER/$1.conf" "$1-server" \
    >>"$2" 2>&1 </dev/null 7>&- 8>&- 9>&- &
  S3_PIDS+=("$!")
}

# What all four have in common: s3_common_conf PORT.
s3_common_conf() {
  cat <<CONF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $1
user = $(id -un)
swift_dir = $S3_FOLDER
workers = 0
log_level = WARNING
log_address = $S3_FOLDER/log
CONF
}

# The three servers behind the proxy: s3_backend_conf NAME PORT.
s3_backend_conf() {
  s3_common_conf "$2"
  # A busy machine must not make listings late; Swift reads these in either place.
  local patience='conn_timeout = 30
node_timeout = 30
container_update_timeout = 30'
  cat <<CONF
devices = $S3_FOLDER/node
mount_check = false
disable_fallocate = true
fallocate_reserve = 0
$patience
[pipeline:main]
pipeline = $1-server
[app:$1-server]
use = egg:swift#$1
$patience
CONF
}

# The proxy: S3's API in front, which tempauth's accounts sign for. Buckets may stand in the host's name too.
s3_proxy_conf() {
  local filter
  s3_common_conf "$1"
  cat <<CONF
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats s3api tempauth bulk slo dlo symlink proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
conn_timeout = 30
node_timeout = 60
recheck_container_existence = 0
recheck_account_existence = 0
# tempauth insists on a cache and does without what isn't in it: nobody listens there.
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
storage_domain = s3.onefin.test
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
CONF
  for filter in catch_errors gatekeeper healthcheck listing_formats bulk slo dlo symlink; do
    printf '[filter:%s]\nuse = egg:swift#%s\n' "$filter" "$filter"
  done
}

# Waits until the proxy answers and all servers live: s3_wait PORT LOG.
s3_wait() {
  local tries=0 pid
  until curl --silent --fail --max-time 5 "http://127.0.0.1:$1/healthcheck" >/dev/null 2>&1; do
    for pid in "${S3_PIDS[@]}"; do
      kill -0 "$pid" 2>/dev/null || die "the S3 server for tests did not start ($(last_words "$2")): $2 has it all."
    done
    ((++tries < 1200)) || die "the S3 server for tests did not answer within two minutes: $2 says what it does."
    sleep 0.1
  done
}

s3_server_stop() {
  [[ -n ${S3_FOLDER:-} ]] || return 0
  end TERM 5 "${S3_PIDS[@]}"
  rm -rf "$S3_FOLDER"
  S3_FOLDER='' S3_PIDS=()
}
