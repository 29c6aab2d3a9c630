"""What images cost on their way: to and from a registry on loopback, many small files, many clients at once, and one very large layer.

Used by engine-bench.py; src/test/bench/compare starts a docker-registry for each server. Images that are sent have random content, so
that neither server knows them.
"""
import hashlib, io, json, os, socket, struct, tarfile, tempfile, threading, time

REGISTRY = "127.0.0.1:15600"
ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]
TEXT = b"the quick brown fox jumps over the lazy dog %d\n" * 30000
MIB = 1 << 20
PULLS = 50


def seconds(work):
    t0 = time.perf_counter()
    work()
    return time.perf_counter() - t0


def tar_of(names_and_data):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as t:
        for name, data in names_and_data:
            ti = tarfile.TarInfo(name); ti.size = len(data); ti.mode = 0o644
            t.addfile(ti, io.BytesIO(data))
    return out.getvalue()


def saved(layers, name):
    """An archive of docker save."""
    ids = ["sha256:" + hashlib.sha256(layer).hexdigest() for layer in layers]
    config = {"architecture": ARCHITECTURE, "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": ids}}
    names = [f"l{i}/layer.tar" for i in range(len(layers))]
    manifest = [{"Config": "config.json", "RepoTags": [name], "Layers": names}]
    return tar_of([*zip(names, layers), ("config.json", json.dumps(config).encode()), ("manifest.json", json.dumps(manifest).encode())])


def half_random(mib, n=0):
    """A layer of files of 1 MiB, random and text in turn."""
    return tar_of((f"data/{n}/f{i}", os.urandom(MIB) if i % 2 else TEXT[:MIB]) for i in range(mib))


def load(e, archive):
    e.call("POST", "/images/load", archive, raw=True, headers={"Content-Type": "application/x-tar"}, fresh=True)


def transfer(e, path):
    """A push or a pull; its stream says how it went."""
    said = e.call("POST", path, raw=True, headers={"X-Registry-Auth": "e30="}, fresh=True).decode()
    if '"error' in said:
        raise RuntimeError(said[-300:])


def push(e, repository):
    transfer(e, f"/images/{REGISTRY}/{repository}/push?tag=1")


def pull(e, repository):
    transfer(e, f"/images/create?fromImage={REGISTRY}/{repository}&tag=1")


def remove(e, repository):
    e.call("DELETE", f"/images/{REGISTRY}/{repository}:1?force=1", raw=True)


def big_image(e):
    """500 MiB in 10 layers, half random and half text: pushed and pulled again."""
    load(e, saved([half_random(50, n) for n in range(10)], f"{REGISTRY}/bench/big:1"))
    row = {"push_s": seconds(lambda: push(e, "bench/big"))}
    remove(e, "bench/big")
    row["pull_s"] = seconds(lambda: pull(e, "bench/big"))
    remove(e, "bench/big")
    return row


def small_files(e):
    """100,000 files of 100 bytes in 1,000 directories: loaded, pushed, pulled."""
    data = os.urandom(100_100)
    archive = saved([tar_of((f"small/d{i // 100}/f{i}", data[i:i + 100]) for i in range(100_000))], f"{REGISTRY}/bench/small:1")
    row = {"load_s": seconds(lambda: load(e, archive))}
    push(e, "bench/small")
    remove(e, "bench/small")
    row["pull_s"] = seconds(lambda: pull(e, "bench/small"))
    row["remove_s"] = seconds(lambda: remove(e, "bench/small"))
    return row


def herd(e, engine, access_log):
    """50 clients pull the same 100 MiB in 4 layers at once; how often layers were fetched stands in the registry's access log."""
    layers = [half_random(25, n) for n in range(4)]
    load(e, saved(layers, f"{REGISTRY}/bench/herd:1"))
    push(e, "bench/herd")
    remove(e, "bench/herd")
    start, failures = threading.Barrier(PULLS + 1), []
    before = blobs_fetched(access_log)
    def one():
        mine = engine(e.path)
        start.wait()
        try:
            pull(mine, "bench/herd")
        except Exception as x:
            failures.append(x)
    threads = [threading.Thread(target=one) for _ in range(PULLS)]
    [t.start() for t in threads]
    start.wait()
    t = seconds(lambda: [t.join() for t in threads])
    if failures:
        raise failures[0]
    remove(e, "bench/herd")
    return {"herd_s": t, "layer_downloads": (blobs_fetched(access_log) - before) / len(layers)}


def blobs_fetched(access_log):
    """Requests for blobs of more than 64 KiB, so not for configurations."""
    count = 0
    with open(access_log) as lines:
        for line in lines:
            if '"GET /v2/' in line and "/blobs/sha256:" in line:
                answer = line.split('" ')[1].split()
                count += answer[0] in ("200", "206") and int(answer[1]) > 65536
    return count


def server_of(path):
    """The process that listens at a socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
        s.connect(path)
        return struct.unpack("3i", s.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]


def rss_mib(pid):
    with open(f"/proc/{pid}/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


class Watch:
    """The largest resident memory of a process while the block runs, read 20 times a second."""

    def __init__(self, pid):
        self.pid, self.peak, self.ended = pid, 0, threading.Event()

    def __enter__(self):
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        return self

    def run(self):
        while not self.ended.wait(0.05):
            self.peak = max(self.peak, rss_mib(self.pid))

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


def large_archive(mib, name):
    """An archive of docker save with one layer of so many MiB that no compressor makes smaller, on disk."""
    piece, out, body = os.urandom(MIB), tempfile.TemporaryFile(dir="/var/tmp"), hashlib.sha256()
    head = tarfile.TarInfo("big"); head.size = mib * MIB
    size = 512 + mib * MIB + 1024
    layer = tarfile.TarInfo("l/layer.tar"); layer.size = size
    def write(data):
        body.update(data)
        out.write(data)
    out.write(layer.tobuf())
    write(head.tobuf(tarfile.GNU_FORMAT))
    for i in range(mib):
        cut = i * 251 % MIB
        write(i.to_bytes(8, "big") + piece[cut + 8:] + piece[:cut] if cut + 8 <= MIB else piece)
    write(bytes(1024))
    out.write(bytes(-size % 512))
    config = {"architecture": ARCHITECTURE, "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": ["sha256:" + body.hexdigest()]}}
    manifest = [{"Config": "config.json", "RepoTags": [name], "Layers": ["l/layer.tar"]}]
    out.write(tar_of([("config.json", json.dumps(config).encode()), ("manifest.json", json.dumps(manifest).encode())]))
    out.flush()
    return out


def large_layer(e, stream, archive):
    """4 GiB in one layer: the server's resident memory above idle, MiB, while it is loaded, pushed, pulled and saved, and the time."""
    pid = server_of(e.path)
    idle = rss_mib(pid)
    row = {"idle_MiB": idle}
    def step(name, work):
        with Watch(pid) as watch:
            row[name + "_s"] = seconds(work)
        row[name + "_MiB"] = watch.peak - idle
    archive.seek(0)
    step("load", lambda: stream(e, "POST", "/images/load", archive))
    step("push", lambda: push(e, "bench/large"))
    step("save", lambda: stream(e, "GET", f"/images/{REGISTRY}/bench/large:1/get"))
    remove(e, "bench/large")
    step("pull", lambda: pull(e, "bench/large"))
    remove(e, "bench/large")
    return row
