#!/usr/bin/env python3
"""Volumes and mounts by the installed helper: the store, ids, content, subpaths, nesting, directories of the host, files of containers that do not run."""
import io, os, pathlib, shutil, stat, subprocess, sys, tarfile, tempfile, threading, time
from installation import IS_SECOND_KERNEL, STATES, Installation, archive, busybox_archive, check, execute, finish, identity, output_of, run, status, unpack
from speak import NUMBERS

here = Installation("ntv", 131, "tv", id_base=0x7600000)
helper = here.helper
LAYER = identity("layer")
RO, MAKE, RECURSIVE = (NUMBERS["MOUNT_" + name] for name in ("READ_ONLY", "MAKE", "RECURSIVE"))
serial = [0]


def fresh(what="thing"):
    serial[0] += 1
    return identity(f"{what} {serial[0]}")


def volume():
    made = fresh("volume")
    helper.ok("VOLUME_CREATE", ("VOLUME", made))
    return made


def mount(source, target, flags=0, subpath="", kind="volume"):
    return ("MOUNT", f"{kind}\n{flags}\n{source}\n{subpath}\n{target}".encode())


def shell(command, *fields):
    out, err, code = output_of(helper, fresh("container"), [LAYER], command, *fields)
    return (out + err).decode()


def refused(what, expected, text, *fields):
    container = fresh("container")
    reply = run(helper, container, [LAYER], "true", *fields)
    check(what, status(reply) == expected and text in (reply.TEXT or ""), reply)
    helper.call("CONTAINER_CLEAN", ("CONTAINER", container))
    helper.call("CONTAINER_REMOVE", ("CONTAINER", container))


def allowing(*lines):
    here.write_policy(here.policy + "\n".join(lines) + "\n")


def fill(name, data):
    reader, writer = os.pipe()

    def feed():
        try:
            with os.fdopen(writer, "wb") as out:
                out.write(data)
        except BrokenPipeError:
            pass
    thread = threading.Thread(target=feed, daemon=True)
    thread.start()
    reply = helper.call("VOLUME_IMPORT", ("VOLUME", name), fds=[reader])
    os.close(reader)
    thread.join()
    return reply


def exported(name):
    with tempfile.TemporaryFile() as out:
        reply = helper.call("VOLUME_EXPORT", ("VOLUME", name), fds=[out.fileno()])
        out.seek(0)
        return reply, out.read()


def store():
    first, second = sorted((fresh("volume"), fresh("volume")))
    helper.ok("VOLUME_CREATE", ("VOLUME", first))
    helper.ok("VOLUME_CREATE", ("VOLUME", second))
    helper.ok("VOLUME_CREATE", ("VOLUME", first))
    check("volumes are listed", helper.ok("VOLUME_LIST").all("VOLUME") == [first, second])
    check("and from one on", helper.ok("VOLUME_LIST", ("AFTER", first)).all("VOLUME") == [second])
    check("the files' directory is the container's root's", stat.S_IMODE(os.stat(here.kernel("volumes", first, "data")).st_mode) == 0o755)
    check("nobody but root enters the store", stat.S_IMODE(os.stat(here.kernel("volumes", first)).st_mode) == 0o700)
    helper.ok("VOLUME_REMOVE", ("VOLUME", first))
    helper.ok("VOLUME_REMOVE", ("VOLUME", first))
    helper.ok("VOLUME_REMOVE", ("VOLUME", second))
    check("a removed one is gone", helper.ok("VOLUME_LIST").all("VOLUME") == [] and not os.path.exists(here.kernel("volumes", first)))
    check("one that is not there has no size", status(helper.call("VOLUME_SIZE", ("VOLUME", first))) == "ABSENT")
    refused("and cannot be mounted", "ABSENT", "volume", mount(first, "/v"))


