# What every system suite uses. Each check prints one line; `finish` must be the last line of a suite.

tallyman() { "$TOP/tallyman" "$@" --state "$STATE" --run "$RUN" --port "$PORT"; }

# A hanging client must fail its check, not the whole run; it catches SIGTERM.
docker() { timeout --foreground -s KILL "${DOCKER_SECONDS:-60}" "$(type -P docker)" "$@"; }
export -f docker

report() { # report ok|"not ok" DESCRIPTION [DETAIL]
  echo "$1 - $2"
  [ -z "${3:-}" ] || printf '%s\n' "$3" | head -n 15 | sed 's/^/      /'
  [ -z "${TALLY:-}" ] || echo "$1 - $2" >>"$TALLY"
}

# is DESCRIPTION EXPECTED ACTUAL
is() { if [ "$2" = "$3" ]; then report ok "$1"; else report "not ok" "$1" "expected: $2
got:      $3"; fi; }

# like DESCRIPTION EXTENDED-REGEX ACTUAL
like() { if printf '%s' "$3" | grep -qE -- "$2"; then report ok "$1"; else report "not ok" "$1" "expected a match of: $2
got: $3"; fi; }

unlike() { if printf '%s' "$3" | grep -qE -- "$2"; then report "not ok" "$1" "expected no match of: $2
got: $3"; else report ok "$1"; fi; }

# succeeds DESCRIPTION COMMAND...   fails DESCRIPTION REGEX-OF-OUTPUT COMMAND...
succeeds() {
  local what=$1 out
  shift
  if out=$("$@" 2>&1); then report ok "$what"; else report "not ok" "$what" "status $?: $out"; fi
}
fails() {
  local what=$1 pattern=$2 out
  shift 2
  if out=$("$@" 2>&1); then
    report "not ok" "$what" "succeeded: $out"
  else
    like "$what" "$pattern" "$out"
  fi
}

# eventually SECONDS COMMAND...  true as soon as the command succeeds
eventually() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.1
  done
}

finish() { [ -z "${TALLY:-}" ] || echo done >>"$TALLY"; }

# rest METHOD PATH [JSON]: body and, on the last line, the status
rest() {
  curl -sS --max-time 60 --unix-socket "$RUN/docker.sock" -X "$1" -H 'Content-Type: application/json' ${3:+-d "$3"} -w '\n%{http_code}' "http://localhost$2"
}

server_pid() { cat "$STATE/server.pid"; }

no_containers() {
  local ids
  ids=$(docker ps -aq)
  # shellcheck disable=SC2086 # one word each
  [ -z "$ids" ] || docker rm -f $ids >/dev/null
}

# Checks that the kernel holds nothing of removed containers.
nothing_is_left() {
  local name slot
  name=$(printf '%s' "$STATE" | sha256sum | cut -c1-8)
  is "no cgroup is left" "" "$(find /sys/fs/cgroup -mindepth 2 -type d -path "*/tallyman-$name/*" 2>/dev/null | grep -E '[0-9a-f]{64}')"
  is "no writable layer is left" 0 "$(find "$STATE/kernel/containers" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)"
  is "no record is left" 0 "$(find "$STATE/records" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)"
  is "no socket of a monitor or container is left" 0 "$(find "$RUN-monitor" -mindepth 1 ! -type d 2>/dev/null | wc -l)"
  is "no port is left in the tables" 0 "$(nft list table ip "tallyman-$name" 2>/dev/null | grep -c ' : 10\.')"
  is "no mount is left" 0 "$(grep -c "$STATE" /proc/mounts)"
  slot=$(sed -n '1s/^# slot //p' "/etc/tallyman/$name.policy.conf")
  eventually 5 sh -c "! ip -o link show type veth | grep -q 'tm$slot'"
  is "no link is left" 0 $?
}

wipe_instance() {
  local name lib
  name=$(printf '%s' "$STATE" | sha256sum | cut -c1-8)
  lib=/usr/lib/tallyman-$name
  if [ -S "$RUN/docker.sock" ] && curl -s --max-time 5 -o /dev/null --unix-socket "$RUN/docker.sock" http://localhost/_ping; then no_containers; fi
  [ ! -e "$STATE/server.pid" ] || tallyman down >/dev/null 2>&1
  if [ -d "/etc/tallyman" ] && [ -e "/etc/tallyman/$name.policy.conf" ]; then remove_kernel_objects "$name"; fi
  rm -rf "$STATE" "$RUN" "$RUN-monitor" "$lib" "/etc/tallyman/$name.policy.conf" "/etc/tallyman/$name.server.properties"
}

# What containers that nobody can ask the server about any more have left: only objects that carry the instance's own names.
remove_kernel_objects() {
  local name=$1 prefix slot folder pid link
  slot=$(sed -n '1s/^# slot //p' "/etc/tallyman/$name.policy.conf")
  prefix=tm$slot
  for folder in $(find /sys/fs/cgroup -type d -path "*/tallyman-$name*" 2>/dev/null | sort -r); do
    while read -r pid; do kill -KILL "$pid" 2>/dev/null; done <"$folder/cgroup.procs" 2>/dev/null
    eventually 2 rmdir "$folder" || true
  done
  for link in $(ip -o link show type bridge 2>/dev/null | sed -n "s/^[0-9]*: \($prefix[0-9a-f]\{10\}\)[:@].*/\1/p"); do ip link del "$link"; done
  nft list tables 2>/dev/null | sed -n "s/^table \([a-z0-9]* tallyman-$name\)$/\1/p" | while read -r table; do
    # shellcheck disable=SC2086 # family and name
    nft delete table $table
  done
}
