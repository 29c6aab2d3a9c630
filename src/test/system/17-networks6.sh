#!/usr/bin/env bash
# IPv6 on networks of one's own, with a real client: addresses, names, ports, isolation, and what a restart of the server leaves of them.
. "$HERE/lib.sh"
no_containers
LAN=nxlan
WEB='mkdir -p /www; hostname > /www/index.html; httpd -f -p [::]:80 -h /www'
name=$(printf '%s' "$STATE" | sha256sum | cut -c1-8)
POOL=$(sed -n 's|^subnets6 = \([0-9a-f:]*\)00::/56$|\1|p' "/etc/tallyman/$name.policy.conf")

unshare -n sleep 300 &
NEIGHBOUR=$!
inside() { nsenter -t "$NEIGHBOUR" -n "$@"; }
eventually 5 sh -c "[ \"\$(readlink /proc/$NEIGHBOUR/ns/net)\" != \"\$(readlink /proc/self/ns/net)\" ]"
ip link add $LAN type veth peer name lan0 netns $NEIGHBOUR
ip addr add fd98::1/64 dev $LAN nodad
ip link set $LAN up
inside ip addr add fd98::2/64 dev lan0 nodad
inside ip addr add fd98::99/64 dev lan0 nodad
inside ip link set lan0 up
inside ip link set lo up
inside ip -6 route add "${POOL}00::/56" via fd98::1
nsenter -t "$NEIGHBOUR" -n busybox httpd -f -p '[::]:80' -h /etc &
LANWEB=$!
clean_up() {
  kill $LANWEB $NEIGHBOUR 2>/dev/null
  ip link del $LAN 2>/dev/null
}
trap clean_up EXIT

of() { docker inspect -f "{{with index .NetworkSettings.Networks \"$2\"}}{{.$3}}{{end}}" "$1"; }
lookup() { docker exec "$1" nslookup -type=aaaa "$2" 2>/dev/null | sed -n 's/^Address: //p' | sort | tr '\n' ' ' | sed 's/ $//'; }
fetch() { docker exec "$1" timeout 3 wget -q -O - "http://[$2]/" 2>/dev/null; }
from_lan() { inside curl -s -g -m 3 --interface "$1" "http://[fd98::1]:$2/"; }
id_of() { docker inspect -f '{{slice .Id 0 12}}' "$1"; }

# --- networks
succeeds "a network with IPv6 gets a /64 of its own" docker network create --ipv6 six
like "inspect tells it" "^true 10\.[0-9.]*/[0-9]* ${POOL}[0-9a-f]*::/64 ${POOL}[0-9a-f]*::1\$" "$(docker network inspect -f '{{.EnableIPv6}} {{with index .IPAM.Config 0}}{{.Subnet}}{{end}} {{with index .IPAM.Config 1}}{{.Subnet}} {{.Gateway}}{{end}}' six)"
succeeds "with subnet, gateway, range and auxiliary address" docker network create --ipv6 --subnet "${POOL}77::/64" --gateway "${POOL}77::ff" --ip-range "${POOL}77::8:0/112" --aux-address "printer=${POOL}77::8:0" fixed
is "inspect tells them" "${POOL}77::/64 ${POOL}77::ff ${POOL}77::8:0/112 ${POOL}77::8:0" "$(docker network inspect -f '{{with index .IPAM.Config 1}}{{.Subnet}} {{.Gateway}} {{.IPRange}} {{.AuxAddress.printer}}{{end}}' fixed)"
is "addresses come from the range, without that of another" "${POOL}77::8:1/64" "$(docker run --rm --network fixed busybox ip -6 address show eth0 | grep -oE '[0-9a-f:]+/64' | head -n 1)"
docker network create --ipv6 --subnet "${POOL}78::/64" --ip-range "${POOL}78:ffff:ffff:ffff:fffe/127" tiny >/dev/null
is "a range may be two addresses, the last of the subnet" "${POOL}78:ffff:ffff:ffff:fffe/64" "$(docker run --rm --network tiny busybox ip -6 address show eth0 | grep -oE '[0-9a-f:]+/64' | head -n 1)"
docker network rm tiny >/dev/null
fails "an overlapping subnet is refused" "Pool overlaps with other one on this address space" docker network create --ipv6 --subnet "${POOL}77::/80" green
fails "one outside the policy is refused, with the key" "subnets6" docker network create --ipv6 --subnet fd99::/64 green
fails "one that the host uses is refused" "Pool overlaps|policy" docker network create --ipv6 --subnet fd98::/64 green
succeeds "an internal one" docker network create --ipv6 --internal inner6
succeeds "and one that isolates" docker network create --ipv6 -o com.docker.network.bridge.enable_icc=false alone6
succeeds "one without IPv6" docker network create plain

