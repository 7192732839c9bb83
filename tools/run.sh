# shellcheck shell=bash
# ./onefin run: from a bare checkout to 1fin in a browser. Sourced by onefin.

# shellcheck source=tools/packages.sh
source "$ROOT/tools/packages.sh"
# shellcheck source=tools/postgres.sh
source "$ROOT/tools/postgres.sh"
# shellcheck source=tools/build.sh
source "$ROOT/tools/build.sh"

PORT=8080
EMPTY=false
PG_PID='' CHAT_PID='' REST_PID='' MEDIA_PID=''

command_run() {
  while (($#)); do
    case $1 in
      --empty) EMPTY=true ;;
      --port)
        shift
        PORT=${1:-}
        ;;
      --port=*) PORT=${1#*=} ;;
      *) die "run doesn't know '$1'; ./onefin --help lists what it knows." ;;
    esac
    shift
  done
  if [[ ! $PORT =~ ^[1-9][0-9]{0,4}$ ]] || ((PORT > 65535)); then
    die "--port needs a number from 1 to 65535, as in ./onefin run --port 8090."
  fi

  make_state
  take_lock
  port_taken "$PORT" && die "port $PORT is taken: stop the program that listens there, or run ./onefin run --port $(free_port $((PORT + 1)))."
  check_disk "$ROOT" "$STATE"
  find_swift
  need_packages "${PACKAGES_BUILD[@]}" "${PACKAGES_WEB[@]}" "${PACKAGES_DATABASE[@]}" "${PACKAGES_MEDIA[@]}"
  check_swift
  build_servers
  build_pages
  trap 'stop_all; exit 130' INT
  trap 'stop_all; exit 143' TERM
  trap 'exec >/dev/null 2>&1; stop_all; exit 129' HUP # the terminal is gone, and writing to it fails
  trap 'stop_all quietly' EXIT
  start_database
  fill_database
  start_servers
  hand_in_documents
  greet
  stay
}

# Postgres up, migrated.
start_database() {
  local folder message
  folder=$(cluster_place)
  cluster_claim "$folder"
  check_disk "$folder"
  if [[ $folder != "$STATE/postgres" && ! -d $folder/data && -d $STATE/postgres/data ]]; then
    say "moving the database to $folder, where Postgres can get at it"
    cluster_whole "$STATE/postgres"
    rm -rf "$folder/new"
    cp -a "$STATE/postgres/data" "$folder/new"
    mv "$folder/new" "$folder/data"
    rm -rf "$STATE/postgres"
  fi
  if [[ ! -d $folder/data ]]; then
    say 'making the database'
    cluster_create "$folder"
  elif ((EUID == 0)) && [[ $(stat -c %U "$folder/data") != "$PG_USER" ]]; then
    chown -hR "$PG_USER:" "$folder" # root made a copy
  fi
  cluster_whole "$folder"
  stop_orphan "$folder"
  cluster_start "$folder" "$STATE/logs/postgres.log" -c log_checkpoints=off
  roles_create
  database_create
  APP_DATABASE=$(conninfo onefin onefin_app)
  OWNER_DATABASE=$(conninfo onefin onefin_owner)
  message=$(ONEFIN_DATABASE=$OWNER_DATABASE "$BIN/onefin-cli" migrate 2>&1 7>&- 9>&-) || die "${message#Error: }"
}

# The demo firm or the first administrator, if nobody is there yet.
fill_database() {
  if [[ $(pg_sql onefin --command 'SELECT count(*) FROM account') != 0 ]]; then
    if $EMPTY; then say "people are in the database already, so nothing is asked (./onefin reset empties it)"; fi
  elif $EMPTY; then
    rm -f "$STATE/demo"
    first_admin
    return
  else
    say 'making the demo firm'
    rm -f "$STATE/demo"
    ONEFIN_DATABASE=$APP_DATABASE "$BIN/onefin-cli" demo >"$STATE/logs/demo.log" 2>&1 7>&- 9>&- \
      || die "the demo firm could not be made ($(last_words "$STATE/logs/demo.log")): ./onefin reset starts over."
  fi
  [[ -s $STATE/demo ]] || note_sign_ins
}

