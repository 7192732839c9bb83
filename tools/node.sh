# shellcheck shell=bash
# node with ws and pg: a peer to measure against and a client to be tried by. Sourced, never run.

NODE=$STATE/node

# node's libraries as Debian has them, unpacked and not installed: a node from elsewhere, which Debian's packages would refuse, may stay.
need_node() {
  command -v node >/dev/null || need_packages nodejs
  NODE_PATH=$NODE/unpacked/usr/share/nodejs:$NODE/unpacked/usr/lib/nodejs
  export NODE_PATH
  [[ -d $NODE/unpacked/usr/share/nodejs/ws && -d $NODE/unpacked/usr/share/nodejs/pg ]] && return
  local names log=$STATE/logs/node-packages.log
  say 'fetching the peers: node ws and node pg'
  as_root apt-get update >"$log" 2>&1 || die "the package lists could not be brought up to date: $log has it all."
  names=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances node-ws node-pg | grep '^node-' | sort -u)
  rm -rf "$NODE/unpacked" "$NODE/debs"
  mkdir -p "$NODE/unpacked" "$NODE/debs"
  # shellcheck disable=SC2086 # one word a name
  (cd "$NODE/debs" && apt-get download $names) >>"$log" 2>&1 || die "Debian's node packages could not be fetched: $log has it all."
  local deb
  for deb in "$NODE"/debs/*.deb; do dpkg-deb --extract "$deb" "$NODE/unpacked"; done
}
