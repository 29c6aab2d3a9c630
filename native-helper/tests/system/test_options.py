#!/usr/bin/env python3
"""The rarer options of a start by the installed helper: namespaces, devices, filters of system calls, paths, limits of disks, the view of
control groups. Each refusal has its control."""
import os, pathlib, stat, struct, subprocess
from installation import Installation, busybox_archive, check, execute, finish, identity, output_of, run, status, unpack
from speak import FLAG, NUMBERS

here = Installation("nto", 129, "to", id_base=0x7800000)
helper = here.helper
LAYER = identity("layer")
ALLOW, EPERM, KILL = 0x7fff0000, 0x00050001, 0x80000000
IS_V2 = not os.path.isdir("/sys/fs/cgroup/unified")
MKDIR, MKDIRAT = 83, 258  # x86-64
serial = [0]


def fresh():
    serial[0] += 1
    return identity(f"option {serial[0]}")


def shell(command, *fields, mode=0):
    return output_of(helper, fresh(), [LAYER], command, *fields, mode=mode)


def refused(what, expected, text, *fields, mode=0):
    container = fresh()
    reply = run(helper, container, [LAYER], "true", *fields, mode=mode)
    check(what, status(reply) == expected and text in (reply.TEXT or ""), reply)
    helper.call("CONTAINER_CLEAN", ("CONTAINER", container))
    helper.call("CONTAINER_REMOVE", ("CONTAINER", container))


def allowing(*lines):
    text = here.policy
    for line in lines:
        key = line.split(" = ")[0]
        text = "\n".join(each for each in text.splitlines() if not each.startswith(key + " = ")) + "\n" + line + "\n"
    here.write_policy(text)


def namespaces():
    for name, bit in (("uts", "HOST_UTS"), ("cgroup", "HOST_CGROUP")):
        fields = ("NAMESPACES", NUMBERS["NAMESPACE_" + bit])
        refused(f"the host's {name} namespace is refused by the policy", "DENIED", "host_namespaces", fields)
        allowing(f"host_namespaces = {name}")
        out, err, _ = shell(f"readlink /proc/self/ns/{name}", fields)
        check(f"and shared where the policy says so", out.decode().strip() == os.readlink(f"/proc/self/ns/{name}"), out + err)
        here.write_policy(here.policy)
        out, err, _ = shell(f"readlink /proc/self/ns/{name}")
        check(f"a container has its own {name} namespace (control)", out and out.decode().strip() != os.readlink(f"/proc/self/ns/{name}"), out + err)
    allowing("host_namespaces = uts")
    out, err, _ = shell("hostname mine; hostname", ("NAMESPACES", NUMBERS["NAMESPACE_HOST_UTS"]), ("HOSTNAME", "mine"))
    check("the host's name stays as it is", out.decode().strip() == os.uname().nodename, out + err)
    here.write_policy(here.policy)
    out, err, _ = shell("ls -d /dev/shm; echo end", ("NAMESPACES", NUMBERS["NAMESPACE_IPC_NONE"]))
    check("without IPC there is no /dev/shm", out == b"end\n", out + err)
    refused("unknown bits of namespaces are refused", "INVALID", "namespaces", ("NAMESPACES", 32))


