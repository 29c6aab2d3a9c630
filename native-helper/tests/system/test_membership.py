#!/usr/bin/env python3
"""Several networks of one container, joined and left while it runs; options of networks; who may use a published port; the resolver."""
import os, socket, struct, subprocess, sys, time
from installation import Installation, busybox_archive, check, execute, finish, identity, run, status, unpack

here = Installation("ntm", 120, "tq")
helper = here.helper
LAYER = identity("layer")
RED, BLUE, INNER, ALONE, PLAIN = (identity("network " + name) for name in ("red", "blue", "inner", "alone", "plain"))
A, B, C, D, E = (identity("member " + name) for name in "ABCDE")
ISOLATED, NO_MASQUERADE = 1, 2


def number(text):
    return struct.unpack(">I", socket.inet_aton(text))[0]


def address(third, last):
    return f"10.{here.net}.{third}.{last}"


def up(network, third, *more):
    return helper.call("NETWORK_UP", ("NETWORK", network), ("GATEWAY", number(address(third, 1))), ("PREFIX", 24), *more)


def options(mtu, bits):
    return ("NETWORK_OPTIONS", struct.pack("<II", mtu, bits))


def port(host_port, container_port=80):
    return ("PORT", struct.pack("<BBHIHH", 6, 0, host_port, 0, container_port, 0))


def source(text, prefix):
    return ("SOURCE", struct.pack("<II", number(text), prefix))


def place(network, third, last):
    return ("NETWORK", network), ("ADDRESS", number(address(third, last))), ("PREFIX", 24), ("GATEWAY", number(address(third, 1)))


def endpoint(network, third, last, mac=bytes(6)):
    return ("ENDPOINT", network.encode() + struct.pack("<III", number(address(third, last)), number(address(third, 1)), 24) + mac + b"\0\0")


def start(container, *fields, command="httpd -p 80 -h /www; sleep 1000"):
    return run(helper, container, [LAYER], command, *fields, mode=1)


def connect(container, network, third, last, *more):
    return helper.call("NETWORK_CONNECT", ("CONTAINER", container), *place(network, third, last), *more)


def leave(container, network):
    return helper.call("NETWORK_DISCONNECT", ("CONTAINER", container), ("NETWORK", network))


def fetch(url, prefix=()):
    return subprocess.run([*prefix, "curl", "-s", "-m", "3", url], capture_output=True).stdout


def inside(container, command):
    return execute(helper, container, command)[0]


def reaches(container, third, last):
    return inside(container, f"timeout 3 wget -q -O - http://{address(third, last)}/") == b"hello\n"


def eventually(function, seconds=5):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if function():
            return True
        time.sleep(0.1)
    return False


def remove(*containers):
    for container in containers:
        helper.call("CONTAINER_CLEAN", ("CONTAINER", container))
        helper.call("CONTAINER_REMOVE", ("CONTAINER", container))


def networks():
    check("makes networks with options", status(up(RED, 0)) == status(up(BLUE, 1, options(1400, 0))) == status(up(INNER, 2, ("INTERNAL", 1))) ==
          status(up(ALONE, 3, options(0, ISOLATED))) == status(up(PLAIN, 4, options(0, NO_MASQUERADE))) == "OK")
    check("again is the same", status(up(ALONE, 3, options(0, ISOLATED))) == "OK")
    check("other options are refused", status(up(ALONE, 3)) == "EXISTS")
    subprocess.run(["ip", "link", "add", "mqlan", "type", "veth", "peer", "name", "mqlan0"], check=True)
    try:
        subprocess.run(["ip", "addr", "add", address(64, 1) + "/20", "dev", "mqlan"], check=True)
        subprocess.run(["ip", "link", "set", "mqlan", "up"], check=True)
        refused = up(identity("over"), 70)
        check("a subnet that the host reaches by another link is refused", status(refused) == "EXISTS" and refused.TEXT == "subnet of the host", refused)
        check("the one next to it is not (control)", status(up(identity("over"), 80)) == "OK" and status(helper.call("NETWORK_DOWN", ("NETWORK", identity("over")))) == "OK")
    finally:
        subprocess.run(["ip", "link", "delete", "mqlan"], check=True)


