#!/usr/bin/env python3
"""Drives the monitor program alone: a real process, real pipes, its socket. Usage: test_monitor.py PATH-OF-MONITOR"""
import fcntl, os, socket, struct, sys, tempfile, time

MONITOR = os.path.realpath(sys.argv[1])
STDIN, STDOUT, STDERR, EXIT, SUBSCRIBE, STDIN_END, RESIZE, READY = range(8)
results = {"passed": 0, "failed": 0}


def check(what, holds):
    results["passed" if holds else "failed"] += 1
    print(("ok - " if holds else "not ok - ") + what)


class Watched:
    """A shell command with a monitor as its parent."""

    def __init__(self, command, hold=False, once=True, log_max=1 << 20, log_files=3, terminal=False, copied=False):
        self.folder = tempfile.mkdtemp(dir=scratch)
        self.path = self.folder + "/s"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.path)
        listener.listen(16)
        self.pid = os.fork()
        if self.pid == 0:
            self.become_monitor(command, listener, hold, once, log_max, log_files, terminal, copied)
        listener.close()

    def become_monitor(self, command, listener, hold, once, log_max, log_files, terminal, copied):
        record = os.open(self.folder, os.O_RDONLY)
        if terminal:
            out_r, out_w = os.openpty()
            in_r, in_w, err_r, err_w = out_w, -1, -1, out_w
        else:
            (out_r, out_w), (err_r, err_w), (in_r, in_w) = os.pipe(), os.pipe(), os.pipe()
        child = os.fork()
        if child == 0:
            os.setsid()
            os.dup2(in_r, 0), os.dup2(out_w, 1), os.dup2(err_w, 2)
            os.closerange(3, 64)
            os.execv("/bin/sh", ["sh", "-c", command])
        for fd in {in_r, out_w, err_w}:
            os.close(fd)
        if copied and os.fork() == 0:  # as the keeper does
            time.sleep(3)
            os._exit(0)
        pidfd = os.pidfd_open(child)
        config = struct.pack("=12i2Q2i", child, pidfd, listener.fileno(), in_w, out_r, err_r, record, -1, int(terminal), int(hold), int(once),
                             log_files, log_max, time.time_ns(), 0, 0)
        memory = os.memfd_create("config")
        os.write(memory, config)
        fds = [pidfd, listener.fileno(), in_w, out_r, err_r, record]
        moved = {}
        for number, fd in enumerate(f for f in fds if f >= 0):
            moved[fd] = os.dup2(fd, 40 + number)
        fields = list(struct.unpack("=12i2Q2i", config))
        for i in range(1, 8):
            fields[i] = moved.get(fields[i], -1)
        os.pwrite(memory, struct.pack("=12i2Q2i", *fields), 0)
        os.dup2(memory, 3)
        os.closerange(4, 40)
        os.execv(MONITOR, ["monitor"])

    def connect(self, wishes=3):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(15)
        client.connect(self.path)
        send(client, SUBSCRIBE, struct.pack(">I", wishes))
        return client

    def record(self):
        with open(self.folder + "/exit") as f:
            return [int(word) for word in f.read().split()]

    def log(self):
        out = b""
        for name in ("log.2", "log.1", "log"):
            try:
                data = open(f"{self.folder}/{name}", "rb").read()
            except FileNotFoundError:
                continue
            while data:
                _, _, size = struct.unpack(">QB3xI", data[:16])
                out += data[16 : 16 + size]
                data = data[16 + size :]
        return out

    def gone(self, seconds=15):
        end = time.time() + seconds
        while time.time() < end:
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                return True
            time.sleep(0.02)
        return False


def send(client, kind, payload=b""):
    client.sendall(struct.pack(">B3xI", kind, len(payload)) + payload)


def exactly(client, size):
    data = b""
    while len(data) < size:
        part = client.recv(size - len(data))
        if not part:
            return None
        data += part
    return data


def frames(client):
    while True:
        head = exactly(client, 8)
        if head is None:
            return
        kind, size = struct.unpack(">B3xI", head)
        payload = exactly(client, size) if size else b""
        if payload is None:
            return
        yield kind, payload


def read_all(client):
    out = {STDOUT: b"", STDERR: b"", EXIT: None}
    for kind, payload in frames(client):
        if kind in (STDOUT, STDERR):
            out[kind] += payload
        elif kind == EXIT:
            out[EXIT] = struct.unpack(">IIIQ", payload)
    return out


