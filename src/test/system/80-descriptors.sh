#!/usr/bin/env bash
# A server that holds 200 open files of others, none of them closed on exec, as a JVM would: no helper, keeper, monitor or container has one of them,
# nor any other but those that native-helper/README.md names (T02; CVE-2024-21626 began so).
. "$HERE/lib.sh"
no_containers
name=$(printf '%s' "$STATE" | sha256sum | cut -c1-8)
LIB=/usr/lib/tallyman-$name

# The same command as before, with files open that the server's user could not open itself.
relaunch_leaking() {
  local command database
  mapfile -d '' -t command <"/proc/$(server_pid)/cmdline"
  tallyman down >/dev/null 2>&1
  database=$(find "$STATE/server" -name '*.mv.db' | head -n 1)
  (
    cd / || exit
    umask 077
    for fd in $(seq 3 9) $(seq 20 212); do
      case $((fd % 5)) in
        0) eval "exec $fd</" ;;
        1) eval "exec $fd<>'$database'" ;;
        2) eval "exec $fd</etc/shadow" ;;
        3) eval "exec $fd<'/etc/tallyman/$name.policy.conf'" ;;
        4) eval "exec $fd>>'$STATE/leaked'" ;;
      esac
    done
    exec env -i PATH=/usr/bin:/bin LANG=C.UTF-8 HOME=/nonexistent setsid setpriv --reuid=tallyman --regid=tallyman --clear-groups "${command[@]}"
  ) </dev/null >>"$STATE/server.log" 2>&1 &
  echo $! >"$STATE/server.pid"
  disown
  eventually 60 curl -sf --max-time 5 -o /dev/null --unix-socket "$RUN/docker.sock" http://localhost/q/health/ready
}

# What the descriptors of a process are, one a line: number and target.
descriptors() {
  local each
  for each in /proc/"$1"/fd/*; do
    [ ! -L "$each" ] || echo "${each##*/} $(readlink "$each")"
  done
}

# only DESCRIPTION PID PATTERN: each descriptor's "number target" matches
only() {
  local found
  found=$(descriptors "$2")
  like "$1 has descriptors (control)" '^0 ' "$found"
  is "$1 has those alone that are documented" "" "$(printf '%s\n' "$found" | grep -vE -- "^($3)$")"
}

programs() { # the processes of one of our programs
  local each
  for each in /proc/[0-9]*; do
    [ "$(readlink "$each/exe" 2>/dev/null)" != "$LIB/$1" ] || echo "${each#/proc/}"
  done
}
helpers() { for pid in $(programs helper); do [ "$(cat "/proc/$pid/comm")" != helper ] || echo "$pid"; done; }
at_work() { [ -n "$(helpers)" ]; }
parent_of() { ps -o ppid= -p "$1" | tr -d ' '; }

succeeds "the server starts with 200 files of others" relaunch_leaking
like "it has them (control)" '/etc/shadow' "$(descriptors "$(server_pid)")"
is "all 200 (control)" 200 "$(descriptors "$(server_pid)" | grep -cE '^([3-9]|[2-9][0-9]|1[0-9]{2}|20[0-9]|21[0-2]) (/|/etc/shadow|/etc/tallyman/.*|.*\.mv\.db|.*/leaked)$')"

docker run -d --name plain -p 18082:80 busybox sleep 300 >/dev/null
docker run -d --name input -i busybox cat >/dev/null
docker run -dt --name terminal busybox sleep 300 >/dev/null
docker run -d --name reaped --init busybox sleep 300 >/dev/null
stdio='[0-2] (/dev/null|pipe:\[[0-9]+\])'
ours="[0-2] /dev/null|[0-9]+ (anon_inode:\[?(pidfd|eventpoll)\]?|socket:\[[0-9]+\]|pipe:\[[0-9]+\]|/dev/pts/ptmx|/dev/ptmx|$STATE/records/[0-9a-f]{64}(/log)?|/sys/fs/cgroup/.*/(memory.events|memory.oom_control))"
for container in plain input terminal reaped; do
  pid=$(docker inspect -f '{{.State.Pid}}' $container)
  monitor=$(parent_of "$pid")
  case $container in
    terminal) only "$container: the process" "$pid" '[0-2] /dev/pts/0' ;;
    reaped)
      is "$container: its init has none at all" "" "$(descriptors "$pid")"
      only "$container: the process below" "$(pgrep -P "$pid")" "$stdio"
      ;;
    *) only "$container: the process" "$pid" "$stdio" ;;
  esac
  only "$container: its monitor" "$monitor" "$ours"
  eventually 5 sh -c "[ \"\$(cat /proc/$(parent_of "$monitor")/comm)\" = tally-keeper ]"
  only "$container: its keeper" "$(parent_of "$monitor")" "$ours|[0-9]+ ($LIB/monitor|/memfd:monitor \(deleted\))"
done
is "exec: the process has three, and the one it looks with" "0 1 2 3" "$(docker exec plain ls /proc/self/fd | tr '\n' ' ' | sed 's/ $//')"
docker exec -d plain sleep 200
eventually 5 sh -c 'docker top plain | grep -q "sleep 200"'
pid=$(pgrep -f '^sleep 200$' | head -n 1)
only "exec: the process" "$pid" "$stdio"
only "exec: its monitor" "$(parent_of "$pid")" "$ours"

# A helper waits for the container's lock, and so can be looked at.
docker create --name waiting busybox true >/dev/null
docker start -a waiting >/dev/null
lock=$STATE/kernel/locks/$(docker inspect -f '{{.Id}}' waiting)
held="[0-2] /dev/null|3 socket:\[[0-9]+\]|[0-9]+ $STATE/kernel(/.*)?"
exec 9>>"$lock"
flock 9
docker start waiting >/dev/null 2>&1 9>&- &
eventually 10 at_work
is "a helper is at work" yes "$([ -n "$(helpers)" ] && echo yes)"
for pid in $(helpers); do only "the helper of a start" "$pid" "$held"; done
exec 9>&-
wait $!
is "which then goes on" 0 $?
no_containers
tallyman down >/dev/null 2>&1
succeeds "up again as usual" tallyman up --detach
is "and then without them" 0 "$(descriptors "$(server_pid)" | grep -c /etc/shadow)"
finish
