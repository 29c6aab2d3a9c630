#!/usr/bin/env python3
"""Puts a load on a running Tallyman, or any Docker Engine API server, and measures it from outside.

    load.py --socket PATH --pid PID [--image busybox] [--n 1000] [--listeners 100] [--only many,listeners,end] [--restart COMMAND]

PID is the server's process, or @FILE that holds it; its resident memory and open descriptors are read before and after. --restart is a shell command that
ends the server at once and starts it again, for `many`. Everything it makes is named tl-* and removed at the end.
"""
import argparse, concurrent.futures, importlib.util, os, pathlib, select, socket, statistics, subprocess, threading, time

spec = importlib.util.spec_from_file_location("bench", pathlib.Path(__file__).with_name("engine-bench.py"))
bench = importlib.util.module_from_spec(spec)
spec.loader.exec_module(bench)


def server(pid):
    """(resident MiB, open descriptors)"""
    pid = pathlib.Path(pid[1:]).read_text().strip() if pid.startswith("@") else pid
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return round(int(status.split("VmRSS:")[1].split()[0]) / 1024), len(os.listdir(f"/proc/{pid}/fd"))


def timed(function, *arguments):
    began = time.perf_counter()
    result = function(*arguments)
    return round((time.perf_counter() - began) * 1000, 1), result


def parallel(items, work, workers=8):
    """Work on each item, with a connection per worker; milliseconds of each."""
    local = threading.local()

    def one(item):
        if not hasattr(local, "engine"):
            local.engine = bench.Engine(arguments.socket)
        return timed(work, local.engine, item)[0]

    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        return list(pool.map(one, items))


def wait_for_answer(seconds=60):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        try:
            return bench.Engine(arguments.socket).call("GET", "/containers/json")
        except (OSError, RuntimeError):
            time.sleep(0.01)
    raise SystemExit("the server did not come back")


def many():
    """N containers on the bridge: start, list, inspect, stats, a restart of the server, removal."""
    names = [f"tl-{i}" for i in range(arguments.n)]

    def start(engine, name):
        bench.create(engine, name, ["sleep", "3600"], arguments.image)
        engine.call("POST", f"/containers/{name}/start")

    engine = bench.Engine(arguments.socket)
    print("before:", server(arguments.pid), "MiB, descriptors")
    try:
        whole, each = timed(parallel, names, start)
        print(f"{len(names)} started by 8 clients in {whole / 1000:.1f} s, median {statistics.median(each):.1f} ms, worst {max(each):.0f} ms; {server(arguments.pid)}")
        print("list:", statistics.median(timed(engine.call, "GET", "/containers/json")[0] for _ in range(20)), "ms")
        print("inspect:", statistics.median(timed(engine.call, "GET", f"/containers/{name}/json")[0] for name in names[:200]), "ms")
        whole, each = timed(parallel, names, lambda e, name: e.call("GET", f"/containers/{name}/stats?stream=0&one-shot=1"))
        print(f"stats of all in {whole / 1000:.1f} s, median {statistics.median(each):.1f} ms")
        if arguments.restart:
            running = len(engine.call("GET", "/containers/json"))
            subprocess.run(arguments.restart, shell=True, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            until, after = timed(wait_for_answer)
            print(f"restart: {running} were running, {len(after)} after it, answered {until} ms after the command ended")
    finally:
        whole, _ = timed(parallel, names, lambda e, name: bench.remove(e, name))
        print(f"removed in {whole / 1000:.1f} s")


class Reader(threading.Thread):
    """Follows a stream and counts its bytes."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.count = 0
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(arguments.socket)
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

    def run(self):
        try:
            while piece := self.socket.recv(65536):
                self.count += len(piece)
        except OSError:
            pass


def listeners():
    """As many log followers and event listeners at once, while one container writes 20 MB and 100 others come and go."""
    engine = bench.Engine(arguments.socket)
    try:
        bench.create(engine, "tl-log", ["sh", "-c", "sleep 3; yes 0123456789012345678901234567890123456789012345678 | head -n 400000; sleep 60"], arguments.image)
        engine.call("POST", "/containers/tl-log/start")
        before = server(arguments.pid)
        readers = [Reader(path) for path in ("/containers/tl-log/logs?stdout=1&follow=1", "/events") for _ in range(arguments.listeners)]
        for reader in readers:
            reader.start()
        for i in range(100):
            bench.one_run(engine, f"l{i}", arguments.image, "none")
        highest, end = server(arguments.pid), time.time() + 60
        while time.time() < end and min(r.count for r in readers[:arguments.listeners]) < 400_000 * 50:
            time.sleep(0.2)
            highest = max(highest, server(arguments.pid))
        logs, events = [r.count for r in readers[:arguments.listeners]], [r.count for r in readers[arguments.listeners:]]
        print(f"memory and descriptors before {before}, highest {highest}; each follower got {min(logs)} to {max(logs)} bytes, each listener {min(events)} to {max(events)}")
        for reader in readers:
            reader.socket.shutdown(socket.SHUT_RDWR)
        time.sleep(3)
        print("after they left:", server(arguments.pid))
    finally:
        bench.remove(engine, "tl-log")


def one_end(engine, name):
    """Milliseconds from the end of a container's process to the answer of `wait`, by the clock both share."""
    bench.create(engine, name, ["sleep", "600"], arguments.image, NetworkMode="none")
    try:
        engine.call("POST", f"/containers/{name}/start")
        pid = engine.call("GET", f"/containers/{name}/json")["State"]["Pid"]
        told = []
        waiting = bench.Engine(arguments.socket)
        thread = threading.Thread(target=lambda: (waiting.call("POST", f"/containers/{name}/wait"), told.append(time.perf_counter())))
        thread.start()
        time.sleep(0.2)
        handle = os.pidfd_open(pid)
        os.kill(pid, 9)
        select.select([handle], [], [])
        gone = time.perf_counter()
        os.close(handle)
        thread.join()
        return (told[0] - gone) * 1000
    finally:
        bench.remove(engine, name)


def end():
    """How soon the end of a container is told."""
    engine = bench.Engine(arguments.socket)
    late = [one_end(engine, f"tl-end-{i}") for i in range(30)]
    print(f"end of a process to the answer of wait: median {statistics.median(late):.2f} ms, worst {max(late):.2f} ms")


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--socket", required=True)
parser.add_argument("--pid", required=True)
parser.add_argument("--image", default="busybox")
parser.add_argument("--n", type=int, default=1000)
parser.add_argument("--listeners", type=int, default=100)
parser.add_argument("--only", default="many,listeners,end")
parser.add_argument("--restart")
arguments = parser.parse_args()
for each in arguments.only.split(","):
    print("#", each)
    {"many": many, "listeners": listeners, "end": end}[each]()