# --- places and names
docker run -d --name web --network six --network-alias www -p 18095:80 busybox sh -c "$WEB" >/dev/null
docker run -d --name one --network six busybox sleep 1000 >/dev/null
docker run -d --name two --network fixed --ip6 "${POOL}77::7" busybox sh -c "$WEB" >/dev/null
WEBAT=$(of web six GlobalIPv6Address)
like "a container has an address" "^${POOL}[0-9a-f]*::[0-9a-f]*\$" "$WEBAT"
is "its prefix and gateway are told" "64 $(docker network inspect -f '{{with index .IPAM.Config 1}}{{.Gateway}}{{end}}' six)" "$(of web six GlobalIPv6PrefixLen) $(of web six IPv6Gateway)"
is "the network tells it too" "$WEBAT/64" "$(docker network inspect -f '{{range .Containers}}{{if eq .Name "web"}}{{.IPv6Address}}{{end}}{{end}}' six)"
like "it has it" "$WEBAT/64" "$(docker exec web ip -6 addr show eth0)"
is "no router is believed" "0" "$(docker exec web cat /proc/sys/net/ipv6/conf/eth0/accept_ra)"
like "its hosts file names it" "^$WEBAT[[:space:]]" "$(docker exec web cat /etc/hosts)"
is "a fixed address is had" "${POOL}77::7" "$(of two fixed GlobalIPv6Address)"
fails "and by one only" "Address already in use" docker run --rm --network fixed --ip6 "${POOL}77::7" busybox true
fails "one outside the subnet is refused" "does not belong" docker run --rm --network fixed --ip6 "${POOL}78::7" busybox true
fails "one on a network without IPv6 too" "has no IPv6" docker run --rm --network plain --ip6 "${POOL}78::7" busybox true
fails "and what is no address" "invalid IP" docker run --rm --network fixed --ip6 "hello" busybox true
is "a neighbour resolves the name" "$WEBAT" "$(lookup one web)"
is "and the alias" "$WEBAT" "$(lookup one www)"
is "a name of another network is unknown" "" "$(lookup one two)"
is "and is reached by the name's address" "$(id_of web)" "$(fetch one "$WEBAT")"
is "the other network is not" "" "$(fetch one "${POOL}77::7")"

# --- ports
is "both families are published" "0.0.0.0:18095 [::]:18095" "$(docker port web 80 | tr '\n' ' ' | sed 's/ $//')"
is "the host reaches it at an address of its own" "$(id_of web)" "$(curl -s -g -m 3 'http://[fd98::1]:18095/')"
is "at localhost by IPv4, without delay" "$(id_of web)" "$(curl -s -m 2 http://localhost:18095/)"
is "the LAN reaches it" "$(id_of web)" "$(from_lan fd98::2 18095)"
is "but not the container itself" "" "$(inside curl -s -g -m 3 "http://[$WEBAT]/")"
fails "::1 is refused, and says why" "::1 is not supported" docker run --rm -p '[::1]:18096:80' busybox true
docker run -d --name at --network six -p '[fd98::1]:18096:80' busybox sh -c "$WEB" >/dev/null
eventually 5 sh -c "nsenter -t $NEIGHBOUR -n curl -s -g -m 1 'http://[fd98::1]:18096/' | grep -q ."
is "a port at one address is there" "$(id_of at)" "$(from_lan fd98::2 18096)"
is "and only there" "[fd98::1]:18096" "$(docker port at 80)"
fails "a second container does not get it" "port is already allocated" docker run --rm --network six -p '[fd98::1]:18096:80' busybox true
docker run -d --name few --network six -p 18097:80 --label tallyman.ports.allow=fd98::99/128 busybox sh -c "$WEB" >/dev/null
is "a source that is allowed gets in" "$(id_of few)" "$(from_lan fd98::99 18097)"
is "another does not" "" "$(from_lan fd98::2 18097)"

