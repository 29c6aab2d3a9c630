#!/usr/bin/env python3
"""Hostile layers (SECURITY T21, T22, T23): contained or refused, and the store stays clean."""
import os, struct, subprocess, tarfile, threading, time
from abuse import Canary, Installation, archive, busybox_archive, check, finish, identity, output_of, status, unpack

DIR, LINK, HARD, CHAR = tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE
here = Installation("naa", 127, "ta")
helper = here.helper
canary = Canary("naa")
OUT = str(canary.path)


def files(layer):
    return here.kernel("layers", layer, "fs")


def header(name, size, kind=b"0"):
    block = bytearray(512)
    block[0:len(name)] = name
    block[100:108], block[108:116], block[116:124], block[136:148], block[156:157] = b"0000644\0", b"0000000\0", b"0000000\0", b"00000000000\0", kind
    block[124:136] = b"\x80" + size.to_bytes(11, "big")
    block[257:265] = b"ustar\0" + b"00"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def escapes():
    check("a plain layer (control)", status(unpack(helper, identity("plain"), archive([("d", {"type": DIR}), ("d/f", {"data": b"x"})]))) == "OK")
    cases = {
        "..": [("../../../.." + OUT + "/x", {"data": b"x"})], "an absolute path": [(OUT + "/x", {"data": b"x"})], "a link to a directory outside": [("l", {"type": LINK, "link": OUT}), ("l/x", {"data": b"x"})],
        "a relative link outside": [("l", {"type": LINK, "link": "../../../../../../../.." + OUT}), ("l/x", {"data": b"x"})],
        "a link in two steps": [("a", {"type": LINK, "link": "b"}), ("b", {"type": LINK, "link": OUT}), ("a/x", {"data": b"x"})],
        "a hard link outside": [("h", {"type": HARD, "link": OUT + "/file"}), ("h", {"data": b"overwritten"})], "a hard link through a link": [("l", {"type": LINK, "link": OUT}), ("h", {"type": HARD, "link": "l/file"})],
        "a whiteout of ..": [("d/.wh...", {})], "a whiteout through a link": [("l", {"type": LINK, "link": OUT}), ("l/.wh.file", {})], "an opaque mark through a link": [("l", {"type": LINK, "link": OUT}), ("l/.wh..wh..opq", {})],
        "a file over a link outside": [("l", {"type": LINK, "link": OUT + "/file"}), ("l", {"data": b"overwritten"})], "a directory over a link outside": [("l", {"type": LINK, "link": OUT}), ("l", {"type": DIR, "mode": 0o777})],
        "a link to /proc/self/root": [("l", {"type": LINK, "link": "/proc/self/root" + OUT}), ("l/x", {"data": b"x"})], "a link to a descriptor": [("l", {"type": LINK, "link": "/proc/self/fd/0"}), ("l/x", {"data": b"x"})],
    }
    for what, entries in cases.items():
        reply = unpack(helper, identity(what), archive(entries))
        check(f"{what}: contained or refused", status(reply) in ("OK", "ARCHIVE"), reply)
        canary.check(what)


def contents():
    layer = identity("contents")
    reply = unpack(helper, layer, archive([
        ("null", {"type": CHAR}), ("trusted", {"pax": {"SCHILY.xattr.trusted.overlay.opaque": "y", "SCHILY.xattr.trusted.x": "1"}}),
        ("overlay", {"type": DIR, "pax": {"SCHILY.xattr.user.overlay.opaque": "y", "SCHILY.xattr.user.overlay.redirect": "/etc"}}),
        ("selinux", {"pax": {"SCHILY.xattr.security.selinux": "system_u"}}), ("kept", {"pax": {"SCHILY.xattr.user.kept": "1"}}),
        ("twice", {"data": b"first"}), ("twice", {"type": DIR}), ("twice/inside", {"data": b"x"}), ("twice", {"data": b"last"}), ("m\xc3\xbcll\udcff\udcfe", {"data": b"bytes"}),
    ]))
    check("takes a layer of odd entries", status(reply) == "OK", reply)
    fs = files(layer)
    check("makes no device", not os.path.lexists(fs + "/null"))
    check("takes no attribute of overlayfs or the kernel", all(os.listxattr(f"{fs}/{name}") == [] for name in ("trusted", "overlay", "selinux")))
    check("takes a container's own (control)", os.listxattr(fs + "/kept") == ["user.kept"])
    check("the last of two entries counts", open(fs + "/twice").read() == "last")
    check("a name that is no UTF-8 works", any(b"\xff\xfe" in name for name in os.listdir(os.fsencode(fs))))
    bad = archive([("c", {"pax": {"SCHILY.xattr.security.capability": "nonsense"}})])
    check("refuses a malformed file capability", status(unpack(helper, identity("bad capability"), bad)) == "ARCHIVE")


