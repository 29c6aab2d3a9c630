#!/usr/bin/env python3
"""Layers and the streams of containers, by the installed helper."""
import io, os, struct, subprocess, tarfile, time
from installation import Installation, archive, busybox_archive, check, execute, finish, identity, output_of, run, status, stream, unpack

DIR, LINK, HARD, FIFO = tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE
here = Installation("ntl", 121, "tl")
helper = here.helper
BASE, TOP, CONTAINER = identity("base"), identity("top"), identity("container")
NET_RAW_FILE_CAPABILITY = struct.pack("<IIIII", 0x02000001, 1 << 13, 0, 0, 0).decode("latin-1")


def names(data):
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {member.name: member for member in tar}


def unpacking():
    data = busybox_archive(("capped/grep", {"data": open("/bin/busybox", "rb").read(), "mode": 0o755, "pax": {"SCHILY.xattr.security.capability": NET_RAW_FILE_CAPABILITY}}),
                           ("bin/su-shell", {"data": b"#!/bin/sh\n", "mode": 0o4755}), ("etc/gone", {"data": b"gone"}), ("opaque", {"type": DIR}),
                           ("opaque/old", {"data": b"old"}), ("a" * 120 + "/" + "b" * 120, {"data": b"long"}), ("owned", {"data": b"x", "uid": 1234, "gid": 4321, "mode": 0o640}),
                           ("hard", {"type": HARD, "link": "owned"}), ("pipe", {"type": FIFO}), ("attr", {"pax": {"SCHILY.xattr.user.color": "blue"}}),
                           ("setgid", {"type": DIR, "mode": 0o2775, "gid": 50}), ("setgid/root", {"data": b"x"}))
    reply = unpack(helper, BASE, data)
    check("unpacks a layer", status(reply) == "OK" and reply.COUNT > 100 and reply.BYTES > 1000000, reply)
    start = time.monotonic()
    again = unpack(helper, BASE, b"")
    check("answers at once for a layer that is there", status(again) == "OK" and again.BYTES == reply.BYTES and time.monotonic() - start < 5, again)
    files = here.kernel("layers", BASE, "fs")
    owned = os.stat(files + "/owned")
    check("keeps owner, mode and time", (owned.st_uid, owned.st_gid, owned.st_mode & 0o7777, owned.st_mtime) == (1234, 4321, 0o640, 1700000000), owned)
    check("keeps hard links", os.stat(files + "/hard").st_ino == owned.st_ino)
    check("a directory gives its group to nothing of the archive", os.stat(files + "/setgid/root").st_gid == 0 and os.stat(files + "/setgid").st_gid == 50)
    check("keeps setuid bits", os.stat(files + "/bin/su-shell").st_mode & 0o7777 == 0o4755)
    check("keeps extended attributes", os.getxattr(files + "/attr", "user.color") == b"blue")
    check("nobody but root can enter the store", os.stat(here.kernel()).st_mode & 0o77 == 0)
    reply = unpack(helper, TOP, archive([("etc", {"type": DIR}), ("etc/.wh.gone", {}), ("opaque", {"type": DIR}), ("opaque/.wh..wh..opq", {}), ("opaque/new", {"data": b"new"})]))
    check("unpacks whiteouts", status(reply) == "OK", reply)
    check("LAYER_LIST shows both in order", helper.ok("LAYER_LIST").all("LAYER") == sorted([BASE, TOP]))
    check("LAYER_LIST goes on after an id", helper.ok("LAYER_LIST", ("AFTER", min(BASE, TOP))).all("LAYER") == [max(BASE, TOP)])


def refusals():
    cases = {"a path out of the archive": archive([("../x", {"data": b"x"})]), "a damaged header": b"x" * 2048, "a cut archive": archive([("a", {"data": b"x" * 4000})])[:2000],
             "a hard link out of the archive": archive([("h", {"type": HARD, "link": "../../etc/passwd"})]), "a directory that is a link out": archive([("e", {"type": LINK, "link": "/etc"}), ("e/x", {})]),
             "a path of 300 parts": archive([("d/" * 300 + "f", {})])}
    for what, data in cases.items():
        reply = unpack(helper, identity(what), data)
        check(f"refuses {what}", status(reply) == "ARCHIVE", reply)
    check("leaves nothing of refused layers", sorted(os.listdir(here.kernel("layers"))) == sorted([BASE, TOP]), os.listdir(here.kernel("layers")))


def merged():
    layers = [BASE, TOP]
    out, err, code = output_of(helper, CONTAINER, layers, "ls /etc /opaque; stat -c '%u:%g %a' /owned; cat /" + "a" * 120 + "/*")
    check("a container sees the layers merged", code == 0 and b"gone" not in out and b"new" in out and b"old" not in out and b"1234:4321 640" in out and b"long" in out, (out, err, code))
    out, err, code = output_of(helper, CONTAINER, layers, "/capped/grep CapEff /proc/self/status", ("USER", "65534"))
    check("file capabilities work in a container", b"2000" in out, (out, err))