def archives():
    name = fresh("volume")
    data = archive([(".", {"type": tarfile.DIRTYPE, "mode": 0o1750, "uid": 70, "gid": 71}), ("./a", {"data": b"hello", "uid": 5, "gid": 6, "mode": 0o640}),
                    ("./.wh.a", {"data": b"a name as any other"}), ("./b", {"type": tarfile.LNKTYPE, "link": "./a"}),
                    ("./s", {"data": b"", "pax": {"SCHILY.xattr.user.note": "kept"}, "mode": 0o4755})])
    reply = fill(name, data)
    check("an archive makes a volume", status(reply) == "OK" and reply.BYTES == 24, reply)
    top = os.stat(here.kernel("volumes", name, "data"))
    check("with the owner and mode of its root", (top.st_uid, top.st_gid, stat.S_IMODE(top.st_mode)) == (70, 71, 0o1750), top)
    check("the ids on disk are the archive's", os.stat(here.kernel("volumes", name, "data", "a")).st_uid == 5)
    check("a name of whiteouts is a name", os.path.isfile(here.kernel("volumes", name, "data", ".wh.a")))
    check("attributes are kept", os.getxattr(here.kernel("volumes", name, "data", "s"), "user.note") == b"kept")
    check("one that is not empty is not filled again", status(fill(name, data)) == "EXISTS")
    size = helper.ok("VOLUME_SIZE", ("VOLUME", name))
    check("hard links count once", (size.BYTES, size.COUNT) == (24, 4), size)
    check("something is found at once", helper.ok("VOLUME_SIZE", ("VOLUME", name), ("VOLUME_FLAGS", 1)).COUNT == 1)
    reply, out = exported(name)
    entries = {m.name: m for m in tarfile.open(fileobj=io.BytesIO(out))}
    check("an export has all of it", status(reply) == "OK" and sorted(entries) == [".", ".wh.a", "a", "b", "s"], sorted(entries))
    check("with owners, links, attributes", entries["."].uid == 70 and entries["b"].islnk() and entries["s"].pax_headers.get("SCHILY.xattr.user.note") == "kept")
    copy = fresh("volume")
    check("and makes the same volume again", status(fill(copy, out)) == "OK" and exported(copy)[1] == out)
    bad = fresh("volume")
    check("a damaged archive makes none", status(fill(bad, b"x" * 3000)) == "ARCHIVE" and bad not in helper.ok("VOLUME_LIST").all("VOLUME"))
    check("nor one whose paths leave it", status(fill(bad, archive([("../out", {"data": b"x"})]))) == "ARCHIVE" and not os.path.exists(here.kernel("volumes", bad)))
    empty = volume()
    check("an empty one is filled in place", status(fill(empty, data)) == "OK" and exported(empty)[1] == out)
    half, torn = volume(), data[:1024] + b"x" * 3000
    check("one that cannot be filled keeps a part", status(fill(half, torn)) == "ARCHIVE" and os.listdir(here.kernel("volumes", half, "data")) != [], os.listdir(here.kernel("volumes", half, "data")))
    check("and still counts as empty", helper.ok("VOLUME_SIZE", ("VOLUME", half), ("VOLUME_FLAGS", 1)).COUNT == 0)
    check("so it is filled again as a whole", status(fill(half, data)) == "OK" and exported(half)[1] == out and os.listdir(here.kernel("volumes", half)) == ["data"])
    check("once", status(fill(half, data)) == "EXISTS")
    used = volume()
    check("one whose part a container may have changed", status(fill(used, torn)) == "ARCHIVE" and shell("echo mine >/v/own", mount(used, "/v")) == "")
    check("is not filled over that", status(fill(used, data)) == "EXISTS" and helper.ok("VOLUME_SIZE", ("VOLUME", used), ("VOLUME_FLAGS", 1)).COUNT == 1)
    refused_link = fresh("volume")
    check("no draft stays", [n for n in os.listdir(here.kernel("volumes")) if n.startswith(".")] == [], refused_link)


def ids():
    name = volume()
    out = shell("echo kept >/v/f; chown 33:44 /v/f; touch /v/root; stat -c '%u %g' /v /v/f", mount(name, "/v"))
    check("a container writes as its own root", out == "0 0\n33 44\n", out)
    about = os.stat(here.kernel("volumes", name, "data", "f"))
    check("on disk are the container's ids", (about.st_uid, about.st_gid) == (33, 44) and os.stat(here.kernel("volumes", name, "data", "root")).st_uid == 0, about)
    out = shell("cat /v/f; stat -c '%u %g' /v/f", mount(name, "/v"))
    check("another container, with another range, sees the same", out == "kept\n33 44\n", out)
    out = shell("echo no >/v/f; cat /v/f", mount(name, "/v", RO))
    check("read-only is so", "Read-only" in out and "kept\n" in out, out)
    one, two = fresh("container"), fresh("container")
    run(helper, one, [LAYER], "sleep 100", mount(name, "/v"))
    run(helper, two, [LAYER], "sleep 100", mount(name, "/w"))
    execute(helper, one, "echo both >/v/shared")
    check("two that run share it", execute(helper, two, "cat /w/shared")[0] == b"both\n")
    for each in (one, two):
        helper.call("CONTAINER_CLEAN", ("CONTAINER", each))
        helper.call("CONTAINER_REMOVE", ("CONTAINER", each))
    out = shell("mknod /v/sda b 8 0; ls /v/sda")
    check("a device node is not to be had from it", "No such file" in out, out)