def output_and_end():
    w = Watched("echo out; echo err >&2; exit 7", hold=True)
    watcher = w.connect(0)
    check("one who only waits for the end is told READY", next(frames(watcher)) == (READY, b""))
    time.sleep(0.3)
    got = read_all(w.connect())
    check("held output reaches the first subscriber", got[STDOUT] == b"out\n" and got[STDERR] == b"err\n")
    check("the exit code is told", got[EXIT] and got[EXIT][:3] == (7, 0, 0))
    check("also to who only waited", read_all(watcher)[EXIT][0] == 7)
    check("and recorded", w.record()[:3] == [7, 0, 0] and w.record()[4] >= w.record()[3])
    check("the log has both streams", sorted(w.log()) == sorted(b"out\nerr\n"))
    check("the monitor ends when the subscriber has it", w.gone(3))


def signalled_end():
    w = Watched("kill -9 $$")
    got = read_all(w.connect())
    check("a signalled end is 128 + signal", got[EXIT] and got[EXIT][:2] == (137, 9))


def late_subscriber():
    w = Watched("exit 3")
    time.sleep(0.5)
    got = read_all(w.connect())
    check("who comes after the end still learns it", got[EXIT] and got[EXIT][0] == 3)
    check("and then the monitor ends", w.gone(3))


def input_and_its_end():
    w = Watched("cat; echo after", hold=True)
    client = w.connect()
    send(client, STDIN, b"abc\n")
    send(client, STDIN_END)
    got = read_all(client)
    check("input and its end reach the process", got[STDOUT] == b"abc\nafter\n")


def much_input():
    w = Watched("sleep 0.5; md5sum", hold=True)
    client = w.connect()
    data = os.urandom(1 << 20) * 4
    client.settimeout(30)
    for i in range(0, len(data), 60000):
        send(client, STDIN, data[i : i + 60000])
    send(client, STDIN_END)
    import hashlib
    check("4 MiB of input arrive whole", read_all(client)[STDOUT].split()[0].decode() == hashlib.md5(data).hexdigest())


def slow_reader():
    w = Watched("head -c 8000000 /dev/zero; echo end >&2", hold=True, log_max=64 << 20)
    client = w.connect()
    time.sleep(1)
    check("a reader that does not read holds the process up", w.log().count(b"\0") < 7000000)
    got = read_all(client)
    check("and loses nothing", len(got[STDOUT]) == 8000000 and got[STDERR] == b"end\n" and got[EXIT][0] == 0)


def slow_reader_at_the_end():
    w = Watched("head -c 1300000 /dev/zero; head -c 60000 /dev/zero >&2; exit 5", hold=True, log_max=64 << 20)
    watcher, client, leaver = w.connect(0), w.connect(), w.connect(1)
    end = time.time() + 5
    while time.time() < end and not os.path.exists(w.folder + "/exit"):
        time.sleep(0.02)
    check("the end is recorded while a reader is behind", os.path.exists(w.folder + "/exit") and w.record()[0] == 5)
    check("and the log is whole then", len(w.log()) == 1360000)
    check("and told to who is not behind", read_all(watcher)[EXIT][0] == 5)
    leaver.close()
    time.sleep(12)
    got = read_all(client)
    check("a reader that pauses for longer than monitors linger loses nothing", (len(got[STDOUT]), len(got[STDERR])) == (1300000, 60000))
    check("and is told the end", got[EXIT] is not None and got[EXIT][0] == 5)
    check("and then the monitor ends", w.gone(3))


def reader_that_leaves_behind():
    w = Watched("head -c 1300000 /dev/zero", hold=True)
    client = w.connect()
    time.sleep(1)
    check("a monitor waits for a reader that is behind", not w.gone(1))
    client.close()
    check("but for none that is gone", w.gone(3))


def output_without_end():
    w = Watched("yes & exit 4", hold=True)
    client = w.connect()
    time.sleep(0.5)
    got = read_all(client)
    check("a process that outlives the first and writes on does not keep its end", got[EXIT] is not None and got[EXIT][0] == 4)
    check("nor the monitor", w.gone(3))


def two_subscribers():
    w = Watched("read x; echo both", hold=True)
    first, second = w.connect(), w.connect(1)
    for client in (first, second):
        check("a subscriber is told READY", next(frames(client)) == (READY, b""))
    send(first, STDIN, b"\n")
    check("both get the output", read_all(first)[STDOUT] == b"both\n" and read_all(second)[STDOUT] == b"both\n")