def bombs():
    started = time.monotonic()
    cases = {
        "a size of 2^60": header(b"big", 1 << 60) + b"\0" * 4096, "a size of 2^88": header(b"big", 1 << 87) + b"\0" * 4096, "a size beyond what is there": header(b"big", 1 << 30) + b"\0" * 4096,
        "a PAX header of 2 MiB": header(b"p", 2 << 20, b"x") + b"\0" * (2 << 20), "a GNU name of 1 MiB": header(b"p", 1 << 20, b"L") + b"n" * (1 << 20), "a sparse file": header(b"s", 512, b"S") + b"\0" * 512,
        "endless descriptions": header(b"p", 0, b"x") * 5000, "2,000 parts": archive([("d/" * 2000 + "f", {})]), "an unknown type": header(b"t", 0, b"Z"),
        "a name of 300 bytes": archive([("n" * 300, {})]), "an owner of 2^32": archive([("o", {"uid": 1 << 32})]),
    }
    for what, data in cases.items():
        reply = unpack(helper, identity(what), data)
        check(f"refuses {what}", status(reply) in ("ARCHIVE", "EXHAUSTED"), reply)
    check("all of it in short time", time.monotonic() - started < 60)
    many = archive([(f"e{i}", {}) for i in range(20000)])
    check("20,000 files are fine (control)", status(unpack(helper, identity("many"), many)) == "OK")
    check("refused layers left nothing", not [n for n in os.listdir(here.kernel("layers")) if n.startswith(".") or n in map(identity, cases)])


def killed():
    """The server may kill what it has started only before it has become root; a helper that dies all the same leaves no layer half there."""
    reader, writer = os.pipe()
    result = {}
    thread = threading.Thread(target=lambda: result.update(reply=helper.call("LAYER_UNPACK", ("LAYER", identity("killed")), fds=[reader])), daemon=True)
    thread.start()
    os.write(writer, archive([("a", {"data": b"x" * 3000})])[:2048])
    layers, found = here.kernel("layers"), []
    end = time.monotonic() + 20
    while time.monotonic() < end and not (found and [n for n in os.listdir(layers) if n.startswith("." + identity("killed"))]):
        time.sleep(0.05)
        found = subprocess.run(["pgrep", "-P", str(os.getpid()), "helper"], capture_output=True, text=True).stdout.split()
    for pid in found:
        os.kill(int(pid), 9)
    os.close(writer)
    thread.join()
    os.close(reader)
    check("a helper killed while it unpacks leaves no layer", found != [] and identity("killed") not in helper.ok("LAYER_LIST").all("LAYER"), found)
    check("and the layer can be unpacked again", status(unpack(helper, identity("killed"), archive([("a", {"data": b"x"})]))) == "OK")


def setuid():
    """A setuid shell in a layer is for containers, and no host user's way to become root."""
    layer = identity("setuid")
    shell = open("/bin/busybox", "rb").read()
    assert status(unpack(helper, layer, busybox_archive(("bin/rootshell", {"data": shell, "mode": 0o4755})))) == "OK"
    path = files(layer) + "/bin/rootshell"
    check("the store has a setuid file of root", os.stat(path).st_mode & 0o4000 and os.stat(path).st_uid == 0)
    for uid in (65534, here.uid):
        done = subprocess.run(["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", path, "id", "-u"], capture_output=True)
        check("a user of the host cannot run it", done.returncode != 0 and b"0\n" != done.stdout, done)


escapes()
contents()
bombs()
killed()
setuid()
canary.check("all of this")
finish()
