#!/usr/bin/env python3
"""Networks that are a LAN of the host's (macvlan): on a veth whose other end is a neighbour with a router's address. And what is refused."""
import os, socket, struct, subprocess, sys, time
from installation import Installation, busybox_archive, check, execute, finish, identity, run, status, unpack

here = Installation("ntl", 121, "tl")
helper = here.helper
LAYER = identity("layer")
LAN, OTHER, VLAN, WHOLE, BRIDGE = (identity("lan " + name) for name in ("lan", "other", "vlan", "whole", "bridge"))
A, B, C = (identity("on lan " + name) for name in "ABC")
PARENT, SPARE = "tllan", "tlspare"
MAC = b"\x02\x42\1\2\3\4"


def number(text):
    return struct.unpack(">I", socket.inet_aton(text))[0]


def six(text):
    return socket.inet_pton(socket.AF_INET6, text)


def up(network, wish, gateway="192.0.2.1", *more):
    return helper.call("NETWORK_UP", ("NETWORK", network), ("GATEWAY", number(gateway)), ("PREFIX", 24), *([("LAN", wish.encode())] if wish else []), *more)


def down(network):
    return helper.call("NETWORK_DOWN", ("NETWORK", network))


def place(network, address, gateway="192.0.2.1"):
    return ("NETWORK", network), ("ADDRESS", number(address)), ("PREFIX", 24), ("GATEWAY", number(gateway))


def place6(network, address, gateway="fd00:79::1"):
    return ("ENDPOINT6", network.encode() + six(address) + six(gateway) + struct.pack("<I", 64))


def start(container, *fields):
    return run(helper, container, [LAYER], "httpd -p 80 -h /www; sleep 1000", *fields, mode=1)


def remove(*containers):
    for container in containers:
        helper.call("CONTAINER_CLEAN", ("CONTAINER", container))
        helper.call("CONTAINER_REMOVE", ("CONTAINER", container))


def inside(container, command):
    return execute(helper, container, command)[0]


def reaches(container, address):
    return eventually(lambda: inside(container, f"timeout 3 wget -q -O - http://{address}/") == b"hello\n")