def rotation():
    w = Watched("i=0; while [ $i -lt 60000 ]; do echo line-$i; i=$((i+1)); done", log_max=70000, log_files=3)
    read_all(w.connect(0))
    sizes = [os.stat(f"{w.folder}/{n}").st_size for n in ("log", "log.1", "log.2")]
    check("no log file is larger than its limit", max(sizes) <= 70000)
    check("the newest lines are kept in order", w.log().endswith(b"line-59998\nline-59999\n"))
    check("there are no more files than asked for", not os.path.exists(w.folder + "/log.3"))


def delayed_bytes(path):
    """How much of a file the file system has found no blocks for yet, as nothing was written back (FS_IOC_FIEMAP; struct fiemap, struct fiemap_extent)."""
    extents = 512
    request = bytearray(struct.pack("=QQIIII", 0, 1 << 62, 0, 0, extents, 0) + bytes(56 * extents))
    with open(path, "rb") as file:
        fcntl.ioctl(file, 0xC020660B, request)
    delayed = 0
    for number in range(struct.unpack_from("=I", request, 20)[0]):
        length, flags = struct.unpack_from("=16xQ16xI", request, 32 + 56 * number)
        delayed += length if flags & 4 else 0  # FIEMAP_EXTENT_DELALLOC
    return delayed


def written_back():
    w = Watched("head -c 11000000 /dev/zero; read x", log_max=1 << 26)
    client, log = w.connect(2), w.folder + "/log"
    end = time.time() + 15
    while time.time() < end and not (os.path.exists(log) and os.path.getsize(log) > 11000000):
        time.sleep(0.01)
    check("a long log is on its way to the disk before its end", os.path.getsize(log) > 11000000 and delayed_bytes(log) < 4 << 20)
    send(client, STDIN, b"\n")
    check("and is whole", read_all(client)[EXIT][0] == 0 and w.log() == bytes(11000000))


def logged(watched):
    """What the log files hold, oldest first, without the headers."""
    text = b""
    for name in ("log.2", "log.1", "log"):
        path = f"{watched.folder}/{name}"
        data = open(path, "rb").read() if os.path.exists(path) else b""
        while data:
            length = struct.unpack(">I", data[12:16])[0]
            text, data = text + data[16 : 16 + length], data[16 + length :]
    return text


def collected_output():
    watched = Watched("echo first; seq 20000; sleep 2; echo last", log_max=1 << 24)
    end = time.time() + 1.8
    while time.time() < end and not logged(watched).endswith(b"\n20000\n"):
        time.sleep(0.02)
    lines = logged(watched).split(b"\n")
    check("what is written without a pause is in the log at once, whole and in order", lines[:-1] == [b"first"] + [b"%d" % i for i in range(1, 20001)])
    end = time.time() + 5
    while time.time() < end and not logged(watched).endswith(b"\nlast\n"):
        time.sleep(0.02)
    check("and so is a line after a pause", logged(watched).endswith(b"\nlast\n"))
    read_all(watched.connect())


def closed_output():
    watched = Watched("exec >&- 2>&-; sleep 1.5", copied=True)
    time.sleep(1)
    fields = open(f"/proc/{watched.pid}/stat").read().rsplit(")", 1)[1].split()
    check("a command that closes its output costs no time, though others have copies of it", int(fields[11]) + int(fields[12]) < 5)
    read_all(watched.connect())


def terminal():
    w = Watched("stty size; read x; stty size; echo got-$x", terminal=True, hold=True)
    client = w.connect()
    send(client, RESIZE, struct.pack(">HH", 33, 101))
    time.sleep(0.3)
    send(client, STDIN, b"hi\n")
    got = read_all(client)[STDOUT]
    check("a terminal gets its size and input", b"33 101" in got and b"got-hi" in got)


def hostile_client():
    w = Watched("sleep 1; exit 4")
    bad = socket.socket(socket.AF_UNIX)
    bad.connect(w.path)
    bad.sendall(b"\x09\0\0\0\xff\xff\xff\xff" + b"x" * 100)
    bad.settimeout(5)
    try:
        check("a client that breaks the protocol is dropped", bad.recv(10) == b"")
    except ConnectionResetError:
        check("a client that breaks the protocol is dropped", True)
    check("and nobody else notices", read_all(w.connect())[EXIT][0] == 4)


# Not in /tmp, which may be a tmpfs.
with tempfile.TemporaryDirectory(dir="/var/tmp") as scratch:
    for case in (output_and_end, signalled_end, late_subscriber, input_and_its_end, much_input, slow_reader, slow_reader_at_the_end, reader_that_leaves_behind,
                 output_without_end, two_subscribers, rotation, written_back,
                 collected_output, closed_output, terminal, hostile_client):
        case()
print(f"monitor: {results['passed']} passed, {results['failed']} failed")
sys.exit(results["failed"] > 0)
