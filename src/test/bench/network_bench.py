"""What a container network carries: streams, connects and names, measured by processes of our own inside the network namespaces, so that no program of the
image counts. Needs root. Used by engine-bench.py as its scenario `network`."""
import ctypes, multiprocessing, os, socket, struct, time

CLONE_NEWNET, SO_PEERCRED = 0x40000000, 17
SECONDS = 2.0
PORT_STREAM, PORT_CONNECT = 5000, 5001
libc = ctypes.CDLL(None, use_errno=True)


def enter(pid):
    """The calling process goes into the network namespace of process PID."""
    fd = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    if libc.setns(fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")
    os.close(fd)


def inside(pid, function, *arguments):
    """The result of a function that runs in a process of its own, in the network of PID."""
    ours, theirs = multiprocessing.Pipe()

    def work():
        enter(pid)
        theirs.send(function(*arguments))

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    theirs.close()
    try:
        return ours.recv()
    finally:
        process.join()


def serve(pid):
    """Two servers in the container's network: an endless stream, and one that takes a connection and ends it. -> their process"""
    ready, told = multiprocessing.Pipe()

    def work():
        enter(pid)
        stream, connect = (socket.create_server(("", port), backlog=1024) for port in (PORT_STREAM, PORT_CONNECT))
        told.send(True)
        if os.fork() == 0:
            while True:
                connect.accept()[0].close()
        piece = bytes(1 << 20)
        while True:
            peer = stream.accept()[0]
            try:
                while True:
                    peer.sendall(piece)
            except OSError:
                peer.close()

    def in_a_group():
        os.setsid()
        work()

    process = multiprocessing.get_context("fork").Process(target=in_a_group)
    process.start()
    ready.recv()
    return process


def mebibytes_a_second(address, port):
    buffer, total = bytearray(1 << 20), 0
    with socket.create_connection((address, port), timeout=10) as peer:
        end = time.perf_counter() + SECONDS
        while time.perf_counter() < end:
            total += peer.recv_into(buffer)
    return total / SECONDS / (1 << 20)


def connects_a_second(address, port):
    count, end = 0, time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        with socket.create_connection((address, port), timeout=10) as peer:
            peer.recv(1)
        count += 1
    return count / SECONDS


def answers_a_second(name, window=16):
    """Queries for the A record of NAME at 127.0.0.11, WINDOW of them under way."""
    question = b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0" + struct.pack(">HH", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.connect(("127.0.0.11", 53))
        asker.settimeout(5)
        for number in range(window):
            asker.send(struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 0) + question)
        count, end = 0, time.perf_counter() + SECONDS
        while time.perf_counter() < end:
            answer = asker.recv(512)
            if struct.unpack(">HHH", answer[:6])[1] & 15 or struct.unpack(">H", answer[6:8])[0] < 1:
                raise RuntimeError(f"no address for {name}: {answer!r}")
            asker.send(answer[:2] + struct.pack(">HHHHH", 0x0100, 1, 0, 0, 0) + question)
            count += 1
    return count / SECONDS


def daemon_of(path):
    """Process id of the server behind a unix socket: published ports are those of its network namespace."""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(path)
        return struct.unpack("iii", peer.getsockopt(socket.SOL_SOCKET, SO_PEERCRED, 12))[0]


def create(engine, name, network, image, ports):
    host = {"NetworkMode": network, "PortBindings": {port: [{"HostIp": "", "HostPort": ""}] for port in ports}}
    body = {"Image": image, "Cmd": ["/bin/sleep", "1000"], "ExposedPorts": {port: {} for port in ports}, "HostConfig": host}
    return engine.call("POST", f"/containers/create?name={name}", body)["Id"]


def measure(engine, remove, image):
    """Two containers on a network of their own; streams in MiB/s, the rest a second."""
    mark, made, server = f"tb-net-{os.getpid()}", [], None
    network = engine.call("POST", "/networks/create", {"Name": mark})["Id"]
    try:
        for name, ports in (("a", (f"{PORT_STREAM}/tcp", f"{PORT_CONNECT}/tcp")), ("b", ())):
            made.append(create(engine, f"{mark}-{name}", mark, image, ports))
            engine.call("POST", f"/containers/{made[-1]}/start")
        one, other = (engine.call("GET", f"/containers/{each}/json") for each in made)
        settings = one["NetworkSettings"]
        published = {port: int(settings["Ports"][f"{port}/tcp"][0]["HostPort"]) for port in (PORT_STREAM, PORT_CONNECT)}
        address, gateway = (settings["Networks"][mark][key] for key in ("IPAddress", "Gateway"))
        client, daemon = other["State"]["Pid"], daemon_of(engine.path)
        server = serve(one["State"]["Pid"])
        return {
            "between_MiB_s": inside(client, mebibytes_a_second, address, PORT_STREAM),
            "between_connects": inside(client, connects_a_second, address, PORT_CONNECT),
            "published_MiB_s": inside(daemon, mebibytes_a_second, gateway, published[PORT_STREAM]),
            "published_connects": inside(daemon, connects_a_second, gateway, published[PORT_CONNECT]),
            "localhost_MiB_s": inside(daemon, mebibytes_a_second, "127.0.0.1", published[PORT_STREAM]),
            "localhost_connects": inside(daemon, connects_a_second, "127.0.0.1", published[PORT_CONNECT]),
            "dns_answers": inside(client, answers_a_second, f"{mark}-a"),
        }
    finally:
        if server:
            os.killpg(server.pid, 9)
            server.join()
        for each in made:
            remove(engine, each)
        engine.call("DELETE", f"/networks/{network}")
