#!/usr/bin/env python3
"""A container against its host (SECURITY T13-T16, T18): descriptors, own binary, hostile root file systems, control groups, nesting."""
import hashlib, os, subprocess, tarfile, time
from abuse import Canary, Installation, archive, busybox_archive, check, execute, finish, identity, output_of, run, status, unpack

DIR, LINK, FIFO = tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.FIFOTYPE
here = Installation("naw", 128, "tw")
helper = here.helper
canary = Canary("naw")
LAYER, CONTAINER = identity("layer"), identity("container")


def programs():
    return {name: hashlib.sha256(open(f"{here.library}/{name}", "rb").read()).hexdigest() for name in ("helper", "monitor", "init")}


def shell(command, *fields, layers=(LAYER,)):
    return output_of(helper, CONTAINER, layers, command, *fields)


def profile():
    out, err, code = shell("cat /proc/self/uid_map; grep -E 'Cap|NoNewPrivs|Seccomp:' /proc/self/status; cat /proc/self/cgroup; ls /proc/self/fd | wc -l; ls -l /proc/self/fd")
    check("a container runs (control)", code == 0, (out, err))
    mapped = out.split()
    check("its root is nobody on the host", mapped[0] == b"0" and int(mapped[1]) >= 100000 and mapped[2] == b"65536", mapped[:3])
    check("it has a system call filter", b"Seccomp:\t2" in out)
    check("it has the capabilities asked for, and none beyond", b"CapEff:\t00000000a80425fb" in out and b"CapInh:\t0000000000000000" in out, out)
    check("no path of the host's control groups shows", all(line.endswith((b":/",)) for line in out.splitlines() if line[:1].isdigit() and b":" in line), out)
    check("it has its three descriptors only", b"\n4\n" in out, out)  # and the one of ls


def working_directory():
    for number in (3, 4, 5, 6, 7, 8, 10, 15, 20):
        reply = run(helper, CONTAINER, [LAYER], "pwd; readlink /proc/self/cwd; cd ../../../../..; test -e bin/busybox && ls", ("WORKDIR", f"/proc/self/fd/{number}"))
        inside = True
        if status(reply) == "OK":
            out, _, _, _, _ = helper.connect(CONTAINER, bits=1).finish()
            inside = b"busybox" not in out and b"bin\n" in out and b"work" not in out
        helper.call("CONTAINER_CLEAN", ("CONTAINER", CONTAINER))
        helper.call("CONTAINER_REMOVE", ("CONTAINER", CONTAINER))
        check(f"a working directory of descriptor {number} leads nowhere", inside, reply)
    out, err, code = shell("pwd", ("WORKDIR", "/tmp"))
    check("an ordinary one works (control)", out == b"/tmp\n", (out, err))
    link = identity("link layer")
    assert status(unpack(helper, link, archive([("out", {"type": LINK, "link": "../../../../../../.." + str(canary.path)})]))) == "OK"
    out, err, code = shell("pwd; ls", ("WORKDIR", "/out"), layers=(LAYER, link))
    check("a link as working directory stays inside", b"file" not in out, (out, err))
    canary.check("a link as working directory")


def own_binary():
    before = programs()
    script = identity("script")
    assert status(unpack(helper, script, archive([("bin/self", {"data": b"#!/proc/self/exe\n", "mode": 0o755})]))) == "OK"
    reply = helper.call("CONTAINER_START", ("CONTAINER", CONTAINER), ("LAYER", LAYER), ("LAYER", script), ("ARG", "/bin/self"), ("NETWORK_MODE", 0))
    check("a script of /proc/self/exe ends in an answer", status(reply) in ("OK", "COMMAND"), reply)
    helper.call("CONTAINER_CLEAN", ("CONTAINER", CONTAINER))
    helper.call("CONTAINER_REMOVE", ("CONTAINER", CONTAINER))
    hunter = "while true; do for p in /proc/[0-9]*/exe; do echo x 2>/dev/null >>$p && readlink $p >>/caught; done; done 2>/dev/null"
    check("starts a container that writes to every program it sees", status(run(helper, CONTAINER, [LAYER], hunter)) == "OK")
    codes = {execute(helper, CONTAINER, "true")[2] for _ in range(30)}
    caught = execute(helper, CONTAINER, "cat /caught 2>/dev/null; exit 0")[0]
    check("execs go on meanwhile", codes == {0}, codes)
    check("it wrote to none of ours", programs() == before and b"helper" not in caught and b"monitor" not in caught, caught)
    clean()