def eventually(function, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if function():
            return True
        time.sleep(0.1)
    return False


def ip(*words):
    return subprocess.run(["ip", *words], capture_output=True, text=True)


def there(link):
    return ip("link", "show", link).returncode == 0


def allow(*lines):
    here.policy = strict + "".join(line + "\n" for line in lines)
    here.write_policy(here.policy)


def refusals():
    refused = up(LAN, f"bridge {PARENT}")
    check("without the policy's word no link is a parent", status(refused) == "DENIED" and refused.TEXT.startswith("macvlan_parents does not allow " + PARENT), refused)
    allow(f"macvlan_parents = {PARENT}, {SPARE}:passthru, lo, tlport, tlnone, {PARENT}.100-199", "macvlan_subnets = 192.0.2.0/24, 203.0.113.0/24, fd00:79::/64")
    for wish, answer in ((f"bridge {SPARE}0", "DENIED"), (f"bridge {PARENT}.99", "DENIED"), (f"bridge {PARENT}.200", "DENIED"), (f"bridge {SPARE}.100", "DENIED"),
                         (f"passthru {PARENT}", "DENIED"), ("bridge lo", "INVALID"), ("bridge tlport", "INVALID"), ("bridge tlnone", "INVALID"), (f"bridge {PARENT}.4095", "INVALID"),
                         (f"bridge {PARENT}.0", "INVALID"), (f"source {PARENT}", "INVALID"), ("bridge ../x", "INVALID"), ("bridge", "INVALID"), (f"bridge {PARENT} x", "INVALID"),
                         ("bridge " + "l" * 16, "INVALID")):
        refused = up(LAN, wish)
        check(f"refuses the parent {wish!r}", status(refused) == answer, refused)
    refused = up(LAN, f"bridge {PARENT}", "198.18.0.1")
    check("refuses a subnet that is not in macvlan_subnets", status(refused) == "DENIED" and refused.TEXT.startswith("macvlan_subnets"), refused)
    refused = up(BRIDGE, "", "192.0.2.1")
    check("which are not those of bridges", status(refused) == "DENIED" and refused.TEXT.startswith("subnets"), refused)
    check("nothing is left of what was refused", helper.ok("NETWORK_LIST").all("NETWORK") == [])


def six_alone():
    made = helper.call("NETWORK_UP", ("NETWORK", OTHER), ("LAN", f"bridge {PARENT}".encode()), ("NETWORK6", six("fd00:79::1") + struct.pack("<I", 64)))
    reply = start(C, ("NETWORK", OTHER), place6(OTHER, "fd00:79::12"))
    shown = inside(C, "ip -o addr show eth0; ip route; ip -6 route")
    check("a network of a LAN has IPv6 alone, and so has a container on it", status(made) == status(reply) == "OK" and b"fd00:79::12/64" in shown and b"inet " not in shown and
          b"default via fd00:79::1 dev eth0" in shown, (made, reply, shown))
    check("which reaches the LAN's router", inside(C, "ping -c 1 -W 5 fd00:79::1 >/dev/null && echo yes") == b"yes\n")
    remove(C)
    check("and goes", status(down(OTHER)) == "OK")


def life():
    check("makes a network", status(up(LAN, f"bridge {PARENT}", "192.0.2.1", ("NETWORK6", six("fd00:79::1") + struct.pack("<I", 64)))) == "OK")
    check("again is the same", status(up(LAN, f"bridge {PARENT}", "192.0.2.1", ("NETWORK6", six("fd00:79::1") + struct.pack("<I", 64)))) == "OK")
    check("another mode is refused", status(up(LAN, f"vepa {PARENT}", "192.0.2.1", ("NETWORK6", six("fd00:79::1") + struct.pack("<I", 64)))) == "EXISTS")
    check("so is a subnet that overlaps", status(up(OTHER, f"bridge {PARENT}", "192.0.2.129")) == "EXISTS")
    before = ip("-d", "link", "show", PARENT).stdout
    reply = start(A, *place(LAN, "192.0.2.10"), ("MAC", MAC), place6(LAN, "fd00:79::10"))
    check("a container starts on it", status(reply) == "OK", reply)
    assert status(start(B, *place(LAN, "192.0.2.11"))) == "OK"
    shown = inside(A, "ip link show eth0; ip addr show eth0; ip route; ip -6 route")
    check("with its addresses, its MAC and the LAN's router", all(each in shown for each in (b"02:42:01:02:03:04", b"192.0.2.10/24", b"fd00:79::10/64", b"default via 192.0.2.1 dev eth0", b"default via fd00:79::1 dev eth0")), shown)
    check("reaches its neighbour container", reaches(A, "192.0.2.11") and reaches(B, "192.0.2.10"))
    check("and what is behind the LAN's router", inside(A, "ping -c 1 -W 5 203.0.113.77 >/dev/null && echo yes") == b"yes\n" and inside(A, "ping -c 1 -W 5 fd00:79::1 >/dev/null && echo yes") == b"yes\n")
    check("others on the LAN reach it by its MAC", subprocess.run([*neighbour, "curl", "-s", "-m", "5", "http://192.0.2.10/"], capture_output=True).stdout == b"hello\n" and
          "02:42:01:02:03:04" in subprocess.run([*neighbour, "ip", "neigh"], capture_output=True, text=True).stdout)
    check("the parent is as it was", ip("-d", "link", "show", PARENT).stdout.split("promiscuity")[0] == before.split("promiscuity")[0])
    check("the network is in use", status(down(LAN)) == "BUSY")
    if HAS_BRIDGES:
        moves()
    check("the router's address is refused", status(start(C, *place(LAN, "192.0.2.1"))) == "INVALID")
    remove(C)
    allow(f"macvlan_parents = {SPARE}", "macvlan_subnets = 192.0.2.0/24, fd00:79::/64")
    refused = start(C, *place(LAN, "192.0.2.14"))
    check("a parent that the policy names no more is refused at the next start", status(refused) == "DENIED" and refused.TEXT.startswith("macvlan_parents"), refused)
    remove(A, B, C)
    check("nothing of the containers stays", os.listdir(here.kernel("endpoints")) == [])
    check("the network goes", status(down(LAN)) == "OK" and there(PARENT))


def moves():
    assert status(up(BRIDGE, "", f"10.{here.net}.0.1")) == "OK"
    check("a container joins a bridge beside it", status(helper.call("NETWORK_CONNECT", ("CONTAINER", B), *place(BRIDGE, f"10.{here.net}.0.9", f"10.{here.net}.0.1"))) == "OK")
    check("leaves the LAN", status(helper.call("NETWORK_DISCONNECT", ("CONTAINER", B), ("NETWORK", LAN))) == "OK" and b"eth0" not in inside(B, "ip link"))
    shown = inside(B, "ip route")
    check("has the bridge's default route then", f"default via 10.{here.net}.0.1 dev eth1".encode() in shown, shown)
    check("and joins it again while it runs", status(helper.call("NETWORK_CONNECT", ("CONTAINER", B), *place(LAN, "192.0.2.12"))) == "OK" and reaches(A, "192.0.2.12"))
    check("a second time is refused", status(helper.call("NETWORK_CONNECT", ("CONTAINER", B), *place(LAN, "192.0.2.13"))) == "EXISTS")
    assert status(helper.call("NETWORK_DISCONNECT", ("CONTAINER", B), ("NETWORK", BRIDGE))) == status(down(BRIDGE)) == "OK"


def modes():
    allow(f"macvlan_parents = {PARENT}, {SPARE}:passthru", "macvlan_subnets = 192.0.2.0/24, 203.0.113.0/24")
    assert status(up(LAN, f"private {PARENT}")) == "OK"
    assert status(start(A, *place(LAN, "192.0.2.10"))) == status(start(B, *place(LAN, "192.0.2.11"))) == "OK"
    check("private ones do not reach each other", inside(A, "ping -c 1 -W 1 192.0.2.11 >/dev/null || echo no") == b"no\n")
    check("but the LAN (control)", inside(A, "ping -c 1 -W 5 192.0.2.1 >/dev/null && echo yes") == b"yes\n")
    remove(A, B)
    down(LAN)
    check("a link is passed through where the policy says so", status(up(WHOLE, f"passthru {SPARE}")) == "OK")
    refused = up(OTHER, f"bridge {SPARE}", "203.0.113.1")
    check("to one network only", status(refused) == "EXISTS" and "parent" in refused.TEXT, refused)
    check("a container has it", status(start(A, *place(WHOLE, "192.0.2.10"))) == "OK")
    refused = start(B, *place(WHOLE, "192.0.2.11"))
    check("and no second one", status(refused) == "BUSY", refused)
    remove(A, B)
    check("it goes", status(down(WHOLE)) == "OK" and there(SPARE))


def ipvlan():
    ip("link", "add", "tlprobe", "type", "veth", "peer", "name", "tlprobe0")
    has = ip("link", "add", "link", "tlprobe", "name", "tlprobe1", "type", "ipvlan", "mode", "l2").returncode == 0
    ip("link", "delete", "tlprobe")
    allow(f"macvlan_parents = {PARENT}, {SPARE}:passthru", "macvlan_subnets = 192.0.2.0/24, 203.0.113.0/24, fd00:79::/64")
    for wish, answer in (("ipvlan-l2 tlother", "DENIED"), ("ipvlan-l4 " + PARENT, "INVALID"), ("ipvlan " + PARENT, "INVALID"), ("ipvlan-l2-passthru " + PARENT, "INVALID")):
        refused = up(LAN, wish)
        check(f"refuses the parent {wish!r}", status(refused) == answer, refused)
    check("makes a network of ipvlan", status(up(LAN, f"ipvlan-l2 {PARENT}", "192.0.2.1", ("NETWORK6", six("fd00:79::1") + struct.pack("<I", 64)))) == "OK")
    for wish in ("ipvlan-l3", "ipvlan-l2-private", "bridge"):
        refused = up(OTHER, f"{wish} {PARENT}", "203.0.113.1")
        check(f"{wish} is refused beside it, for a parent has one mode", status(refused) == "EXISTS" and "parent" in refused.TEXT, refused)
    # The links of containers that ended go with their namespaces, a moment later, and only then the parent is free for another kind.
    replies = []
    eventually(lambda: replies.append(start(A, *place(LAN, "192.0.2.10"), ("MAC", MAC), place6(LAN, "fd00:79::10"))) or status(replies[-1]) != "BUSY")
    reply = replies[-1]
    if not has:
        check("a kernel without ipvlan is told", status(reply) == "INVALID" and "no ipvlan" in reply.TEXT, reply)
        check("and nothing stays", os.listdir(here.kernel("endpoints")) == [])
        remove(A)
        down(LAN)
        return
    assert status(reply) == status(start(B, *place(LAN, "192.0.2.11"))) == "OK", reply
    shown = inside(A, "ip link show eth0; ip addr show eth0; ip route; ip -6 route")
    mac = ip("link", "show", PARENT).stdout.split("link/ether ")[1].split()[0].encode()
    check("a container has its addresses, the parent's MAC and the LAN's router",
          all(each in shown for each in (mac, b"192.0.2.10/24", b"fd00:79::10/64", b"default via 192.0.2.1 dev eth0", b"default via fd00:79::1 dev eth0")), shown)
    check("reaches its neighbour container", reaches(A, "192.0.2.11") and reaches(B, "192.0.2.10"))
    check("and what is behind the LAN's router", inside(A, "ping -c 1 -W 5 203.0.113.77 >/dev/null && echo yes") == b"yes\n" and inside(A, "ping -c 1 -W 5 fd00:79::1 >/dev/null && echo yes") == b"yes\n")
    refused = start(C, *place(LAN, "192.0.2.10"))
    check("an address is one container's", status(refused) != "OK", refused)
    remove(A, B, C)
    check("the network goes", status(down(LAN)) == "OK" and os.listdir(here.kernel("endpoints")) == [])
    assert status(up(LAN, f"ipvlan-l2-private {PARENT}")) == "OK"
    assert status(start(A, *place(LAN, "192.0.2.10"))) == status(start(B, *place(LAN, "192.0.2.11"))) == "OK"
    check("private ones do not reach each other", inside(A, "ping -c 1 -W 1 192.0.2.11 >/dev/null || echo no") == b"no\n")
    check("but the LAN (control)", inside(A, "ping -c 1 -W 5 192.0.2.1 >/dev/null && echo yes") == b"yes\n")
    remove(A, B)
    down(LAN)
    # Of the third layer: the neighbour needs a route to them, for nobody answers for their addresses.
    subprocess.run(["ip", "addr", "add", "192.0.2.200/24", "dev", PARENT], check=True)
    subprocess.run([*neighbour, "ip", "route", "add", "203.0.113.0/25", "via", "192.0.2.200"], check=True)
    for mode in ("ipvlan-l3", "ipvlan-l3s"):
        assert status(up(LAN, f"{mode} {PARENT}", "203.0.113.1")) == "OK"
        assert status(start(A, *place(LAN, "203.0.113.10", "203.0.113.1"))) == status(start(B, *place(LAN, "203.0.113.11", "203.0.113.1"))) == "OK"
        check(f"{mode}: containers reach each other, and the LAN", reaches(A, "203.0.113.11") and inside(A, "ping -c 1 -W 5 192.0.2.1 >/dev/null && echo yes") == b"yes\n")
        remove(A, B)
        down(LAN)
    ip("addr", "del", "192.0.2.200/24", "dev", PARENT)


def vlans():
    allow(f"macvlan_parents = {PARENT}.100-199", "macvlan_subnets = 192.0.2.0/24, 203.0.113.0/24")
    name = PARENT + ".100"
    if ip("link", "add", "link", PARENT, "name", name, "type", "vlan", "id", "100").returncode:
        print("ok - VLANs # skip this kernel has none")
        return
    check("a VLAN link that was there is used", status(up(VLAN, f"bridge {name}")) == "OK")
    check("and stays", status(down(VLAN)) == "OK" and there(name))
    ip("link", "delete", name)
    check("one that was not is made", status(up(VLAN, f"bridge {name}")) == status(up(OTHER, f"bridge {name}", "203.0.113.1")) == "OK" and there(name))
    shown = ip("-d", "link", "show", name).stdout
    check("with its number, and up", "vlan protocol 802.1Q id 100" in shown and "UP" in shown, shown)
    check("a container starts on it", status(start(A, *place(VLAN, "192.0.2.10"))) == "OK")
    remove(A)
    ip("link", "delete", name)
    check("it comes back with the network, as after a reboot", status(up(VLAN, f"bridge {name}")) == "OK" and there(name))
    check("it stays for the other network, and goes with that", status(down(VLAN)) == "OK" and there(name) and status(down(OTHER)) == "OK" and not there(name))


if ip("link", "add", "tlprobe", "type", "veth", "peer", "name", "tlprobe0").returncode or ip("link", "add", "link", "tlprobe", "name", "tlprobe1", "type", "macvlan").returncode:
    ip("link", "delete", "tlprobe")
    print("ok - LANs # skip this kernel has no macvlan")
    finish()
ip("link", "delete", "tlprobe")
strict = here.policy
HAS_BRIDGES = subprocess.run(["nft", "add table bridge tl-probe; delete table bridge tl-probe; add table ip tl-probe; delete table ip tl-probe"], capture_output=True).returncode == 0
assert status(unpack(helper, LAYER, busybox_archive())) == "OK"
lan = subprocess.Popen(["unshare", "-n", "sleep", "300"])
own = os.stat("/proc/self/ns/net").st_ino
assert eventually(lambda: os.stat(f"/proc/{lan.pid}/ns/net").st_ino != own)
neighbour = ["nsenter", "-t", str(lan.pid), "-n"]
try:
    for line in (f"link add {PARENT} type veth peer name lan0 netns {lan.pid}", f"link add {SPARE} type veth peer name spare0 netns {lan.pid}", f"link set {PARENT} up",
                 f"link set {SPARE} up", "link add tlswitch type bridge", "link add tlport type veth peer name tlport0", "link set tlport master tlswitch"):
        subprocess.run(["ip", *line.split()], check=True)
    for line in ("link set lo up", "link set lan0 up", "link set spare0 up", "addr add 192.0.2.1/24 dev lan0", "addr add fd00:79::1/64 dev lan0 nodad", "addr add 203.0.113.77/32 dev lo"):
        subprocess.run([*neighbour, "ip", *line.split()], check=True)
    refusals()
    six_alone()
    life()
    modes()
    ipvlan()
    vlans()
finally:
    lan.terminate()
    lan.wait()
    for link in (PARENT, SPARE, "tlport", "tlswitch"):
        ip("link", "delete", link)
finish()
