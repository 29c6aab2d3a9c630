#!/usr/bin/env bash
# After everything was removed the kernel holds nothing of the instance's containers (I4).
. "$HERE/lib.sh"
no_containers
name=$(printf '%s' "$STATE" | sha256sum | cut -c1-8)

for i in 1 2 3 4 5 6 7 8; do docker run -d --name "c$i" -p 80 busybox sleep 60 >/dev/null & done
wait
is "eight started side by side" 8 "$(docker ps -q | wc -l)"
is "with eight different addresses" 8 "$(docker inspect -f '{{.NetworkSettings.IPAddress}}' $(docker ps -q) | sort -u | wc -l)"
no_containers
is "no cgroup is left" "" "$(find /sys/fs/cgroup -mindepth 2 -type d -path "*/tallyman-$name/*" 2>/dev/null | grep -E '[0-9a-f]{64}')"
is "no writable layer is left" 0 "$(find "$STATE/kernel/containers" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)"
is "no record is left" 0 "$(find "$STATE/records" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)"
is "no monitor socket is left" 0 "$(find "$RUN-monitor" -mindepth 1 2>/dev/null | wc -l)"
is "no port is left in the tables" 0 "$(nft list table ip "tallyman-$name" 2>/dev/null | grep -c ' : 10\.')"
is "no mount is left" 0 "$(grep -c "$STATE" /proc/mounts)"
slot=$(sed -n '1s/^# slot //p' "/etc/tallyman/$name.policy.conf")
eventually 5 sh -c "! ip -o link show type veth | grep -q 'tm$slot'"
is "no link is left" 0 $?
finish