def places():
    outer, inner = volume(), volume()
    out = shell("echo i >/a/b/c/i; echo o >/a/o; ls /a /a/b/c", mount(inner, "/a/b/c"), mount(outer, "/a"), ("TMPFS", "/a/t"))
    check("what lies deeper is mounted later", "i\n" in out and os.path.exists(here.kernel("volumes", inner, "data", "i")), out)
    check("its place is made in what it lies in", os.path.isdir(here.kernel("volumes", outer, "data", "b", "c")) and not os.path.exists(here.kernel("volumes", outer, "data", "b", "c", "i")))
    out = shell("cat /etc/resolv.conf; ls /etc", mount(inner, "/etc"), ("RESOLV", "nameserver 1.2.3.4\n"))
    check("the three files are over a volume at /etc", out.startswith("nameserver 1.2.3.4"), out)
    refused("a place in /proc is refused", "INVALID", "kernel's own file system", mount(inner, "/proc/1"))
    refused("and one in /sys", "INVALID", "kernel's own file system", mount(inner, "/sys/fs"))
    refused("the root is no place", "INVALID", "mount", mount(inner, "/"))
    refused("nor is a relative one", "INVALID", "mount", mount(inner, "v"))
    refused("nor one that leads up", "INVALID", "mount", mount(inner, "/v/../../x"))
    refused("a directory does not go over a file", "COMMAND", "", mount(inner, "/bin/busybox"))
    for bad in (b"", b"volume", b"volume\n0\n" + inner.encode() + b"\n\n", b"volume\n9\n" + inner.encode() + b"\n\n/v", b"image\n1\n" + inner.encode() + b"\n\n/v", b"image\n0\n1\n\n/v", b"image\n3\n1\n\n/v", b"image\n1\n128\n\n/v", b"image\n1\n-1\n\n/v", b"image\n1\n1\n../x\n/v",
                b"volume\n0\n../x\n\n/v", b"volume\n0\n" + inner.encode() + b"\n../x\n/v", b"volume\n0\n" + inner.encode() + b"\n/x\n/v"):
        refused(f"a malformed mount is refused: {bad[:12]!r}", "INVALID", "mount", ("MOUNT", bad))
    refused("too many are refused", "PROTOCOL", "mount", *[mount(inner, f"/m{i}") for i in range(65)])


def subpaths():
    name = volume()
    shell("mkdir -p /v/a/b; echo deep >/v/a/b/f; ln -s / /v/out; ln -s a /v/in; ln -s ../in/b /v/a/back; ln -s out /v/far; ln -s ../../../../etc /v/up; ln -s loop /v/loop; ln -s /proc/self/root /v/proc", mount(name, "/v"))
    check("a part of a volume is mounted", shell("cat /w/f; ls /w", mount(name, "/w", subpath="a/b")) == "deep\nf\n")
    check("and a single file of it", shell("cat /w", mount(name, "/w", subpath="a/b/f")) == "deep\n")
    refused("one that is not there is told", "INVALID", "cannot access path nope: no such file", mount(name, "/w", subpath="nope"))
    check("a link that stays inside is followed", shell("cat /w/f", mount(name, "/w", subpath="in/b")) + shell("cat /w", mount(name, "/w", subpath="a/back/f")) == "deep\ndeep\n")
    for hostile in ("out", "out/etc", "far", "far/etc/passwd", "up", "up/passwd", "proc", "proc/etc"):
        refused(f"one that leads out is not: {hostile}", "INVALID", "path concatenation escapes the base directory, subpath: " + hostile, mount(name, "/w", subpath=hostile))
    refused("nor one in a circle", "INVALID", "cannot access path loop", mount(name, "/w", subpath="loop"))


