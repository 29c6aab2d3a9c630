#!/usr/bin/env python3
"""Seconds and bytes of a build's context: sent for the first time, unchanged, and with one file changed.

The docker client (with buildx, or CLI 22 and older with DOCKER_BUILDKIT=1) speaks through a socket here that counts what passes; the Dockerfile does
nothing with the context but copy one small file, so that the time is that of the transfer.

  context-bench.py --socket /run/tallyman/docker.sock [--client docker] [--mib 1024] [--files 1024]
"""
import argparse, os, shutil, socket, subprocess, tempfile, threading, time

MIB = 1 << 20


class Counter:
    """A unix socket that hands everything on."""

    def __init__(self, path, behind):
        self.behind, self.to_server, self.to_client = behind, 0, 0
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
            threading.Thread(target=self.hand_on, args=(client, server, "to_server"), daemon=True).start()
            threading.Thread(target=self.hand_on, args=(server, client, "to_client"), daemon=True).start()

    def hand_on(self, source, target, way):
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
            with self.lock:
                setattr(self, way, getattr(self, way) + count)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--socket", default="/run/tallyman/docker.sock")
    parser.add_argument("--client", default="docker")
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--files", type=int, default=1024)
    parser.add_argument("--dir", default="/var/tmp")
    given = parser.parse_args()
    work = tempfile.mkdtemp(prefix="context-bench.", dir=given.dir)
    try:
        counter = Counter(os.path.join(work, "socket"), given.socket)
        context = os.path.join(work, "context")
        os.makedirs(context)
        size = given.mib * MIB // given.files
        for i in range(given.files):
            folder = os.path.join(context, f"d{i % 32}")
            os.makedirs(folder, exist_ok=True)
            with open(os.path.join(folder, f"f{i}"), "wb") as f:
                f.write(os.urandom(size))
        with open(os.path.join(context, "small"), "w") as f:
            f.write(str(time.time()))
        with open(os.path.join(context, "Dockerfile"), "w") as f:
            f.write("FROM scratch\nCOPY small /\n")
        environment = {**os.environ, "DOCKER_HOST": "unix://" + os.path.join(work, "socket"), "DOCKER_BUILDKIT": "1"}
        os.sync()

        def build(what):
            counter.to_server = counter.to_client = 0
            began = time.perf_counter()
            subprocess.run([given.client, "build", "-q", context], env=environment, check=True, stdout=subprocess.DEVNULL)
            took = time.perf_counter() - began
            print(f"{what:12} {took:7.2f} s  {counter.to_server:>13,} bytes to the server  {counter.to_client:>10,} to the client", flush=True)

        build("first")
        for _ in range(3):
            build("unchanged")
        with open(os.path.join(context, "d0", "f0"), "ab") as f:
            f.write(b"x")
        build("one changed")
        build("unchanged")
    finally:
        shutil.rmtree(work)


main()
