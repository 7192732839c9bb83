# shellcheck shell=bash
# A private Postgres: its own folder, a Unix socket, no TCP, sign-in by the operating system's word on who asks. Sourced, never run.

PG_BIN=/usr/lib/postgresql/15/bin

# Postgres refuses to run as root; then it runs as the user that its package made.
if ((EUID == 0)); then PG_USER=postgres; else PG_USER=$(id -un); fi

# Runs a command as the database's user, from a folder that it can enter.
as_pg() (
  cd /
  if ((EUID == 0)); then
    exec setpriv --reuid="$PG_USER" --regid="$PG_USER" --init-groups env HOME=/ "$@"
  else
    exec "$@"
  fi
)

# Where the cluster of this checkout lives: in the state folder, so that it goes where the checkout goes; or in /var/lib if the database's
# user can't get there (a checkout under /root), which the file `cluster` then says.
cluster_place() {
  local place=$STATE/postgres base number=1
  if ((EUID == 0)); then
    if [[ -f $STATE/cluster && $(<"$STATE/cluster") =~ ^/var/lib/onefin/[0-9a-f-]+$ ]]; then
      place=$(<"$STATE/cluster")
    elif ! as_pg test -x "$STATE"; then
      base=/var/lib/onefin/$(sha256sum <<<"$STATE" | cut -c 1-12)
      place=$base
      while cluster_foreign "$place"; do place=$base-$((++number)); done
    fi
  fi
  echo "$place"
}

# Whether a cluster outside the state folder is another checkout's, one that is still there and says so.
cluster_foreign() {
  local owner
  [[ $1 != "$STATE/postgres" && -f $1/owner ]] || return 1
  owner=$(<"$1/owner")
  [[ $owner != "$STATE" && -f $owner/cluster && $(<"$owner/cluster") == "$1" ]]
}

# Makes a cluster's folder this checkout's, and only this process's for as long as it lives.
cluster_claim() {
  local folder=$1
  mkdir -p "$folder"
  exec 7>>"$folder/lock"
  flock --timeout 2 7 || die "another process works on the database in $folder: stop it first."
  cluster_foreign "$folder" \
    && die "the database in $folder belongs to $(<"$folder/owner"), of which this is a copy: delete $STATE/cluster, and ./onefin run makes one for this folder."
  echo "$STATE" >"$folder/owner"
  if [[ $folder != "$STATE/postgres" ]]; then echo "$folder" >"$STATE/cluster"; else rm -f "$STATE/cluster"; fi
}

# Refuses what was copied while a server wrote to it. A folder that was moved has no original any more.
cluster_whole() {
  local original
  original=$(sed -n 2p "$1/data/postmaster.pid" 2>/dev/null) || return 0
  [[ -z $original || $original == "$1/data" || ! -d $original ]] \
    || die "the database in $1 was copied from ${original%/data} before 1fin had stopped there, so it may not be whole: ./onefin reset deletes the copy."
}

# A Postgres that outlived its front door (which was killed) is stopped first.
stop_orphan() {
  local pid
  pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) || return 0
  if [[ /proc/$pid/cwd -ef $1/data ]]; then end INT 20 "$pid"; fi
}