def images():
    """The files of an image in a container of another one."""
    below, above, lone = identity("below"), identity("above"), identity("lone")
    folder = {"type": tarfile.DIRTYPE}
    link = lambda to: {"type": tarfile.SYMTYPE, "link": to}
    for layer, files in (
            (below, [("d", folder), ("d/f", {"data": b"below", "uid": 33, "gid": 44, "mode": 0o640}), ("d/old", {"data": b"x"}), ("over", {"data": b"below"}),
                     ("in", link("d")), ("up", link("../../../../../../../../etc")), ("root", link("/")), ("d/back", link("../d")), ("proc", link("/proc/self/root")), ("loop", link("loop")),
                     ("pipe", {"type": tarfile.FIFOTYPE})]),
            (above, [("d", folder), ("d/.wh.old", {}), ("over", {"data": b"above"})]),
            (lone, [(".", {"type": tarfile.DIRTYPE, "mode": 0o711, "uid": 5, "gid": 6}), ("own", {"data": b"lone", "mode": 0o4755})])):
        assert status(unpack(helper, layer, archive(files))) == "OK"
    both = (("MOUNT_LAYER", below), ("MOUNT_LAYER", above))
    image = lambda target="/i", subpath="", count=2, flags=RO: mount(count, target, flags, subpath, "image")
    seen = lambda command, subpath="": shell(command, image(subpath=subpath), *both)
    check("layers are one tree", seen("cat /i/over /i/d/f; ls /i/d") == "abovebelowback\nf\n", seen("cat /i/over /i/d/f; ls /i/d"))
    check("with its owners and modes", seen("stat -c %u:%g:%a /i/d/f") == "33:44:640\n")
    out = seen("echo no >/i/over; touch /i/new; rm /i/over; mkdir /i/d/x; chmod 777 /i/d; grep ' /i ' /proc/mounts")
    check("it is read-only", out.count("Read-only file system") == 5 and " /i overlay ro," in out, out)
    out = shell("stat -c %u:%g:%a /i /i/own; cat /i/own", image(count=1), ("MOUNT_LAYER", lone))
    check("an image of one layer is whole, too", out == "5:6:711\n0:0:4755\nlone", out)
    check("and one of none is empty", shell("ls -A /i | wc -l", image(count=0)) == "0\n")
    out = shell("cat /i/over /j/own /i/k/own 2>&1", image(), image("/j", count=1), *both, ("MOUNT_LAYER", lone))
    check("several stand beside one another", out.startswith("abovelone"), out)
    out = shell("cat /i/over /j/d/f", image(), image("/j"), *both, *both)
    check("also one image twice", out == "abovebelow", out)
    check("an image of the container's own layer", shell("ls /i/bin/busybox", image(count=1), ("MOUNT_LAYER", LAYER)) == "/i/bin/busybox\n")
    check("a layer that comes again is one", shell("cat /i/own", image(count=2), ("MOUNT_LAYER", lone), ("MOUNT_LAYER", lone)) == "lone")
    check("a part of it", seen("cat /i/f", "d") == "below")
    check("a file of it", seen("cat /i", "over") == "above")
    check("by a link that stays inside", seen("cat /i/f", "in") == "below" and seen("cat /i/f", "in/back/back") == "below")
    refused("a path that is not there is told", "INVALID", "cannot access path none: no such file", image(subpath="none"), *both)
    refused("one that an upper layer removed as well", "INVALID", "no such file", image(subpath="d/old"), *both)
    for hostile in ("up", "up/passwd", "root", "root/etc", "proc", "proc/etc"):
        refused(f"a link out leads nowhere: {hostile}", "INVALID", "escapes the base directory", image(subpath=hostile), *both)
    refused("nor does one in a circle", "INVALID", "cannot access path loop", image(subpath="loop"), *both)
    refused("a pipe is not mounted", "INVALID", "only directories and regular files", image(subpath="pipe"), *both)
    refused("layers that are not named are none", "INVALID", "are missing", image(), both[0])
    refused("a layer that is not there is told", "ABSENT", "layer", image(count=1), ("MOUNT_LAYER", identity("no layer")))
    refused("too many layers are refused", "PROTOCOL", "mount layer", image(), *[("MOUNT_LAYER", lone)] * 1025)
    box = fresh("container")
    with tempfile.TemporaryFile() as out:
        reply = helper.call("FILES_GET", ("CONTAINER", box), ("LAYER", LAYER), ("PATH", "/i/over"), image(), *both, fds=[out.fileno()])
        out.seek(0)
        check("files of a container that does not run come from its images", status(reply) == "OK" and b"above" in out.read(), reply)
    with tempfile.TemporaryFile() as tar:
        tar.write(archive([("new", {"data": b"new"})]))
        tar.seek(0)
        reply = helper.call("FILES_PUT", ("CONTAINER", box), ("LAYER", LAYER), ("PATH", "/i"), image(), *both, fds=[tar.fileno()])
    check("and do not go into them", status(reply) != "OK" and not os.path.exists(here.kernel("layers", above, "fs", "new")), reply)
    helper.call("CONTAINER_REMOVE", ("CONTAINER", box))
    check("nothing of it is mounted on the host", here.state not in open("/proc/mounts").read())


