#!/usr/bin/env python3
"""Files in and out of containers by the installed helper: running, ended and never started ones; rows, archives, owners, links."""
import io, os, stat, subprocess, tarfile, tempfile, threading
from installation import IS_SECOND_KERNEL, Installation, archive, busybox_archive, check, execute, finish, identity, run, status, unpack
from speak import NUMBERS

here = Installation("ntf", 125, "tf", id_base=0x7a00000)
helper = here.helper
LAYER, TOP = identity("files layer"), identity("files top")
ENTRIES, CONTENT, KEEP_KIND, OVERWRITE = (NUMBERS[f"FILE_{n}"] for n in ("ENTRIES", "CONTENT", "KEEP_KIND", "OVERWRITE"))
DIR, LINK, HARD, FIFO = {"type": tarfile.DIRTYPE}, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE


def read(verb, container, path, flags=0):
    with tempfile.TemporaryFile() as out:
        reply = helper.call(verb, ("CONTAINER", container), ("LAYER", LAYER), ("LAYER", TOP), ("PATH", path), ("FILE_FLAGS", flags), fds=[out.fileno()])
        out.seek(0)
        return reply, out.read()


def rows(data):
    parts = data.split(b"\0")
    return [([int(n) for n in parts[i].split()], parts[i + 1].decode(), parts[i + 2].decode()) for i in range(0, len(parts) - 2, 3)]


def row(container, path):
    reply, data = read("FILES_STAT", container, path)
    return rows(data)[0] if status(reply) == "OK" else status(reply)


def get(container, path):
    reply, data = read("FILES_GET", container, path)
    if status(reply) != "OK":
        return reply, None
    for _ in range(3):
        data = data[data.index(b"\0") + 1:]
    return reply, tarfile.open(fileobj=io.BytesIO(data))


def names(container, path):
    reply, tar = get(container, path)
    return sorted(("/" if m.name == "" else m.name) + ("/" if m.isdir() and m.name else "") for m in tar) if tar else status(reply)


def put(container, path, data, *fields):
    reader, writer = os.pipe()

    def feed():
        try:
            with os.fdopen(writer, "wb") as out:
                out.write(data)
        except BrokenPipeError:
            pass
    thread = threading.Thread(target=feed, daemon=True)
    thread.start()
    reply = helper.call("FILES_PUT", ("CONTAINER", container), ("LAYER", LAYER), ("LAYER", TOP), ("PATH", path), *fields, fds=[reader])
    os.close(reader)
    thread.join()
    return reply


def looks(container, what):
    check(f"{what}: a directory", row(container, "/d")[1:] == ("d", "") and stat.S_ISDIR(row(container, "/d")[0][0]), row(container, "/d"))
    check(f"{what}: a file with owner and mode", row(container, "d//../d/f") == ([0o104755, 3, 1700000000, 0, 33, 44], "f", ""), row(container, "/d/f"))
    check(f"{what}: the root, and a dot", [row(container, p)[1] for p in ("/", "/d/.", "/d/", ".", "..")] == ["/", ".", "d", ".", "/"])
    check(f"{what}: a link is not followed, but where it leads is told", row(container, "/dl")[1:] == ("dl", "/d") and row(container, "/out")[2] == "/etc/passwd" and row(container, "/dang")[2] == "/nowhere")
    check(f"{what}: with a slash it is followed", row(container, "/dl/")[1] == "dl" and stat.S_ISDIR(row(container, "/dl/")[0][0]))
    check(f"{what}: what is not there", row(container, "/nope") == "ABSENT" and row(container, "/nope/x") == "ABSENT" and row(container, "/dang/") == "ABSENT")
    check(f"{what}: a file is no directory", row(container, "/d/f/") == "INVALID" and row(container, "") == "INVALID" and row(container, "/" + "x" * 300) == "INVALID")
    check(f"{what}: a link to itself", row(container, "/loop/") == "INVALID" and row(container, "/loop") == "INVALID")
    listed = rows(read("FILES_STAT", container, "/d", ENTRIES)[1])
    check(f"{what}: entries", sorted(r[1] for r in listed[1:]) == ["e", "f", "h", "l"] and listed[0][1] == "d", listed)
    check(f"{what}: an archive of a directory", names(container, "/d") == ["d/", "d/e/", "d/f", "d/h", "d/l"], names(container, "/d"))
    check(f"{what}: of what is in it", names(container, "/d/.") == ["./", "./e/", "./f", "./h", "./l"], names(container, "/d/."))
    check(f"{what}: by a link", names(container, "/dl/") == ["dl/", "dl/e/", "dl/f", "dl/h", "dl/l"] and names(container, "/dl") == ["dl"])
    tar = get(container, "/d")[1]
    hard = [m for m in tar if m.islnk()]
    check(f"{what}: hard links stay", len(hard) == 1 and {hard[0].name, hard[0].linkname} == {"d/f", "d/h"}, tar.getmembers())
    check(f"{what}: setuid bit and owner", all((m.mode, m.uid, m.gid) == (0o4755, 33, 44) for m in tar if m.name in ("d/f", "d/h")))
    check(f"{what}: content alone", read("FILES_GET", container, "/d/f", CONTENT)[1].split(b"\0", 3)[3] == b"hi\n" and status(read("FILES_GET", container, "/d", CONTENT)[0]) == "INVALID")


