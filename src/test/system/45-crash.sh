#!/usr/bin/env bash
# The server is killed at each named point of a container's life (CrashPoint), then started again: nothing that was acknowledged is lost,
# nothing false is shown, nothing is left behind (I1, I2, I4, I6).
. "$HERE/lib.sh"
no_containers

is_dead() { ! kill -0 "$1" 2>/dev/null; }

# What has to be true of the inventory and the kernel, whatever was going on.
check_state() {
  local name state
  while read -r name state; do
    [ -n "$name" ] || continue
    if [ "$state" = running ]; then
      is "$1: $name is said to run, and does" alive "$(docker exec "$name" echo alive 2>&1)"
    else
      like "$1: the state of $name is a true one" '^(created|exited|restarting)$' "$state"
    fi
  done <<<"$(docker ps -a --format '{{.Names}} {{.State}}')"
  is "$1: the kernel holds nothing unknown" '[]' "$(rest GET /api/v1/system/orphans | head -n 1)"
}

# crash POINT SCRIPT: starts the server so that it dies there, does what SCRIPT says, and starts it again.
crash() {
  local point=$1 pid
  tallyman down >/dev/null 2>&1
  TALLYMAN_CRASH_AT=$point tallyman up --detach >/dev/null 2>&1
  pid=$(server_pid)
  DOCKER_SECONDS=20 bash -c "$2" >/dev/null 2>&1
  eventually 15 is_dead "$pid"
  is "$point: the server died there" 0 $?
  succeeds "$point: up again" tallyman up --detach
  check_state "$point"
  no_containers
  is "$point: all can be removed" 0 "$(find "$STATE/kernel/containers" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)"
}

run='docker run -d --name crash busybox sleep 300'
for point in CREATE_RESERVED CREATE_COMMITTED START_LEASED START_RUNNING START_COMMITTED; do
  crash "$point" "$run"
done
for point in STOP_COMMITTED STOP_SIGNALLED END_SEEN END_COMMITTED END_CLEANED; do
  crash "$point" "$run && docker stop -t 1 crash"
done
for point in REMOVE_COMMITTED REMOVE_CLEANED; do
  crash "$point" "$run && docker rm -f crash"
done
crash RESTART_DUE 'docker run -d --name crash --restart always busybox sh -c "test -e /ran && sleep 300; touch /ran; sleep 0.2; exit 1"; sleep 3'

# Killed in the middle of finding out what runs: the next start finds out again.
docker run -d --name one busybox sleep 300 >/dev/null
docker run -d --name two busybox sleep 300 >/dev/null
tallyman down >/dev/null 2>&1
TALLYMAN_CRASH_AT=RECONCILE_HALF tallyman up --detach >/dev/null 2>&1
is "RECONCILE_HALF: the server died there" true "$(is_dead "$(cat "$STATE/server.pid" 2>/dev/null || echo 0)" && echo true)"
succeeds "RECONCILE_HALF: up again" tallyman up --detach
is "RECONCILE_HALF: both still run" "one two " "$(docker ps --format '{{.Names}}' | sort | tr '\n' ' ')"
check_state RECONCILE_HALF

# What was acknowledged is there after a kill at any moment, and a build in the midst of a command is cleared away and told.
printf 'FROM busybox\nENV A=b\nRUN sleep 299\n' | DOCKER_BUILDKIT=0 docker build -t cut:1 - >/dev/null 2>&1 &
build=$!
eventually 10 pgrep -f '^sleep 299$'
for i in $(seq 20); do docker create --name "kept$i" busybox true; done >/tmp/kept.$$ 2>/dev/null &
load=$!
sleep 1
kill -KILL "$(server_pid)"
wait $load $build
succeeds "up after a kill under load" tallyman up --detach
missing=0
while read -r id; do docker inspect "$id" >/dev/null 2>&1 || missing=$((missing + 1)); done </tmp/kept.$$
is "no acknowledged container is missing" 0 $missing
rm -f /tmp/kept.$$
is "the build is told as cut off" "INTERRUPTED 3 cut:1 RUN sleep 299" "$(rest GET "/api/v1/images/build/records/$(rest GET '/api/v1/images/build/records?limit=1' | head -n 1 | jq -r '.[0].id')" |
  head -n 1 | jq -r '"\(.outcome) \(.stepCount) \(.names[0]) \(.stages[0].steps[2].text)"')"
is "and nothing of it runs" "" "$(docker ps -aq --filter label=tallyman.build; pgrep -f '^sleep 299$')"
like "the audit chain holds" '"isIntact":true' "$(rest GET /api/v1/audit/verify | head -n 1)"
no_containers
finish