def devices():
    node = "/dev/tallyman-test-device"
    if os.path.exists(node):
        os.remove(node)
    os.mknod(node, stat.S_IFCHR | 0o660, os.makedev(1, 5))  # another name of /dev/zero
    os.chmod(node, 0o660)
    try:
        wish = ("DEVICE", f"rwm {node} /dev/given/zero".encode())
        refused("a device that the policy does not list is refused", "DENIED", "devices does not allow", wish)
        allowing(f"devices = {node},/dev/nothing-there,/dev/full")
        out, err, code = shell("stat -c '%t %T %a %u %g' /dev/given/zero; head -c 3 /dev/given/zero | wc -c; ls -a /dev | grep -c asked", wish)
        check("one that it lists is a node of the container's root", out == b"1 5 660 0 0\n3\n0\n", out + err)
        out, err, code = shell("test -e /dev/given || echo none")
        check("and not there for others (control)", out == b"none\n", out + err)
        refused("a twin of its name is refused", "DENIED", "devices", ("DEVICE", f"rwm {node}2 /dev/x".encode()))
        refused("a way around to its name is refused", "DENIED", "devices", ("DEVICE", f"rwm /dev/../dev/{node[5:]} /dev/x".encode()))
        refused("a node that is not there is told", "INVALID", "no such file", ("DEVICE", b"rwm /dev/nothing-there /dev/x"))
        refused("a place that is no path is refused", "INVALID", "device", ("DEVICE", f"rwm {node} relative".encode()))
        refused("a place of something else is refused", "INVALID", "something else", ("DEVICE", f"rwm {node} /etc".encode()))
        refused("a place that is a link is refused", "INVALID", "something else", ("DEVICE", f"rwm {node} /bin/ls".encode()))
        refused("a rule for all devices is refused", "DENIED", "devices", ("DEVICE_RULE", struct.pack("<BBHII", ord("a"), 7, 0, 0xffffffff, 0xffffffff)))
        refused("a rule for a disk is refused", "DENIED", "devices", ("DEVICE_RULE", struct.pack("<BBHII", ord("b"), 7, 0, 8, 0)))
        refused("a rule without access is refused", "INVALID", "device rule", ("DEVICE_RULE", struct.pack("<BBHII", ord("c"), 0, 0, 1, 7)))
        out, _, code = shell("echo fine", ("DEVICE_RULE", struct.pack("<BBHII", ord("c"), 7, 0, 1, 7)))
        check("a rule for a listed device is taken (control)", out == b"fine\n")
        os.remove(node)
        os.symlink("/dev/zero", node)
        refused("a link is no device", "INVALID", "not a device node", wish)
        os.remove(node)
        os.mknod(node, stat.S_IFCHR | 0o666, os.makedev(10, 229))
        container = fresh()
        reply = run(helper, container, [LAYER], "sleep 20", wish)
        folder = f"/sys/fs/cgroup/devices/tallyman-nto"
        if check("an unusual device is given", status(reply) == "OK", reply) and os.path.isdir(folder):
            given = pathlib.Path(folder, container, "devices.list").read_text()
            other = fresh()
            run(helper, other, [LAYER], "sleep 20")
            check("the control group of the one lets it through", "c 10:229 rwm" in given, given)
            plain = pathlib.Path(folder, other, "devices.list").read_text()
            check("and that of the other does not", "10:229" not in plain and "c 1:3 rwm" in plain, plain)
            helper.call("CONTAINER_REMOVE", ("CONTAINER", other)) if status(helper.call("CONTAINER_CLEAN", ("CONTAINER", other))) == "OK" else None
        helper.call("CONTAINER_CLEAN", ("CONTAINER", container))
        helper.call("CONTAINER_REMOVE", ("CONTAINER", container))
    finally:
        here.write_policy(here.policy)
        os.remove(node)


def rule(number, action, *comparisons):
    return struct.pack("<IIII", number, action, len(comparisons), 0) + b"".join(struct.pack("<IIQQ", *each) for each in comparisons)


