#!/usr/bin/env python3
"""IPv6 of networks by the installed helper: addresses, published ports, what separates containers and networks, neighbours that lie."""
import os, pathlib, socket, struct, subprocess, sys, time
from installation import Installation, busybox_archive, check, execute, finish, identity, run, status, unpack

here = Installation("ntx", 124, "tx")
helper = here.helper
LAYER = identity("layer")
RED, BLUE, INNER, ALONE, PLAIN = (identity(name) for name in ("red", "blue", "inner", "alone", "plain"))
A, B, C, D, E, F, G, H = (identity("container " + name) for name in "ABCDEFGH")
LAN = "txlan"


def number(text):
    return struct.unpack(">I", socket.inet_aton(text))[0]


def bytes6(text):
    return socket.inet_pton(socket.AF_INET6, text)


def address(third, last):
    return f"10.{here.net}.{third}.{last}"


def address6(third, last):
    return socket.inet_ntop(socket.AF_INET6, bytes6(f"fd00:{here.net:x}:{third:x}::{last:x}"))


def network6(gateway, prefix=64):
    return ("NETWORK6", bytes6(gateway) + struct.pack("<I", prefix))


def up(network, third, *more, six=True):
    fields = [network6(address6(third, 1))] if six else []
    return helper.call("NETWORK_UP", ("NETWORK", network), ("GATEWAY", number(address(third, 1))), ("PREFIX", 24), *fields, *more)


def port6(host_port, container_port=80, host="::", protocol=6):
    return ("PORT6", struct.pack("<BBHHH", protocol, 0, host_port, container_port, 0) + bytes6(host))


def port(host_port, container_port=80):
    return ("PORT", struct.pack("<BBHIHH", 6, 0, host_port, 0, container_port, 0))


def source6(text, prefix):
    return ("SOURCE6", bytes6(text) + struct.pack("<I", prefix))


def endpoint6(network, third, last, gateway=1, prefix=64):
    return ("ENDPOINT6", network.encode() + bytes6(address6(third, last)) + bytes6(address6(third, gateway)) + struct.pack("<I", prefix))


def attached(container, network, third, last, *more, command="httpd -p [::]:80 -h /www; sleep 1000"):
    return run(helper, container, [LAYER], command, ("NETWORK", network), ("ADDRESS", number(address(third, last))), ("PREFIX", 24), ("GATEWAY", number(address(third, 1))), *more, mode=1)


def fetch(url, prefix=()):
    return subprocess.run([*prefix, "curl", "-s", "-g", "-m", "3", url], capture_output=True).stdout


def fetch_inside(container, url):
    return execute(helper, container, f"timeout 3 wget -q -O - {url}")[0]


def eventually(function, seconds=5):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if function():
            return True
        time.sleep(0.1)
    return False


def rules():
    return subprocess.run(["nft", "list", "ruleset"], capture_output=True, text=True).stdout


def pid_of(container):
    listed = helper.ok("CONTAINER_LIST")
    return next(p for c, p in zip(listed.all("CONTAINER"), listed.all("PID")) if c == container)