def writes(container, what):
    data = archive([("in", DIR), ("in/a", {"data": b"a" * 5000, "mode": 0o4711, "uid": 1000, "gid": 1001, "time": 1600000000}), ("in/l", {"type": LINK, "link": "a"}),
                    ("in/h", {"type": HARD, "link": "in/a"}), ("in/p", {"type": FIFO}), ("missing/parents/x", {"data": b"x"}), (".wh.name", {"data": b"plain"})])
    reply = put(container, "/dl", data)
    check(f"{what}: extracts through a link", status(reply) == "OK" and reply.COUNT == 7 and reply.BYTES == 5006, reply)
    check(f"{what}: as the archive says", row(container, "/d/in/a") == ([0o104711, 5000, 1600000000, 0, 1000, 1001], "a", "") and row(container, "/d/in/l")[2] == "/d/in/a", row(container, "/d/in/a"))
    check(f"{what}: with parents, fifos and names of whiteouts", names(container, "/d/in") == ["in/", "in/a", "in/h", "in/l", "in/p"] and row(container, "/d/missing/parents/x")[0][1] == 1 and row(container, "/d/.wh.name")[0][1] == 5)
    check(f"{what}: for one user", status(put(container, "/d", data, ("USER", "nobody"))) == "OK" and row(container, "/d/in/a")[0][4:] == [65534, 65534] and row(container, "/d/in/a")[0][0] == 0o104711)
    check(f"{what}: for a user that is not there", status(put(container, "/d", data, ("USER", "nope"))) == "INVALID")
    check(f"{what}: into nothing, a file, a dangling link", [status(put(container, p, data)) for p in ("/nope", "/d/f", "/dang")] == ["ABSENT", "INVALID", "ABSENT"])
    flat = archive([("in", {"data": b"flat"})])
    kept = put(container, "/d", flat, ("FILE_FLAGS", KEEP_KIND))
    check(f"{what}: a directory is kept", (status(kept), kept.TEXT) == ("INVALID", 'cannot overwrite directory "/d/in" with non-directory "/d"'), kept)
    check(f"{what}: or replaced", status(put(container, "/d", flat)) == "OK" and row(container, "/d/in")[0][1] == 4)
    kept = put(container, "/d", data, ("FILE_FLAGS", KEEP_KIND))
    check(f"{what}: a file is kept", (status(kept), kept.TEXT) == ("INVALID", 'cannot overwrite non-directory "/d/in" with directory "/d"'), kept)
    check(f"{what}: nothing is an empty archive", status(put(container, "/d", b"")) == "OK")
    check(f"{what}: a damaged or cut archive", status(put(container, "/d", os.urandom(5000))) == "ARCHIVE" and status(put(container, "/d", data[:300])) == "ARCHIVE")


assert status(unpack(helper, LAYER, busybox_archive())) == "OK"
assert status(unpack(helper, TOP, archive([("d", DIR), ("d/e", DIR), ("d/f", {"data": b"hi\n", "mode": 0o4755, "uid": 33, "gid": 44}), ("d/h", {"type": HARD, "link": "d/f"}), ("d/l", {"type": LINK, "link": "f"}),
                                           ("dl", {"type": LINK, "link": "/d"}), ("out", {"type": LINK, "link": "../../../etc/passwd"}), ("dang", {"type": LINK, "link": "/nowhere"}), ("loop", {"type": LINK, "link": "loop"})]))) == "OK"
fresh, ended, running = identity("never started"), identity("ended"), identity("running")
run(helper, ended, [LAYER, TOP], "exit 0")
helper.connect(ended).finish()
check("a running container", status(run(helper, running, [LAYER, TOP], "mkdir /mine; echo secret >/mine/x; exec sleep 1000", ("TMPFS", "/mem"), ("HOSTS", "1.2.3.4 there\n"))) == "OK")
for each, what in ((fresh, "never started"), (ended, "ended"), (running, "running")):
    looks(each, what)
    writes(each, what)
check("a running container's processes see it", execute(helper, running, "cat /d/in")[0] == b"flat", execute(helper, running, "cat /d/in"))
check("and its own files are seen", read("FILES_GET", running, "/mine/x", CONTENT)[1].endswith(b"secret\n"))
check("a tmpfs is seen", status(put(running, "/mem", archive([("t", {"data": b"t"})]))) == "OK" and execute(helper, running, "cat /mem/t")[0] == b"t")
whole = get(running, "/")[1]
check("of all that it sees, the kernel's file systems and its devices are places alone", whole and {m.name.strip("/").split("/")[0] for m in whole} >= {"d", "mine", "mem", "proc", "sys", "dev"}
      and not [m.name for m in whole if m.name.strip("/").startswith(("proc/", "sys/", "dev/"))], whole and whole.getnames()[:50])
