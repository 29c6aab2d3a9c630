#!/usr/bin/env bash
# Networks of one's own: names, places, isolation, ports, and what a restart or a crash of the server leaves of them.
. "$HERE/lib.sh"
no_containers
LAN=nwlan
WEB='mkdir -p /www; hostname > /www/index.html; httpd -f -p 80 -h /www'

# A machine on the LAN: 198.51.100.2 and .99, with a name server that knows every name as 192.0.2.53.
cat >"$STATE/lan-names.py" <<'PY'
import socket, struct, threading
def answer(q):
    end = q.index(b"\0", 12) + 5
    return q[:2] + b"\x81\x80" + q[4:6] + b"\0\1\0\0\0\0" + q[12:end] + b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\x35"
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("198.51.100.2", 53))
tcp = socket.create_server(("198.51.100.2", 53))
def serve():
    while True:
        c, _ = tcp.accept()
        length, = struct.unpack(">H", c.recv(2))
        a = answer(c.recv(length))
        c.sendall(struct.pack(">H", len(a)) + a)
        c.close()
threading.Thread(target=serve, daemon=True).start()
while True:
    data, who = udp.recvfrom(1500)
    udp.sendto(answer(data), who)
PY
# One question by TCP from within a container's network: prints the address or the code of the answer.
cat >"$STATE/ask-tcp.py" <<'PY'
import socket, struct, sys
name = b"".join(bytes([len(p)]) + p.encode() for p in sys.argv[1].split(".")) + b"\0"
q = b"\0\7\1\0\0\1\0\0\0\0\0\0" + name + b"\0\1\0\1"
s = socket.create_connection(("127.0.0.11", 53), 5)
s.sendall(struct.pack(">H", len(q)) + q)
length, = struct.unpack(">H", s.recv(2))
a = s.recv(length)
print(socket.inet_ntoa(a[-4:]) if a[7] else "code %d" % (a[3] & 15))
PY
unshare -n sleep 300 &
NEIGHBOUR=$!
inside() { nsenter -t "$NEIGHBOUR" -n "$@"; }
eventually 5 sh -c "[ \"\$(readlink /proc/$NEIGHBOUR/ns/net)\" != \"\$(readlink /proc/self/ns/net)\" ]"
ip link add $LAN type veth peer name lan0 netns $NEIGHBOUR
ip addr add 198.51.100.1/24 dev $LAN
ip link set $LAN up
inside ip addr add 198.51.100.2/24 dev lan0
inside ip addr add 198.51.100.99/24 dev lan0
inside ip link set lan0 up
inside ip link set lo up
# Not by the function: $! would be a shell around it, and ending that leaves what it runs.
nsenter -t "$NEIGHBOUR" -n python3 "$STATE/lan-names.py" &
NAMES=$!
nsenter -t "$NEIGHBOUR" -n busybox httpd -f -p 80 -h /etc &
LANWEB=$!
clean_up() {
  kill $NAMES $LANWEB $NEIGHBOUR 2>/dev/null
  ip link del $LAN 2>/dev/null
  rm -f "$STATE/lan-names.py" "$STATE/ask-tcp.py"
}
trap clean_up EXIT

address_of() { docker inspect -f "{{(index .NetworkSettings.Networks \"$2\").IPAddress}}" "$1"; }
# What container $1 gets for name $2; empty when it is not known.
lookup() { docker exec "$1" nslookup -type=a "$2" 2>/dev/null | sed -n 's/^Address: //p' | sort | tr '\n' ' ' | sed 's/ $//'; }
fetch() { docker exec "$1" timeout 3 wget -q -O - "http://$2/" 2>/dev/null; }
from_lan() { inside curl -s -m 3 --interface "$1" "http://198.51.100.1:$2/"; }
ask_tcp() { nsenter -t "$(docker inspect -f '{{.State.Pid}}' "$1")" -n python3 "$STATE/ask-tcp.py" "$2" 2>&1 | tail -n 1; }