def networks():
    check("a network without IPv6 has no table of it", status(up(PLAIN, 9, six=False)) == "OK" and f"table ip6 tallyman-{here.name}" not in rules())
    first = up(RED, 0)
    check("makes a network with both families", status(first) == "OK", first)
    check("and does so again", status(up(RED, 0)) == "OK")
    check("the rules can be read by nft", f"table ip6 tallyman-{here.name}" in rules())
    check("refuses it without IPv6", status(up(RED, 0, six=False)) == "EXISTS")
    check("refuses it with another prefix", status(helper.call("NETWORK_UP", ("NETWORK", RED), ("GATEWAY", number(address(0, 1))), ("PREFIX", 24), network6(address6(0, 1), 80))) == "EXISTS")
    other = (("NETWORK", identity("other")), ("GATEWAY", number(address(8, 1))), ("PREFIX", 24))
    check("refuses one that overlaps", status(helper.call("NETWORK_UP", *other, network6(address6(0, 5), 80))) == "EXISTS")
    denied = helper.call("NETWORK_UP", *other, network6("fd99::1"))
    check("refuses a subnet the policy does not have", status(denied) == "DENIED" and "subnets6" in denied.TEXT, denied)
    check("refuses one that holds the policy's", status(helper.call("NETWORK_UP", *other, network6(f"fd00:{here.net:x}::1", 16))) == "DENIED")
    for what, gateway in (("the subnet's own address", address6(8, 0)),):
        check(f"refuses as gateway {what}", status(helper.call("NETWORK_UP", *other, network6(gateway))) == "INVALID")
    subprocess.run(["ip", "-6", "route", "add", "blackhole", f"fd00:{here.net:x}:8::/48"], check=True)
    check("refuses a subnet that the host leads elsewhere", status(helper.call("NETWORK_UP", *other, network6(address6(8, 1)))) == "EXISTS")
    subprocess.run(["ip", "-6", "route", "del", "blackhole", f"fd00:{here.net:x}:8::/48"], check=True)
    check("and leaves nothing of a refused one", identity("other") not in helper.ok("NETWORK_LIST").all("NETWORK"))
    check("makes a second, an internal and an isolating one", status(up(BLUE, 1)) == status(up(INNER, 2, ("INTERNAL", 1))) == status(up(ALONE, 3, ("NETWORK_OPTIONS", struct.pack("<II", 0, 1)))) == "OK")
    check("no router is believed on a bridge", open(f"/proc/sys/net/ipv6/conf/{here.prefix}{RED[:10]}/accept_ra").read() == "0\n")


def containers():
    for container, arguments in ((A, (RED, 0, 2, endpoint6(RED, 0, 2), port(18680), port6(18680), port6(18681, 80, address6(0, 1)))), (B, (RED, 0, 3, endpoint6(RED, 0, 3))),
                                 (C, (BLUE, 1, 2, endpoint6(BLUE, 1, 2))), (D, (INNER, 2, 2, endpoint6(INNER, 2, 2))), (E, (ALONE, 3, 2, endpoint6(ALONE, 3, 2))),
                                 (F, (ALONE, 3, 3, endpoint6(ALONE, 3, 3)))):
        reply = attached(container, *arguments)
        check("starts a container with both addresses", status(reply) == "OK", reply)
    check("waits for its server", eventually(lambda: fetch(f"http://[{address6(0, 1)}]:18680/") == b"hello\n"))
    out = execute(helper, A, "ip -6 -o addr show eth0; ip -6 route; cat /proc/sys/net/ipv6/conf/eth0/accept_ra /proc/net/if_inet6")[0]
    check("eth0 has just this address, and the route", f"{address6(0, 2)}/64".encode() in out and f"default via {address6(0, 1)}".encode() in out and b"fe80" not in out, out)
    check("no router is believed in it", b"\n0\n" in out, out)
    check("the address can be used at once", b"tentative" not in out, out)
    wrong = (("address", endpoint6(RED, 0, 1)), ("address", endpoint6(RED, 1, 9)), ("address", endpoint6(RED, 0, 0)), ("gateway", endpoint6(RED, 0, 9, gateway=7)), ("gateway", endpoint6(RED, 0, 9, prefix=80)))
    for what, place in wrong:
        reply = attached(G, RED, 0, 9, place)
        check(f"refuses a wrong {what}", status(reply) in ("INVALID", "DENIED"), reply)
    reply = attached(G, PLAIN, 9, 9, ("ENDPOINT6", PLAIN.encode() + bytes6(address6(9, 9)) + bytes6(address6(9, 1)) + struct.pack("<I", 64)))
    check("refuses IPv6 on a network without it", status(reply) == "INVALID", reply)
    helper.call("CONTAINER_REMOVE", ("CONTAINER", G))