def at_rest():
    name, box = volume(), fresh("container")
    shell("mkdir /v/d; echo rest >/v/d/f", mount(name, "/v"))
    with tempfile.TemporaryFile() as out:
        reply = helper.call("FILES_GET", ("CONTAINER", box), ("LAYER", LAYER), ("PATH", "/v/d/f"), mount(name, "/v"), fds=[out.fileno()])
        out.seek(0)
        check("files of a container that does not run come from its volumes", status(reply) == "OK" and b"rest\n" in out.read(), reply)
    with tempfile.TemporaryFile() as tar:
        tar.write(archive([("new", {"data": b"new"})]))
        tar.seek(0)
        reply = helper.call("FILES_PUT", ("CONTAINER", box), ("LAYER", LAYER), ("PATH", "/v"), mount(name, "/v"), fds=[tar.fileno()])
    check("and go into them", status(reply) == "OK" and os.path.exists(here.kernel("volumes", name, "data", "new")), reply)
    helper.call("CONTAINER_REMOVE", ("CONTAINER", box))


def binds():
    top = pathlib.Path(STATES, "tallyman-ntv-binds")
    shutil.rmtree(top, ignore_errors=True)
    for part in ("shared/sub", "readonly", "shared2"):
        (top / part).mkdir(parents=True)
    os.chown(top / "shared", 1000, 1000)
    (top / "shared/root-file").write_text("root's\n")
    (top / "shared/user-file").write_text("user's\n")
    os.chown(top / "shared/user-file", 1000, 1000)
    (top / "shared/root-file").chmod(0o600)
    (top / "readonly/f").write_text("look\n")
    bind = lambda path, target="/b", flags=0: mount(path, target, flags, kind="bind")
    try:
        refused("without a word of the policy nothing of the host is shown", "DENIED", "bind_roots does not allow", bind(top / "shared"))
        allowing(f"bind_roots = {top}/shared", f"bind_readonly = {top}/readonly")
        out = shell("cat /b/user-file; stat -c '%u' /b/user-file /b/root-file; echo mine >/b/mine; mkdir /b/sub2; cat /b/root-file", bind(top / "shared"))
        check("a directory below its roots is", out.startswith("user's\n1000\n65534\n") and (top / "shared/mine").read_text() == "mine\n", out)
        check("root of a container is nobody on the host", os.stat(top / "shared/mine").st_uid == 65534 and os.stat(top / "shared/mine").st_gid == 65534)
        check("and does not read what is root's alone", "root's" not in out and "ermission denied" in out, out)
        out = shell("touch /b/x; chmod 4755 /b/x; chown 0:0 /b/x; stat -c %u /b/x", bind(top / "shared"))
        check("nothing that it makes belongs to root", os.stat(top / "shared/x").st_uid == 65534, out)
        check("one file alone can be shown", shell("cat /etc/one", bind(top / "shared/user-file", "/etc/one")) == "user's\n")
        out = shell("cat /b/f; echo no >/b/f", bind(top / "readonly", flags=RO))
        check("a read-only root can be seen", out.startswith("look\n") and "Read-only" in out, out)
        refused("but not changed", "DENIED", "bind_readonly", bind(top / "readonly"))
        refused("what is not there is told", "INVALID", "bind source path does not exist", bind(top / "shared/none"))
        out = shell("echo made >/b/f", bind(top / "shared/new/deep", flags=MAKE))
        check("and made where that was asked for", (top / "shared/new/deep/f").read_text() == "made\n" and os.stat(top / "shared/new").st_uid == 65534, out)
        out = shell("test -x /b && cd /b && id -u", bind(top / "shared/fresh/deep", flags=MAKE), ("USER", "1000"))
        check("so that one who is not root enters it", out == "1000\n" and {stat.S_IMODE(os.stat(top / part).st_mode) for part in ("shared/fresh", "shared/fresh/deep")} == {0o755}, out)
        # However wide the policy is.
        import socket
        service = socket.socket(socket.AF_UNIX)
        service.bind(str(top / "shared/docker.sock"))
        refused("a socket is not shown", "DENIED", "only directories and regular files", bind(top / "shared/docker.sock"))
        os.mkfifo(top / "shared/fifo")
        refused("nor a pipe", "DENIED", "only directories and regular files", bind(top / "shared/fifo"))
        refused("a twin of a root is refused", "DENIED", "bind_roots", bind(str(top / "shared") + "2"))
        for path in (f"{top}/shared/../shared2", f"{top}//shared", f"{top}/shared/.", "relative", f"{top}/shared/"):
            refused(f"a path that is not clean is refused: {path[-12:]}", "INVALID", "mount", bind(path))
        os.symlink("/etc", top / "shared/link")
        refused("a link is not followed", "DENIED", "symbolic link", bind(top / "shared/link"))
        refused("nor one on the way", "DENIED", "symbolic link", bind(top / "shared/link/ssl"))
        allowing(f"bind_roots = {STATES},/etc,/proc,/dev,/sys,/usr,/run")
        for path in (here.state, here.state + "/kernel", here.state + "/kernel/volumes", here.state + "/records", here.run, "/etc/tallyman", "/etc", "/usr/lib/tallyman", "/usr/lib", "/proc/self/root",
                     "/proc/1/root/etc", "/dev/mem", "/sys/fs", "/run", STATES):
            refused(f"never shown: {path}", "DENIED", "never shown", bind(path, flags=RO))
        out = shell("ls /b", bind(top / "shared", flags=RO))
        check("another directory under such a root is (control)", "user-file" in out, out)
    finally:
        here.write_policy(here.policy)
        shutil.rmtree(top, ignore_errors=True)


