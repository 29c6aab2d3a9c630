#!/usr/bin/env python3
"""Seconds that builds take, on one server or on several in turn, with the docker client and buildx.

  build-bench.py --socket /run/tallyman/docker.sock [--socket PEER] [--only context,ten] [--rounds 3] [--client docker]

Each round has every scenario on each server, A B A B, with files of its own, so that neither knows them. The client needs buildx (or is CLI 22 and older,
DOCKER_BUILDKIT=1). Both servers need the images busybox and, for apt, debian:bookworm-slim with nothing installed; the commands of RUN need no network: apt's
packages are fetched once, by this machine's apt-get, and go into a base image.
"""
import argparse, hashlib, http.client, os, shutil, socket, statistics, subprocess, tempfile, threading, time

from transfer_bench import Watch, rss_mib, server_of

MIB = 1 << 20
BASE, PACKAGES = "debian:bookworm-slim", ("git", "python3", "curl")
CONTEXTS, STAGES = 10, 3


class Counter:
    """A unix socket that hands everything on."""

    def __init__(self, path, behind):
        self.behind, self.to_server = behind, 0
        self.lock = threading.Lock()
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(path)
        self.server.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.server.accept()
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.behind)
            threading.Thread(target=self.hand_on, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self.hand_on, args=(server, client, False), daemon=True).start()

    def hand_on(self, source, target, is_counted):
        buffer = bytearray(256 << 10)
        while True:
            try:
                count = source.recv_into(buffer)
                if count == 0:
                    target.shutdown(socket.SHUT_WR)
                    return
                target.sendall(memoryview(buffer)[:count])
            except OSError:
                return
            if is_counted:
                with self.lock:
                    self.to_server += count


class Server:
    """What builds are sent to, with the folder of a round."""

    def __init__(self, path, given):
        self.path, self.given, self.work = path, given, ""

    def run(self, *command, host=None, **more):
        environment = {**os.environ, "DOCKER_HOST": "unix://" + (host or self.path), "DOCKER_BUILDKIT": "1"}
        done = subprocess.run([self.given.client, *command], env=environment, capture_output=True, **more)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr[-600:].decode(errors='replace')}")
        return done.stdout

    def build(self, context, *options, host=None):
        """Seconds of a build, with the client's own time."""
        began = time.perf_counter()
        self.run("build", "-q", *options, context, host=host)
        return time.perf_counter() - began


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb" if isinstance(data, bytes) else "w") as f:
        f.write(data)


def many_files(context, count):
    """Files of 200 bytes, 100 in each folder, of which only the last two are below src."""
    data = os.urandom(count + 200)
    for i in range(count):
        folder = f"{context}/{'src' if i >= count - 2 else 'data'}/d{i // 100}"
        if i % 100 == 0 or i == count - 2:
            os.makedirs(folder)
        with open(f"{folder}/f{i}", "wb") as f:
            f.write(data[i:i + 200])


def ignored(server, context):
    """100,000 files of which .dockerignore leaves all but two out"""
    if not os.path.exists(context):
        many_files(context, server.given.many)
        write(f"{context}/.dockerignore", "**\n!Dockerfile\n!src/**\n")
        write(f"{context}/Dockerfile", "FROM busybox\nCOPY . /app\n")
        os.sync()
    row = {"first": server.build(context), "again": server.build(context)}
    write(f"{context}/src/d{(server.given.many - 1) // 100}/f{server.given.many - 1}", server.path)
    row["one changed"] = server.build(context)
    return row


def sent(server, context):
    """100,000 files of which all but one are sent and copied into the image"""
    if not os.path.exists(context):
        many_files(context, server.given.many)
        write(f"{context}/.dockerignore", "data/d0/f0\n")
        write(f"{context}/Dockerfile", "FROM busybox\nCOPY . /app\n")
        os.sync()
    row = {"first": server.build(context), "again": server.build(context)}
    write(f"{context}/data/d1/f100", server.path)
    row["one changed"] = server.build(context)
    return row