def published():
    host = address6(0, 1)
    check("the host reaches a published port by its address", fetch(f"http://[{host}]:18680/") == b"hello\n")
    check("and by IPv4 as before", fetch("http://127.0.0.1:18680/") == b"hello\n")
    began = time.monotonic()
    check("at ::1 it is told at once that nobody listens", fetch("http://[::1]:18680/") == b"" and time.monotonic() - began < 1)
    check("so localhost finds it", fetch("http://localhost:18680/") == b"hello\n" and time.monotonic() - began < 2)
    check("a port of one address is there", fetch(f"http://[{host}]:18681/") == b"hello\n")
    check("and not elsewhere", fetch(f"http://[{address6(1, 1)}]:18681/") == b"")
    check("a container reaches the port it published itself", fetch_inside(A, f"http://[{host}]:18680/") == b"hello\n")
    check("a neighbour reaches it", fetch_inside(B, f"http://[{host}]:18680/") == b"hello\n")
    check("another network reaches it as anybody does", fetch_inside(C, f"http://[{address6(1, 1)}]:18680/") == b"hello\n")
    reply = attached(G, RED, 0, 9, endpoint6(RED, 0, 9), port6(18680))
    check("a second container does not get it", status(reply) == "BUSY" and reply.TEXT == "port tcp [::]:18680", reply)
    with socket.socket(socket.AF_INET6) as other:
        other.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        other.bind((host, 18689))
        other.listen()
        reply = attached(G, RED, 0, 9, endpoint6(RED, 0, 9), port6(18689, 80, host))
        check("a program of the host that has one is named", status(reply) == "BUSY" and f"port tcp [{host}]:18689 process {os.getpid()} " in reply.TEXT, reply)
    check("and nothing is half made", status(helper.call("CONTAINER_REMOVE", ("CONTAINER", G))) == "OK" and address6(0, 9) not in rules())
    reply = attached(G, RED, 0, 9, endpoint6(RED, 0, 9), port6(22, 22))
    check("a port below the policy's is refused", status(reply) == "DENIED", reply)
    reply = attached(G, RED, 0, 9, endpoint6(RED, 0, 9), port6(18690, 80, "2001:db8::77"))
    check("an address that the host does not have is refused", status(reply) == "INVALID", reply)
    helper.call("CONTAINER_REMOVE", ("CONTAINER", G))


def separated():
    check("neighbours on one network talk", fetch_inside(B, f"http://[{address6(0, 2)}]/") == b"hello\n")
    check("other networks do not", fetch_inside(C, f"http://[{address6(0, 2)}]/") == b"")
    check("an internal network does not get out", fetch_inside(D, f"http://[{address6(0, 2)}]/") == b"" and fetch_inside(D, f"http://[{address6(0, 1)}]:18680/") == b"")
    check("nobody gets into it", fetch_inside(C, f"http://[{address6(2, 2)}]/") == b"")
    check("the host does (control)", fetch(f"http://[{address6(2, 2)}]/") == b"hello\n")
    check("neighbours of an isolating network do not talk", fetch_inside(E, f"http://[{address6(3, 3)}]/") == b"")
    check("the host reaches both (control)", fetch(f"http://[{address6(3, 2)}]/") == fetch(f"http://[{address6(3, 3)}]/") == b"hello\n")


def spoofing():
    inside = ["nsenter", "-t", str(pid_of(B)), "-n"]
    target = f"http://[{address6(0, 2)}]/"
    check("with its own address a container is answered (control)", fetch(target, inside) == b"hello\n")
    subprocess.run([*inside, "ip", "addr", "add", address6(0, 0x77) + "/64", "dev", "eth0", "nodad"], check=True)
    check("with another address it is not", subprocess.run([*inside, "curl", "-s", "-g", "-m", "2", "--interface", address6(0, 0x77), target], capture_output=True).stdout == b"")
    subprocess.run([*inside, "ip", "addr", "del", address6(0, 0x77) + "/64", "dev", "eth0"], check=True)
    link = subprocess.run([*inside, "cat", "/sys/class/net/eth0/address"], capture_output=True, text=True).stdout
    bridge = f"{here.prefix}{RED[:10]}"
    lie = [*inside, sys.executable, str(pathlib.Path(__file__).with_name("advertise.py"))]
    target_mac = execute(helper, B, "cat /proc/net/if_inet6; ip link show eth0")[0].split(b"link/ether ")[1].split()[0].decode()

    def neighbour(of):
        shown = subprocess.run(["ip", "-6", "neigh", "show", of, "dev", bridge], capture_output=True, text=True).stdout
        return shown.split("lladdr ")[1].split()[0] if "lladdr " in shown else ""
    before = neighbour(address6(0, 2))
    subprocess.run([*lie, address6(0, 3), address6(0, 1), address6(0, 2), target_mac], check=True)
    check("a container cannot say that it is where another is", before != "" and neighbour(address6(0, 2)) == before, (before, neighbour(address6(0, 2)), link))
    fetch(f"http://[{address6(0, 3)}]/")
    subprocess.run([*lie, address6(0, 3), address6(0, 1), address6(0, 3), "02:42:aa:bb:cc:dd"], check=True)
    check("of itself it may (control)", eventually(lambda: neighbour(address6(0, 3)) == "02:42:aa:bb:cc:dd"), neighbour(address6(0, 3)))
    subprocess.run(["ip", "-6", "neigh", "flush", "dev", bridge], check=True)
    subprocess.run([*lie, address6(0, 3), address6(0, 1), "router", target_mac], check=True)
    routes = subprocess.run(["ip", "-6", "route", "show", "dev", bridge], capture_output=True, text=True).stdout
    check("nor that it is a router", "default" not in routes and "ra" not in routes.split(), routes)