def kept_roots():
    """no_root_squash: root of the container is root of the host, where nobody else could execute what it makes."""
    top = pathlib.Path(STATES, "tallyman-ntv-kept")
    shutil.rmtree(top, ignore_errors=True)
    for part in ("guarded/data/sub", "guarded/data2", "guarded/plain", "open/data/sub", "users/data"):
        (top / part).mkdir(parents=True)
    (top / "guarded").chmod(0o700)
    (top / "users").chmod(0o700)
    os.chown(top / "users", 1000, 1000)
    for part in ("guarded/data", "open/data"):
        (top / part / "secret").write_text("root's\n")
        (top / part / "secret").chmod(0o600)
        (top / part).chmod(0o700)
    (top / "guarded/data/user").write_text("user's\n")
    os.chown(top / "guarded/data/user", 1000, 1000)
    data, bound = top / "guarded/data", top / "open/data"
    bind = lambda path, flags=0: mount(path, "/b", flags, kind="bind")
    mounted = []

    def over(path, options="bind,suid"):
        subprocess.run(["mount", "--bind", path, path], check=True)
        mounted.append(path)
        subprocess.run(["mount", "-o", "remount," + options, path], check=True)
    try:
        allowing(f"no_root_squash = {data}", f"bind_roots = {top}/guarded/data2")
        refused("a directory beside bind_roots: the policy is no policy", "POLICY_FILE", "no_root_squash names", bind(data))
        allowing(f"bind_roots = {top}/guarded/typo/root", f"no_root_squash = {top}/guarded/typo/root")
        refused("a root of binds that is not there is told", "INVALID", "cannot be opened", bind(top / "guarded/typo/root/x", MAKE))
        check("and not made", not (top / "guarded/typo").exists())
        allowing(f"bind_roots = {top}", f"no_root_squash = {data},{data}/sub,{bound},{top}/users/data,{top}/guarded/new/deep")
        out = shell("cat /b/secret; stat -c %u:%g /b/secret /b/user; echo made >/b/made; touch /b/own; chown 33:33 /b/own; chmod 4755 /b/made", bind(data))
        made, own = os.stat(data / "made"), os.stat(data / "own")
        check("below a folder of root's alone, root reads root's files", out == "root's\n0:0\n1000:1000\n", out)
        check("and what it makes is root's", (made.st_uid, made.st_gid, stat.S_IMODE(made.st_mode)) == (0, 0, 0o4755), made)
        check("other ids are as ever", (own.st_uid, own.st_gid) == (33, 33), own)
        check("a file alone as well", shell("cat /b", bind(data / "secret")) == "root's\n")
        out = shell("cat /b/secret; touch /b/x", bind(data, RO))
        check("read-only is so", out.startswith("root's\n") and "Read-only" in out and not (data / "x").exists(), out)
        out = shell("cat /b/data/secret; touch /b/data/x", bind(top / "guarded", RECURSIVE))
        check("by its parent, root is nobody there", "root's" not in out and "ermission denied" in out and not (data / "x").exists(), out)
        out = shell("touch /b/x", bind(top / "guarded/data2"))
        check("so it is in a twin of its name", not (top / "guarded/data2/x").exists(), out)
        out = shell("touch /b/x; chmod 0777 /b; stat -c %u:%a /b", bind(data))
        check("opened to all by the container it is still behind that folder", out == "0:777\n" and shell("touch /b/again", bind(data / "sub")) == "" and os.stat(data / "sub/again").st_uid == 0, out)
        out = shell("id -u; touch /b/f", bind(top / "guarded/new/deep/er", MAKE))
        check("a missing one is made as root's", os.stat(top / "guarded/new/deep/er/f").st_uid == 0 and os.stat(top / "guarded/new").st_uid == 0, out)
        os.symlink("/etc", data / "link")
        refused("a link is not followed", "DENIED", "symbolic link", bind(data / "link"))
        refused("nor a way up", "INVALID", "mount", bind(f"{data}/../data2"))
        # Where others come by, a set-user-ID file of root's would make them root.
        for path in (bound, bound / "sub", top / "users/data"):
            refused(f"refused where others may enter, whatever its own mode: {path.name}", "DENIED", "no_root_squash does not allow", bind(path))
        (top / "guarded").chmod(0o710)
        refused("a folder that a group enters is not root's alone", "DENIED", "no_root_squash does not allow", bind(data))
        (top / "guarded").chmod(0o700)
        os.rename(top / "guarded", top / "moved")
        os.symlink(top / "moved", top / "guarded")
        refused("nor one behind a link", "INVALID", "symbolic link", bind(data))
        os.remove(top / "guarded")
        os.rename(top / "moved", top / "guarded")
        over(bound, "bind,nosuid")
        out = shell("cat /b/secret; cp /bin/busybox /b/id; chmod 6755 /b/id; stat -c %u:%a /b/id", bind(bound, RECURSIVE))
        check("mounted nosuid it is allowed", out == "root's\n0:6755\n", out)
        bound.chmod(0o755)
        whose = subprocess.run([bound / "id", "-u"], user=1000, group=1000, extra_groups=[], capture_output=True, text=True).stdout
        check("and the file makes nobody root who may execute it", whose.strip() == "1000", whose)
        over(bound / "sub")
        refused("not with a file system below that heeds such bits", "DENIED", "no_root_squash does not allow", bind(bound, RECURSIVE))
        subprocess.run(["mount", "-o", "remount,bind,nosuid", bound / "sub"], check=True)
        out = shell("touch /b/sub/f; stat -c %u /b/sub/f", bind(bound, RECURSIVE))
        check("with one that does not it is allowed", out == "0\n" and os.stat(bound / "sub/f").st_uid == 0, out)
        allowing(f"bind_roots = {top}")
        refused_read = shell("cat /b/secret", bind(data))
        check("without the key root is nobody again", "root's" not in refused_read, refused_read)
    finally:
        for path in reversed(mounted):
            subprocess.run(["umount", path])
        here.write_policy(here.policy)
        shutil.rmtree(top, ignore_errors=True)