# --- life of a network
succeeds "network create" docker network create -d bridge --label a=b red
fails "a name is given once" "network with name red already exists" docker network create red
like "network ls shows it" 'red +bridge +local' "$(docker network ls)"
is "filters of network ls" "red" "$(docker network ls -q --no-trunc --filter label=a=b --filter type=custom --format '{{.Name}}')"
succeeds "with subnet, gateway, range and auxiliary address" docker network create --subnet 172.29.5.0/24 --gateway 172.29.5.254 --ip-range 172.29.5.128/28 --aux-address printer=172.29.5.128 blue
is "inspect tells them" "172.29.5.0/24 172.29.5.254 172.29.5.128/28" "$(docker network inspect -f '{{with index .IPAM.Config 0}}{{.Subnet}} {{.Gateway}} {{.IPRange}}{{end}}' blue)"
fails "an overlapping subnet is refused" "Pool overlaps with other one on this address space" docker network create --subnet 172.29.0.0/16 green
ip addr add 192.168.77.1/24 dev $LAN
fails "so is one that the host uses" "Pool overlaps with other one on this address space" docker network create --subnet 192.168.77.128/25 green
ip addr del 192.168.77.1/24 dev $LAN
fails "one outside the policy is refused" "policy of this host" docker network create --subnet 203.0.113.0/24 green
fails "a LAN is refused without the policy's word" "macvlan_parents does not allow $LAN" docker network create -d macvlan -o parent=$LAN --subnet 172.29.77.0/24 green
fails "an IPv6 subnet without IPv6 is refused, clearly" "needs EnableIPv6" docker network create --subnet fd00:5::/64 green
succeeds "internal" docker network create --internal inner
succeeds "with options" docker network create -o com.docker.network.driver.mtu=1400 -o com.docker.network.bridge.enable_icc=false -o com.docker.network.bridge.host_binding_ipv4=127.0.0.1 alone
fails "a bridge is not called as the policy does not say" "bridge_names does not allow eth77" docker network create -o com.docker.network.bridge.name=eth77 green
bridge=br-t${PORT}
succeeds "nor as a link of the host" ip link add $bridge type bridge
fails "which is told, and left alone" "the host has a link $bridge already" docker network create -o com.docker.network.bridge.name=$bridge green
ip link del $bridge
succeeds "one that may be is" docker network create -o com.docker.network.bridge.name=$bridge green
succeeds "on the host" ip -br link show $bridge
is "and its containers are on it" 1 "$(docker run -d --name green --network green busybox sleep 100 >/dev/null && ip -br link show master $bridge | wc -l)"
docker rm -f green >/dev/null
succeeds "the bridge goes" docker network rm green
fails "with its network" "does not exist" ip link show $bridge
is "refused ones left nothing" "alone blue inner red" "$(docker network ls --filter type=custom --format '{{.Name}}' | sort | tr '\n' ' ' | sed 's/ $//')"