def several():
    reply = start(A, *place(RED, 0, 2), endpoint(BLUE, 1, 2), endpoint(INNER, 2, 2, b"\x02\x42\1\2\3\4"), port(18680))
    check("a container starts on three networks", status(reply) == "OK", reply)
    for container, fields in ((B, place(BLUE, 1, 3)), (C, place(INNER, 2, 3)), (D, place(RED, 0, 3))):
        assert status(start(container, *fields)) == "OK"
    eventually(lambda: reaches(B, 1, 2) and reaches(C, 2, 2) and fetch("http://127.0.0.1:18680/"))
    check("neighbours on each reach it", reaches(B, 1, 2) and reaches(C, 2, 2) and reaches(D, 0, 2))
    check("and it reaches them", reaches(A, 1, 3) and reaches(A, 2, 3) and reaches(A, 0, 3))
    check("it does not lead from one to another", not reaches(B, 0, 2) and not reaches(D, 1, 2) and not reaches(C, 0, 2))
    out = inside(A, "ip route; ip link show eth1; ip link show eth2")
    check("the default route leads to the first", f"default via {address(0, 1)} dev eth0".encode() in out, out)
    check("links have the network's MTU and the MAC address that was given", b"mtu 1400" in out and b"02:42:01:02:03:04" in out, out)
    check("its port is published", fetch("http://127.0.0.1:18680/") == b"hello\n")
    refused = start(E, *place(RED, 0, 9), endpoint(RED, 0, 10))
    check("a network twice is refused", status(refused) == "EXISTS", refused)
    refused = start(E, *place(RED, 0, 9), endpoint(identity("nowhere"), 1, 9))
    check("one that is not up is refused", status(refused) == "ABSENT", refused)
    refused = start(E, *place(RED, 0, 9), ("ENDPOINT", BLUE.encode() + struct.pack("<III", number("192.0.2.7"), number("192.0.2.1"), 24) + bytes(8)))
    check("one outside the policy's subnets is refused", status(refused) == "DENIED", refused)
    check("and nothing is left of it", not os.path.exists(here.kernel("endpoints", E)))
    helper.call("CONTAINER_REMOVE", ("CONTAINER", E))


def membership():
    check("a running container joins a network", status(connect(D, BLUE, 1, 9)) == "OK")
    check("and is reached there", eventually(lambda: reaches(B, 1, 9)) and reaches(D, 1, 3))
    check("a second time is refused", status(connect(D, BLUE, 1, 9)) == "EXISTS")
    check("so is another's gateway", status(helper.call("NETWORK_CONNECT", ("CONTAINER", D), ("NETWORK", INNER), ("ADDRESS", number(address(2, 9))), ("PREFIX", 24), ("GATEWAY", number(address(2, 5))))) == "INVALID")
    check("and what does not run", status(connect(E, BLUE, 1, 10)) == "ABSENT")
    check("the network is in use", status(helper.call("NETWORK_DOWN", ("NETWORK", BLUE))) == "BUSY")
    check("it leaves", status(leave(D, BLUE)) == "OK" and not reaches(B, 1, 9) and b"eth1" not in inside(D, "ip link"))
    check("leaving again is no failure", status(leave(D, BLUE)) == "OK")
    check("it is still where it was", reaches(D, 0, 2))
    check("leaving the network with the default route", status(leave(A, RED)) == "OK")
    out = inside(A, "ip route")
    check("hands that to the next that has a way out", f"default via {address(1, 1)} dev eth1".encode() in out, out)
    check("and the ports too", eventually(lambda: fetch("http://127.0.0.1:18680/") == b"hello\n"))
    check("leaving the last that has one", status(leave(A, BLUE)) == "OK" and b"default" not in inside(A, "ip route") and fetch("http://127.0.0.1:18680/") == b"")
    check("it joins again", status(connect(A, RED, 0, 7, port(18680))) == "OK")
    out = inside(A, "ip route")
    check("and has default route and ports again", f"default via {address(0, 1)} dev eth0".encode() in out and eventually(lambda: fetch("http://127.0.0.1:18680/") == b"hello\n"), out)
    refused = connect(D, PLAIN, 4, 9, port(80))
    check("a port below the policy's is refused", status(refused) == "DENIED", refused)
    for family in ("ip", "bridge"):
        subprocess.run(["nft", "delete", "table", family, "tallyman-" + here.name], check=True)
    for network, third, more in ((RED, 0, ()), (BLUE, 1, (options(1400, 0),)), (INNER, 2, (("INTERNAL", 1),)), (ALONE, 3, (options(0, ISOLATED),)), (PLAIN, 4, (options(0, NO_MASQUERADE),))):
        up(network, third, *more)
    check("rules that somebody flushed come back for every network", fetch("http://127.0.0.1:18680/") == b"hello\n" and reaches(C, 2, 2) and not reaches(B, 0, 7))
    remove(A, B, C, D)
    check("nothing of the containers stays", os.listdir(here.kernel("endpoints")) == [])