def sources():
    """With sources of one family only, nobody of the other comes in."""
    reply = attached(G, RED, 0, 9, endpoint6(RED, 0, 9), port(18682), port6(18682), source6("fd99::2", 128))
    check("starts one whose ports are for some only", status(reply) == "OK", reply)


def outside():
    neighbour = subprocess.Popen(["unshare", "-n", "sleep", "100"])
    own = os.stat("/proc/self/ns/net").st_ino
    assert eventually(lambda: os.stat(f"/proc/{neighbour.pid}/ns/net").st_ino != own, 20)
    inside = ["nsenter", "-t", str(neighbour.pid), "-n"]
    try:
        subprocess.run(["ip", "link", "add", LAN, "type", "veth", "peer", "name", "lan0", "netns", str(neighbour.pid)], check=True)
        for line in (f"addr add 198.51.100.1/24 dev {LAN}", f"addr add fd99::1/64 dev {LAN} nodad", f"link set {LAN} up"):
            subprocess.run(["ip", *line.split()], check=True)
        for line in ("link set lo up", "addr add 198.51.100.2/24 dev lan0", "addr add fd99::2/64 dev lan0 nodad", "addr add fd99::3/64 dev lan0 nodad", "link set lan0 up", f"-6 route add fd00:{here.net:x}::/32 via fd99::1"):
            subprocess.run([*inside, "ip", *line.split()], check=True)
        check("the LAN reaches a published port", eventually(lambda: fetch("http://[fd99::1]:18680/", inside) == b"hello\n"))
        check("not one of another address", fetch("http://[fd99::1]:18681/", inside) == b"")
        check("not a container by its own address", fetch(f"http://[{address6(0, 2)}]/", inside) == b"" and fetch(f"http://[{address6(1, 2)}]/", inside) == b"")
        by = lambda own: fetch("http://[fd99::1]:18682/", [*inside, "env", "-i", "PATH=/usr/bin:/bin"]) if not own else subprocess.run(
            [*inside, "curl", "-s", "-g", "-m", "2", "--interface", own, "http://[fd99::1]:18682/"], capture_output=True).stdout
        check("a source that is allowed gets in", eventually(lambda: by("fd99::2") == b"hello\n"))
        check("another does not, nor anybody by IPv4", by("fd99::3") == b"" and fetch("http://198.51.100.1:18682/", inside) == b"")
        server = subprocess.Popen([*inside, "busybox", "httpd", "-f", "-p", "[::]:80", "-h", "/etc"])
        check("a container reaches the LAN, by the host's address", eventually(lambda: fetch_inside(A, "http://[fd99::2]/hostname") != b""))
        check("one of an internal network does not", fetch_inside(D, "http://[fd99::2]/hostname") == b"")
        subprocess.run([*inside, "ip", "addr", "add", "fd00:ec2::254/128", "dev", "lan0", "nodad"], check=True)
        subprocess.run(["ip", "-6", "route", "add", "fd00:ec2::254/128", "via", "fd99::2"], check=True)
        check("the host reaches the metadata address (control)", fetch("http://[fd00:ec2::254]/hostname") != b"")
        check("a container does not", fetch_inside(A, "http://[fd00:ec2::254]/hostname") == b"")
        server.terminate()
        server.wait()
    finally:
        neighbour.terminate()
        neighbour.wait()
        subprocess.run(["ip", "link", "delete", LAN], check=False, stderr=subprocess.DEVNULL)