for path in ("/proc", "/sys", "/proc/1"):
    tar = get(running, path)[1]
    check(f"asked for by name, they come without content: {path}", tar and len(tar.getmembers()) > 20 and not [m.name for m in tar if m.size], tar)
check("one file of them, too", [(m.name, m.size) for m in get(running, "/proc/sys/kernel/ostype")[1]] == [("ostype", 0)])
check("a mounted file is written over", status(put(running, "/etc", archive([("hosts", {"data": b"9.9.9.9 new\n"})]))) == "OK" and execute(helper, running, "cat /etc/hosts")[0] == b"9.9.9.9 new\n")
kept = put(running, "/etc", archive([("hosts", {"data": b"8.8.8.8 over\n"})]), ("FILE_FLAGS", OVERWRITE))
check("what is there is written over on demand", status(kept) == "OK" and kept.COUNT == 1 and execute(helper, running, "cat /etc/hosts")[0] == b"8.8.8.8 over\n", kept)
for name, entry in (("none", {"data": b"x"}), ("sub/none", {"data": b"x"}), ("hosts", {"type": LINK, "link": "/d/in"}), ("hosts", DIR), ("../d/in", {"data": b"x"})):
    kept = put(running, "/etc", archive([(name, entry)]), ("FILE_FLAGS", OVERWRITE))
    check(f"and nothing else is made: {name}", status(kept) != "OK" and read("FILES_STAT", running, "/etc/none")[0].status and execute(helper, running, "cat /etc/hosts")[0] == b"8.8.8.8 over\n", kept)
execute(helper, running, "mkfifo /d/fifo; ln -s f /d/to")
check("neither a link, a fifo nor a directory is written over", all(status(put(running, "/d", archive([(n, {"data": b"x"})]), ("FILE_FLAGS", OVERWRITE))) != "OK" for n in ("to", "fifo", "e")))
shut = identity("read-only")
check("a read-only container", status(helper.call("CONTAINER_START", ("CONTAINER", shut), ("LAYER", LAYER), ("LAYER", TOP), ("ARG", "/bin/sleep"), ("ARG", "100"), ("ENV", "PATH=/bin"),
                                                  ("NETWORK_MODE", 0), ("FLAGS", 64 | 8), ("CAPABILITIES", 0xa80425fb), ("HOSTS", "1.2.3.4 there\n"), ("RESOLV", "nameserver 9.9.9.9\n"))) == "OK")
new = archive([("resolv.conf", {"data": b"nameserver 7.7.7.7\n"})])
check("has its resolv.conf written over only on demand", status(put(shut, "/etc", new)) == "DENIED" and status(put(shut, "/etc", new, ("FILE_FLAGS", OVERWRITE))) == "OK"
      and execute(helper, shut, "cat /etc/resolv.conf")[0] == b"nameserver 7.7.7.7\n")
check("and its hosts not at all", status(put(shut, "/etc", archive([("hosts", {"data": b"x"})]), ("FILE_FLAGS", OVERWRITE))) != "OK" and execute(helper, shut, "cat /etc/hosts")[0] == b"1.2.3.4 there\n")
check("and none of its others", status(put(shut, "/d", archive([("f", {"data": b"x"})]), ("FILE_FLAGS", OVERWRITE))) == "DENIED" and execute(helper, shut, "cat /d/f")[0] == b"hi\n")
check("a container that got files starts with them", status(run(helper, fresh, [LAYER, TOP], "cat /d/in; exec sleep 100")) == "OK" and execute(helper, fresh, "cat /d/in")[0] == b"flat")
size = helper.call("CONTAINER_SIZE", ("CONTAINER", ended))
check("SIZE counts what was written, and the mount points of the first start", status(size) == "OK" and size.BYTES == 4 + 5 + 1 and size.COUNT == 6 + 3, size)
check("of nothing, nothing", helper.call("CONTAINER_SIZE", ("CONTAINER", identity("no such"))).BYTES is None)
helper.call("CONTAINER_FREEZE", ("CONTAINER", running))
check("a frozen container is read and written", names(running, "/d/.")[0] == "./" and status(put(running, "/tmp", archive([("x", {"data": b"x"})]))) == "OK")
helper.call("CONTAINER_THAW", ("CONTAINER", running))
# The end of a container's first process is a moment in which its namespaces are gone and its record is not.
# Each delay four times; once is enough for a kernel on which a round takes ten seconds.
seen = []
for number in range(10 if IS_SECOND_KERNEL else 40):
    short = identity(f"short {number}")
    pid = run(helper, short, [LAYER, TOP], "echo kept >/kept; exec sleep 100").PID
    killer = subprocess.Popen(["sh", "-c", f"sleep {number % 10 * 0.0015}; kill -9 {pid}"])
    seen += [status(read("FILES_STAT", short, "/d/f")[0]) for _ in range(4)]
    killer.wait()
    helper.call("CONTAINER_CLEAN", ("CONTAINER", short))
    helper.call("CONTAINER_REMOVE", ("CONTAINER", short))
check("a container that ends meanwhile is read all the same", set(seen) == {"OK"}, {each: seen.count(each) for each in set(seen)})
finish()