def repository(server):
    """A folder with the packages that are missing in the base image, and apt's list of them; made once."""
    folder = os.path.join(server.given.dir, "build-bench.repository")
    if os.path.exists(f"{folder}/Packages"):
        return folder
    os.makedirs(f"{folder}/partial", exist_ok=True)
    write(f"{folder}.status", server.run("run", "--rm", BASE, "cat", "/var/lib/dpkg/status"))
    apt = ["apt-get", "-qq", "-y", "-o", f"Dir::State::status={folder}.status", "-o", f"Dir::Cache::archives={folder}", "--no-install-recommends", "--download-only", "install"]
    subprocess.run([*apt, *PACKAGES], check=True)
    text = []
    for name in sorted(each for each in os.listdir(folder) if each.endswith(".deb")):
        with open(f"{folder}/{name}", "rb") as f:
            content = f.read()
        control = subprocess.run(["dpkg-deb", "-f", f"{folder}/{name}"], check=True, capture_output=True, text=True).stdout
        text.append(f"{control.rstrip()}\nFilename: ./{name}\nSize: {len(content)}\nSHA256: {hashlib.sha256(content).hexdigest()}\n")
    shutil.rmtree(f"{folder}/partial")
    write(f"{folder}/Packages", "\n".join(text))
    return folder


def apt(server, context):
    """apt-get update and install in a RUN with cache mounts for what is downloaded: with nothing there, and with all packages there but no step in the cache"""
    folder, tag = repository(server), "build-bench-apt-base"
    write(f"{folder}/Dockerfile", f"FROM {BASE}\nCOPY *.deb Packages /repository/\n"
          "RUN rm -f /etc/apt/sources.list /etc/apt/sources.list.d/* && echo 'deb [trusted=yes] copy:/repository ./' >/etc/apt/sources.list\n")
    server.build(folder, "-t", tag)
    mounts = " ".join(f"--mount=type=cache,sharing=locked,id={os.path.basename(context)}-{i},target={each}" for i, each in enumerate(("/var/cache/apt", "/var/lib/apt")))
    write(f"{context}/Dockerfile", f"FROM {tag}\nRUN {mounts} apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends {' '.join(PACKAGES)}\n")
    os.sync()
    cold = server.build(context, "--no-cache")
    os.sync()
    return {"nothing there": cold, "warm": server.build(context, "--no-cache"), "from the cache": server.build(context)}


