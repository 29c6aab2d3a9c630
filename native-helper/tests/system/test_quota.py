#!/usr/bin/env python3
"""Size limits of volumes and writable layers by the installed helper, on file systems of its own: refused without project quotas, kept by the kernel with them."""
import atexit, ctypes, errno, fcntl, os, pathlib, shutil, struct, subprocess, tempfile, threading, time
from installation import IS_SECOND_KERNEL, STATES, Installation, archive, busybox_archive, check, finish, identity, output_of, run, status, unpack
from speak import NUMBERS, Reply, packet

here = Installation("ntq", 141, "tq", id_base=0x7a00000)
helper = here.helper
LAYER = identity("layer")
TOP = here.kernel()
DISK = f"{STATES}/tallyman-{here.name}-disk"
MIB = 1 << 20
ID_BASE, ID_COUNT = 0x7a00000, 4194304
Q_GETQUOTA, PRJQUOTA, PROJINHERIT = 0x800007, 2, 0x200
FSGETXATTR, FSSETXATTR = 0x801c581f, 0x401c5820
libc = ctypes.CDLL(None, use_errno=True)
serial = [0]


def unmount():
    """Lazily: a monitor that is about to end may still be in it."""
    while subprocess.run(["umount", "--lazy", TOP], stderr=subprocess.DEVNULL).returncode == 0:
        pass


def remove_disk():
    unmount()
    if os.path.exists(DISK):
        os.remove(DISK)


def mounted(kind, options, size="96M", *make):
    """Puts a fresh file system in the place of the store. Whether the kernel takes it."""
    unmount()
    if kind == "tmpfs":
        command = ["mount", "-t", "tmpfs", "-o", "mode=0700", "tmpfs", TOP]
    else:
        remove_disk()
        with open(DISK, "wb") as disk:
            disk.truncate(int(size[:-1]) * MIB)
        subprocess.run([f"mkfs.{kind}", "-q", *make, DISK], check=True)
        command = ["mount", "-t", kind, "-o", options, DISK, TOP]
    if subprocess.run(command, capture_output=True).returncode:
        return False
    os.chmod(TOP, 0o700)
    return True


def fresh(what="volume"):
    serial[0] += 1
    return identity(f"{what} {serial[0]}")


def limited(size, name=None):
    name = name or fresh()
    helper.ok("VOLUME_CREATE", ("VOLUME", name), ("SIZE_LIMIT", size))
    return name


def fill(name, data, *fields):
    reader, writer = os.pipe()

    def feed():
        try:
            with os.fdopen(writer, "wb") as out:
                out.write(data)
        except BrokenPipeError:
            pass
    thread = threading.Thread(target=feed, daemon=True)
    thread.start()
    reply = helper.call("VOLUME_IMPORT", ("VOLUME", name), *fields, fds=[reader])
    os.close(reader)
    thread.join()
    return reply


def attributes(path):
    """(whether what is made in it inherits, project) of a file or directory."""
    fd = os.open(path, os.O_RDONLY)
    try:
        flags, _, _, project = struct.unpack("<IIII", fcntl.ioctl(fd, FSGETXATTR, bytes(28))[:16])
        return flags & PROJINHERIT, project
    finally:
        os.close(fd)


def project_of(name):
    return attributes(here.kernel("volumes", name))[1]


def kept(project):
    """What the kernel keeps of a project: (limit, bytes, inodes), or None."""
    fd = os.open(TOP, os.O_RDONLY)
    about = (ctypes.c_uint64 * 9)()
    failed = libc.syscall(443, fd, (Q_GETQUOTA << 8) | PRJQUOTA, project, about) < 0
    os.close(fd)
    return None if failed else (about[0] * 1024, about[2], about[5])