# Keeps the demo's sign-ins for the greeting, if the demo's people are in the database: however the run that made them ended.
note_sign_ins() {
  local sign_ins logins
  sign_ins=$("$BIN/onefin-cli" demo --sign-ins 7>&- 9>&-)
  logins=$(awk 'NF == 0 { exit } NR > 1 { printf "%s(\047%s\047)", separator, $1; separator = ", " }' <<<"$sign_ins")
  [[ $(pg_sql onefin --command "SELECT count(*) FROM (VALUES $logins) AS demo (login) WHERE login NOT IN (SELECT login FROM account)") == 0 ]] || return 0
  printf '%s\n' "$sign_ins" >"$STATE/demo.new"
  mv "$STATE/demo.new" "$STATE/demo"
}

# The demo's documents go through the servers like anybody's. Without them the demo is the poorer, and no more.
hand_in_documents() {
  [[ -s $STATE/demo ]] || return 0
  ONEFIN_DATABASE=$APP_DATABASE "$BIN/onefin-cli" demo --documents "http://127.0.0.1:$PORT" >"$STATE/logs/documents.log" 2>&1 7>&- 9>&- \
    || say "the demo's documents could not be handed in ($(last_words "$STATE/logs/documents.log"))"
}

# Asks for the first administrator. Without a terminal the four answers are read as lines.
first_admin() {
  local login name password again complaint
  say 'the first administrator:'
  while true; do
    if ! { ask login 'Login: ' && ask name 'Name: ' && ask password 'Password (at least 10 characters): ' secret && ask again 'The same again: ' secret; }; then
      die "the first administrator needs a login, a name, and a password twice, each on a line of its own."
    fi
    if [[ $password != "$again" ]]; then
      complaint='the two passwords differ.'
    elif complaint=$(printf '%s\n' "$password" | ONEFIN_DATABASE=$APP_DATABASE "$BIN/onefin-cli" admin create --login "$login" --name "$name" 2>&1 7>&- 9>&-); then
      return
    fi
    [[ -t 0 ]] || die "${complaint#Error: }"
    printf '%s\n' "${complaint#Error: }" >&2
  done
}

# ask VARIABLE PROMPT [secret]
ask() {
  local quiet=()
  if [[ ! -t 0 ]]; then
    IFS= read -r "$1"
    return
  fi
  [[ ${3:-} == secret ]] && quiet=(-s)
  IFS= read -r "${quiet[@]}" -p "      $2" "$1" || return 1
  if [[ ${3:-} == secret ]]; then echo; fi
}

# Starts a server in the background, its words in front with its name and in a log: start NAME COLOUR COMMAND. Sets STARTED.
# Once nobody reads the words in front any more, the log alone has them: the server must not notice.
start() {
  local name=$1 colour='' plain='' log=$STATE/logs/$1.log
  if [[ -n $PLAIN ]]; then colour=$'\e['$2m plain=$PLAIN; fi
  setsid setpriv --pdeathsig TERM "$3" 7>&- 9>&- \
    > >(
      exec 7>&- 9>&-
      trap '' INT TERM HUP
      sed -u -e "w $log" -e "s/^/${colour}${name}${plain} │ /" 2>/dev/null || exec cat >>"$log"
    ) 2>&1 </dev/null &
  STARTED=$!
}