EXCHANGER = """
import ctypes, sys
libc = ctypes.CDLL(None)
one, other = (sys.argv[1] + each for each in ("/a", "/l"))
while True:
    libc.renameat2(-100, one.encode(), -100, other.encode(), 2)  # RENAME_EXCHANGE: at no moment is there nothing
"""
RACES = 40 if IS_SECOND_KERNEL else 500  # a start takes twenty times as long there


def races():
    """T17: a directory and a link to the host are exchanged in a shared volume while others are started, and execs begin, at places below it."""
    shared, inner = volume(), volume()
    canary = pathlib.Path(f"/var/lib/tallyman-{here.name}-canary")
    canary.mkdir(exist_ok=True)
    (canary / "known").write_text("of the host\n")
    before = os.stat(canary).st_mtime_ns
    folder = f"{here.state}/kernel/volumes/{shared}/data"
    keeper = fresh("container")
    run(helper, keeper, [LAYER], f"mkdir -p /s/a/m; ln -s {canary} /s/l; sleep 1000", mount(shared, "/s"))
    while not os.path.islink(folder + "/l"):
        time.sleep(0.01)
    exchanger = subprocess.Popen([sys.executable, "-c", EXCHANGER, folder])
    outcomes = {}

    def count(key):
        outcomes[key] = outcomes.get(key, 0) + 1

    def start():
        container = fresh("container")
        out, err, _ = output_of(helper, container, [LAYER], "cat /s/a/m/known /s/a/known 2>/dev/null; grep -q ' /s/' /proc/mounts && echo mounted", mount(shared, "/s"), mount(inner, "/s/a/m"))
        for verb in ("CONTAINER_CLEAN", "CONTAINER_REMOVE"):  # there are id ranges for 64 only
            helper.call(verb, ("CONTAINER", container))
        if b"all id ranges" in err:
            return "start not tried"
        return "start " + ("escaped" if b"of the host" in out else "mounted" if out == b"mounted\n" else "elsewhere or refused")

    def start_below():
        """A part of the volume, by way of what is a directory and a link to the host in turn."""
        container = fresh("container")
        out, err, _ = output_of(helper, container, [LAYER], "cat /p/known 2>/dev/null; echo started", mount(shared, "/p", subpath="a"))
        for verb in ("CONTAINER_CLEAN", "CONTAINER_REMOVE"):
            helper.call(verb, ("CONTAINER", container))
        if b"all id ranges" in err:
            return "part not tried"
        return "part " + ("escaped" if b"of the host" in out else "mounted" if out == b"started\n" else "refused" if b"escapes the base directory" in err else f"odd {err}")

    def begin_exec():
        out, _, _ = execute(helper, keeper, "cat known 2>/dev/null; echo here", ("WORKDIR", "/s/a"))
        return "exec " + ("escaped" if b"of the host" in out else "ran" if out == b"here\n" else "refused")
    try:
        for i in range(RACES):
            count(start())
            if i % 10 == 0:
                count(start_below())
        for i in range(RACES):
            count(begin_exec())
    finally:
        exchanger.kill()
        exchanger.wait()
    if os.path.islink(folder + "/a"):
        os.rename(folder + "/a", folder + "/x")
        os.rename(folder + "/l", folder + "/a")
    calm = start(), start_below(), begin_exec()
    helper.call("CONTAINER_CLEAN", ("CONTAINER", keeper))
    helper.call("CONTAINER_REMOVE", ("CONTAINER", keeper))
    check("a race for a place ends inside the container", os.listdir(canary) == ["known"] and os.stat(canary).st_mtime_ns == before, outcomes)
    check("nobody reads the host's file", outcomes.get("start escaped", 0) + outcomes.get("part escaped", 0) + outcomes.get("exec escaped", 0) == 0, outcomes)
    check("a part of the volume is one, or is refused as one that leads out", set(each for each in outcomes if each.startswith("part")) <= {"part mounted", "part refused"}, outcomes)
    check("all were tried, and some met the link", min(outcomes.get(each, 0) for each in ("start elsewhere or refused", "exec refused")) > 0 and "start not tried" not in outcomes, outcomes)
    check("without an exchange both work (control)", calm == ("start mounted", "part mounted", "exec ran"), calm)
    print("#", outcomes, flush=True)
    shutil.rmtree(canary)


assert status(unpack(helper, LAYER, busybox_archive())) == "OK"
for test in (store, archives, ids, places, subpaths, images, at_rest, binds, kept_roots, races):
    test()
finish()
