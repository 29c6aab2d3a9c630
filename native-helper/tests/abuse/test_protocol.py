#!/usr/bin/env python3
"""The request packet under attack: mutated live, with wrong descriptors, cut (SECURITY T07). The parser's own tests are in tests/unit and tests/fuzz."""
import os, random, socket, struct
from abuse import Canary, Installation, archive, check, finish, identity, status, unpack
from speak import packet

here = Installation("nap", 124, "tp")
helper = here.helper
canary = Canary("nap")
ROUNDS = int(os.environ.get("ABUSE_ROUNDS", "300"))


def mutate(data, rng):
    data = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        kind = rng.randrange(4)
        at = rng.randrange(len(data))
        if kind == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at] = rng.choice((0, 1, 0x7f, 0x80, 0xff))
        elif kind == 2:
            del data[at:at + rng.randint(1, 16)]
        else:
            data[at:at] = bytes(rng.randrange(256) for _ in range(rng.randint(1, 16)))
        if not data:
            data = bytearray(b"\0")
    if rng.random() < 0.7 and len(data) >= 16:
        data[12:16] = struct.pack("<I", len(data) - 16)
    return bytes(data)


def frames():
    rng = random.Random(20)
    absent, layer = identity("absent"), identity("no layer")
    seeds = [packet("CONTAINER_START", [("CONTAINER", absent), ("LAYER", layer), ("ARG", "/bin/true"), ("NETWORK_MODE", 0), ("ENV", "A=b"), ("MEMORY_MAX", 1 << 28)]),
             packet("CONTAINER_EXEC", [("CONTAINER", absent), ("EXEC", identity("e")), ("ARG", "id"), ("USER", "root")]), packet("CONTAINER_SIGNAL", [("CONTAINER", absent), ("SIGNAL", 9)]),
             packet("CONTAINER_LIMIT", [("CONTAINER", absent), ("PIDS_MAX", 5)]), packet("CONTAINER_FREEZE", [("CONTAINER", absent)])]
    for seed in seeds:
        check("the packet itself is understood (control)", status(helper.call_raw(seed)) in ("ABSENT", "BUSY"), helper.call_raw(seed))
    answers = {}
    for i in range(ROUNDS):
        data = mutate(seeds[i % len(seeds)], rng)
        answer = status(helper.call_raw(data))
        answers[answer] = answers.get(answer, 0) + 1
    # OK: a mutation may have made a verb that looks or takes away what is not there
    check(f"{ROUNDS} mutated packets get a typed answer", set(answers) <= {"PROTOCOL", "INVALID", "ABSENT", "DENIED", "OK", "BUSY", "EXHAUSTED"}, answers)
    check("and leave nothing", os.listdir(here.kernel("containers")) == [] or set(helper.ok("CONTAINER_LIST").all("RUNNING")) <= {0})


def descriptors():
    data = archive([("a", {"data": b"x"})])
    check("a layer comes through one pipe (control)", status(unpack(helper, identity("one"), data)) == "OK")
    null, folder = os.open("/dev/null", os.O_RDWR), os.open("/", os.O_RDONLY)
    reader, writer = os.pipe()
    request = packet("LAYER_UNPACK", [("LAYER", identity("two"))])
    for what, fds in (("no descriptor", []), ("two", [reader, reader]), ("253", [reader] * 253), ("a device", [null]), ("a directory", [folder])):
        answer = status(helper.call_raw(request, fds))
        check(f"refuses {what} where a stream belongs", answer == "PROTOCOL", answer)
    check("refuses a descriptor where none belongs", status(helper.call_raw(packet("PROBE", []), [reader])) == "PROTOCOL")
    for fd in (null, folder, reader, writer):
        os.close(fd)
    check("nothing of it stays", os.listdir(here.kernel("layers")) == [identity("one")])


def sizes():
    check("refuses an empty packet by silence or an answer", status(helper.call_raw(b"")) in ("NONE", "PROTOCOL"))
    check("refuses a header alone that promises more", status(helper.call_raw(packet("PROBE", [])[:12] + struct.pack("<I", 100))) == "PROTOCOL")
    long = packet("CONTAINER_START", [("CONTAINER", identity("x")), ("LAYER", identity("y")), ("NETWORK_MODE", 0)] + [("ARG", "a" * 50000)] * 6)
    try:
        answer = status(helper.call_raw(long))
    except OSError:
        answer = "too long to send"
    check("refuses a packet above 256 KiB", answer in ("PROTOCOL", "too long to send"), answer)
    many = packet("CONTAINER_START", [("CONTAINER", identity("x")), ("LAYER", identity("y")), ("NETWORK_MODE", 0)] + [("ARG", "a")] * 5000)
    check("refuses too many fields of a kind", status(helper.call_raw(many)) == "PROTOCOL")
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    process = helper.spawn(theirs)
    theirs.close()
    try:
        ours.sendall(packet("PROBE", []))
        answer = ours.recv(100)
    except (ConnectionResetError, BrokenPipeError):  # it may be gone before it was asked
        answer = b""
    check("does not talk over another kind of socket", answer == b"" and process.wait() != 0, answer)
    ours.close()


frames()
descriptors()
sizes()
canary.check("all of this")
finish()