# --- names
docker run -d --name web --network red --network-alias www -p 18091:80 busybox sh -c "$WEB" >/dev/null
docker run -d --name one --network red busybox sleep 1000 >/dev/null
docker run -d --name two --network blue busybox sh -c "$WEB" >/dev/null
WEBAT=$(address_of web red)
is "a neighbour resolves the name" "$WEBAT" "$(lookup one web)"
is "the alias" "$WEBAT" "$(lookup one www)"
is "the short id" "$WEBAT" "$(lookup one "$(docker inspect -f '{{slice .Id 0 12}}' web)")"
is "the name with the network's behind it, in any case" "$WEBAT" "$(lookup one WEB.Red)"
is "by TCP too" "$WEBAT" "$(ask_tcp one web)"
like "the address has a name" 'web\.red' "$(docker exec one nslookup -type=ptr "$(echo "$WEBAT" | awk -F. '{print $4"."$3"."$2"."$1}').in-addr.arpa" 2>&1)"
is "and is reached" "$(docker inspect -f '{{slice .Id 0 12}}' web)" "$(fetch one "$(lookup one web)")"
is "resolv.conf names the resolver" "nameserver 127.0.0.11" "$(docker exec one head -n 1 /etc/resolv.conf)"
is "another network does not know the name" "" "$(lookup two web)"
is "nor reaches the address" "" "$(fetch two "$WEBAT")"
is "its own name it knows" "$(address_of two blue)" "$(lookup two two)"
is "a name is there from the first moment on" "$WEBAT" "$(docker run --rm --network red busybox nslookup -type=a web 2>/dev/null | sed -n 's/^Address: //p')"
docker rename web site
is "a new name is known at once" "$WEBAT" "$(lookup one site)"
is "and the old one is not" "" "$(lookup one web)"
docker rename site web
is "two of one alias are both found" 2 "$(docker run -d --name b1 --network red --network-alias many busybox sleep 100 >/dev/null; docker run -d --name b2 --network red --network-alias many busybox sleep 100 >/dev/null; lookup one many | wc -w)"
docker rm -f b1 b2 >/dev/null
is "an ended one is not" "" "$(lookup one many)"
is "a link is a name for its owner alone" "$WEBAT /" "$(docker run -d --name linked --network red --link web:backend busybox sleep 100 >/dev/null; lookup linked backend) /$(lookup one backend)"
docker rm -f linked >/dev/null
docker run -d --name linked --network name=red,driver-opt=com.docker.network.endpoint.ifname=front0,driver-opt=com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME.log_martians=1 busybox sleep 100 >/dev/null
docker network connect --driver-opt com.docker.network.endpoint.ifname=back.1 --driver-opt com.docker.network.endpoint.sysctls=net.ipv6.conf.IFNAME.hop_limit=70 blue linked
like "links have the names that were asked for" 'back.1@.* front0@|front0@.* back.1@' "$(docker exec linked ip link | tr '\n' ' ')"
settings_of_links() { docker exec linked sh -c 'cd /proc/sys/net; cat ipv4/conf/front0/log_martians ipv4/conf/back.1/log_martians ipv6/conf/back.1/hop_limit' | tr '\n' ' '; }
is "and the settings" "1 0 70 " "$(settings_of_links)"
docker restart -t 0 linked >/dev/null
is "also after a restart" "1 0 70 " "$(settings_of_links)"
docker rm -f linked >/dev/null
fails "a setting of a link by its name is refused, with the way that there is" "represent .net.X.Y.ethN.Z=V. as" docker run --rm --network name=red,driver-opt=com.docker.network.endpoint.sysctls=net.ipv4.conf.eth0.log_martians=1 busybox true
fails "one that the policy does not name too" "sysctls does not allow net.ipv4.neigh.ifname.gc_stale_time" docker run --rm --network name=red,driver-opt=com.docker.network.endpoint.sysctls=net.ipv4.neigh.IFNAME.gc_stale_time=1 busybox true
fails "and one that the kernel does not have" "is not a sysctl file" docker run --rm --network name=red,driver-opt=com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME.nothing=1 busybox true
docker network create --config-only --subnet 172.29.64.0/24 --gateway 172.29.64.9 --ipam-opt a=b --opt com.docker.network.driver.mtu=1380 --label of=model model >/dev/null
docker network create --config-from model made >/dev/null
is "a network has what its model says" "172.29.64.9 model 1380 model map[a:b]" "$(docker network inspect -f '{{(index .IPAM.Config 0).Gateway}} {{.ConfigFrom.Network}} {{index .Options "com.docker.network.driver.mtu"}} {{.Labels.of}} {{.IPAM.Options}}' made)"
is "in the kernel, too" "172.29.64.1 1380" "$(docker run --rm --network made busybox sh -c "ip -4 -o addr show eth0 | sed 's/.*inet \([0-9.]*\).*/\1/'; cat /sys/class/net/eth0/mtu" | paste -sd ' ')"
fails "the model is no network" 'cannot create endpoint on configuration-only network' docker run --rm --network model busybox true
fails "and in use" 'configuration network "model" is in use' docker network rm model
docker network rm made model >/dev/null
fails "bits behind a subnet's prefix are refused" 'invalid subnet 172.29.64.5/24: it should be 172.29.64.0/24' docker network create --subnet 172.29.64.5/24 slip
docker run -d --name store --hostname shop -e SECRET=a=b --expose 80 --expose 81 --expose 53/udp busybox sleep 100 >/dev/null
docker run -d --name beside --network container:store busybox sleep 100 >/dev/null
docker run -d --name linked --link "$(docker inspect -f '{{slice .Id 0 10}}' store):db" --link beside:kept-on busybox sleep 100 >/dev/null
at=$(address_of store bridge)
is "a link on the default network makes variables" "DB_ENV_SECRET=a=b DB_NAME=/linked/db DB_PORT=tcp://$at:80 DB_PORT_53_UDP=udp://$at:53 DB_PORT_80_TCP=tcp://$at:80 DB_PORT_80_TCP_ADDR=$at DB_PORT_80_TCP_END=tcp://$at:81 DB_PORT_80_TCP_PORT=80 DB_PORT_80_TCP_PORT_END=81 DB_PORT_80_TCP_PORT_START=80 DB_PORT_80_TCP_PROTO=tcp DB_PORT_80_TCP_START=tcp://$at:80" \
  "$(docker exec linked env | grep -E '^DB_(ENV|NAME|PORT=|PORT_80_|PORT_53_UDP=)' | sort | paste -sd ' ')"
