#!/usr/bin/env bash
# What a default container is, against golden files (SECURITY T11, T12): identity, rights, mounts, devices, and what every system call answers.
# A difference is either a mistake or a decision; then the golden file in src/test/resources/isolation changes with it.
. "$HERE/lib.sh"
no_containers
GOLDEN=$TOP/src/test/resources/isolation
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# same DESCRIPTION GOLDEN-FILE ACTUAL-FILE
same() { is "$1" "" "$(diff "$GOLDEN/$2" "$3")"; }

# --- T11: who it is and what it may do
docker run -d --name plain busybox sleep 300 >/dev/null
docker exec -i plain sh >"$work/default" <<'SH'
echo "uid_map $(awk '{print $1, ($2 >= 100000 ? "high" : $2), $3}' /proc/self/uid_map)"
echo "gid_map $(awk '{print $1, ($2 >= 100000 ? "high" : $2), $3}' /proc/self/gid_map)"
echo "setgroups $(cat /proc/self/setgroups)"
grep -E '^(Uid|Gid|Groups|Cap...|NoNewPrivs|Seccomp):' /proc/self/status | tr -s '\t ' ' ' | sed 's/ $//'
echo "umask $(umask)"
echo "oom_score_adj $(cat /proc/self/oom_score_adj)"
echo "pids $(cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null)"
echo "cwd $(pwd)"
env | grep -vE '^(HOSTNAME|SHLVL|PWD|OLDPWD)=' | sort
for setting in user/max_user_namespaces user/max_net_namespaces; do echo "$setting $(cat /proc/sys/$setting)"; done
find /dev -type c ! -path '/dev/pts/[0-9]*' -exec stat -c '%n %F %t:%T %a %u:%g' {} + | sort
find /dev -type l -exec sh -c 'for l; do echo "$l -> $(readlink "$l")"; done' sh {} + | sort
SH
same "a default container is what the golden file says" default-container.txt "$work/default"
first=$(docker exec plain awk '{print $2}' /proc/self/uid_map)
is "its root is that number on the host" "$first" "$(stat -c %u "/proc/$(docker inspect -f '{{.State.Pid}}' plain)")"

# Mounts: what covers masked paths depends on what this kernel has, so those are looked at one by one below.
docker exec plain awk '{ split($0, half, " - "); split(half[2], fs, " "); print $5, fs[1], $6 }' /proc/self/mountinfo |
  grep -vE '^/(proc/(acpi|asound|interrupts|kcore|keys|latency_stats|sched_debug|scsi|timer_list|timer_stats|bus|fs|irq|sysrq-trigger)|sys/(devices/virtual/powercap|firmware|fs/cgroup.*)) ' | sort >"$work/mounts"
same "its mounts are" default-mounts.txt "$work/mounts"
docker exec plain grep ' /sys/fs/cgroup' /proc/self/mountinfo >"$work/groups"
is "the view of control groups is read-only, all of it" 0 "$(grep -vcE '^[0-9]+ [0-9]+ [0-9:]+ / [^ ]+ ro,nosuid,nodev,noexec' "$work/groups")"
[ -s "$work/groups" ]
is "and there" 0 $?
for path in acpi asound interrupts kcore keys latency_stats sched_debug scsi timer_list timer_stats; do
  [ -e "/proc/$path" ] || continue
  is "/proc/$path is covered" 0 "$(docker exec plain sh -c "cat /proc/$path/* /proc/$path 2>/dev/null | head -c 10 | wc -c")"
done
is "/proc/version is not (control)" 1 "$(docker exec plain sh -c 'head -c 1 /proc/version | wc -c')"
for path in bus fs irq sys sysrq-trigger; do
  [ -e "/proc/$path" ] || continue
  is "/proc/$path is read-only" ro "$(docker exec plain awk -v p="/proc/$path" '$5 == p { print substr($6, 1, 2) }' /proc/self/mountinfo)"
done
fails "/proc/sysrq-trigger takes nothing" 'Read-only|Permission|nonexistent' docker exec plain sh -c 'echo h >/proc/sysrq-trigger'

# --- T12: every system call with zeros, each in a process of its own
if [ "$(uname -m)" = x86_64 ]; then
  mkdir "$work/root"
  gcc -static -O1 -o "$work/root/sweep" "$HERE/bin/sweep.c"
  tar -C "$work/root" --owner=0 --group=0 -cf - sweep | docker import - sweep >/dev/null
  docker run --rm sweep /sweep calls >"$work/calls"
  is "the sweep went over all numbers" 471 "$(wc -l <"$work/calls")"
  # The kernel itself lets uretprobe and uprobe pass all filters; outside of its own trampoline they end the process.
  awk '$2 == "allowed" && $1 != 335 && $1 != 336 { print $1 }' "$work/calls" >"$work/allowed"
  grep -v '^#' "$GOLDEN/system-calls-x86_64.txt" | awk '{ print $1 }' >"$work/golden"
  is "no call is allowed that the golden list lacks" "" "$(sort "$work/allowed" | comm -23 - <(sort "$work/golden") | tr '\n' ' ')"
  # A call that this kernel does not have yet answers so.
  is "and none of the list is missing" "" "$(awk '$2 != "denied" { print $1 }' "$work/calls" | sort | comm -13 - <(sort "$work/golden") | tr '\n' ' ')"
  is "nothing is killed" 0 "$(grep -c killed "$work/calls")"
  is "no call by its x32 number" 0 "$(docker run --rm sweep /sweep x32 | grep -c allowed)"
  is "no call by int 0x80" 0 "$(docker run --rm sweep /sweep i386 | grep -c allowed)"
  is "families of sockets" "1 2 10 16" "$(docker run --rm sweep /sweep sockets | awk '$2 == "allowed" { print $1 }' | tr '\n' ' ' | sed 's/ $//')"
  is "and packets with the right for them" "1 2 10 16 17" "$(docker run --rm --cap-add NET_RAW sweep /sweep sockets | awk '$2 == "allowed" { print $1 }' | tr '\n' ' ' | sed 's/ $//')"
  is "an exec has the same filter" "$(md5sum <"$work/calls")" "$(docker run -d --name swept sweep /sweep wait >/dev/null; docker exec swept /sweep calls | md5sum)"
  docker rm -f swept >/dev/null
  docker rmi sweep >/dev/null
else
  report ok "the system call sweep is for x86-64 # skip"
fi
no_containers
finish