def ten(server, context):
    """10 builds at once, each of a context of 4 MiB in 50 files and 8 steps in two stages: until the last has ended"""
    if not os.path.exists(context):
        for n in range(CONTEXTS):
            for i in range(50):
                write(f"{context}/c{n}/src/f{i}", os.urandom(4 * MIB // 50))
            write(f"{context}/c{n}/Dockerfile", "FROM busybox AS made\nWORKDIR /src\nCOPY src/ .\nRUN cat * >/all\nRUN sha256sum /all >/sum\nRUN ls -l >/list\n"
                  "FROM busybox\nRUN mkdir /made\nCOPY --from=made /all /sum /list /made/\nRUN cat /made/sum\n")
    def all_at_once(*options):
        failures = []
        def one(n):
            try:
                server.build(f"{context}/c{n}", *options)
            except Exception as x:
                failures.append(x)
        threads = [threading.Thread(target=one, args=(n,)) for n in range(CONTEXTS)]
        began = time.perf_counter()
        [t.start() for t in threads]
        [t.join() for t in threads]
        if failures:
            raise failures[0]
        return time.perf_counter() - began
    return {"first": all_at_once(), "no cache": all_at_once("--no-cache"), "from the cache": all_at_once()}


def stages(server, context):
    """three stages that do not need each other, RUN sleep 2 in each, and a fourth that copies from all of them"""
    names = [f"s{i}" for i in range(STAGES)]
    write(f"{context}/Dockerfile", "".join(f"FROM busybox AS {each}\nRUN sleep 2 && echo {each} >/{each}\n" for each in names)
          + "FROM busybox\n" + "".join(f"COPY --from={each} /{each} /\n" for each in names))
    return {"no cache": server.build(context, "--no-cache"), "from the cache": server.build(context)}


def context(server, context):
    """a context of 1 GiB in 1,024 files, copied into the image; the bytes are counted by a program in between, whose time is in the seconds"""
    size = server.given.mib * MIB // server.given.files
    if not os.path.exists(context):
        for i in range(server.given.files):
            write(f"{context}/d{i % 32}/f{i}", os.urandom(size))
        write(f"{context}/small", str(time.time()))
        write(f"{context}/Dockerfile", "FROM scratch\nCOPY . /all\n")
        write(f"{context}/one", "FROM scratch\nCOPY small /\n")
        os.sync()
    path = f"{server.work}/{os.path.basename(context)}.{abs(hash(server.path))}"
    counter, row = Counter(path, server.path), {}
    def measured(what, *options):
        counter.to_server = 0
        row[what] = server.build(context, *options, host=path)
        row[what + ", MB to the server"] = counter.to_server / 1e6
    measured("one small file copied", "-f", f"{context}/one")
    measured("first")
    measured("unchanged")
    with open(f"{context}/d0/f0", "ab") as f:
        f.write(b"x")
    measured("one changed")
    return row


def memory(server, context):
    """a context of 4 GiB by buildx, copied into the image, and the same as a tar by the classic API: seconds, and the server's largest resident memory above idle"""
    pieces = server.given.large // 256
    if not os.path.exists(context):
        piece = os.urandom(256 * MIB)
        for i in range(pieces):
            write(f"{context}/f{i}", i.to_bytes(8, "big") + piece[8:])
        write(f"{context}/Dockerfile", "FROM scratch\nCOPY . /all\n")
        os.sync()
    pid = server_of(server.path)
    row = {"idle, MiB": rss_mib(pid)}
    for what, work in (("buildx", lambda: server.build(context)), ("classic", lambda: classic(server.path, context))):
        idle = rss_mib(pid)
        with Watch(pid) as watch:
            began = time.perf_counter()
            work()
            row[what] = time.perf_counter() - began
        row[what + ", MiB above idle"] = watch.peak - idle
    return row


def classic(path, context):
    """POST /build with a tar as it is made, in chunks."""
    with subprocess.Popen(["tar", "-C", context, "-cf", "-", "."], stdout=subprocess.PIPE) as tar:
        connection = http.client.HTTPConnection("localhost", timeout=1800)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(path)
        connection.request("POST", "/build?nocache=1", iter(lambda: tar.stdout.read(MIB), b""), {"Content-Type": "application/x-tar"}, encode_chunked=True)
        answer = connection.getresponse()
        text = answer.read()
    if answer.status != 200 or b'"errorDetail"' in text:
        raise RuntimeError(f"POST /build: {answer.status} {text[-300:]!r}")


SCENARIOS = {each.__name__: each for each in (ignored, sent, apt, ten, stages, context, memory)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--socket", action="append", required=True)
    parser.add_argument("--only", default=",".join(SCENARIOS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--client", default="docker")
    parser.add_argument("--many", type=int, default=100_000, help="files of ignored and sent")
    parser.add_argument("--mib", type=int, default=1024, help="of context")
    parser.add_argument("--files", type=int, default=1024, help="of context")
    parser.add_argument("--large", type=int, default=4096, help="MiB of memory's context")
    parser.add_argument("--dir", default="/var/tmp")
    given = parser.parse_args()
    servers = [Server(each, given) for each in given.socket]
    work = tempfile.mkdtemp(prefix="build-bench.", dir=given.dir)
    try:
        for server in servers:
            server.work = work
        for name in given.only.split(","):
            measure(name, servers, given, work)
    finally:
        shutil.rmtree(work)


def measure(name, servers, given, work):
    print(f"{name}: {SCENARIOS[name].__doc__}", flush=True)
    rows = [[] for _ in servers]
    for number in range(given.rounds):
        folder = f"{work}/{name}-{os.getpid()}-{number}"
        for server, its in zip(servers, rows):
            its.append(SCENARIOS[name](server, folder))
        shutil.rmtree(folder)
    for what in rows[0][0]:
        values = [sorted(row[what] for row in its) for its in rows]
        cells = "".join(f"{statistics.median(each):9.2f} ({each[0]:.2f}..{each[-1]:.2f})".ljust(30) for each in values)
        print(f"  {what:30}{cells}  load {os.getloadavg()[0]:.1f}", flush=True)


if __name__ == "__main__":
    main()