def streams():
    layers = [BASE, TOP]
    reply = run(helper, CONTAINER, layers, "rm /owned /opaque/new; echo n > /etc/new; mkdir -p /d/e; echo 1 > /d/e/f; ln /d/e/f /d/e/g; echo more >> /www/index.html; rm -r /var; mkdir /var;"
                "chmod 700 /tmp; touch /done; sleep 100")
    check("starts a container to change files in", status(reply) == "OK", reply)
    for _ in range(100):
        if execute(helper, CONTAINER, "test -e /done")[2] == 0:
            break
        time.sleep(0.1)
    reply, data = stream(helper, "CONTAINER_CHANGES", CONTAINER, layers)
    changes = set(data.decode().rstrip("\0").split("\0"))
    expected = {"D /owned", "C /opaque", "D /opaque/new", "C /etc", "A /etc/new", "A /d", "A /d/e", "A /d/e/f", "A /d/e/g", "C /www", "C /www/index.html", "C /var", "C /tmp", "A /done"}
    check("CHANGES tells what was done, and nothing else", changes == expected, changes ^ expected)
    reply, data = stream(helper, "CONTAINER_DIFF", CONTAINER, layers)
    diff = names(data)
    check("DIFF holds whiteouts, links and changed files", status(reply) == "OK" and {".wh.owned", "opaque/.wh.new", "etc/new", "var/.wh..wh..opq", "www/index.html"} <= set(diff) and
          diff["d/e/g"].linkname == "d/e/f", sorted(diff))
    check("owners in it are those inside the container", diff["etc/new"].uid == 0)
    check("the places of mounts are no change", not {"etc/hosts", "etc/resolv.conf", "etc/hostname", "dev", "proc", "sys"} & set(diff), sorted(diff))
    reply = unpack(helper, identity("committed"), data)
    check("the diff is a layer again", status(reply) == "OK", reply)
    reply, data = stream(helper, "CONTAINER_EXPORT", CONTAINER, layers)
    tree = names(data)
    check("EXPORT is the merged tree", status(reply) == "OK" and {"etc/new", "bin/busybox", "www/index.html"} <= set(tree) and not {"owned", "opaque/new", "opaque/old", "etc/gone"} & set(tree) and
          not any(".wh." in name for name in tree), reply)
    check("it keeps file capabilities", "SCHILY.xattr.security.capability" in tree["capped/grep"].pax_headers)
    helper.call("CONTAINER_REMOVE", ("CONTAINER", CONTAINER))
    helper.call("CONTAINER_SIGNAL", ("CONTAINER", CONTAINER), ("SIGNAL", 9))
    helper.call("CONTAINER_CLEAN", ("CONTAINER", CONTAINER))
    check("removes the container", status(helper.call("CONTAINER_REMOVE", ("CONTAINER", CONTAINER))) == "OK")
    out, err, code = output_of(helper, identity("second"), layers + [identity("committed")], "ls / /opaque /var /d/e; cat /www/index.html")
    check("a container of the committed layer sees the same", code == 0 and b"owned" not in out and b"more" in out and b"g\n" in out, (out, err))
    check("streams of an absent container are refused", status(stream(helper, "CONTAINER_DIFF", CONTAINER, layers)[0]) == "ABSENT")


def removal():
    for layer in helper.ok("LAYER_LIST").all("LAYER"):
        check("removes a layer", status(helper.call("LAYER_REMOVE", ("LAYER", layer))) == "OK")
    check("removes an absent layer", status(helper.call("LAYER_REMOVE", ("LAYER", BASE))) == "OK")
    check("the trash is emptied after the answer", in_time(lambda: os.listdir(here.kernel("trash")) == []), os.listdir(here.kernel("trash")))
    check("the store is empty", os.listdir(here.kernel("layers")) == [], os.listdir(here.kernel("layers")))
    check("the helper left no mount behind", here.state not in open("/proc/mounts").read())


def in_time(is_so):
    end = time.monotonic() + 10
    while not is_so() and time.monotonic() < end:
        time.sleep(0.05)
    return is_so()


def interrupted_removal():
    left, again = identity("left"), identity("again")
    for layer in (left, again):
        unpack(helper, layer, busybox_archive())
        os.rename(here.kernel("layers", layer), here.kernel("trash", layer))
    unpack(helper, again, busybox_archive())
    os.symlink("/etc", here.kernel("trash", left, "fs", "way-out"))
    check("a removed layer is none", left not in helper.ok("LAYER_LIST").all("LAYER"))
    check("a layer is removed over a left one of its id", status(helper.call("LAYER_REMOVE", ("LAYER", again))) == "OK" and again not in helper.ok("LAYER_LIST").all("LAYER"))
    check("what an interrupted removal left goes with the next", in_time(lambda: os.listdir(here.kernel("trash")) == []), os.listdir(here.kernel("trash")))
    check("no link in it is followed", os.path.exists("/etc/passwd"))


unpacking()
refusals()
merged()
streams()
interrupted_removal()
removal()
finish()
