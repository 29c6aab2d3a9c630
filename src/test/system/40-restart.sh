#!/usr/bin/env bash
# The server dies: containers, their output and their exit codes do not.
. "$HERE/lib.sh"
no_containers

docker run -d --name web -p 18081:80 busybox sh -c 'mkdir -p /www; echo tally > /www/index.html; httpd -f -p 80 -h /www' >/dev/null
docker run -d --name counter busybox sh -c 'i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done' >/dev/null
docker run -d --name brief busybox sh -c 'sleep 2; echo bye; exit 9' >/dev/null
docker run -d --name phoenix --restart always busybox sh -c 'sleep 1; exit 1' >/dev/null
eventually 10 curl -sf -o /dev/null localhost:18081
started=$(docker inspect -f '{{.State.StartedAt}} {{.State.Pid}}' web)
kill -KILL "$(server_pid)"
is "a published port answers without the server" tally "$(curl -s --max-time 5 localhost:18081)"
sleep 3
succeeds "up again" tallyman up --detach
is "web is the same process" "$started" "$(docker inspect -f '{{.State.StartedAt}} {{.State.Pid}}' web)"
is "web is running" running "$(docker inspect -f '{{.State.Status}}' web)"
is "it still answers" tally "$(curl -s --max-time 5 localhost:18081)"
is "the end of the other was kept" "exited 9" "$(docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' brief)"
is "and its last words" bye "$(docker logs brief)"
docker logs counter >/tmp/counter.$$ 2>&1
is "no line of the counter is missing" "$(seq "$(tail -n 1 /tmp/counter.$$)" | md5sum)" "$(md5sum </tmp/counter.$$)"
rm -f /tmp/counter.$$
eventually 20 sh -c '[ "$(docker inspect -f "{{.RestartCount}}" phoenix)" -ge 1 ]'
is "a restart policy goes on" 0 $?
is "exec works in an adopted container" ok "$(docker exec web echo ok)"
succeeds "an adopted container can be stopped" docker stop -t 1 web

docker rm -f counter phoenix >/dev/null
docker network create shore >/dev/null
docker run -d --name shell --network shore busybox sh -c 'trap "exit 3" TERM; while :; do sleep 0.1; done' >/dev/null
name=$(printf '%s' "$STATE" | sha256sum | cut -c1-8)
in_kernel() {
  nft list tables | grep "tallyman-$name"
  find /sys/fs/cgroup -maxdepth 2 -type d -name "tallyman-$name"
  ip -o link | grep -o " tm$(sed -n '1s/^# slot //p' "/etc/tallyman/$name.policy.conf")[0-9a-f]\{10\}"
  ls -d "$RUN" "$RUN-monitor" 2>/dev/null
}
like "a running instance is in the kernel" 'table.*cgroup' "$(in_kernel | tr '\n' ' ')"
succeeds "down --all" tallyman down --all
is "leaves nothing of it there" "" "$(in_kernel)"
# The 41st field of stat is the policy, 5 SCHED_IDLE.
is_held_back() { sed 's/.*) //' /proc/"$(server_pid)"/task/*/stat | cut -d' ' -f39 | grep -qx 5; }
"$TOP/tallyman" up --detach --state "$STATE" --run "$RUN" --port "$PORT" >/dev/null &
starting=$!
eventually 20 is_held_back
is "the second compiler waits while the server starts" 0 $?
kill -TERM $starting
wait $starting
is "not when up was ended meanwhile" 1 "$(is_held_back; echo $?)"
succeeds "a second up is quick and right" tallyman up --detach
is "nor when the server is ready" 1 "$(is_held_back; echo $?)"
chmod 0660 "$RUN/docker.sock" # as where an up was ended before it was through
tallyman up --detach >/dev/null 2>&1
is "one more opens a socket that an ended up left closed" 666 "$(stat -c %a "$RUN/docker.sock")"
is "and knows what ended" "exited 3" "$(docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' shell)"
is "a network is there again" hello "$(docker run --rm --network shore busybox sh -c 'ip route | grep -q default && echo hello')"
no_containers
docker network rm shore >/dev/null

# why WORDS-IN-THE-LOG...: what up says of a server that ended with these
why() {
  (
    STATE=$(mktemp -d) LOG_START=0 PORT=8080
    # shellcheck source=/dev/null
    . "$TOP/setup/server.sh"
    printf '%s\n' "$@" >"$STATE/server.log"
    why_it_ended
    rm -rf "$STATE"
  )
}
is "a server that refuses to start is quoted" "no room" "$(why 'INFO x' 'cannot start: no room' 'at y')"
is "a port in use is named" "port 8080 is in use already, choose another with --port" "$(why 'ERROR' '	at x' 'Caused by: bind(..) failed with error(-98): Address already in use')"
is "else the root of the failure is" "b: c" "$(why 'ERROR' 'Caused by: a' '	at x' 'Caused by: b: c' '	... 3 more')"
finish
