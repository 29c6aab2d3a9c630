"""Speaks the helper's protocol (include/tallyman_protocol.h) as the server does, for the tests of the installed programs."""
import os, pathlib, re, socket, struct, subprocess, sys, array, time

HEADER = pathlib.Path(__file__).resolve().parents[2] / "include/tallyman_protocol.h"
NUMBERS = {}
for name, value in re.findall(r"^\s*(?:#define\s+)?(TM_\w+)\s*=?\s*(0x[0-9a-f]+|\d+)\b", HEADER.read_text(), re.M):
    NUMBERS[name[3:]] = int(value, 0)

VERBS = {n[5:]: v for n, v in NUMBERS.items() if n.startswith("VERB_")}
TAGS = {n[4:]: v for n, v in NUMBERS.items() if n.startswith("TAG_") and n != "TAG_LAST"}
TAG_NAMES = {v: n for n, v in TAGS.items()}
STATUS = {0: "OK"} | {v: n[2:] for n, v in NUMBERS.items() if n.startswith("E_") and n != "E_LAST"}
FLAG = {n[5:]: v for n, v in NUMBERS.items() if n.startswith("FLAG_")}


def form(tag):
    """u32, u64, record or text, by the ranges the header uses."""
    return "text" if tag < 40 and tag != 30 else "u32" if tag < 64 else "u64" if tag < 80 else "record"


class Reply:
    def __init__(self, packet, fds=()):
        self.fds = list(fds)  # the caller closes them
        magic, version, self.verb, status, length = struct.unpack("<IHHII", packet[:16])
        assert magic == NUMBERS["MAGIC"] and length == len(packet) - 16, packet[:32]
        self.status = STATUS[status]
        self.fields = []
        at = 16
        while at < len(packet):
            tag, zero, size = struct.unpack("<HHI", packet[at:at + 8])
            value = packet[at + 8:at + 8 + size]
            kind = form(tag)
            value = value.decode() if kind == "text" else struct.unpack("<I", value)[0] if kind == "u32" else struct.unpack("<Q", value)[0] if kind == "u64" else value
            self.fields.append((TAG_NAMES[tag], value))
            at += 8 + size

    def __getattr__(self, name):
        return next((v for n, v in self.fields if n == name), None)

    def all(self, name):
        return [v for n, v in self.fields if n == name]

    def __repr__(self):
        return f"{self.status} {self.fields}"


def packet(verb, fields):
    body = b""
    for name, value in fields:
        tag = TAGS[name]
        kind = form(tag)
        data = value if isinstance(value, bytes) else struct.pack("<I", value & 0xffffffff) if kind == "u32" else struct.pack("<Q", value & (2**64 - 1)) if kind == "u64" else str(value).encode()
        body += struct.pack("<HHI", tag, 0, len(data)) + data
    return struct.pack("<IHHII", NUMBERS["MAGIC"], NUMBERS["VERSION"], VERBS[verb], 0, len(body)) + body


class Helper:
    """One installation; its server is a user that this test may become."""

    def __init__(self, library, uid, gid, run):
        self.path, self.uid, self.gid, self.run = library + "/helper", uid, gid, run

    def call_raw(self, data, fds=(), timeout=40, **spawn):
        ours, theirs = self.pair()
        with ours:
            process = self.spawn(theirs, **spawn)
            theirs.close()
            try:
                ours.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else [])
            except BrokenPipeError:
                pass
            ours.settimeout(timeout)
            got = []
            try:
                answer, got, _, _ = socket.recv_fds(ours, NUMBERS["PACKET_MAX_BYTES"], 2)
            except ConnectionResetError:
                answer = b""
            process.wait()
        return Reply(answer, got) if answer else None

    def pair(self):
        """The peer's credentials are those of the moment of socketpair()."""
        os.setegid(self.gid)
        os.seteuid(self.uid)
        try:
            return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        finally:
            os.seteuid(0)
            os.setegid(0)

    def spawn(self, theirs, arguments=("helper",), environment=None, user=None, before=None):
        def child():
            os.dup2(theirs.fileno(), 3)
            if before:
                before()
        return subprocess.Popen(list(arguments), executable=self.path, env=environment or {}, user=self.uid if user is None else user, group=self.gid, extra_groups=[],
                                preexec_fn=child, close_fds=False, stdin=subprocess.DEVNULL)

    def call(self, verb, *fields, fds=()):
        return self.call_raw(packet(verb, fields), fds)

    def ok(self, verb, *fields, fds=()):
        reply = self.call(verb, *fields, fds=fds)
        assert reply is not None and reply.status == "OK", (verb, reply)
        return reply

    def connect(self, container, exec_id=None, bits=3):
        """A subscribed connection to a monitor."""
        cut = NUMBERS["SOCKET_ID_CHARS"]
        name = container[:cut] + ("." + exec_id[:cut] if exec_id else "") + ".sock"
        return Monitor(f"{self.run}/{name}", bits)


class Monitor:
    def __init__(self, path, bits):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        self.socket.connect(path)
        self.send(NUMBERS["FRAME_SUBSCRIBE"], struct.pack(">I", bits))
        assert self.frame()[0] == NUMBERS["FRAME_READY"]

    def send(self, kind, payload=b""):
        self.socket.sendall(struct.pack(">B3xI", kind, len(payload)) + payload)

    def exactly(self, count):
        data = bytearray()
        while len(data) < count:
            got = self.socket.recv(count - len(data))
            if not got:
                raise EOFError(f"the monitor closed the connection after {len(data)} of {count} bytes")
            data += got
        return bytes(data)

    def frame(self):
        kind, length = struct.unpack(">B3xI", self.exactly(8))
        return kind, self.exactly(length)

    def finish(self):
        """All output until the end: (stdout, stderr, code, signal, oom)."""
        out = {1: bytearray(), 2: bytearray()}
        while True:
            kind, payload = self.frame()
            if kind == NUMBERS["FRAME_EXIT"]:
                code, signal, oom, _ = struct.unpack(">IIIQ", payload)
                self.socket.close()
                return bytes(out[1]), bytes(out[2]), code, signal, oom
            out[kind] += payload