def membership():
    place = (("ADDRESS", number(address(1, 9))), ("PREFIX", 24), ("GATEWAY", number(address(1, 1))))
    reply = helper.call("NETWORK_CONNECT", ("CONTAINER", B), ("NETWORK", BLUE), *place, endpoint6(BLUE, 1, 9))
    check("a running container joins a network with its IPv6 address", status(reply) == "OK" and fetch_inside(B, f"http://[{address6(1, 2)}]/") == b"hello\n", reply)
    check("it keeps its default route", f"default via {address6(0, 1)}".encode() in execute(helper, B, "ip -6 route")[0])
    check("it leaves the first, and the route moves", status(helper.call("NETWORK_DISCONNECT", ("CONTAINER", B), ("NETWORK", RED))) == "OK" and
          eventually(lambda: f"default via {address6(1, 1)}".encode() in execute(helper, B, "ip -6 route")[0]), execute(helper, B, "ip -6 route")[0])
    check("the network left is closed to it", fetch_inside(B, f"http://[{address6(0, 2)}]/") == b"")


def two_gateways():
    routes = lambda: [execute(helper, H, f"ip {family} route show default")[0] for family in ("-4", "-6")]
    is_out = lambda four, six: eventually(lambda: all(f"via {gateway} ".encode() in route if gateway else route == b"" for gateway, route in zip((four, six), routes())))
    answers = lambda: [eventually(lambda: fetch(url) == b"hello\n", 2) for url in (f"http://{address(0, 1)}:18684/", f"http://[{address6(0, 1)}]:18684/")]
    red, blue, plain = ((struct.pack("<III", number(address(third, 20)), number(address(third, 1)), 24)) for third in (0, 1, 9))
    joins = lambda network, third, *more: status(helper.call("NETWORK_CONNECT", ("CONTAINER", H), ("NETWORK", network), ("ADDRESS", number(address(third, 20))), ("PREFIX", 24), ("GATEWAY", number(address(third, 1))), *more))
    leaves = lambda network: status(helper.call("NETWORK_DISCONNECT", ("CONTAINER", H), ("NETWORK", network)))
    allowed = ("SOURCE", struct.pack("<II", number("10.0.0.0"), 8))
    publication = (port(18684), port6(18684))
    reply = attached(H, PLAIN, 9, 20, ("ENDPOINT", RED.encode() + red + bytes(8)), endpoint6(RED, 0, 20), *publication)
    check("each family has the route of the first network that has it", status(reply) == "OK" and is_out(address(9, 1), address6(0, 1)), (reply, routes()))
    check("and its ports there", answers() == [True, True])
    check("the one with IPv6 is left, and with it that family's", leaves(RED) == "OK" and is_out(address(9, 1), "") and fetch(f"http://[{address6(0, 1)}]:18684/") == b"" and answers()[0])
    check("another one brings it back", joins(BLUE, 1, endpoint6(BLUE, 1, 20), *publication) == "OK" and is_out(address(9, 1), address6(1, 1)) and answers() == [True, True], routes())
    check("the first is left, and the other has both", leaves(PLAIN) == "OK" and is_out(address(1, 1), address6(1, 1)) and answers() == [True, True], routes())
    check("two join, and the one before is left: each family has the next that has it", joins(PLAIN, 9) == joins(RED, 0, endpoint6(RED, 0, 20)) == "OK" and leaves(BLUE) == "OK" and
          is_out(address(9, 1), address6(0, 1)) and answers() == [True, True], routes())
    up(RED, 0)
    check("NETWORK_UP keeps that", answers() == [True, True])
    helper.call("CONTAINER_CLEAN", ("CONTAINER", H))
    reply = attached(H, BLUE, 1, 20, endpoint6(BLUE, 1, 20), ("ENDPOINT", PLAIN.encode() + plain + bytes(8)), ("ENDPOINT", RED.encode() + red + bytes(8)), endpoint6(RED, 0, 20), *publication, allowed)
    check("who is allowed stays so for both heirs", status(reply) == "OK" and leaves(BLUE) == "OK" and is_out(address(9, 1), address6(0, 1)) and
          f"{address(9, 20)}" in listed("ip", "restricted") and address6(0, 20) in listed("ip6", "restricted"), (reply, listed("ip", "restricted"), listed("ip6", "restricted")))
    helper.call("CONTAINER_CLEAN", ("CONTAINER", H))
    reply = attached(H, BLUE, 1, 20, endpoint6(BLUE, 1, 20), ("ENDPOINT", PLAIN.encode() + plain + bytes(8)), ("ENDPOINT", RED.encode() + red + bytes(8)), endpoint6(RED, 0, 20), *publication)
    subprocess.run(["nsenter", "-t", str(reply.PID), "-n", "ip", "addr", "flush", "dev", "eth1"], check=True)
    refused = leaves(BLUE)
    check("IPv4 cannot move to a network whose link has lost its address, which is told", refused == "KERNEL" and is_out("", address6(0, 1)), (refused, routes()))
    check("IPv6 moves all the same, with its ports", answers()[1], routes())
    helper.call("CONTAINER_CLEAN", ("CONTAINER", H))


