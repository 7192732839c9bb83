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

# Where the cluster of this checkout lives: in the state folder if its user can get there, else (a checkout under /root) in /var/lib.
cluster_place() {
  local place=$STATE/postgres
  if [[ -f $STATE/cluster ]]; then
    place=$(<"$STATE/cluster")
  elif ((EUID == 0)) && ! as_pg test -x "$STATE"; then
    place=/var/lib/onefin/$(sha256sum <<<"$STATE" | cut -c 1-12)
  fi
  echo "$place"
}

# A folder for the socket, short enough for the 107 bytes that a socket's path may have.
socket_place() {
  local place=$1/socket
  if ((${#place} > 85)); then
    place=$(mktemp -d /tmp/onefin.XXXXXXXX)
    chown "$PG_USER" "$place"
    chmod 711 "$place"
  fi
  echo "$place"
}

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
  ) >>"$log" 2>&1 9>&- &
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
  pg_sql postgres --command 'REVOKE ALL ON DATABASE onefin FROM PUBLIC' --command 'GRANT CONNECT, TEMPORARY ON DATABASE onefin TO onefin_app'
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