is "by the name of one that shares a network, too, and in its first process" "KEPT_ON_PORT=tcp://$at:80" "$(docker exec linked cat /proc/1/environ | tr '\0' '\n' | grep ^KEPT_ON_PORT=)"
like "and lines of hosts" "^$at.db shop store" "$(docker exec linked grep -w db /etc/hosts)"
is "it is a name of the container" "/store" "$(docker inspect -f '{{.Name}}' linked/db)"
is "kept by its name, though an id was given" "[/beside:/linked/kept-on /store:/linked/db]" "$(docker inspect -f '{{.HostConfig.Links}}' linked | tr -d '[]' | tr ' ' '\n' | sort | paste -sd ' ' | sed 's/.*/[&]/')"
is "that the list shows" "linked/db,linked/kept-on,store" "$(docker ps --no-trunc --filter name=store --format '{{.Names}}')"
succeeds "a link on the default network is taken away" docker rm --link linked/db
like "also from who runs" '^[0-9.]+\s+kept-on ' "$(docker exec linked grep -wE 'db|kept' /etc/hosts)"
unlike "it is not shown any more" '/db' "$(docker inspect -f '{{.HostConfig.Links}}' linked)"
docker rm -f linked beside store >/dev/null
docker run -d --name asks --network red --dns 198.51.100.2 busybox sleep 1000 >/dev/null
is "other names are asked elsewhere" 192.0.2.53 "$(lookup asks www.example.org)"
is "by TCP too" 192.0.2.53 "$(ask_tcp asks www.example.org)"
is "neighbours are found all the same" "$WEBAT" "$(lookup asks web)"
docker run -d --name shut --network inner --dns 198.51.100.2 busybox sleep 1000 >/dev/null
is "an internal network asks nobody outside" "code 2" "$(ask_tcp shut www.example.org)"
docker run -d --name sly --network red --dns 127.0.0.53 --dns 169.254.169.254 busybox sleep 100 >/dev/null
like "the server asks neither its own loopback nor link-local addresses for anybody" 'code [23]' "$(ask_tcp sly www.example.invalid)"
docker rm -f sly >/dev/null
like "a name server of the container's own has port 53" ':53 .*LISTEN' "$(docker run --rm --network red busybox sh -c 'httpd -p 53; netstat -ltn')"

# --- places
is "a fixed address" 172.29.5.77 "$(docker run -d --name fixed --network blue --ip 172.29.5.77 --mac-address 02:42:de:ad:be:ef busybox sleep 1000 >/dev/null; address_of fixed blue)"
like "and a MAC address" 02:42:de:ad:be:ef "$(docker exec fixed ip link show eth0)"
like "others come from the range" '^172\.29\.5\.1(29|3[0-9]|4[0-3])$' "$(address_of two blue)"
fails "a taken address is refused" "Address already in use" docker run -d --network blue --ip 172.29.5.77 busybox true
fails "so is one outside" "does not belong to any of this network's subnets" docker run -d --network blue --ip 10.1.2.3 busybox true
fails "a fixed address needs a network with a subnet of one's choice" "user configured subnets" docker run -d --network red --ip 10.1.2.3 busybox true
succeeds "connect while it runs" docker network connect --alias guest --ip 172.29.5.99 blue one
is "it is on both" "172.29.5.99" "$(address_of one blue)"
is "it knows the names of both" "$WEBAT $(address_of two blue)" "$(lookup one web) $(lookup one two)"
is "it is known by its alias" 172.29.5.99 "$(lookup two guest)"
is "and is no way between them" "" "$(fetch two "$WEBAT")"
is "it reaches both" 2 "$(printf '%s\n' "$(fetch one "$WEBAT")" "$(fetch one "$(address_of two blue)")" | grep -c .)"
fails "twice is refused" "already exists in network blue" docker network connect blue one
fails "a network in use stays" "has active endpoints" docker network rm blue
succeeds "disconnect while it runs" docker network disconnect blue one
is "then the name is gone" " " "$(lookup two guest) $(lookup one two)"
docker network connect blue one
docker restart -t 0 one >/dev/null
like "a restart keeps the networks" '^[0-9.]+ [0-9.]+$' "$(address_of one red) $(address_of one blue)"
is "and the names" "$(address_of two blue)" "$(lookup one two)"
like "stats count all links" '[1-9]' "$(docker stats --no-stream --format '{{.NetIO}}' one)"
docker network disconnect blue one
docker run -d --name later --read-only busybox sleep 1000 >/dev/null
ATFIRST=$(docker exec later cat /etc/resolv.conf)
docker network connect red later
is "resolv.conf follows to the first network of one's own" "nameserver 127.0.0.11" "$(docker exec later head -n 1 /etc/resolv.conf)"
is "so names are found" "$(address_of web red)" "$(lookup later web)"
docker network disconnect red later
is "and back from the last" "$ATFIRST" "$(docker exec later cat /etc/resolv.conf)"
docker exec later sh -c 'echo "nameserver 192.0.2.9" >/etc/resolv.conf'
docker network connect red later
is "what somebody wrote there stays" "nameserver 192.0.2.9" "$(docker exec later cat /etc/resolv.conf)"
succeeds "and does not keep it from leaving" docker network disconnect red later
docker rm -f later >/dev/null
is "a network that is not there is named, and no image is pulled for it" "docker: Error response from daemon: network nowhere not found" "$(docker run --rm --network nowhere busybox true 2>&1 | head -n 1)"
fails "none and others do not go together" "none" sh -c 'docker run -d --name lone --network none busybox sleep 100 && docker network connect red lone'
docker rm -f lone >/dev/null