def without_ipv4():
    only = identity("only")
    member = ("ENDPOINT", only.encode() + bytes(20))
    first, second = (("ENDPOINT6", only.encode() + bytes6(address6(20, last)) + bytes6(address6(20, 1)) + struct.pack("<I", 64)) for last in (2, 3))
    check("a network has IPv6 alone", status(helper.call("NETWORK_UP", ("NETWORK", only), network6(address6(20, 1)))) == "OK")
    check("and again", status(helper.call("NETWORK_UP", ("NETWORK", only), network6(address6(20, 1)))) == "OK")
    bridge = f"{here.prefix}{only[:10]}"
    shown = subprocess.run(["ip", "-o", "addr", "show", "dev", bridge], capture_output=True, text=True).stdout
    check("its bridge has no other address", f"{address6(20, 1)}/64" in shown and "inet " not in shown, shown)
    check("no network overlaps with it for having no IPv4", status(helper.call("NETWORK_UP", ("NETWORK", identity("only too")), network6(address6(21, 1)))) == "OK" and
          status(helper.call("NETWORK_DOWN", ("NETWORK", identity("only too")))) == "OK")
    refused = helper.call("NETWORK_UP", ("NETWORK", identity("only too")), network6(address6(20, 9)))
    check("but for its IPv6", status(refused) == "EXISTS", refused)
    reply = run(helper, H, [LAYER], "httpd -p [::]:80 -h /www; sleep 1000", ("NETWORK", only), first, port(18685), port6(18685), mode=1)
    out = execute(helper, H, "ip -o addr show eth0; ip route; ip -6 route")[0].decode()
    check("a container there has one address and one route", status(reply) == "OK" and f"{address6(20, 2)}/64" in out and "inet " not in out and f"default via {address6(20, 1)}" in out and "10." not in out, (reply, out))
    check("its port is reached by IPv6", eventually(lambda: fetch(f"http://[{address6(20, 1)}]:18685/") == b"hello\n"))
    reply = run(helper, identity("second"), [LAYER], "sleep 1000", ("NETWORK", only), second, mode=1)
    check("neighbours reach one another", status(reply) == "OK" and fetch_inside(identity("second"), f"http://[{address6(20, 2)}]/") == b"hello\n", reply)
    check("other networks do not reach them", fetch_inside(B, f"http://[{address6(20, 2)}]/") == b"")
    pid = pid_of(identity("second"))
    for line in ("addr add 10.250.0.3/24 dev eth0", "route add default via 10.250.0.1"):
        subprocess.run(["nsenter", "-t", str(pid), "-n", "ip", *line.split()], check=True)
    subprocess.run(["ip", "addr", "add", "10.250.0.1/24", "dev", bridge], check=True)
    lie = subprocess.run(["nsenter", "-t", str(pid), "-n", "busybox", "ping", "-c", "1", "-W", "1", "10.250.0.1"], capture_output=True)
    subprocess.run(["ip", "addr", "del", "10.250.0.1/24", "dev", bridge], check=True)
    check("an address of IPv4 that one gives itself is believed by nobody", lie.returncode == 1, lie)
    for what, place in (("any address", ()), ("IPv4", (("ADDRESS", number(address(20, 2))), ("PREFIX", 24), ("GATEWAY", number(address(20, 1))), second))):
        wrong = helper.call("NETWORK_CONNECT", ("CONTAINER", B), ("NETWORK", only), *place)
        check(f"a place there without its own address, or with {what}, is refused", status(wrong) == "INVALID", wrong)
    check("NETWORK_UP keeps what runs", status(helper.call("NETWORK_UP", ("NETWORK", only), network6(address6(20, 1)))) == "OK" and fetch(f"http://[{address6(20, 1)}]:18685/") == b"hello\n")
    for container in (H, identity("second")):
        helper.call("CONTAINER_REMOVE", ("CONTAINER", container)) if status(helper.call("CONTAINER_CLEAN", ("CONTAINER", container))) == "OK" else None
    reply = attached(H, PLAIN, 9, 20, member, first, port(18685), port6(18685))
    out = execute(helper, H, "ip route; ip -6 route")[0].decode()
    check("beside a network with IPv4 alone, each family has its route and ports", status(reply) == "OK" and f"default via {address(9, 1)}" in out and f"default via {address6(20, 1)}" in out and
          all(eventually(lambda: fetch(f"http://{host}:18685/") == b"hello\n") for host in (address(9, 1), f"[{address6(20, 1)}]")), (reply, out))
    check("it is left, and IPv4 stays", status(helper.call("NETWORK_DISCONNECT", ("CONTAINER", H), ("NETWORK", only))) == "OK" and fetch(f"http://{address(9, 1)}:18685/") == b"hello\n")
    joined = helper.call("NETWORK_CONNECT", ("CONTAINER", H), ("NETWORK", only), first, port6(18685))
    check("and joined by one that runs", status(joined) == "OK" and fetch(f"http://[{address6(20, 1)}]:18685/") == b"hello\n", joined)
    helper.call("CONTAINER_CLEAN", ("CONTAINER", H))
    check("it goes, with its bridge and rules", status(helper.call("NETWORK_DOWN", ("NETWORK", only))) == "OK" and bridge not in rules() and not os.path.exists(f"/sys/class/net/{bridge}"))