def filters():
    deny_mkdir = struct.pack("<I", ALLOW) + rule(MKDIR, EPERM) + rule(MKDIRAT, EPERM)
    out, err, _ = shell("mkdir /tmp/a; touch /tmp/b && echo touched; grep -E 'Seccomp(_filters)?:' /proc/self/status", ("SECCOMP", deny_mkdir))
    check("a filter that was asked for takes away", b"Operation not permitted" in err and b"touched" in out, out + err)
    check("beside our own", b"Seccomp_filters:\t2" in out or b"Seccomp_filters" not in out, out)
    out, err, _ = shell("mkdir /tmp/a && echo made")
    check("without it the call works (control)", out == b"made\n", err)
    out, err, _ = shell("unshare -U true", ("SECCOMP", struct.pack("<I", ALLOW)))
    check("one that allows all allows no more than ours", b"not permitted" in err or b"No space" in err, out + err)
    out, err, _ = shell("kill -0 $$ && echo self; chmod 700 /tmp; echo $?", ("SECCOMP", struct.pack("<I", ALLOW) + rule(90, EPERM, (1, 4, 0o700, 0)) + rule(268, EPERM, (2, 4, 0o700, 0))))
    check("arguments are compared", out == b"self\n1\n", out + err)
    container = fresh()
    run(helper, container, [LAYER], "sleep 20", ("SECCOMP", deny_mkdir))
    exec_id = identity("exec of a filter")
    helper.call("CONTAINER_EXEC", ("CONTAINER", container), ("EXEC", exec_id), ("ARG", "/bin/sh"), ("ARG", "-c"), ("ARG", "mkdir /tmp/a || echo not here"), ("ENV", "PATH=/bin"), ("FLAGS", 64), ("SECCOMP", deny_mkdir))
    check("an exec takes one too", helper.connect(container, exec_id, bits=1).finish()[0] == b"not here\n")
    helper.call("CONTAINER_CLEAN", ("CONTAINER", container))
    helper.call("CONTAINER_REMOVE", ("CONTAINER", container))
    refused("a filter that is none is refused", "INVALID", "malformed", ("SECCOMP", struct.pack("<II", ALLOW, 7)))
    refused("a filter that nobody could answer is refused", "INVALID", "malformed", ("SECCOMP", struct.pack("<I", ALLOW) + rule(1, 0x7fc00000)))
    refused("a filter that is too long is refused", "INVALID", "too long", ("SECCOMP", struct.pack("<I", ALLOW) + b"".join(rule(i % 1000, EPERM, (0, 2, i, 0)) for i in range(1500))))
    killed = struct.pack("<I", ALLOW) + rule(MKDIR, KILL) + rule(MKDIRAT, KILL)
    out, err, code = shell("mkdir /tmp/a; echo $?", ("SECCOMP", killed))
    check("a filter may kill", out == b"159\n", out + err)


def paths():
    out, err, _ = shell("cat /etc/passwd | wc -c; ls /www | wc -l; cat /proc/version | wc -c; head -c 1 /proc/kcore | wc -c", *[("MASKED_PATH", p) for p in (b"/etc/passwd", b"/www", b"/proc/version", b"/nothing")])
    check("masked paths are empty, and the usual ones stay", out == b"0\n0\n0\n0\n", out + err)
    out, err, _ = shell("echo x >/etc/x; echo x >/tmp/x && echo written; echo x > /etc/passwd", ("READ_ONLY_PATH", b"/etc"))
    check("read-only paths are, and others are not", out == b"written\n" and err.count(b"Read-only") == 2, out + err)
    for bad in (b"", b"relative", b"/", b"//", b"/.", b"/.."):
        refused(f"{bad} is refused as a masked path", "INVALID", "absolute path", ("MASKED_PATH", bad))
    refused("a link is refused as a masked path", "INVALID", "symbolic link", ("MASKED_PATH", b"/bin/ls"))
    refused("to lift the usual ones is up to the policy", "DENIED", "unmasked", ("MASKED_NONE", 1))
    allowing("unmasked = yes")
    out, err, _ = shell("test -e /proc/keys && head -c 1 /proc/timer_list | wc -c; cat /proc/version | wc -c", ("MASKED_NONE", 1), ("MASKED_PATH", b"/proc/version"))
    check("then a list of its own is all there is", out.split()[-1:] == [b"0"], out + err)
    here.write_policy(here.policy)