def clean():
    helper.call("CONTAINER_CLEAN", ("CONTAINER", CONTAINER))
    helper.call("CONTAINER_REMOVE", ("CONTAINER", CONTAINER))


def hostile_roots():
    out = str(canary.path)
    shapes = {"a link out": {"type": LINK, "link": out}, "a link up": {"type": LINK, "link": "../../../../../../.." + out}, "a file": {"data": b"x"}, "a fifo": {"type": FIFO}, "a link to itself": {"type": LINK, "link": "self"}}
    for name in ("dev", "proc", "sys", "etc"):
        for what, about in shapes.items():
            layer = identity(f"{name} {what}")
            assert status(unpack(helper, layer, archive([(name, about)]))) == "OK"
            reply = run(helper, CONTAINER, [LAYER, layer], "test -c /dev/null && test -r /proc/self/status && ! cat /proc/kcore >/dev/null 2>&1 && echo right", ("HOSTS", "127.0.0.1 localhost\n"), ("HOSTNAME", "h"))
            right = status(reply) in ("KERNEL", "INVALID", "COMMAND", "DENIED")
            if status(reply) == "OK":
                right = b"right" in helper.connect(CONTAINER, bits=1).finish()[0]
            clean()
            check(f"/{name} as {what}: starts rightly or is refused", right, reply)
    for name in ("dev/null", "dev/pts", "dev/console", "dev/shm", "etc/hosts", "etc/resolv.conf"):
        layer = identity(name)
        assert status(unpack(helper, layer, archive([(name.split("/")[0], {"type": DIR}), (name, {"type": LINK, "link": out + "/made"})]))) == "OK"
        reply = run(helper, CONTAINER, [LAYER, layer], "test -c /dev/null && echo right", ("HOSTS", "127.0.0.1 localhost\n"), ("RESOLV", "nameserver 127.0.0.1\n"))
        right = status(reply) in ("KERNEL", "INVALID", "COMMAND", "DENIED")
        if status(reply) == "OK":
            right = b"right" in helper.connect(CONTAINER, bits=1).finish()[0]
        clean()
        check(f"/{name} as a link out: starts rightly or is refused", right, reply)
    canary.check("hostile root file systems")
    check("no mount of a container shows on the host", here.name not in open("/proc/mounts").read())


def kernel_files():
    out, _, _ = shell("for f in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /proc/sys/vm/drop_caches /proc/irq/0/x /sys/kernel/uevent_helper /proc/sys/kernel/modprobe; do echo x 2>/dev/null >$f && echo wrote $f; done;"
                      "cat /proc/kcore /proc/keys /proc/timer_list 2>/dev/null | wc -c; ls /sys/firmware 2>/dev/null; echo 5 >/proc/self/oom_score_adj && echo control")
    check("files of the kernel cannot be written, secret ones not be read", b"wrote" not in out and out.startswith(b"0\n"), out)
    check("its own can (control)", b"control" in out, out)
    out, _, _ = shell("find / -name release_agent 2>/dev/null; for f in $(find / -name notify_on_release -o -name cgroup.procs -o -name devices.allow 2>/dev/null); do echo 1 2>/dev/null >$f && echo released $f; done; mount -t cgroup2 none /tmp 2>&1; mount -t tmpfs none /tmp 2>&1; mknod /tmp/sda b 8 0 2>&1; echo end")
    check("no control group file to write, mount or block device to be had", b"release" not in out and b"permitted" in out.lower() and out.endswith(b"end\n"), out)
    for kind in ("--user", "--net", "--mount", "--pid"):
        out, err, code = shell(f"unshare {kind} echo nested")
        check(f"no nested namespace: {kind}", b"nested" not in out, (out, err))


def sockets():
    reply = run(helper, CONTAINER, [LAYER], "sleep 100")
    check("starts a container whose monitor has a socket", status(reply) == "OK", reply)
    names = [line.split()[-1] for line in open("/proc/net/unix") if "tallyman" in line]
    check("no socket of ours has an abstract name", not [n for n in names if n.startswith("@")], names)
    modes = {(s.st_mode & 0o777, s.st_uid) for s in (os.stat(os.path.join(here.run, n)) for n in os.listdir(here.run))}
    check("its socket is the server's alone", modes == {(0o600, here.uid)}, modes)
    try:
        done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "ls", here.run], capture_output=True)
        check("others do not see the directory", done.returncode != 0)
    finally:
        clean()


assert status(unpack(helper, LAYER, busybox_archive())) == "OK"
profile()
working_directory()
own_binary()
hostile_roots()
kernel_files()
sockets()
canary.check("all of this")
finish()
