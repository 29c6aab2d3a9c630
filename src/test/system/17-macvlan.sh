#!/usr/bin/env bash
# Networks that are a LAN of the host's (driver macvlan), with the docker client: a veth is the LAN, its other end a router and a neighbour.
. "$HERE/lib.sh"
no_containers
LAN=mxlan
POLICY=/etc/tallyman/$(printf '%s' "$STATE" | sha256sum | cut -c1-8).policy.conf
strict=$(cat "$POLICY")
WEB='mkdir -p /www; hostname > /www/index.html; httpd -f -p 80 -h /www'

unshare -n sleep 300 &
NEIGHBOUR=$!
inside() { nsenter -t "$NEIGHBOUR" -n "$@"; }
clean_up() {
  printf '%s\n' "$strict" >"$POLICY"
  kill $NEIGHBOUR 2>/dev/null
  ip link del $LAN 2>/dev/null
}
trap clean_up EXIT
eventually 20 sh -c "[ \"\$(readlink /proc/$NEIGHBOUR/ns/net)\" != \"\$(readlink /proc/self/ns/net)\" ]"
ip link add $LAN type veth peer name lan0 netns $NEIGHBOUR
ip link set $LAN up
for line in "link set lo up" "link set lan0 up" "addr add 192.0.2.254/24 dev lan0" "addr add 203.0.113.9/32 dev lo"; do
  # shellcheck disable=SC2086
  inside ip $line
done

id_of() { docker inspect -f '{{slice .Id 0 12}}' "$1"; }
fetch() { docker exec "$1" timeout 3 wget -q -O - "http://$2/" 2>/dev/null; }
of() { docker inspect -f "{{with index .NetworkSettings.Networks \"$2\"}}{{.$3}}{{end}}" "$1"; }
create() { docker network create -d macvlan --subnet 192.0.2.0/24 --gateway 192.0.2.254 --ip-range 192.0.2.32/27 "$@"; }

fails "without the policy's word no link is a parent" "macvlan_parents does not allow $LAN" create -o parent=$LAN lan
printf 'macvlan_parents = %s\nmacvlan_subnets = 192.0.2.0/24\n' "$LAN" >>"$POLICY"
fails "nor a VLAN of one that is" "macvlan_parents does not allow $LAN.10" create -o parent=$LAN.10 lan
fails "a VLAN that does not exist is refused" "vlan id must be between 1-4094, received: 4095" create -o parent=$LAN.4095 lan
fails "lo is refused" "loopback interface is not a valid" create -o parent=lo lan
fails "an unknown mode is refused" "requested macvlan mode 'x' is not valid" create -o parent=$LAN -o macvlan_mode=x lan
fails "so is a subnet outside macvlan_subnets" "macvlan_subnets does not allow" docker network create -d macvlan --subnet 198.18.0.0/24 -o parent=$LAN lan
fails "ipvlan has the policy's word on parents too" "macvlan_parents does not allow lo0" docker network create -d ipvlan -o parent=lo0 lan
succeeds "network create" create -o parent=$LAN -o macvlan_mode=bridge lan
is "inspect tells it" "macvlan 192.0.2.0/24 192.0.2.254 192.0.2.32/27 map[macvlan_mode:bridge parent:$LAN]" \
  "$(docker network inspect -f '{{.Driver}} {{with index .IPAM.Config 0}}{{.Subnet}} {{.Gateway}} {{.IPRange}}{{end}} {{.Options}}' lan)"

docker run -d --name web --network lan --ip 192.0.2.9 --mac-address 02:42:aa:bb:cc:dd -p 18097:80 busybox sh -c "$WEB" >/dev/null
docker run -d --name one --cap-add NET_RAW --network lan busybox sh -c "$WEB" >/dev/null
is "a container has the address and the MAC that it asked for" "192.0.2.9 02:42:aa:bb:cc:dd" "$(of web lan IPAddress) $(of web lan MacAddress)"
like "another one has one of the range" '^192\.0\.2\.(3[2-9]|[45][0-9]|6[0-3])$' "$(of one lan IPAddress)"
like "its default route leads to the LAN's router" 'default via 192.0.2.254 dev eth0' "$(docker exec one ip route)"
succeeds "it finds its neighbour by name" eventually 20 sh -c "[ \"\$(docker exec one timeout 3 wget -q -O - http://web/ 2>/dev/null)\" = $(id_of web) ]"
is "others on the LAN reach it" "$(id_of web)" "$(inside curl -s -m 5 http://192.0.2.9/)"
succeeds "it reaches what is behind the router" docker exec one ping -c 1 -W 10 203.0.113.9
is "no port is published, as with dockerd" 'map[] map[80/tcp:[{ 18097}]]' "$(docker inspect -f '{{.NetworkSettings.Ports}} {{.HostConfig.PortBindings}}' web)"
fails "the network is in use" "has active endpoints" docker network rm lan

docker network create shore >/dev/null
succeeds "a running container joins a bridge" docker network connect shore one
succeeds "leaves the LAN" docker network disconnect lan one
unlike "and has no link there any more" 'eth0' "$(docker exec one ip link)"
succeeds "and comes back" docker network connect --ip 192.0.2.10 lan one
is "with the address that it asked for" "$(id_of one)" "$(eventually 20 fetch web 192.0.2.10 >/dev/null; fetch web 192.0.2.10)"

kill -KILL "$(server_pid)"
tallyman up --detach >/dev/null 2>&1
is "both go on without their server, and with the next one" "$(id_of web) $(id_of one)" "$(fetch one web) $(fetch web 192.0.2.10)"
succeeds "a restart gives the same place" docker restart -t 0 web
is "with the same address" "192.0.2.9" "$(of web lan IPAddress)"
succeeds "a network without a parent" docker network create -d macvlan alone
docker run -d --name far --network alone busybox sleep 1000 >/dev/null
is "has no way out" "true " "$(docker network inspect -f '{{.Internal}}' alone) $(docker exec far ip route | grep default)"
docker rm -f web one far >/dev/null
succeeds "the networks go" docker network rm lan shore alone

succeeds "a network of ipvlan" docker network create -d ipvlan --subnet 192.0.2.0/24 --gateway 192.0.2.254 -o parent=$LAN -o ipvlan_mode=l2 lan
fails "has no MAC address to choose" "ipvlan interfaces do not support custom mac" docker run --network lan --mac-address 02:42:aa:bb:cc:de busybox true
if ip link add link $LAN name mxprobe type ipvlan 2>/dev/null; then
  ip link del mxprobe
  is "a container is on it with the host's" "$(cat /sys/class/net/$LAN/address)" "$(docker run --rm --network lan busybox cat /sys/class/net/eth0/address)"
  succeeds "and reaches the router" docker run --rm --network lan --cap-add NET_RAW busybox ping -c 1 -W 10 192.0.2.254
else
  fails "a kernel without ipvlan is told at the start" "the kernel of this host has no ipvlan" docker run --rm --network lan busybox true
fi
succeeds "it goes" docker network rm lan
is "the parent is still there, and nobody's" 0 "$(ip -d link show $LAN | grep -c 'promiscuity [1-9]')"
finish