start_servers() {
  local rest_port
  rest_port=$(free_port $((PORT < 65535 ? PORT + 1 : 18081)))
  export BLOB_STORE=${BLOB_STORE:-folder:$STATE/blobs}
  export ONEFIN_DATABASE=$APP_DATABASE ONEFIN_LOG_FORMAT=${ONEFIN_LOG_FORMAT:-human}
  export REST_LISTEN=127.0.0.1:$rest_port REST_PROXY_PROTOCOL=true REST_WEB_ROOT=$ROOT/web/dist
  export REST_UPLOAD_FOLDER=${REST_UPLOAD_FOLDER:-$STATE/uploads}
  export CHAT_LISTEN=127.0.0.1:$PORT CHAT_UPSTREAM=127.0.0.1:$rest_port
  export MEDIA_PUBLIC_ADDRESS=${MEDIA_PUBLIC_ADDRESS:-http://127.0.0.1:$PORT}
  start rest 36 "$BIN/RestAPI"
  REST_PID=$STARTED
  wait_listening rest "$REST_PID" "$rest_port"
  start chat 35 "$BIN/ChatServer"
  CHAT_PID=$STARTED
  start media 34 "$BIN/MediaWorker"
  MEDIA_PID=$STARTED
  wait_ready
}

# Waits until a server listens: NAME PID PORT.
wait_listening() {
  local tries=0
  until port_taken "$3"; do
    kill -0 "$2" 2>/dev/null || return 0 # stay says why it ended
    ((++tries < 300)) || fail "the $1 server did not listen within 30 s: $STATE/logs/$1.log says what it does."
    sleep 0.1
  done
}

# Waits until both servers are ready: chat passes the question on to rest.
wait_ready() {
  local tries=0 line
  while all_live; do # else stay says which ended, and why
    line=$( (
      exec 3<>"/dev/tcp/127.0.0.1/$PORT"
      printf 'GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' >&3
      head -n 1 <&3
    ) 2>/dev/null) || true
    [[ $line == *' 200 '* ]] && return
    ((++tries < 300)) || fail "the servers were not ready after 30 s: $STATE/logs says what they do."
    sleep 0.1
  done
}

# Whether Postgres, both servers and the worker run.
all_live() {
  local pid
  for pid in "$PG_PID" "$CHAT_PID" "$REST_PID" "$MEDIA_PID"; do kill -0 "$pid" 2>/dev/null || return 1; done
}

greet() {
  all_live || return 0
  printf '\n  %s\n\n' "${GREEN}1fin is up:${PLAIN} ${BOLD}http://127.0.0.1:$PORT${PLAIN}"
  if [[ -s $STATE/demo ]]; then
    sed 's/^/  /' "$STATE/demo"
    echo
  fi
  printf '  %s\n\n' "${DIM}Ctrl-C stops it. Logs: $STATE/logs${PLAIN}"
}

# Stays in front until a child ends, which ends everything. (wait -n would miss one that ended before it was asked.)
stay() {
  local name pid tick status reason
  while true; do
    for name in postgres chat rest media; do
      case $name in
        postgres) pid=$PG_PID ;;
        chat) pid=$CHAT_PID ;;
        rest) pid=$REST_PID ;;
        media) pid=$MEDIA_PID ;;
      esac
      kill -0 "$pid" 2>/dev/null || break 2
    done
    sleep 0.5 9>&- &
    tick=$!
    wait "$tick" || true
  done
  status=0
  wait "$pid" || status=$?
  sleep 0.2 # the last lines are on their way to the log
  reason=$(last_words "$STATE/logs/$name.log")
  fail "$name has ended (status $status): ${reason:-it said nothing}"
}

# The end of everything with one last sentence.
fail() {
  stop_all quietly
  die "$@"
}

# Servers first, gracefully; then the database that they write to.
stop_all() {
  trap '' INT TERM HUP
  trap - EXIT
  [[ -n $CHAT_PID$REST_PID$MEDIA_PID$PG_PID ]] || return 0
  [[ ${1:-} == quietly ]] || say 'stopping'
  end TERM 12 ${CHAT_PID:+"$CHAT_PID"} ${REST_PID:+"$REST_PID"} ${MEDIA_PID:+"$MEDIA_PID"}
  end INT 20 ${PG_PID:+"$PG_PID"}
  socket_remove
  sleep 0.1 # their last lines are on their way here
  [[ ${1:-} == quietly ]] || say 'stopped'
}