# --- no way out, no way in
is "an internal network has no route" "" "$(docker exec shut ip route | grep default)"
is "and gets nowhere" "" "$(fetch shut 198.51.100.2:80/hostname)"
is "while another does (control)" "$(cat /etc/hostname)" "$(docker exec one timeout 3 wget -q -O - http://198.51.100.2/hostname)"
docker run -d --name i1 --network alone -p 18095:80 busybox sh -c "$WEB" >/dev/null
docker run -d --name i2 --network alone busybox sleep 100 >/dev/null
is "without inter-container traffic neighbours do not talk" "" "$(fetch i2 "$(address_of i1 alone)")"
like "links have the MTU" 'mtu 1400' "$(docker exec i2 ip link show eth0)"
is "its ports are published where the network says" "127.0.0.1:18095" "$(docker port i1 80)"
is "so not for the LAN" "" "$(from_lan 198.51.100.2 18095)"
docker rm -f i1 i2 >/dev/null

# --- ports
ID=$(docker inspect -f '{{slice .Id 0 12}}' web)
is "a published port from the host" "$ID" "$(curl -s -m 3 http://127.0.0.1:18091/)"
is "from the LAN" "$ID" "$(from_lan 198.51.100.2 18091)"
is "from another network" "$ID" "$(fetch two 198.51.100.1:18091)"
is "a container's own address is not for the LAN" "" "$(inside curl -s -m 2 "http://$WEBAT/")"
docker run -d --name limited --network red -p 18092:80 -l tallyman.ports.allow=198.51.100.2 busybox sh -c "$WEB" >/dev/null
eventually 5 curl -sf -m 1 http://127.0.0.1:18092/
is "a source on the list may use the port" "$(docker inspect -f '{{slice .Id 0 12}}' limited)" "$(from_lan 198.51.100.2 18092)"
is "one that is not may not" "" "$(from_lan 198.51.100.99 18092)"
is "but may use others (control)" "$ID" "$(from_lan 198.51.100.99 18091)"
is "another network may not" "" "$(fetch two 198.51.100.1:18092)"
fails "a list that is none is refused" "invalid range of allowed sources" docker run -d -l tallyman.ports.allow=everybody busybox true
docker run -d --name r1 -p 18200-18202:80 busybox sleep 100 >/dev/null
docker run -d --name r2 -p 18200-18202:80 busybox sleep 100 >/dev/null
like "of a range each takes a free one" '0.0.0.0:18200.*0.0.0.0:18201' "$(docker port r1 80 | tr '\n' ' ')$(docker port r2 80 | tr '\n' ' ')"
docker run -d --name r3 -p 18210-18211:80-81 busybox sleep 100 >/dev/null
is "ranges on both sides" "0.0.0.0:18210 0.0.0.0:18211" "$(docker port r3 80 | head -n 1) $(docker port r3 81 | head -n 1)"
fails "a taken port names the container" "failed to set up container networking: driver failed programming external connectivity .*port is already allocated to container web" docker run -d --name p1 -p 18091:80 busybox sleep 100
python3 -c 'import socket,time; s = socket.create_server(("0.0.0.0", 18220)); time.sleep(100)' &
HOLDER=$!
eventually 10 sh -c "ss -ltn | grep -q :18220"
fails "or the program" "port is already allocated to the host.s process $HOLDER .python3" docker run -d --name p2 -p 18220:80 busybox sleep 100
kill $HOLDER
docker rm -f r1 r2 r3 p1 p2 >/dev/null
docker network disconnect red web
is "left by its last network, a port is closed" "" "$(curl -s -m 2 http://127.0.0.1:18091/)"
docker network connect --alias www red web
is "and open again on the next" "$ID" "$(curl -s -m 3 http://127.0.0.1:18091/)"