def names():
    name = lambda network, text: ("LINK_NAME", f"{network} {text}".encode())
    reply = start(E, *place(RED, 0, 20), endpoint(BLUE, 1, 20), endpoint(INNER, 2, 20), name(RED, "front"), name(BLUE, "eth0"), port(18680))
    out = inside(E, "ip address")
    check("links have the names that were asked for, and others the next free one", status(reply) == "OK" and all(f" {link}@".encode() in out for link in ("front", "eth0", "eth1")) and b" eth2@" not in out, (reply, out))
    check("the default route leads out of the first", b"dev front" in inside(E, "ip route show default"))
    refused = connect(E, ALONE, 3, 20, name(ALONE, "eth1"))
    check("a name that another link has is refused", status(refused) == "INVALID" and "already" in refused.TEXT, refused)
    check("leaving it hands route and ports to the next", status(leave(E, RED)) == "OK" and b"dev eth0" in inside(E, "ip route show default") and b"front" not in inside(E, "ip link") and
          eventually(lambda: fetch("http://127.0.0.1:18680/") == b"hello\n"))
    check("a running container joins by a name", status(connect(E, ALONE, 3, 20, name(ALONE, "late.1"))) == "OK" and b" late.1@" in inside(E, "ip link"))
    check("and leaves", status(leave(E, ALONE)) == "OK" and b"late" not in inside(E, "ip link"))
    remove(E)
    reply = start(E, *place(RED, 0, 20), endpoint(BLUE, 1, 20), name(BLUE, "eth0"))
    out = inside(E, "ip address")
    check("a place before them leaves the names to those who ask", status(reply) == "OK" and b" eth1@" in out and address(1, 20).encode() in inside(E, "ip address show dev eth0"), (reply, out))
    remove(E)


def settings():
    sysctl = lambda network, text: ("LINK_SYSCTL", f"{network} {text}".encode())
    value = lambda path: inside(E, f"cat /proc/sys/net/{path}").strip()
    reply = start(E, *place(RED, 0, 20), endpoint(BLUE, 1, 20), sysctl(RED, "net.ipv4.conf.ifname.log_martians=1"), sysctl(BLUE, "net.ipv6.conf.ifname.forwarding=1"),
                  sysctl(RED, "net.ipv6.conf.ifname.hop_limit=70"))
    check("each link has its own settings", status(reply) == "OK" and [value(f"ipv4/conf/{link}/log_martians") for link in ("eth0", "eth1")] == [b"1", b"0"] and
          [value(f"ipv6/conf/{link}/forwarding") for link in ("eth0", "eth1")] == [b"0", b"1"] and value("ipv6/conf/eth0/hop_limit") == b"70", reply)
    check("a running container joins with some", status(connect(E, ALONE, 3, 20, ("LINK_NAME", f"{ALONE} late.1".encode()), sysctl(ALONE, "net.ipv4.conf.ifname.rp_filter=2"))) == "OK" and
          value("ipv4/conf/late.1/rp_filter") == b"2")
    before = open("/proc/sys/net/ipv4/conf/all/log_martians").read(), open("/proc/sys/net/ipv4/conf/default/log_martians").read()
    for what, text, words in (("one that the kernel does not have", "net.ipv4.conf.ifname.nothing=1", "/proc/sys/net/ipv4/conf/eth2/nothing is not a sysctl file"),
                              ("a value that it does not take", "net.ipv4.conf.ifname.forwarding=x", "unable to write to '/proc/sys/net/ipv4/conf/eth2/forwarding': invalid argument")):
        refused = connect(E, PLAIN, 4, 20, sysctl(PLAIN, "net.ipv4.conf.ifname.log_martians=1"), sysctl(PLAIN, text))
        check(f"{what} is refused, and nothing of the place stays", status(refused) == "INVALID" and refused.TEXT == words and b" eth2@" not in inside(E, "ip link"), refused)
    check("the host's own stay as they are", before == (open("/proc/sys/net/ipv4/conf/all/log_martians").read(), open("/proc/sys/net/ipv4/conf/default/log_martians").read()))
    denied = connect(E, PLAIN, 4, 20, sysctl(PLAIN, "net.ipv4.neigh.ifname.gc_stale_time=1"))
    check("one that the policy does not name is denied", status(denied) == "DENIED" and "sysctls does not allow net.ipv4.neigh.ifname" in denied.TEXT, denied)
    remove(E)


