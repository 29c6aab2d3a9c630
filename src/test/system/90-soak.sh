#!/usr/bin/env bash
# A mixed load for TALLYMAN_SOAK_SECONDS (40): in the first half a server, a monitor or a helper is killed every few seconds, in the second half nothing
# is, and nothing may grow. No answer is false, and in the end nothing is left (T45, I1-I4, I10). `./tallyman test --soak` takes ten minutes.
. "$HERE/lib.sh"
no_containers
name=$(printf '%s' "$STATE" | sha256sum | cut -c1-8)
half=$((${TALLYMAN_SOAK_SECONDS:-40} / 2))
MOST_MIB_MORE=16

load() { "$HERE/bin/mixed-load" --socket "$RUN/docker.sock" --seconds "$@" 2>&1; }
steps() { sed -n 's/^\([0-9]*\) steps.*/\1/p' <<<"$1"; }
descriptors() { find "/proc/$(server_pid)/fd" -mindepth 1 | wc -l; }
# What is alive in the heap, in MiB: objects that a collection leaves, without what it puts between them so that it need not move them all.
live_mib() {
  local tools
  tools=$(dirname "$(readlink "/proc/$(server_pid)/exe")")
  "$tools/jcmd" "$(server_pid)" GC.class_histogram | awk '/FillerElement/ { gaps += $3 } /^Total/ { print int(($3 - gaps) / 1048576) }'
}

out=$(load "$half" --pid-file "$STATE/server.pid" --library "/usr/lib/tallyman-$name" --up "$TOP/tallyman up --detach --state $STATE --run $RUN --port $PORT")
echo "$out" | tail -n 2
like "with processes killed, no answer is false" ' 0 wrong$' "$out"
like "processes were killed" '^faults: [1-9]' "$out"
is "much was done all the same" yes "$([ "$(steps "$out")" -gt "$half" ] && echo yes || steps "$out")"

load 10 >/dev/null
descriptors_before=$(descriptors) live_before=$(live_mib)
out=$(load "$half")
echo "$out" | tail -n 1
like "with nothing killed, every step succeeds" ' 0 interrupted, 0 wrong$' "$out"
eventually 10 sh -c "[ \$(find /proc/$(server_pid)/fd -mindepth 1 | wc -l) -le $((descriptors_before + 8)) ]"
is "the server has no more descriptors than before ($descriptors_before, $(descriptors))" 0 $?
live=$(live_mib)
is "nor more alive in its heap ($live_before MiB, $live MiB)" yes "$([ "$live" -le $((live_before + MOST_MIB_MORE)) ] && echo yes)"
like "the audit trail is whole" '"isIntact":true' "$(rest GET /api/v1/audit/verify)"
nothing_is_left
finish