# --- the way out, and none
is "a container reaches the LAN" "$(cat /etc/hostname)" "$(docker exec one timeout 3 wget -q -O - 'http://[fd98::2]/hostname')"
docker run -d --name shut --network inner6 busybox sh -c "$WEB" >/dev/null
is "one of an internal network does not" "" "$(docker exec shut timeout 3 wget -q -O - 'http://[fd98::2]/hostname' 2>/dev/null)"
docker run -d --name a1 --network alone6 busybox sh -c "$WEB" >/dev/null
docker run -d --name a2 --network alone6 busybox sleep 1000 >/dev/null
is "isolated neighbours do not talk" "" "$(fetch a2 "$(of a1 alone6 GlobalIPv6Address)")"
is "the host reaches them (control)" "$(id_of a1)" "$(curl -s -g -m 3 "http://[$(of a1 alone6 GlobalIPv6Address)]/")"

# --- a way out for each family
docker run -d --name both --network name=plain,gw-priority=1 --network six -p 18098:80 busybox sh -c "$WEB" >/dev/null
route() { docker exec both ip "$1" route show default | grep -o 'via [^ ]*'; }
gateway() { docker network inspect -f "{{with index .IPAM.Config $2}}{{.Gateway}}{{end}}" "$1"; }
is "each has the network of the highest priority that has it" "via $(gateway plain 0) via $(gateway six 1)" "$(route -4) $(route -6)"
is "both are published" "0.0.0.0:18098 [::]:18098" "$(docker port both 80 | tr '\n' ' ' | sed 's/ $//')"
is "the LAN reaches it by IPv6" "$(id_of both)" "$(from_lan fd98::2 18098)"
is "and the host by IPv4" "$(id_of both)" "$(curl -s -m 3 http://127.0.0.1:18098/)"
docker rm -f both >/dev/null