# A folder for the socket: short enough for the 107 bytes that a socket's path may have, and nothing in it that a list of folders would split.
socket_place() {
  local place=$1/socket LC_ALL=C
  if ((${#place} > 85)) || [[ $place == *[,\"\'\\[:cntrl:]]* ]]; then
    place=$(mktemp -d /tmp/onefin.XXXXXXXX)
    chown "$PG_USER" "$place"
    chmod 711 "$place"
  fi
  echo "$place"
}

# Removes the folder of the socket if socket_place made it in /tmp.
socket_remove() {
  if [[ ${PG_SOCKET:-} == /tmp/onefin.???????? ]]; then rm -rf "$PG_SOCKET"; fi
}

# What signs in to a database as a role: conninfo DATABASE ROLE. The socket's path may have blanks, and has no quotes.
conninfo() { echo "host='$PG_SOCKET' dbname=$1 user=$2"; }

# Makes a cluster: cluster_create FOLDER. Who may be whom: this user and the database's user are any of our three roles, others nobody.
cluster_create() {
  local folder=$1 log=$STATE/logs/initdb.log user role
  mkdir -p "$folder"
  chown "$PG_USER" "$folder"
  rm -rf "$folder/new"
  as_pg "$PG_BIN/initdb" --pgdata "$folder/new" --username postgres --encoding UTF8 --locale C.UTF-8 --auth-local peer --auth-host reject \
    >"$log" 2>&1 || die "Postgres could not make its folder ($(last_words "$log")): $log has it all."
  echo 'local all all peer map=onefin' | as_pg tee "$folder/new/pg_hba.conf" >/dev/null
  for user in $(printf '%s\n' "$PG_USER" "$(id -un)" | sort -u); do
    for role in postgres onefin_owner onefin_app; do echo "onefin $user $role"; done
  done | as_pg tee "$folder/new/pg_ident.conf" >/dev/null
  mv "$folder/new" "$folder/data" # last, so that a folder named data is whole
}

# Starts a cluster in the background: cluster_start FOLDER LOG [-c key=value …]. Sets PG_PID and PG_SOCKET. It ends with this process.
cluster_start() {
  local folder=$1 log=$2
  shift 2
  PG_SOCKET=$(socket_place "$folder")
  mkdir -p "$PG_SOCKET"
  chown "$PG_USER" "$PG_SOCKET"
  local drop=()
  if ((EUID == 0)); then drop=(--reuid="$PG_USER" --regid="$PG_USER" --init-groups); fi
  : >"$log"
  (
    cd /
    exec setsid setpriv "${drop[@]}" --pdeathsig INT "$PG_BIN/postgres" -D "$folder/data" \
      -c listen_addresses= -c unix_socket_directories="$PG_SOCKET" -c max_connections=400 -c log_line_prefix='%m ' -c log_timezone=UTC "$@"
  ) >>"$log" 2>&1 7>&- 9>&- &
  PG_PID=$!
  local tries=0
  until [[ -S $PG_SOCKET/.s.PGSQL.5432 ]] && pg_sql postgres --command 'SELECT 1' >/dev/null 2>&1; do
    kill -0 "$PG_PID" 2>/dev/null || die "Postgres did not start ($(last_words "$log")): $log has it all."
    ((++tries < 600)) || die "Postgres did not answer within a minute: $log says what it does."
    sleep 0.1
  done
}

# The last line of a log that says something.
last_words() { { grep -v "^[[:space:]]*$" "$1" || true; } | tail -n 1 | cut -c 1-300; }

# psql as the superuser: pg_sql DATABASE psql's arguments…
pg_sql() {
  local database=$1
  shift
  "$PG_BIN/psql" --host "$PG_SOCKET" --username postgres --dbname "$database" --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 "$@"
}

# The two roles of data-model.md: one owns and migrates, the servers sign in as the other.
roles_create() {
  local role
  for role in onefin_owner onefin_app; do
    [[ $(pg_sql postgres --command "SELECT count(*) FROM pg_roles WHERE rolname = '$role'") == 1 ]] \
      || pg_sql postgres --command "CREATE ROLE $role LOGIN"
  done
}

# Makes the database that 1fin keeps everything in, unless it is there.
database_create() {
  [[ $(pg_sql postgres --command "SELECT count(*) FROM pg_database WHERE datname = 'onefin'") == 1 ]] && return
  pg_sql postgres --command 'CREATE DATABASE onefin OWNER onefin_owner'
  pg_sql postgres --command 'REVOKE ALL ON DATABASE onefin FROM PUBLIC' --command 'GRANT CONNECT ON DATABASE onefin TO onefin_app'
}

# Stops a process: end SIGNAL SECONDS PID…: asks, waits, and then insists.
end() {
  local signal=$1 seconds=$2 pid tries
  shift 2
  for pid in "$@"; do kill -s "$signal" "$pid" 2>/dev/null || true; done
  for pid in "$@"; do
    tries=0
    while kill -0 "$pid" 2>/dev/null && ((++tries <= seconds * 20)); do sleep 0.05; done
    kill -s KILL "$pid" 2>/dev/null || true
  done
}

# Runs a bench on a Postgres of its own that keeps its promises (fsync), and takes both away afterwards: cluster_bench FILE.py [WORDS…]. The caller has
# sourced tools/bench.sh and built the servers.
cluster_bench() {
  local file=$1 cluster
  shift
  cluster=$(mktemp -d /tmp/onefin-bench.XXXXXXXX)
  chmod 755 "$cluster"
  # shellcheck disable=SC2064 # the folder of now
  trap "end QUIT 10 \"\${PG_PID:-}\"; socket_remove; rm -rf '$cluster'" EXIT
  trap 'exit 130' INT TERM
  cluster_create "$cluster"
  cluster_start "$cluster" "$STATE/logs/bench-postgres.log" -c shared_buffers=1GB -c max_wal_size=8GB
  roles_create
  python3 "$file" --bench "$BENCH" --bin "$BIN" --socket "$PG_SOCKET" --postmaster "$PG_PID" --psql "$PG_BIN/psql" "$@"
}