def alone():
    assert status(start(A, *place(ALONE, 3, 2))) == status(start(B, *place(ALONE, 3, 3))) == status(start(C, *place(PLAIN, 4, 2))) == "OK"
    check("without inter-container traffic neighbours do not talk", eventually(lambda: fetch(f"http://{address(3, 2)}/")) and not reaches(B, 3, 2) and not reaches(A, 3, 3))
    check("the host reaches them (control)", fetch(f"http://{address(3, 2)}/") == b"hello\n")
    rules = subprocess.run(["nft", "list", "set", "ip", "tallyman-" + here.name, "subnets"], capture_output=True, text=True).stdout
    check("a network may go without masquerade", address(4, 0) not in rules and address(3, 0) in rules, rules)
    remove(A, B, C)


def sources():
    neighbour = subprocess.Popen(["unshare", "-n", "sleep", "100"])
    own = os.stat("/proc/self/ns/net").st_ino
    assert eventually(lambda: os.stat(f"/proc/{neighbour.pid}/ns/net").st_ino != own, 20)
    lan = ["nsenter", "-t", str(neighbour.pid), "-n"]
    try:
        subprocess.run(["ip", "link", "add", "mqlan", "type", "veth", "peer", "name", "lan0", "netns", str(neighbour.pid)], check=True)
        for line in ("addr add 198.51.100.1/24 dev mqlan", "link set mqlan up"):
            subprocess.run(["ip", *line.split()], check=True)
        for line in ("addr add 198.51.100.2/24 dev lan0", "addr add 198.51.100.99/24 dev lan0", "link set lan0 up"):
            subprocess.run([*lan, "ip", *line.split()], check=True)
        limited = source("198.51.100.2", 32), source("203.0.113.0", 24)
        assert status(start(A, *place(RED, 0, 2), port(18682), *limited)) == status(start(B, *place(RED, 0, 3), port(18683))) == status(start(C, *place(BLUE, 1, 2))) == "OK"
        ask = [*lan, "curl", "-s", "-m", "3", "--interface"]
        ports = lambda who, number: subprocess.run([*ask, who, f"http://198.51.100.1:{number}/"], capture_output=True).stdout
        check("a source on the list reaches the port", eventually(lambda: ports("198.51.100.2", 18682) == b"hello\n"))
        check("one that is not does not", ports("198.51.100.99", 18682) == b"")
        check("but reaches a port without a list (control)", ports("198.51.100.99", 18683) == b"hello\n")
        check("neither does a container of another network, nor a neighbour", inside(C, f"timeout 3 wget -q -O - http://{address(1, 1)}:18682/") == b"" and
              inside(B, f"timeout 3 wget -q -O - http://{address(0, 1)}:18682/") == b"")
        check("the host itself is not asked", fetch("http://127.0.0.1:18682/") == b"hello\n")
        check("neighbours talk without the port", reaches(B, 0, 2))
        remove(A, B, C)
        shown = subprocess.run(["nft", "list", "table", "ip", "tallyman-" + here.name], capture_output=True, text=True).stdout
        check("the list goes with the container", "198.51.100.2" not in shown, shown)
    finally:
        neighbour.terminate()
        neighbour.wait()
        subprocess.run(["ip", "link", "delete", "mqlan"], check=False, stderr=subprocess.DEVNULL)


# What a container asks: its first name server is 127.0.0.11 as the server writes it.
RESOLV = ("RESOLV", "nameserver 127.0.0.11\n")


def answer_once(fd, kind):
    """Answers one question: every name is 192.0.2.53. Returns the question's first label."""
    with socket.socket(fileno=fd) as own:
        own.settimeout(5)
        if kind == "udp":
            data, who = own.recvfrom(512)
        else:
            connection, _ = own.accept()
            connection.settimeout(5)
            length, = struct.unpack(">H", connection.recv(2))
            data = connection.recv(length)
        reply = data[:2] + b"\x81\x80" + data[4:6] + b"\0\1\0\0\0\0" + data[12:data.index(b"\0", 12) + 5] + b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\x35"
        if kind == "udp":
            own.sendto(reply, who)
        else:
            connection.sendall(struct.pack(">H", len(reply)) + reply)
            connection.close()
        return data[13:13 + data[12]]


