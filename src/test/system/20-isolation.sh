#!/usr/bin/env bash
# What keeps a container in: ids, limits, masks. Each attack has its benign control.
. "$HERE/lib.sh"
no_containers

docker run -d --name aa busybox sleep 1000 >/dev/null
docker run -d --name bb busybox sleep 1000 >/dev/null
first=$(docker exec aa awk '{print $2}' /proc/self/uid_map) second=$(docker exec bb awk '{print $2}' /proc/self/uid_map)
like "root inside is an id of 100,000 or more outside" '^[1-9][0-9]{5,}$' "$first"
[ "$first" != "$second" ]
is "no two containers share a range" 0 $?
pid=$(docker inspect -f '{{.State.Pid}}' aa)
is "the host sees the process under that id" "$first" "$(stat -c %u "/proc/$pid")"
eleven=$((16#800405fb)) # what Docker gives less MKNOD, NET_RAW and AUDIT_WRITE
effective=$((16#$(docker exec aa awk '/CapEff/{print $2}' /proc/self/status)))
is "no capability is outside the eleven" 0 $((effective & ~eleven))
[ $effective -gt 0 ]
is "but some are there" 0 $?
like "seccomp filters" '^Seccomp:.*2' "$(docker exec aa grep '^Seccomp:' /proc/self/status)"
fails "no nested user namespace" 'Operation not permitted|No space|not permitted|Function not implemented' docker exec aa unshare -U true
fails "no mount" 'Operation not permitted|permission denied' docker exec aa mount -t tmpfs x /mnt
fails "no block device node" 'Operation not permitted' docker exec aa mknod /tmp/sda b 8 0
succeeds "but a fifo may be made" docker exec aa mkfifo /tmp/fifo
fails "the kernel's settings are read-only" 'Read-only|Permission|denied' docker exec aa sh -c 'echo 1 > /proc/sys/vm/drop_caches'
[ ! -e /proc/kcore ] || is "kcore is masked" 0 "$(docker exec aa sh -c 'head -c 16 /proc/kcore | wc -c')"
is "so are interrupts, which the host sees (control)" "0 yes" "$(docker exec aa sh -c 'wc -c </proc/interrupts') $(grep -q . /proc/interrupts && echo yes)"
is "the cgroup path shows no host path" 0 "$(docker exec aa sh -c 'grep -c tallyman /proc/self/cgroup')"
is "only the documented descriptors are open" "0 1 2 3" "$(docker exec aa sh -c 'ls /proc/self/fd' | tr '\n' ' ' | sed 's/ $//')"
is "/dev holds only what Docker gives" "" "$(docker exec aa ls /dev | grep -vE '^(console|core|fd|full|mqueue|null|ptmx|pts|random|shm|stderr|stdin|stdout|tty|urandom|zero)$')"
gateway=$(docker inspect -f '{{.NetworkSettings.Gateway}}' aa)
like "the API asks a container at the gateway for a token too" '401' "$(docker exec aa sh -c "printf 'GET /containers/json HTTP/1.1\r\nHost: $gateway\r\nConnection: close\r\n\r\n' | nc -w 3 $gateway $PORT | head -n 1")"

docker run --name hog -m 32m busybox sh -c 'tail /dev/zero' >/dev/null 2>&1
is "a memory hog dies by its limit" 137 "$(docker inspect -f '{{.State.ExitCode}}' hog)"
is "and inspect says so" true "$(docker inspect -f '{{.State.OOMKilled}}' hog)"
like "the pids limit holds" "can't fork" "$(docker run --rm --pids-limit 20 busybox sh -c 'for i in $(seq 40); do sleep 2 & done' 2>&1)"
like "a fork bomb hurts nobody else" hello "$(docker run -d --name bomb --pids-limit 64 busybox sh -c 'b() { b | b & }; b; sleep 60' >/dev/null; docker run --rm busybox echo hello)"
is "seccomp=unconfined is refused by the policy" 1 "$(docker run --rm --security-opt seccomp=unconfined busybox true >/dev/null 2>&1; [ $? -ne 0 ] && echo 1)"
fails "a capability outside the policy is refused" 'SYS_ADMIN|capabilit|caps_max' docker run --rm --cap-add SYS_ADMIN busybox true
is "a dropped capability is gone" 1 "$(docker run --rm --cap-drop ALL busybox chown 1 /tmp >/dev/null 2>&1; echo $?)"
is "no-new-privileges is passed on" "NoNewPrivs: 1" "$(docker run --rm --security-opt no-new-privileges busybox grep NoNewPrivs /proc/self/status | tr '\t' ' ')"
runuser -u nobody -- ls "$STATE/kernel" >/dev/null 2>&1
is "host users cannot walk into the layers" 2 $?
is "the server's user neither" 2 "$(runuser -u tallyman -- ls "$STATE/kernel" >/dev/null 2>&1; echo $?)"
is "nobody's uid is refused at the socket" 401 "$(runuser -u nobody -- curl -s -o /dev/null -w '%{http_code}' --unix-socket "$RUN/docker.sock" http://localhost/containers/json)"

# --- nesting (T13): each way by itself, with the filter and without it
for kind in user net mount pid ipc uts; do
  fails "no nested $kind namespace" 'not permitted|No space|not implemented|denied' docker exec aa unshare "--$kind" true
done
NAME=$(printf '%s' "$STATE" | sha256sum | cut -c1-8)
POLICY=/etc/tallyman/$NAME.policy.conf
sed -i 's/^seccomp = required/seccomp = optional/' "$POLICY"
is "where the policy lets a container go without filter" "Seccomp: 0" "$(docker run --rm --security-opt seccomp=unconfined busybox grep '^Seccomp:' /proc/self/status | tr '\t' ' ')"
for kind in user net; do
  fails "there is no nested $kind namespace either" 'No space|not permitted' docker run --rm --security-opt seccomp=unconfined busybox unshare "--$kind" true
done
sed -i 's/^privileged = no/privileged = yes/' "$POLICY"
is "a privileged container has no filter then" "Seccomp: 0" "$(docker run --rm --privileged busybox grep '^Seccomp:' /proc/self/status | tr '\t' ' ')"
is "but the usual masks" "ro" "$(docker run --rm --privileged busybox awk '$5 == "/proc/sys" {print substr($6, 1, 2)}' /proc/self/mountinfo)"
sed -i 's/^unmasked = no/unmasked = yes/' "$POLICY"
is "which the policy can leave to it, too" "" "$(docker run --rm --privileged busybox awk '$5 == "/proc/sys" {print substr($6, 1, 2)}' /proc/self/mountinfo)"
is "and inspect shows none" "null null" "$(docker create --name bare --privileged busybox true >/dev/null; docker inspect -f '{{json .HostConfig.MaskedPaths}} {{json .HostConfig.ReadonlyPaths}}' bare)"
docker rm bare >/dev/null
asked=$(docker inspect -f '{"Image":"busybox","Cmd":["awk","$5 == \"/proc/interrupts\" || $5 == \"/proc/sys\" {print $5}","/proc/self/mountinfo"],"HostConfig":{"Privileged":true,"MaskedPaths":{{json .HostConfig.MaskedPaths}}}}' aa)
curl -s --unix-socket "$RUN/docker.sock" -H 'Content-Type: application/json' -d "$asked" 'http://localhost/containers/create?name=asked' >/dev/null
is "but what it asks for stays masked" /proc/interrupts "$(docker start -a asked)"
docker rm asked >/dev/null
docker run -d --name plain busybox sleep 100 >/dev/null
is "a privileged exec keeps its container's filter" "Seccomp: 2" "$(docker exec --privileged plain grep '^Seccomp:' /proc/self/status | tr '\t' ' ')"
docker rm -f plain >/dev/null
sed -i 's/^seccomp = optional/seccomp = required/' "$POLICY"
is "a filter that is required stays on a privileged container" "Seccomp: 2" "$(docker run --rm --privileged busybox grep '^Seccomp:' /proc/self/status | tr '\t' ' ')"
sed -i 's/^unmasked = yes/unmasked = no/; s/^privileged = yes/privileged = no/' "$POLICY"

# --- descriptors and working directories (T14, CVE-2024-21626)
for number in 3 4 5 6 7 8 9 10 12 16 20; do
  out=$(docker run --rm -w "/proc/self/fd/$number" busybox sh -c 'cd ../../../..; ls; pwd' 2>&1)
  unlike "run in the directory of descriptor $number leads nowhere" 'kernel|records|lost\+found|vmlinuz' "$out"
  out=$(docker exec -w "/proc/self/fd/$number" aa sh -c 'cd ../../../..; ls; pwd' 2>&1)
  unlike "nor does an exec" 'kernel|records|lost\+found|vmlinuz' "$out"
done
is "an ordinary directory works" /tmp "$(docker run --rm -w /tmp busybox pwd)"

# --- hostile /dev, /proc and /sys (T16, CVE-2025-31133, 2025-52565, 2026-41579)
hostile() { # hostile NAME COMMAND   an image on busybox in which COMMAND was run, on a root without our mounts
  local root
  root=$(mktemp -d)
  docker export aa | tar -C "$root" -xf - --exclude='dev/*' --exclude='proc/*' --exclude='sys/*'
  (cd "$root" && sh -c "$2")
  tar -C "$root" -cf - . | docker import - "$1" >/dev/null
  rm -rf "$root"
}
canary=$(mktemp -d)
echo known >"$canary/file"
n=0
for place in dev proc sys; do
  for shape in "ln -s $canary $place" "ln -s ../../../../..$canary $place" "echo x >$place" "mkfifo $place" "ln -s $place $place"; do
    n=$((n + 1))
    hostile "hostile$n" "rmdir $place; $shape"
    fails "an image with '${shape%% *}' for /$place (shape $n) does not start" 'the image has something else than a directory' docker run --rm "hostile$n" true
    docker rmi "hostile$n" >/dev/null
  done
done
hostile inside 'mkdir -p dev; ln -s /proc/kcore dev/null; mkfifo dev/console; ln -s /etc dev/pts; ln -s /etc dev/shm; mkdir -p proc/kcore sys/firmware'
is "what an image has below them is covered" "1 3 0 right" "$(docker run --rm inside sh -c 'echo $(stat -c "%t %T" /dev/null) $(head -c 16 /proc/kcore 2>/dev/null | wc -c) $([ ! -L /dev/pts ] && [ ! -L /dev/shm ] && echo right)')"
docker rmi inside >/dev/null
is "nothing happened on the host" "file known" "$(ls "$canary") $(cat "$canary/file")"
rm -rf "$canary"

# --- control groups (T18)
is "the path of every group is /" 0 "$(docker exec aa sh -c 'grep -vc ":/$" /proc/self/cgroup')"
is "release_agent is nowhere" 0 "$(docker exec aa sh -c 'find / -name release_agent 2>/dev/null | wc -l')"
is "no file of a group can be written" 0 "$(docker exec aa sh -c 'for f in $(find /sys/fs/cgroup -type f); do { echo 1 >$f; } 2>/dev/null && echo $f; done | wc -l')"
is "no group can be made" 0 "$(docker exec aa sh -c 'for d in /sys/fs/cgroup /sys/fs/cgroup/*; do mkdir $d/x 2>/dev/null && echo $d; done | wc -l')"
is "a file of its own can (control)" 1 "$(docker exec aa sh -c '{ echo 1 >/tmp/f; } 2>/dev/null && echo 1')"

# --- sockets (T19)
is "none of ours is in the abstract namespace" 0 "$(grep -cE '@.*(tally|monitor|helper)' /proc/net/unix)"
is "a monitor's socket is the server's alone" "600 tallyman" "$(stat -c '%a %U' "$RUN-monitor/$(docker inspect -f '{{.Id}}' aa | cut -c1-24).sock")"
is "in a folder that others cannot enter" "710 root" "$(stat -c '%a %U' "$RUN-monitor")"

# --- setuid files (T21)
root=$(mktemp -d)
gcc -static -O1 -o "$root/setuid-sweep" "$HERE/bin/sweep.c"
chmod 4755 "$root/setuid-sweep"
tar -C "$root" --owner=0 --group=0 -cf - setuid-sweep | docker import - elevated >/dev/null
rm -rf "$root"
is "a setuid program works inside" "33 0" "$(docker run --rm --user 33 elevated /setuid-sweep ids)"
is "but not with no-new-privileges" "33 33" "$(docker run --rm --user 33 --security-opt no-new-privileges elevated /setuid-sweep ids)"
file=$(find "$STATE/kernel" -name setuid-sweep -perm -4000 | head -n 1)
[ -n "$file" ]
is "its file is on the host" 0 $?
fails "where no user of the host can run it" 'Permission denied' runuser -u nobody -- "$file" ids
fails "nor the server's" 'Permission denied' runuser -u tallyman -- "$file" ids
docker rmi elevated >/dev/null
no_containers
finish
