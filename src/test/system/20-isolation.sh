#!/usr/bin/env bash
# What keeps a container in: ids, limits, masks. Each attack has its benign control.
. "$HERE/lib.sh"
no_containers

docker run -d --name aa busybox sleep 60 >/dev/null
docker run -d --name bb busybox sleep 60 >/dev/null
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
is "kcore is masked" 0 "$(docker exec aa sh -c 'head -c 16 /proc/kcore 2>/dev/null | wc -c')"
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
no_containers
finish