def traced(options, verb, *fields):
    """One call of the helper under strace: its answer, and the lines of strace."""
    ours, theirs = helper.pair()
    with ours, tempfile.NamedTemporaryFile("r") as lines:
        process = subprocess.Popen(["/usr/bin/strace", "-f", "-qq", "-u", "tallyman", "-o", lines.name, *options, helper.path], env={}, preexec_fn=lambda: os.dup2(theirs.fileno(), 3),
                                   close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        theirs.close()
        ours.sendmsg([packet(verb, fields)])
        ours.settimeout(40)
        reply = Reply(ours.recv(NUMBERS["PACKET_MAX_BYTES"]))
        process.wait(40)
        return reply, lines.read().splitlines()


def rights():
    """Whoever deletes files has no right to anything that it does not need for that."""
    def deletes_without(what, verb, *fields):
        reply, lines = traced(["-e", "trace=capset,unlinkat"], verb, *fields)
        last, seen = "", []
        for line in lines:
            if "capset(" in line:
                last = line
            elif "AT_REMOVEDIR) = 0" in line:
                seen.append("CAP_SYS_ADMIN" in last)
        check(what, status(reply) == "OK" and seen and not any(seen), (reply, lines))
    name, box = fresh(), fresh("container")
    helper.ok("VOLUME_CREATE", ("VOLUME", name))
    os.makedirs(here.kernel("volumes", f".{name}.4194305", "data"))  # what a killed import left
    deletes_without("a removed volume's drafts are deleted without rights that only limits need", "VOLUME_REMOVE", ("VOLUME", name))
    os.makedirs(here.kernel("trash", box, "rw"))
    deletes_without("and so is what an interrupted removal left", "CONTAINER_REMOVE", ("CONTAINER", box))
    helper.ok("CONTAINER_PREPARE", ("CONTAINER", box))
    size = helper.ok("CONTAINER_SIZE", ("CONTAINER", box))
    check("one that was only prepared has nothing", (size.BYTES, size.COUNT) == (0, 0), size)
    deletes_without("and a container", "CONTAINER_REMOVE", ("CONTAINER", box))


def mount(source, target):
    return ("MOUNT", f"volume\n0\n{source}\n\n{target}".encode())


def shell(command, *fields):
    out, err, _ = output_of(helper, fresh("container"), [LAYER], command, *fields)
    return (out + err).decode()


def refusals():
    def refused(what, text):
        name = fresh()
        reply = helper.call("VOLUME_CREATE", ("VOLUME", name), ("SIZE_LIMIT", MIB))
        check(what, status(reply) == "INVALID" and text in reply.TEXT and "quota size requested but no quota support" in reply.TEXT, reply)
        box = helper.call("CONTAINER_PREPARE", ("CONTAINER", fresh("container")), ("SIZE_LIMIT", MIB))
        check("so is one of a writable layer", status(box) == "INVALID" and "--storage-opt is supported only" in box.TEXT and text in box.TEXT and os.listdir(here.kernel("containers")) == [], box)
        reply = fill(name, archive([("a", {"data": b"a"})]), ("SIZE_LIMIT", MIB))
        check("so is an archive with a limit, and nothing is made", status(reply) == "INVALID" and os.listdir(here.kernel("volumes")) == [], reply)
    if mounted("ext4", "noquota", "96M", "-O", "quota,project"):
        refused("a limit is refused where projects are counted but not limited", "prjquota")
    if IS_SECOND_KERNEL:
        return  # the others are of any kernel
    rights()
    reply, lines = traced(["-e", "trace=quotactl_fd", "-e", "inject=quotactl_fd:error=ENOSYS"], "VOLUME_CREATE", ("VOLUME", fresh()), ("SIZE_LIMIT", MIB))
    check("an old kernel is named", status(reply) == "INVALID" and "Linux 5.14" in reply.TEXT and "tune2fs" not in reply.TEXT, (reply, lines))
    mounted("tmpfs", "")
    refused("a limit is refused on tmpfs, with what would help", "ext4 and xfs")
    check("a volume without a limit is made there (control)", status(helper.call("VOLUME_CREATE", ("VOLUME", fresh()))) == "OK")
    mounted("ext4", "rw")
    refused("and on ext4 without project quotas", "tune2fs -O project,quota")
    for wrong in (b"", b"\0" * 7, (0).to_bytes(8, "little"), (1 << 63).to_bytes(8, "little")):
        check("a malformed limit is refused", status(helper.call("VOLUME_CREATE", ("VOLUME", fresh()), ("SIZE_LIMIT", wrong))) in ("INVALID", "PROTOCOL"))
    check("a verb that has none takes none", status(helper.call("VOLUME_SIZE", ("VOLUME", fresh()), ("SIZE_LIMIT", MIB))) == "PROTOCOL")


def write(path, blocks):
    return f"dd if=/dev/zero of={path} bs=64k count={blocks} 2>&1 | grep -v -e records -e copied; stat -c %s {path}"


def limits(kind):
    full = "No space left" if kind == "xfs" else "Disk quota exceeded"
    name, other = limited(8 * MIB), fresh()
    helper.ok("VOLUME_CREATE", ("VOLUME", other))
    project = project_of(name)
    check("a limited volume is a project of the instance's", ID_BASE <= project < ID_BASE + ID_COUNT and attributes(here.kernel("volumes", name, "data")) == (PROJINHERIT, project), project)
    check("its limit is the kernel's", kept(project)[0] == 8 * MIB, kept(project))
    check("another is in none (control)", attributes(here.kernel("volumes", other, "data")) == (0, 0))
    helper.ok("VOLUME_CREATE", ("VOLUME", name), ("SIZE_LIMIT", 8 * MIB))
    check("made again it stays the same", project_of(name) == project)
    least = limited(1)
    check("the least limit is one unit of the file system's", 0 < kept(project_of(least))[0] <= 4096, kept(project_of(least)))
    parts = (write("/v/d/fits", 100), write("/v/d/more", 100), write("/w/more", 200), "rm /v/d/*; " + write("/v/d/again", 110), write("/x/f", 2))
    out = shell("mkdir /v/d; " + "; echo; ".join(parts) + "; rm /v/d/again; : >/v/small; ln /v/small /v/two; mv /v/two /v/three", mount(name, "/v"), mount(other, "/w"), mount(least, "/x"))
    fits, beyond, beside, again, smallest = out.split("\n\n")
    check("what is below the limit fits", fits == "6553600", out)
    check("what is beyond does not", full in beyond and int(beyond.split()[-1]) < 2 * MIB, out)
    check("the volume beside it is not limited", beside == "13107200", out)
    check("removing gives room", again == str(110 * 65536), out)
    check("the least limit holds", full in smallest, out)
    tar = tempfile.TemporaryFile()
    helper.call("VOLUME_EXPORT", ("VOLUME", name), fds=[tar.fileno()])
    tar.seek(0)
    copy = fresh()
    check("an export fills another limited one", status(fill(copy, tar.read(), ("SIZE_LIMIT", 4 * MIB))) == "OK" and kept(project_of(copy))[0] == 4 * MIB and project_of(copy) != project)
    check("whose files are in its project", attributes(here.kernel("volumes", copy, "data", "small"))[1] == project_of(copy))
    big = archive([("a", {"data": os.urandom(3 * MIB)}), ("b", {"data": bytes(3 * MIB)})])
    large = fresh()
    reply = fill(large, big, ("SIZE_LIMIT", 4 * MIB))
    check("an archive that is too large makes none", status(reply) == "EXHAUSTED" and not [n for n in os.listdir(here.kernel("volumes")) if large in n], reply)
    check("one that fits does (control)", status(fill(large, big, ("SIZE_LIMIT", 8 * MIB))) == "OK")
    empty = limited(4 * MIB)
    check("one that is there is filled up to its limit", status(fill(empty, big)) == "EXHAUSTED")
    helper.ok("VOLUME_REMOVE", ("VOLUME", name))
    end = time.monotonic() + 10
    while (kept(project) or (0,) * 3)[2] and time.monotonic() < end:
        time.sleep(0.1)  # xfs frees inodes a little later
    check("with its removal the project is free", (kept(project) or (0, 0, 0)) == (0, 0, 0), kept(project))
    check("a volume without a limit gets none later", status(helper.call("VOLUME_CREATE", ("VOLUME", other), ("SIZE_LIMIT", MIB))) == "EXISTS" and kept(0) is not None)
    half = fresh()
    os.mkdir(here.kernel("volumes", half), 0o700)
    check("one that was made by half is completed", project_of(limited(MIB, half)) and kept(project_of(half))[0] == MIB)
    same = half[:8] + identity("same beginning")[8:]
    taken = project_of(half)
    check("no two have one project, whatever their names", project_of(limited(MIB, same)) == taken + 1, (taken, project_of(same)))
    helper.ok("VOLUME_REMOVE", ("VOLUME", half))
    check("a number is taken again when nothing has it", project_of(limited(2 * MIB, half)) == taken and kept(taken)[0] == 2 * MIB)


def together():
    """Four helpers at once, whose search begins at one number."""
    names = ["0f0f0f0f" + identity(f"together {i}")[8:] for i in range(4)]
    makers = []
    for name in names:
        maker = os.fork()
        if maker == 0:
            os._exit(0 if limited(MIB, name) else 1)
        makers.append(maker)
    for maker in makers:
        os.waitpid(maker, 0)
    check("made together they have projects of their own", len({project_of(name) for name in names}) == len(names))


def taken():
    """Every project that a search tries has a file."""
    name = fresh()
    files = tempfile.mkdtemp(dir=TOP)
    for i in range(4096):
        fd = os.open(f"{files}/{i}", os.O_CREAT | os.O_WRONLY, 0o600)
        fcntl.ioctl(fd, FSSETXATTR, struct.pack("<IIII12x", 0, 0, 0, ID_BASE + (int(name[:8], 16) + i) % ID_COUNT))
        os.close(fd)
    reply = helper.call("VOLUME_CREATE", ("VOLUME", name), ("SIZE_LIMIT", MIB))
    check("where no project is free it is not the disk that is said to be full", status(reply) == "BUSY" and "id_count" in reply.TEXT and not os.path.exists(here.kernel("volumes", name)), reply)
    os.remove(f"{files}/4095")
    check("the last that is tried is taken (control)", project_of(limited(MIB, name)) == ID_BASE + (int(name[:8], 16) + 4095) % ID_COUNT)
    shutil.rmtree(files)


HOSTILE = r"""
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/dqblk_xfs.h>
#include <linux/fs.h>
#include <linux/quota.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
static void say(const char *what, long result) { printf("%s=%s\n", what, result < 0 ? strerrorname_np(errno) : "done"); }
static void try(const char *path)
{
	int fd = open(path, O_RDONLY), flags = 0;
	struct fsxattr is, want;
	struct if_dqblk limits = {.dqb_valid = QIF_BLIMITS};
	ioctl(fd, FS_IOC_FSGETXATTR, &is);
	say("same", ioctl(fd, FS_IOC_FSSETXATTR, &is));
	want = is, want.fsx_projid = 0;
	say("project-0", ioctl(fd, FS_IOC_FSSETXATTR, &want));
	want = is, want.fsx_projid = is.fsx_projid + 1;
	say("project-next", ioctl(fd, FS_IOC_FSSETXATTR, &want));
	want = is, want.fsx_xflags ^= FS_XFLAG_PROJINHERIT;
	say("inherit", ioctl(fd, FS_IOC_FSSETXATTR, &want));
	ioctl(fd, FS_IOC_GETFLAGS, &flags);
	flags ^= FS_PROJINHERIT_FL;
	say("flags", ioctl(fd, FS_IOC_SETFLAGS, &flags));
	say("limit", syscall(SYS_quotactl_fd, fd, QCMD((unsigned)Q_SETQUOTA, PRJQUOTA), is.fsx_projid, &limits));
	say("off", syscall(SYS_quotactl_fd, fd, QCMD((unsigned)Q_XQUOTAOFF, PRJQUOTA), 0, &flags));
	close(fd);
}
int main(int argc, char **argv) { for (int i = 1; i < argc; i++) try(argv[i]); return argc < 2; }
"""


def hostile():
    """A container's root, who owns the files, tries to leave the project: the kernel lets nobody but the host's root do that."""
    name = limited(4 * MIB)
    before = project_of(name)
    out = shell("mkdir /v/d; : >/v/f; /bin/hostile /v /v/d /v/f; " + write("/v/d/g", 100), mount(name, "/v"))
    answers = [line for line in out.splitlines() if "=" in line]
    check("all of it was tried", len(answers) == 21 and answers.count("same=done") >= 1, out)
    check("and refused", [line for line in answers if line.endswith("=done") and not line.startswith("same")] == [], answers)
    check("so the limit holds", "xceeded" in out or "No space" in out, out)
    check("and the project is the same", all(attributes(here.kernel("volumes", name, *part))[1] == before for part in ((), ("data",), ("data", "d"), ("data", "f"))) and kept(before)[0] == 4 * MIB)
    mine = here.kernel("volumes", name, "data", "f")
    fd = os.open(mine, os.O_RDONLY)
    fcntl.ioctl(fd, FSSETXATTR, struct.pack("<IIII12x", 0, 0, 0, 0))
    os.close(fd)
    check("the host's root could (control)", attributes(mine)[1] == 0)


def writable(kind):
    """A container's writable layer. What comes into it from the image was in no project there, and the overlay copies it."""
    box, other = fresh("container"), fresh("container")
    helper.ok("CONTAINER_PREPARE", ("CONTAINER", box), ("SIZE_LIMIT", 8 * MIB))
    top = here.kernel("containers", box, "rw")
    project = attributes(top)[1]
    check("a limited writable layer is a project", ID_BASE <= project < ID_BASE + ID_COUNT and attributes(top + "/upper") == attributes(top + "/work") == (PROJINHERIT, project) and kept(project)[0] == 8 * MIB, (project, attributes(top + "/upper"), kept(project)))
    parts = (write("/f", 100), write("/g", 100), "rm /f /g; " + write("/root/h", 90), "/bin/hostile /etc/group /etc /root/h; ls /etc/group", write("/i", 100))
    reply = run(helper, box, [LAYER], "; echo; ".join(parts))
    helper.ok("CONTAINER_PREPARE", ("CONTAINER", box), ("SIZE_LIMIT", 9 * MIB))
    check("it is set again while the container runs, as at a start of the server", attributes(top)[1] == project and kept(project)[0] == 9 * MIB, kept(project))
    helper.ok("CONTAINER_PREPARE", ("CONTAINER", box), ("SIZE_LIMIT", 8 * MIB))
    out, err, _, _, _ = helper.connect(box, bits=1).finish()
    fits, beyond, again, answers, after = (out + err).decode().split("\n\n")
    full = "No space left" if kind == "xfs" else "Disk quota exceeded"
    check("what is below its limit fits, what is beyond does not", fits == "6553600" and full in beyond and again == str(90 * 65536), out)
    done = [line for line in answers.splitlines() if line.endswith("=done") and not line.startswith("same")]
    check("nothing leaves its project by way of the overlay", answers.count("=") == 21 and done == [] and full in after, (answers, after))
    stray = [path for path, _, files in os.walk(top) for path in [path, *(os.path.join(path, each) for each in files)] if attributes(path)[1] != project]
    check("all that was copied into it is in its project", os.path.exists(top + "/upper/etc/group") and stray == [], stray)
    out, err, _ = output_of(helper, other, [LAYER], write("/f", 200))
    check("the container beside it is not limited (control)", b"13107200" in out, (out, err))
    helper.ok("CONTAINER_PREPARE", ("CONTAINER", other))
    reply = helper.call("CONTAINER_PREPARE", ("CONTAINER", other), ("SIZE_LIMIT", MIB))
    check("one that is there without a limit gets none later", status(reply) == "EXISTS" and attributes(here.kernel("containers", other, "rw"))[1] == 0, reply)
    helper.call("CONTAINER_CLEAN", ("CONTAINER", box))
    obstacle = here.kernel("containers", box, "execs", identity("obstacle"))
    os.mkdir(obstacle)
    reply = helper.call("CONTAINER_REMOVE", ("CONTAINER", box))
    check("a removal that fails leaves its limit", status(reply) == "KERNEL" and kept(project)[0] == 8 * MIB, (reply, kept(project)))
    os.rmdir(obstacle)
    helper.ok("CONTAINER_REMOVE", ("CONTAINER", box))
    check("with its removal the limit is gone", (kept(project) or (0,))[0] == 0)


def nested():
    """A state folder that is in a project of the host's: its files could not be moved between projects."""
    fd = os.open(here.kernel("volumes"), os.O_RDONLY)
    fcntl.ioctl(fd, FSSETXATTR, struct.pack("<IIII12x", PROJINHERIT, 0, 0, 7))
    reply = helper.call("VOLUME_CREATE", ("VOLUME", fresh()), ("SIZE_LIMIT", MIB))
    check("in a project of the host's there are no limits", status(reply) == "INVALID" and "project of the host's" in reply.TEXT, reply)
    plain = fresh()
    helper.ok("VOLUME_CREATE", ("VOLUME", plain))
    helper.ok("VOLUME_REMOVE", ("VOLUME", plain))
    fcntl.ioctl(fd, FSSETXATTR, bytes(28))
    os.close(fd)


atexit.register(remove_disk)
with tempfile.TemporaryDirectory() as work:
    subprocess.run(["gcc", "-static", "-O1", "-o", work + "/hostile", "-x", "c", "-"], input=HOSTILE.encode(), check=True)
    program = pathlib.Path(work, "hostile").read_bytes()
refusals()
kinds = [("ext4", "prjquota", "96M", "-O", "quota,project")]
if IS_SECOND_KERNEL:  # which has xfs; mkfs.xfs is in a package that nothing else needs
    kinds.append(("xfs", "prjquota", "320M"))
for kind in kinds:
    if not mounted(*kind):
        print(f"ok - limits on {kind[0]} # skip this kernel has no project quotas (CONFIG_QFMT_V2, CONFIG_XFS_QUOTA)")
        continue
    assert status(unpack(helper, LAYER, busybox_archive(("bin/hostile", {"data": program, "mode": 0o755})))) == "OK"
    limits(kind[0])
    together()
    taken()
    hostile()
    writable(kind[0])
    nested()
finish()