# --- IPv6 alone
fails "a network without any addresses is refused" "IPv4 or IPv6 must be enabled" docker network create --ipv4=false only
succeeds "one with IPv6 alone" docker network create --ipv4=false --ipv6 --subnet "${POOL}88::/64" only
is "inspect tells it" "false true ${POOL}88::/64 ${POOL}88::1" "$(docker network inspect -f '{{.EnableIPv4}} {{.EnableIPv6}} {{range .IPAM.Config}}{{.Subnet}} {{.Gateway}}{{end}}' only)"
docker run -d --name o1 --network only --ip6 "${POOL}88::7" --network-alias uno -p 18099:80 busybox sh -c "$WEB" >/dev/null
docker run -d --name o2 --network name=only,gw-priority=1 --network plain busybox sleep 1000 >/dev/null
is "a container there has one address" "inet6 ${POOL}88::7/64" "$(docker exec o1 ip addr show eth0 | grep -o 'inet.*/[0-9]*')"
is "which all tell" "|${POOL}88::7|${POOL}88::1" "$(of o1 only IPAddress)|$(of o1 only GlobalIPv6Address)|$(of o1 only IPv6Gateway)"
is "the MAC address is the one that it has" "$(docker exec o1 cat /sys/class/net/eth0/address)" "$(of o1 only MacAddress)"
is "its hosts file too" "${POOL}88::7" "$(docker exec o1 sed -n "s/[[:space:]]$(id_of o1).*//p" /etc/hosts)"
is "names have that" "${POOL}88::7 ${POOL}88::7" "$(lookup o2 o1) $(lookup o2 uno)"
like "and none of IPv4, which is not to say that there is no such name" '^(Non-authoritative answer:|.*No answer)$' "$(docker exec o2 nslookup -type=a o1 2>&1 | sed '1,/^$/d' | tr -d '\n')"
like "as of one that is none (control)" 'NXDOMAIN' "$(docker exec o2 nslookup -type=a nosuch 2>&1)"
is "neighbours reach it" "$(id_of o1)" "$(fetch o2 "${POOL}88::7")"
is "others do not" "" "$(fetch one "${POOL}88::7")"
is "its port is published for IPv6" "[::]:18099" "$(docker port o1 80)"
is "and reached" "$(id_of o1)" "$(from_lan fd98::2 18099)"
docker run -d --name four -p 0.0.0.0:18099:80 busybox sleep 1000 >/dev/null
is "while another has that port of IPv4" 0 $?
fails "who wants it is told of the one that has it" "allocated to container o1" docker run --name late --network only -p 18099:80 busybox true
docker rm -f four late >/dev/null
docker run -d --name few6 --network only -p 18101:80 --label tallyman.ports.allow=fd98::99/128 busybox sh -c "$WEB" >/dev/null
is "a source that is allowed gets in there, too" "$(id_of few6)" "$(from_lan fd98::99 18101)"
is "another does not there, either" "" "$(from_lan fd98::2 18101)"
docker rm -f few6 >/dev/null
docker network create --ipv4=false --ipv6 --internal inner >/dev/null
docker run -d --name shut6 --network inner busybox sh -c "$WEB" >/dev/null
is "an internal one has no way out" "" "$(docker exec shut6 sh -c 'ip -6 route show default; ip -4 route'; docker exec shut6 timeout 3 wget -q -O - 'http://[fd98::2]/hostname' 2>/dev/null)"
docker rm -f shut6 >/dev/null
docker network rm inner >/dev/null
fails "on an address of IPv4 none is, and it says why" "no proxy leads there" docker run --rm --network only -p 127.0.0.1:18100:80 busybox true
is "beside a network of IPv4 each family has its way out" "via $(gateway plain 0) via ${POOL}88::1" "$(docker exec o2 ip -4 route show default | grep -o 'via [^ ]*') $(docker exec o2 ip -6 route show default | grep -o 'via [^ ]*')"
succeeds "a running container leaves" docker network disconnect only o2
succeeds "and joins" docker network connect only o2
is "then it knows the names again" "${POOL}88::7" "$(lookup o2 uno)"

# --- while they run
succeeds "a running container joins" docker network connect --ip6 "${POOL}77::9" fixed one
is "with its address" "${POOL}77::9" "$(of one fixed GlobalIPv6Address)"
is "and reaches its neighbours" "$(id_of two)" "$(fetch one "${POOL}77::7")"
succeeds "and leaves" docker network disconnect fixed one
is "then it does not any more" "" "$(fetch one "${POOL}77::7")"
tallyman down >/dev/null 2>&1
tallyman up --detach >/dev/null 2>&1
is "a restart of the server keeps addresses" "$WEBAT" "$(of web six GlobalIPv6Address)"
is "and names" "$WEBAT" "$(lookup one web)"
is "with IPv6 alone, too" "${POOL}88::7 $(id_of o1)" "$(lookup o2 uno) $(from_lan fd98::2 18099)"
docker restart -t 0 web >/dev/null
is "a restart of the container too" "$WEBAT" "$(of web six GlobalIPv6Address)"
is "and its ports" "$(id_of web)" "$(eventually 5 sh -c "nsenter -t $NEIGHBOUR -n curl -s -g -m 1 'http://[fd98::1]:18095/' | grep -q ." && from_lan fd98::2 18095)"
no_containers
succeeds "all networks go" docker network rm six fixed inner6 alone6 plain only
finish
