# shellcheck shell=bash
# ./onefin reset: deletes the private database and its files. Sourced by onefin.

# shellcheck source=tools/postgres.sh
source "$ROOT/tools/postgres.sh"

command_reset() {
  local answer folder
  (($# == 0)) || die "reset takes no words; it asks before it deletes."
  [[ -d $STATE ]] || { say 'there is no database to delete'; return; }
  check_owner
  take_lock
  folder=$(cluster_place)
  [[ -d $folder ]] || { say 'there is no database to delete'; return; }
  cluster_claim "$folder"
  printf '%s' "This deletes everything in the database of $ROOT, and its files, for good. Type yes to go on: "
  IFS= read -r answer || answer=''
  [[ -t 0 ]] || echo
  [[ $answer == yes ]] || die "nothing was deleted: the answer was not yes."
  stop_orphan "$folder"
  rm -rf "$folder" "$STATE/cluster" "$STATE/demo" "$STATE/blobs" "$STATE/uploads"
  say 'the database is gone; ./onefin run makes a new one'
}