def limits():
    container = fresh()
    reply = run(helper, container, [LAYER], "true", ("CPUSET_MEMS", "0"))
    check("memory nodes are set, or this kernel has none and says so", status(reply) == "OK" or (reply.TEXT == "cpuset.mems" and reply.ERRNO == 2), reply)
    helper.call("CONTAINER_CLEAN", ("CONTAINER", container))
    helper.call("CONTAINER_REMOVE", ("CONTAINER", container))
    refused("memory nodes that are none are refused", "INVALID", "cpuset.mems", ("CPUSET_MEMS", "x"))
    refused("memory nodes that the machine lacks are refused", "INVALID", "cpuset.mems", ("CPUSET_MEMS", "63"))
    if IS_V2:
        refused("version 2 has no swappiness", "INVALID", "swappiness", ("SWAPPINESS", 10))
    else:
        out, err, _ = shell("cat /sys/fs/cgroup/memory/memory.swappiness", ("SWAPPINESS", 10))
        check("swappiness is set", out == b"10\n", out + err)
    refused("swappiness above 100 is refused", "INVALID", "swappiness", ("SWAPPINESS", 101))
    container = fresh()
    reply = run(helper, container, [LAYER], "true", ("REALTIME_RUNTIME", 1000))
    check("real-time budgets are refused with the reason", status(reply) == "INVALID" and "real-time" in reply.TEXT, reply)
    helper.call("CONTAINER_REMOVE", ("CONTAINER", container))
    refused("rates of a disk that is not there are refused", "INVALID", "no such disk" if not IS_V2 else "", ("BLOCK_LIMIT", struct.pack("<IIIIQ", 1, 4000, 4000, 0, 1 << 20)))
    refused("an unknown kind of limit is refused", "INVALID", "block limit", ("BLOCK_LIMIT", struct.pack("<IIIIQ", 9, 1, 1, 0, 1)))
    disks = [each for each in sorted(pathlib.Path("/sys/block").glob("*/dev"))]
    if disks:
        major, minor = (int(n) for n in disks[0].read_text().split(":"))
        container = fresh()
        reply = run(helper, container, [LAYER], "cat /sys/fs/cgroup/blkio/blkio.throttle.read_bps_device /sys/fs/cgroup/io.max 2>/dev/null", ("BLOCK_LIMIT", struct.pack("<IIIIQ", 1, major, minor, 0, 1 << 20)))
        if status(reply) == "OK":
            out = helper.connect(container, bits=1).finish()[0]
            check("rates of a disk are set", f"{major}:{minor}".encode() in out and b"1048576" in out, out)
        else:
            check("rates of a disk are set, or this kernel has none and says so", "no such limit" in (reply.TEXT or "") and IS_V2, reply)
        helper.call("CONTAINER_CLEAN", ("CONTAINER", container))
        helper.call("CONTAINER_REMOVE", ("CONTAINER", container))


def groups():
    out, err, _ = shell("cat /sys/fs/cgroup/" + ("memory.max" if IS_V2 else "memory/memory.limit_in_bytes"), ("MEMORY_MAX", 64 << 20))
    check("a program finds its memory limit where it looks for it", out == b"67108864\n", out + err)
    out, err, _ = shell("cat /proc/self/cgroup; find /sys/fs/cgroup -name release_agent | wc -l; find /sys/fs/cgroup -name 'tallyman*' | wc -l; find /sys/fs/cgroup -name '*.procs' | wc -l")
    lines = out.decode().split()
    check("it sees its own groups and nothing above them", lines[-3:-1] == ["0", "0"] and all(line.endswith(":/") for line in lines[:-3]), out + err)
    check("which are there (control)", int(lines[-1]) >= 1, out)
    out, err, _ = shell("cd /sys/fs/cgroup; for f in $(find . -name cgroup.procs -o -name tasks -o -name memory.limit_in_bytes -o -name memory.max -o -name devices.allow -o -name notify_on_release); do "
                        "echo 0 2>/dev/null >$f && echo wrote $f; done; mkdir memory/x x 2>/dev/null; touch y 2>/dev/null && echo made; cat */../release_agent 2>/dev/null; echo end")
    check("and can change nothing there", out == b"end\n", out + err)
    container = fresh()
    run(helper, container, [LAYER], "sleep 20")
    out, err, _ = execute(helper, container, "ls /sys/fs/cgroup | head -n 1; cat /proc/self/mountinfo | grep -c ' /sys/fs/cgroup.* rw[ ,].* - cgroup'")
    check("an exec sees the same, all of it read-only", len(out.split()) == 2 and out.split()[1] == b"0", out + err)
    second = fresh()
    reply = run(helper, second, [LAYER], "cat /sys/fs/cgroup/" + ("cpu.max" if IS_V2 else "cpu/cpu.cfs_period_us") + "; ls /sys", ("JOIN_NETWORK_OF", container), mode=2)
    out = helper.connect(second, bits=1).finish()[0] if status(reply) == "OK" else repr(reply).encode()
    if not IS_V2:
        check("one that shares a network finds its limits too", out.split()[:1] == [b"100000"], out)
    for each in (second, container):
        helper.call("CONTAINER_CLEAN", ("CONTAINER", each))
        helper.call("CONTAINER_REMOVE", ("CONTAINER", each))


