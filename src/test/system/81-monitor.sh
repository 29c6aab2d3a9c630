#!/usr/bin/env bash
# A monitor is killed or stopped, also while the server is down: the container runs on, nothing false is said of it (T39, I2, I3).
. "$HERE/lib.sh"
no_containers

parent_of() { ps -o ppid= -p "$1" | tr -d ' '; }
pid_of() { docker inspect -f '{{.State.Pid}}' "$1"; }
monitor_of() { parent_of "$(pid_of "$1")"; }
ended() { docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' "$1"; }
is_ended() { [ "$(docker inspect -f '{{.State.Status}}' "$1")" = exited ]; }
kept() { [ "$(ps -o comm= -p "$(parent_of "$(monitor_of "$1")")")" = tally-keeper ]; }
count='i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo $i; sleep 0.05; done; exit 7'

docker run -d --name control busybox sh -c "$count" >/dev/null
docker run -d --name killed busybox sh -c "$count" >/dev/null
docker run -d --name alone busybox sh -c "$count" >/dev/null
docker run -d --name absent busybox sh -c "$count" >/dev/null
docker run -d --name phoenix --restart on-failure:1 busybox sh -c 'sleep 1; exit 3' >/dev/null
docker run -d --name web -p 18081:80 busybox sh -c 'mkdir -p /www; echo tally > /www/index.html; httpd -f -p 80 -h /www' >/dev/null
for name in killed alone absent phoenix web; do eventually 5 kept "$name"; done
kill -KILL "$(monitor_of killed)" "$(parent_of "$(monitor_of alone)")" "$(monitor_of phoenix)" "$(monitor_of web)"
absent=$(monitor_of absent)
is "the container of a killed monitor is running" running "$(docker inspect -f '{{.State.Status}}' killed)"
is "and takes commands" ok "$(docker exec killed echo ok 2>&1)"
is "and answers on its port" tally "$(curl -s --max-time 5 localhost:18081)"
kill -KILL "$(server_pid)"
kill -KILL "$absent"
sleep 4
succeeds "up again" tallyman up --detach
for name in control killed alone absent; do
  is "$name: docker wait tells the true code" 7 "$(docker wait "$name" 2>&1)"
  is "$name: it is the code that is shown" "exited 7" "$(ended "$name")"
done
is "with no monitor killed, no line is missing" "$(seq 100 | md5sum)" "$(docker logs control | md5sum)"
is "with a monitor killed, the last lines are there" "$(seq 85 100)" "$(docker logs killed | tail -n 16)"
is "with a keeper killed, no line is missing" "$(seq 100 | md5sum)" "$(docker logs alone | md5sum)"
eventually 10 is_ended phoenix
is "its restart policy is applied to the true code" "1 exited 3" "$(docker inspect -f '{{.RestartCount}} {{.State.Status}} {{.State.ExitCode}}' phoenix)"
succeeds "a container without its first monitor can be stopped" docker stop -t 1 web
like "with a true code" '^exited (137|143)$' "$(ended web)"

# Stopped, as a debugger or the OOM killer's freezer would do: replaced when there is an end to tell.
docker run -d --name stopped busybox sh -c 'sleep 1; exit 6' >/dev/null
eventually 5 kept stopped
kill -STOP "$(monitor_of stopped)"
eventually 25 is_ended stopped
is "the end of a container with a stopped monitor is told" "exited 6" "$(ended stopped)"

# Both gone: nobody can know, and nobody says so.
docker run -d --name orphan busybox sh -c 'sleep 5; exit 5' >/dev/null
eventually 5 kept orphan
monitor=$(monitor_of orphan)
keeper=$(parent_of "$monitor")
kill -STOP "$keeper"
kill -KILL "$monitor" "$keeper"
is "with both killed it runs on" running "$(docker inspect -f '{{.State.Status}}' orphan)"
eventually 20 is_ended orphan
unlike "and is not said to have ended well, nor as it did" '^exited (0|5)$' "$(ended orphan)"
no_containers
is "the kernel holds nothing unknown" '[]' "$(rest GET /api/v1/system/orphans | head -n 1)"
finish
