#!/usr/bin/env bash
# After everything was removed the kernel holds nothing of the instance's containers (I4).
. "$HERE/lib.sh"
no_containers

for i in 1 2 3 4 5 6 7 8; do docker run -d --name "c$i" -p 80 busybox sleep 60 >/dev/null & done
wait
is "eight started side by side" 8 "$(docker ps -q | wc -l)"
is "with eight different addresses" 8 "$(docker inspect -f '{{.NetworkSettings.IPAddress}}' $(docker ps -q) | sort -u | wc -l)"
no_containers
nothing_is_left
finish