def listed(family, name):
    return subprocess.run(["nft", "list", "set", family, "tallyman-" + here.name, name], capture_output=True, text=True).stdout


def flushed():
    for family in ("ip6", "bridge"):
        subprocess.run(["nft", "delete", "table", family, "tallyman-" + here.name], check=True)
    check("without our rules a published port is dead (control)", fetch(f"http://[{address6(0, 1)}]:18680/") == b"")
    check("NETWORK_UP brings rules back that somebody flushed", status(up(BLUE, 1)) == status(up(RED, 0)) == status(up(INNER, 2, ("INTERNAL", 1))) == "OK")
    check("and with them the ports and endpoints of what runs", eventually(lambda: fetch(f"http://[{address6(0, 1)}]:18680/") == b"hello\n"))
    check("and what separates networks", fetch_inside(C, f"http://[{address6(0, 2)}]/") == b"")


def removal():
    for container in (A, B, C, D, E, F, G, H):
        helper.call("CONTAINER_CLEAN", ("CONTAINER", container))
    check("the ports of ended containers are free", "18680" not in rules() and os.listdir(here.kernel("endpoints")) == [])
    for container in (A, B, C, D, E, F, G, H):
        helper.call("CONTAINER_REMOVE", ("CONTAINER", container))
    check("removes the networks", all(status(helper.call("NETWORK_DOWN", ("NETWORK", network))) == "OK" for network in (RED, BLUE, INNER, ALONE, PLAIN)))
    check("nothing of ours stays in the kernel", f"tallyman-{here.name}" not in rules())


if not os.path.exists("/proc/net/if_inet6") or subprocess.run(["nft", "add table bridge tx-probe; delete table bridge tx-probe; add table ip6 tx-probe; delete table ip6 tx-probe"], capture_output=True).returncode:
    check("a kernel without IPv6 refuses such a network", status(up(RED, 0)) != "OK")
    finish()
assert status(unpack(helper, LAYER, busybox_archive())) == "OK"
networks()
containers()
published()
separated()
spoofing()
sources()
outside()
membership()
two_gateways()
without_ipv4()
flushed()
removal()
finish()