def ask_tcp(container):
    """A question by TCP, from the container's own network namespace."""
    pid = next(p for c, p in zip(helper.ok("CONTAINER_LIST").all("CONTAINER"), helper.ok("CONTAINER_LIST").all("PID")) if c == container)
    program = ("import socket,struct,sys\ns=socket.create_connection(('127.0.0.11',53),5)\nq=b'\\0\\7\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0\\3tcp\\0\\0\\1\\0\\1'\n"
               "s.sendall(struct.pack('>H',len(q))+q)\nprint(s.recv(512)[-4:].hex())")
    return subprocess.Popen(["nsenter", "-t", str(pid), "-n", sys.executable, "-c", program], stdout=subprocess.PIPE)


def holders():
    server = socket.create_server(("127.0.0.1", 18690))
    reply = start(A, *place(RED, 0, 2), port(18690))
    check("a port that a program of the host has is refused, and the program named", status(reply) == "BUSY" and reply.TEXT == f"port tcp 0.0.0.0:18690 process {os.getpid()} python3", reply)
    server.close()
    assert status(start(A, *place(RED, 0, 2), port(18690))) == "OK"
    reply = start(B, *place(RED, 0, 3), port(18690))
    check("one that a container has is refused, and nobody named", status(reply) == "BUSY" and reply.TEXT == "port tcp 0.0.0.0:18690", reply)
    remove(A, B)


def resolver():
    reply = start(A, *place(RED, 0, 2), ("RESOLVER", 1), RESOLV, command="nslookup -type=a first.example. >/tmp/u 2>&1; sleep 1000")
    check("a start gives the resolver's two sockets", status(reply) == "OK" and len(reply.fds) == 2, reply)
    check("which are asked by the container from its first moment on", answer_once(reply.fds[0], "udp") == b"first" and eventually(lambda: b"192.0.2.53" in inside(A, "cat /tmp/u")), inside(A, "cat /tmp/u"))
    asking = ask_tcp(A)
    check("by TCP too", answer_once(reply.fds[1], "tcp") == b"tcp" and asking.communicate()[0] == b"c0000235\n")
    check("the container cannot be told to have one without a network of its own", status(run(helper, B, [LAYER], "true", ("RESOLVER", 1), mode=0)) == "PROTOCOL")
    again = helper.call("NETWORK_RESOLVER", ("CONTAINER", A))
    check("a server that came back gets new ones", status(again) == "OK" and len(again.fds) == 2, again)
    execute(helper, A, "nslookup -type=a second.example. >/tmp/u 2>&1 &")
    check("that are asked from then on", answer_once(again.fds[0], "udp") == b"second" and eventually(lambda: b"192.0.2.53" in inside(A, "cat /tmp/u")), inside(A, "cat /tmp/u"))
    os.close(again.fds[1])
    execute(helper, A, "httpd -p 53 -h /www")
    check("the container's own programs may use port 53", eventually(lambda: fetch(f"http://{address(0, 2)}:53/") == b"hello\n"))
    check("no resolver for what does not run", status(helper.call("NETWORK_RESOLVER", ("CONTAINER", identity("nobody")))) == "ABSENT")
    remove(A)


if subprocess.run(["nft", "add table bridge tq-probe; delete table bridge tq-probe; add table ip tq-probe; delete table ip tq-probe"], capture_output=True).returncode:
    print("ok - memberships # skip this kernel has no nftables for IPv4 and bridges, which networks need")
    finish()
assert status(unpack(helper, LAYER, busybox_archive())) == "OK"
networks()
several()
membership()
names()
settings()
alone()
sources()
holders()
resolver()
for each in (RED, BLUE, INNER, ALONE, PLAIN):
    check("removes a network", status(helper.call("NETWORK_DOWN", ("NETWORK", each))) == "OK")
check("nothing of ours stays in the kernel", f"tallyman-{here.name}" not in subprocess.run(["nft", "list", "tables"], capture_output=True, text=True).stdout)
finish()