# --- a network shared with another container
docker network create lent >/dev/null
docker run -d --name lender --network lent --hostname lender-host busybox sleep 300 >/dev/null
docker exec lender sh -c 'echo "192.0.2.77 written-inside" >>/etc/hosts'
docker run -d --name guest --network container:lender busybox sleep 300 >/dev/null
for file in hosts resolv.conf hostname; do
  is "--network container: has the other's $file" "$(docker exec lender cat /etc/$file)" "$(docker exec guest cat /etc/$file)"
done
like "as it is now" 'written-inside' "$(docker exec guest cat /etc/hosts)"
like "with names of its network" 'nameserver 127.0.0.11' "$(docker exec guest cat /etc/resolv.conf)"
docker network disconnect lent lender
docker network connect bridge lender
is "both follow a change of networks" "$(docker exec lender cat /etc/resolv.conf)" "$(docker exec guest cat /etc/resolv.conf)"
unlike "which it was" 'nameserver 127.0.0.11' "$(docker exec guest cat /etc/resolv.conf)"
docker network connect lent lender
like "and back" 'nameserver 127.0.0.11' "$(docker exec guest cat /etc/resolv.conf)"
docker exec guest sh -c 'echo "# mine" >/etc/resolv.conf'
docker network disconnect lent lender
is "what the guest wrote stays" "# mine" "$(docker exec guest cat /etc/resolv.conf)"
# A hostile one: neither its size nor its bytes keep a guest from starting.
docker exec lender sh -c 'head -c 90000 /dev/zero >/etc/hosts; printf "\\377\\376" >/etc/resolv.conf'
succeeds "files that are none are passed over" docker run --rm --network container:lender busybox grep -q localhost /etc/hosts
docker rm -f guest lender >/dev/null
docker network rm lent >/dev/null

# --- events, audit
like "events tell of networks" 'network (create|connect|disconnect|destroy)' "$(docker events --since 10m --until 0s --filter type=network | cut -c1-2000)"
for action in create connect disconnect; do like "an event $action" "network $action" "$(docker events --since 10m --until 0s --filter type=network --filter event=$action)"; done
like "the audit trail has it" 'network.create' "$(rest GET '/api/v1/audit?action=network.create')"

# --- the server goes and comes
WEBAT=$(address_of web red)
ONE=$(docker inspect -f '{{.State.Pid}}' one)
tallyman down >/dev/null 2>&1
is "without the server neighbours still talk" "$ID" "$(nsenter -t "$ONE" -n curl -s -m 3 "http://$WEBAT/")"
is "and published ports work" "$ID" "$(curl -s -m 3 http://127.0.0.1:18091/)"
tallyman up --detach >/dev/null 2>&1
is "after it came back, names are there" "$WEBAT" "$(lookup one web)"
is "and other networks are still apart" "" "$(lookup two web)$(fetch two "$WEBAT")"
is "all networks are known" "alone blue inner red" "$(docker network ls --filter type=custom --format '{{.Name}}' | sort | tr '\n' ' ' | sed 's/ $//')"
kill -KILL "$(server_pid)"
tallyman up --detach >/dev/null 2>&1
is "after a kill -9 too" "$WEBAT" "$(lookup one web)"
is "with the source list" "" "$(from_lan 198.51.100.99 18092)"
is "and the ports" "$ID" "$(from_lan 198.51.100.2 18091)"

# --- away
no_containers
succeeds "network rm" docker network rm alone
fails "what always exists stays" "pre-defined network and cannot be removed" docker network rm bridge
is "prune takes the others" "blue inner red" "$(docker network prune -f | grep -v -e Deleted -e '^$' | sort | tr '\n' ' ' | sed 's/ $//')"
sleep 1.1 # the client cuts times to seconds
like "destroy was told" "network destroy" "$(docker events --since 5m --until 0s --filter type=network --filter event=destroy)"
is "no bridge but the default one is left" 1 "$(ip -o link show type bridge | grep -c "$(sed -n 's/^bridge_prefix = //p' "/etc/tallyman/$(printf '%s' "$STATE" | sha256sum | cut -c1-8).policy.conf")[0-9a-f]")"
finish