def logs():
    for flags, kept in ((FLAG["HOLD"], True), (FLAG["HOLD"] | FLAG["LOG_NONE"], False)):
        container = fresh()
        reply = helper.call("CONTAINER_START", ("CONTAINER", container), ("LAYER", LAYER), ("ARG", "/bin/echo"), ("ARG", "said"), ("NETWORK_MODE", 0), ("FLAGS", flags))
        out = helper.connect(container).finish()[0] if status(reply) == "OK" else repr(reply)
        folder = pathlib.Path(here.state, "records", container)
        check(f"output is {'kept' if kept else 'shown, but not kept'}, and the end recorded", out == b"said\n" and (folder / "log").exists() == kept and (folder / "exit").exists(), (out, os.listdir(folder)))
        helper.call("CONTAINER_CLEAN", ("CONTAINER", container))
        helper.call("CONTAINER_REMOVE", ("CONTAINER", container))


def remove(*containers):
    replies = [helper.call(verb, ("CONTAINER", each)) for each in containers for verb in ("CONTAINER_CLEAN", "CONTAINER_REMOVE")]
    return check("CLEAN and REMOVE", all(status(each) == "OK" for each in replies), replies)


def sharing(mode, network=()):
    pid, ipc = ("NAMESPACES", NUMBERS["NAMESPACE_JOIN_PID"]), ("NAMESPACES", NUMBERS["NAMESPACE_JOIN_IPC"])
    both = ("NAMESPACES", NUMBERS["NAMESPACE_JOIN_PID"] | NUMBERS["NAMESPACE_JOIN_IPC"])
    lender = fresh()
    run(helper, lender, [LAYER], "echo hidden >/dev/shm/note; sleep 77")
    of = ("JOIN_PROCESSES_OF", lender)
    probe = ("ps -o args | grep -c 'sleep 7[7]'; ls /dev/shm; awk '{print $2}' /proc/self/uid_map; readlink /proc/self/ns/net; hostname; unshare -n true; unshare -U true; mount -t tmpfs x /tmp; "
             "test -r /proc/1/status && echo readable; head -c 1 /proc/kcore | wc -c; touch /new && stat -c %u /new; cat /sys/fs/cgroup/*/cgroup.procs /sys/fs/cgroup/cgroup.procs 2>/dev/null | wc -l")
    seen = {}
    for what, fields in (("neither", []), ("processes", [of, pid]), ("IPC", [of, ipc]), ("both", [of, both])):
        container = fresh()
        reply = run(helper, container, [LAYER], probe, *fields, ("HOSTNAME", "box"), mode=mode)
        if not check(f"START with {what} shared", status(reply) == "OK", reply):
            helper.call("CONTAINER_REMOVE", ("CONTAINER", container))
            continue
        out, err, code, _, _ = helper.connect(container, bits=1).finish()
        lines = seen[what] = out.decode().split()
        pids, notes = what in ("processes", "both"), what in ("IPC", "both")
        check(f"{what}: the processes of the other are{'' if pids else ' not'} seen", lines[0] == ("1" if pids else "0"), out + err)
        check(f"{what}: its shared memory is{'' if notes else ' not'} seen", ("note" in lines) == notes, out)
        check(f"{what}: no nested namespace, no mount, no kcore", err.count(b"ermi") + err.count(b"No space") >= 3 and "0" in lines, err)
        check(f"{what}: it has its own host name and files of its root", "box" in lines and "readable" in lines, out)
        remove(container)
    base = execute(helper, lender, "awk '{print $2}' /proc/self/uid_map")[0].decode().strip()
    lent = execute(helper, lender, "readlink /proc/self/ns/net")[0].decode().strip()
    check("the network is the container's own each time", all(any(l.startswith("net:") for l in lines) and lent not in lines for lines in seen.values()), (lent, seen))
    check("ids are shared with what is shared, and only then", all((base in seen[what]) == (what != "neither") for what in seen), (base, seen))
    # life
    guest = fresh()
    reply = run(helper, guest, [LAYER], "sleep 78", of, pid, mode=mode)
    out, err, _ = execute(helper, guest, "ps -o args | grep -c 'sleep 7[78]'; echo x >/dev/stdout; id -u")
    check("an exec sees both", out == b"2\nx\n0\n", out + err)
    out, err, _ = execute(helper, lender, "kill $(ps -o pid,args | awk '/sleep 7[8]/{print $1}') && echo sent")
    check("root of the one reaches processes of the other", out == b"sent\n", out + err)
    check("which ends", helper.connect(guest, bits=1).finish()[2] == 143)
    remove(guest)
    guest = fresh()
    run(helper, guest, [LAYER], "sleep 79", of, pid, mode=mode)
    waiting = helper.connect(guest, bits=1)
    second = fresh()
    reply = run(helper, second, [LAYER], "sleep 80", ("JOIN_PROCESSES_OF", guest), pid, mode=mode)
    check("a guest's processes can be shared further", status(reply) == "OK", reply)
    end = helper.connect(lender, bits=1)
    helper.call("CONTAINER_SIGNAL", ("CONTAINER", lender), ("SIGNAL", 9))
    check("with the first process of the namespace all end", waiting.finish()[2] == 137)
    end.finish()
    remove(second, guest)
    refused("one that has ended cannot be joined", "BUSY", "does not run", of, pid, mode=mode)
    reply = run(helper, lender, [LAYER], "echo again >/dev/shm/note; sleep 77")
    check("it starts again", status(reply) == "OK", reply)
    guest = fresh()
    run(helper, guest, [LAYER], "sleep 81", of, ipc, mode=mode)
    helper.call("CONTAINER_SIGNAL", ("CONTAINER", lender), ("SIGNAL", 9))
    helper.call("CONTAINER_CLEAN", ("CONTAINER", lender))
    check("who lent its ids cannot be removed while they are in use", status(helper.call("CONTAINER_REMOVE", ("CONTAINER", lender))) == "BUSY")
    out, _, _ = execute(helper, guest, "cat /dev/shm/note")
    check("the guest goes on", out == b"again\n", out)
    remove(guest)
    check("then it can", status(helper.call("CONTAINER_REMOVE", ("CONTAINER", lender))) == "OK")
    refused("one that is not there cannot be joined", "ABSENT", "", ("JOIN_PROCESSES_OF", fresh()), pid, mode=mode)
    alone = fresh()
    reply = run(helper, alone, [LAYER], "true", ("JOIN_PROCESSES_OF", alone), pid, mode=mode)
    check("nor itself", status(reply) == "INVALID", reply)
    helper.call("CONTAINER_REMOVE", ("CONTAINER", alone))
    none = fresh()
    run(helper, none, [LAYER], "sleep 77", ("NAMESPACES", NUMBERS["NAMESPACE_IPC_NONE"]))
    refused("one without shared memory lends none", "INVALID", "no /dev/shm", ("JOIN_PROCESSES_OF", none), ipc, mode=mode)
    remove(none)


assert status(unpack(helper, LAYER, busybox_archive())) == "OK"
for case in (namespaces, devices, filters, paths, limits, groups, logs):
    case()
sharing(0)
check("no socket, range or state is left", not os.listdir(here.run) and not os.listdir(here.kernel("ranges")) and not os.listdir(here.kernel("containers")), (os.listdir(here.run), os.listdir(here.kernel("containers"))))
finish()
