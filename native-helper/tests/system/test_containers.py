#!/usr/bin/env python3
"""Containers and execs by the installed helper: life, output, users, terminals, limits, and what a policy refuses."""
import fcntl, os, pathlib, signal, struct, time
from installation import Installation, archive, busybox_archive, check, finish, identity, output_of, run, status, unpack
from speak import FLAG, NUMBERS, VERBS, packet

here = Installation("ntc", 123, "tc", id_base=0x7200000)
helper = here.helper
LAYER, TOP, WEIRD = identity("layer"), identity("top"), identity("weird")
CAPS = ("CAPABILITIES", 0xA80425FB)
serial = [0]


def fresh():
    serial[0] += 1
    return identity(f"container {serial[0]}")


def start(*args, flags=FLAG["HOLD"], fields=(), layers=None, container=None, mode=0):
    container = container or fresh()
    reply = helper.call("CONTAINER_START", ("CONTAINER", container), *[("LAYER", layer) for layer in layers or [LAYER]], *[("ARG", arg) for arg in args],
                        ("ENV", "PATH=/bin"), ("NETWORK_MODE", mode), ("FLAGS", flags), CAPS, *fields)
    return container, reply


def run_in(container, *args, flags=FLAG["HOLD"], fields=()):
    serial[0] += 1
    exec_id = identity(f"exec {serial[0]}")
    reply = helper.call("CONTAINER_EXEC", ("CONTAINER", container), ("EXEC", exec_id), *[("ARG", arg) for arg in args], ("ENV", "PATH=/bin"), ("FLAGS", flags), CAPS, *fields)
    return exec_id, reply


def gone(container):
    replies = [helper.call(verb, ("CONTAINER", container)) for verb in ("CONTAINER_CLEAN", "CONTAINER_REMOVE")]
    return check("CLEAN and REMOVE", [status(reply) for reply in replies] == ["OK", "OK"], replies)


def kill(container):
    helper.call("CONTAINER_SIGNAL", ("CONTAINER", container), ("SIGNAL", 9))
    try:
        helper.connect(container).finish()
    except OSError:
        pass
    return gone(container)


def listed(container):
    after, found = None, {}
    while True:
        reply = helper.ok("CONTAINER_LIST", *([("AFTER", after)] if after else []))
        names = reply.all("CONTAINER")
        found |= dict(zip(names, zip(reply.all("RUNNING"), reply.all("PID"))))
        if not reply.MORE:
            return found.get(container)
        after = names[-1]


def life():
    container, reply = start("sleep", "100")
    check("START answers with the process and the time", reply.status == "OK" and reply.PID > 1 and abs(reply.STARTED_NS / 1e9 - time.time()) < 10, reply)
    trees = [line.split(":", 2) for line in pathlib.Path(f"/proc/{reply.PID}/cgroup").read_text().split("\n") if container in line]
    folders = [p for p in [f"/sys/fs/cgroup/{'unified' if not names and os.path.isdir('/sys/fs/cgroup/unified') else names}{path}" for _, names, path in trees] if os.path.isdir(p)]
    check("everybody may read its counters", len(folders) == len(trees) > 0 and all(os.stat(p).st_mode & 0o55 == 0o55 and os.stat(os.path.dirname(p)).st_mode & 0o55 == 0o55 for p in folders), folders)
    output = os.open(f"/proc/{reply.PID}/fd/1", os.O_WRONLY | os.O_NONBLOCK)
    check("its output's pipe holds what it writes while the monitor pauses", fcntl.fcntl(output, fcntl.F_GETPIPE_SZ) == 512 << 10)
    os.close(output)
    check("LIST shows it running", listed(container) == (1, reply.PID), listed(container))
    check("it cannot be started twice", status(start("true", container=container)[1]) == "EXISTS")
    check("it cannot be removed while it runs", status(helper.call("CONTAINER_REMOVE", ("CONTAINER", container))) == "BUSY")
    monitor = helper.connect(container)
    check("SIGNAL reaches it", status(helper.call("CONTAINER_SIGNAL", ("CONTAINER", container), ("SIGNAL", 9))) == "OK")
    check("its end is told", monitor.finish() == (b"", b"", 137, 9, 0))
    record = pathlib.Path(here.state, "records", container, "exit")
    check("and recorded", record.read_text().split()[:3] == ["137", "9", "0"])
    check("a second signal finds nothing", status(helper.call("CONTAINER_SIGNAL", ("CONTAINER", container), ("SIGNAL", 9))) == "ABSENT")
    check("CLEAN works twice", all(status(helper.call("CONTAINER_CLEAN", ("CONTAINER", container))) == "OK" for _ in range(2)))
    check("it can be started again", status(start("sleep", "100", container=container)[1]) == "OK")
    check("which removes the old end", not record.exists())
    check("CLEAN kills what is left", status(helper.call("CONTAINER_CLEAN", ("CONTAINER", container))) == "OK" and listed(container) == (0, 0))
    check("REMOVE takes all of it", gone(container) and listed(container) is None and not record.parent.exists())
    check("EXEC and CLEAN of what is not there", status(run_in(container, "true")[1]) == "ABSENT" and status(helper.call("CONTAINER_CLEAN", ("CONTAINER", container))) == "OK")
    check("REMOVE works twice", status(helper.call("CONTAINER_REMOVE", ("CONTAINER", container))) == "OK")
    check("nothing is left of it", not os.listdir(here.run) and not os.listdir(here.kernel("ranges")) and not os.listdir(here.kernel("locks")) and not os.listdir(here.kernel("trash")))


def interrupted_removal():
    os.makedirs(here.kernel("trash", fresh(), "rw/upper"))
    container, _ = start("true")
    check("what an interrupted removal left goes with the next one", kill(container) and not os.listdir(here.kernel("trash")))


def writable_layer():
    container = fresh()
    check("PREPARE makes a writable layer", status(helper.call("CONTAINER_PREPARE", ("CONTAINER", container))) == "OK")
    start("sh", "-c", "echo kept >/kept", container=container)
    helper.connect(container).finish()
    helper.call("CONTAINER_CLEAN", ("CONTAINER", container))
    start("cat", "/kept", container=container)
    check("files live from one start to the next", helper.connect(container).finish()[0] == b"kept\n")
    owner = os.stat(here.kernel("containers", container, "rw/upper/kept"))
    check("and are stored with ids from 0", (owner.st_uid, owner.st_gid) == (0, 0))
    gone(container)
    out, err, code = output_of(helper, fresh(), [LAYER, TOP], "cat /etc/motd; ls /www 2>&1")
    check("an upper layer covers a lower one", out.startswith(b"top\n") and b"No such file" in out, out + err)


def output():
    out, err, code = output_of(helper, fresh(), [LAYER], "echo out; echo err >&2; exit 7")
    check("stdout, stderr and exit code come through", (out, err, code) == (b"out\n", b"err\n", 7))
    out, err, code = output_of(helper, fresh(), [LAYER], "dd if=/dev/zero bs=64k count=160 2>/dev/null")
    check("much output comes through whole", len(out) == 160 * 65536)
    out, err, code = output_of(helper, fresh(), [LAYER], "echo again >/dev/stdout", ("USER", "nobody"))
    check("an ordinary user can open /dev/stdout again", out == b"again\n", err)
    container, _ = start("sh", "-c", "cat; echo end", flags=FLAG["HOLD"] | FLAG["STDIN"] | FLAG["STDIN_ONCE"])
    monitor = helper.connect(container)
    monitor.send(NUMBERS["FRAME_STDIN"], b"in\n")
    monitor.send(NUMBERS["FRAME_STDIN_END"])
    check("stdin and its end come through", monitor.finish()[0] == b"in\nend\n")
    gone(container)
    container, _ = start("sh", "-c", "tty; stty size; id -u; head -1 >/dev/null; exit 5", flags=FLAG["HOLD"] | FLAG["TTY"] | FLAG["STDIN"], fields=[("ROWS", 33), ("COLUMNS", 77), ("USER", "65534")])
    monitor = helper.connect(container)
    monitor.send(NUMBERS["FRAME_STDIN"], b"x\n")
    out, _, code, _, _ = monitor.finish()
    check("a terminal has its size and belongs to the user", out.startswith(b"/dev/pts/0\r\n33 77\r\n65534\r\n") and code == 5 or b"33 77" in out and code == 5, (out, code))
    gone(container)


def commands():
    cases = [([""], 127, 'exec: "": executable file not found in $PATH'), (["nope"], 127, 'exec: "nope": executable file not found in $PATH'), (["/nope"], 127, 'exec: "/nope": stat /nope: no such file or directory'),
             (["/etc"], 126, 'exec: "/etc": is a directory: permission denied'), (["/etc/passwd"], 126, 'exec: "/etc/passwd": permission denied')]
    for args, number, text in cases:
        container, reply = start(*args)
        check(f"START of {args[0]} says why not", (reply.status, reply.NUMBER, reply.TEXT) == ("COMMAND", number, text), reply)
        check("and leaves nothing running", listed(container) == (0, 0) and gone(container))
    cases = [([("USER", "nope")], "unable to find user nope: no matching entries in passwd file"), ([("USER", "root:nope")], "unable to find group nope: no matching entries in group file"),
             ([("USER", "4294967296")], "uids and gids must be in range 0-65535: 4294967296"), ([("USER", "-1")], "unable to find user -1: no matching entries in passwd file"),
             ([("USER", "root\n")], "unable to find user root\n: no matching entries in passwd file")]
    for fields, text in cases:
        container, reply = start("true", fields=fields)
        check(f"START with {fields} says why not", (reply.status, reply.NUMBER, reply.TEXT) == ("COMMAND", 126, text), reply)
        gone(container)
    out, _, _ = output_of(helper, fresh(), [LAYER], "pwd; id; umask; echo $HOME; hostname; cat /etc/hosts /etc/resolv.conf", ("WORKDIR", "/made/for/it"), ("USER", "app:50"), ("GROUP_ADD", "60"),
                          ("HOSTNAME", "box"), ("HOSTS", "1.2.3.4 there\n"), ("RESOLV", "nameserver 9.9.9.9\n"))
    check("workdir, user, groups, umask, home, hostname and files are as asked", out == b"/made/for/it\nuid=1000(app) gid=50(extra) groups=50(extra),60\n0022\n/home/app\nbox\n1.2.3.4 there\nnameserver 9.9.9.9\n", out)
    out, _, _ = output_of(helper, fresh(), [LAYER], "id", ("USER", "app"))
    check("a user's memberships count", out == b"uid=1000(app) gid=1000(app) groups=50(extra),1000(app)\n", out)


def execs():
    container, _ = start("sleep", "100")
    exec_id, reply = run_in(container, "sh", "-c", "cat; id -u; exit 3", flags=FLAG["HOLD"] | FLAG["STDIN"] | FLAG["STDIN_ONCE"], fields=[("USER", "nobody")])
    monitor = helper.connect(container, exec_id)
    monitor.send(NUMBERS["FRAME_STDIN"], b"hi\n")
    monitor.send(NUMBERS["FRAME_STDIN_END"])
    check("EXEC runs beside the first process", monitor.finish() == (b"hi\n65534\n", b"", 3, 0, 0))
    exec_id, _ = run_in(container, "sh", "-c", "stty size; tty; readlink /proc/1/exe; echo $(ls /proc/self/fd); exit 4", flags=FLAG["HOLD"] | FLAG["TTY"], fields=[("ROWS", 10), ("COLUMNS", 20)])
    out, _, code, _, _ = helper.connect(container, exec_id).finish()
    check("EXEC with a terminal", out.startswith(b"10 20\r\n/dev/pts/") and code == 4, out)
    check("the first process is the user's, and no descriptor leaks", b"/bin/busybox\r\n0 1 2 3" in out, out)
    exec_id, _ = run_in(container, "sh", "-c", "ulimit -n; ulimit -Hn; cat /proc/self/oom_score_adj; id -G", flags=FLAG["HOLD"],
                        fields=[("USER", "nobody"), ("GROUP_ADD", "77"), ("ULIMIT", struct.pack("<IIQQ", 7, 0, 100, 200)), ("OOM_SCORE", 321)])
    out, err, _, _, _ = helper.connect(container, exec_id).finish()
    check("EXEC has limits, an OOM score and groups of its own", out.split() == [b"100", b"200", b"321", b"65534", b"77"], (out, err))
    exec_id, _ = run_in(container, "true", flags=FLAG["HOLD"], fields=[("ULIMIT", struct.pack("<IIQQ", 7, 0, 4, 4))])
    check("a very low limit of files is no obstacle to the set-up", helper.connect(container, exec_id).finish()[2] == 0)
    check("EXEC of nothing says why not", (run_in(container, "nope")[1].status, run_in(container, "nope")[1].NUMBER) == ("COMMAND", 127))
    reply = run_in(container, "true", fields=[("WORKDIR", "/nope")])[1]
    check("EXEC in a place that is not there says why not", (reply.TEXT, reply.NUMBER) == ('chdir to cwd ("/nope") set in config.json failed: no such file or directory', 127), reply)
    check("EXEC in a file as a place", run_in(container, "true", fields=[("WORKDIR", "/etc/passwd")])[1].NUMBER == 126)
    exec_id, _ = run_in(container, "sleep", "100")
    check("SIGNAL reaches an exec", status(helper.call("CONTAINER_SIGNAL", ("CONTAINER", container), ("EXEC", exec_id), ("SIGNAL", 15))) == "OK" and helper.connect(container, exec_id).finish()[2:4] == (143, 15))
    check("and nothing else", listed(container)[0] == 1)
    check("FREEZE works", status(helper.call("CONTAINER_FREEZE", ("CONTAINER", container))) == "OK")
    check("EXEC is refused meanwhile", run_in(container, "true")[1].TEXT == "the container is paused")
    check("THAW works", status(helper.call("CONTAINER_THAW", ("CONTAINER", container))) == "OK" and status(run_in(container, "true")[1]) == "OK")
    exec_id, _ = run_in(container, "sleep", "100")
    monitor = helper.connect(container, exec_id)
    kill(container)
    check("an exec ends with its container", monitor.finish()[2] == 137)
    check("EXEC in one that has ended is refused", status(run_in(container, "true")[1]) == "ABSENT")


def ended_execs():
    container, _ = start("sleep", "100")

    def leave():
        """64 of them, ended long ago, and one that has ended just now."""
        exec_id, _ = run_in(container, "true")
        helper.connect(container, exec_id).finish()
        pid, ticks, _, *more = pathlib.Path(here.kernel("containers", container, "execs", exec_id)).read_text().split()
        for number in range(64):
            pathlib.Path(here.kernel("containers", container, "execs", identity(f"old {number}"))).write_text(" ".join([pid, ticks, "1000000000", *more]) + "\n")
        return exec_id

    def left():
        return [name for name in os.listdir(here.kernel("containers", container, "execs")) if name in {identity(f"old {number}") for number in range(64)}]

    recent = leave()
    os.utime(here.kernel("containers", container, "swept")) # however long that has taken
    run_in(container, "true")
    check("execs that have ended are not looked for at each one", len(left()) == 64)
    os.utime(here.kernel("containers", container, "swept"), (1, 1))
    run_in(container, "true")
    check("but now and then, and recent ones stay", not left() and os.path.exists(here.kernel("containers", container, "execs", recent)), len(left()))
    kill(container)


def first_process():
    container, _ = start("sh", "-c", "(sleep 0.1 &); sleep 0.3; cat /proc/[0-9]*/stat | grep -c ') Z '; exit 6", flags=FLAG["HOLD"] | FLAG["INIT"])
    out, _, code, _, _ = helper.connect(container).finish()
    check("with INIT nobody stays a zombie and the code is the command's", (out, code) == (b"0\n", 6), (out, code))
    gone(container)
    container, _ = start("sleep", "100", flags=FLAG["HOLD"] | FLAG["INIT"])
    monitor = helper.connect(container)
    helper.call("CONTAINER_SIGNAL", ("CONTAINER", container), ("SIGNAL", 15))
    check("INIT hands signals on", monitor.finish()[2] == 143)
    gone(container)
    container, _ = start("sh", "-c", "trap 'exit 9' TERM; grep -E 'Cap(Prm|Eff|Bnd|Amb)|NoNewPrivs|Seccomp:' /proc/1/status; while :; do sleep 0.1; done", flags=FLAG["HOLD"] | FLAG["INIT"], fields=[("USER", "app")])
    monitor = helper.connect(container)
    status_lines = b""
    while status_lines.count(b"\n") < 6:
        status_lines += monitor.frame()[1]
    rights = dict(line.split(b":\t") for line in status_lines.splitlines())
    kill_only = b"0000000000000020"
    check("INIT keeps the right to signal, and no other", rights == {b"CapPrm": kill_only, b"CapEff": kill_only, b"CapBnd": b"0" * 16, b"CapAmb": b"0" * 16, b"NoNewPrivs": b"1", b"Seccomp": b"2"}, rights)
    helper.call("CONTAINER_SIGNAL", ("CONTAINER", container), ("SIGNAL", 15))
    check("and with it hands signals on to another user's command", monitor.finish()[2] == 9)
    gone(container)


def mounts():
    flags = FLAG["HOLD"] | FLAG["READ_ONLY"]
    container, reply = start("sh", "-c", "touch /x; touch /t/x && df -m /t | tail -1; df -m /dev/shm | tail -1; touch /sys/x /proc/sys/kernel/hostname; cat /proc/sys/net/ipv4/ip_unprivileged_port_start; "
                         "head -c1 /proc/keys | wc -c; ls /sys/firmware | wc -l; ulimit -n", flags=flags,
                         fields=[("TMPFS", "/t:size=2097152,mode=1777"), ("SHM_SIZE", 3 << 20), ("SYSCTL", "net.ipv4.ip_unprivileged_port_start=77"), ("ULIMIT", struct.pack("<IIQQ", 7, 0, 100, 200))])
    if not check("START with mounts, settings and limits", reply.status == "OK", reply):
        return
    out, err, code, _, _ = helper.connect(container).finish()
    lines = out.decode().split("\n")
    check("a read-only root has writable tmpfs and shm of their sizes", b"/x: Read-only file system" in err and lines[0].split()[1] == "2" and lines[1].split()[1] == "3", (out, err))
    check("/sys and /proc/sys are read-only", err.count(b"Read-only file system") == 3, err)
    check("sysctl, masks and limits are set", lines[2:6] == ["77", "0", "0", "100"], lines)
    gone(container)
    for fields, what in (([("TMPFS", "/t:size=1,bind")], "INVALID"), ([("TMPFS", "relative")], "INVALID"), ([("SYSCTL", "kernel.hostname=x")], "DENIED"), ([("SYSCTL", "net.ipv4.ip_unprivileged_port_start=many")], "INVALID")):
        container, reply = start("true", fields=fields)
        check(f"{fields[0]} is refused", status(reply) == what, reply)
        gone(container)


def limits():
    # One process that fills one buffer: a shell that reads the same amount grows a string by small steps, which takes the second kernel 19 s.
    container, _ = start("dd", "if=/dev/zero", "of=/dev/null", "bs=90000000", "count=1", fields=[("MEMORY_MAX", 32 << 20)])
    out, _, code, sign, oom = helper.connect(container).finish()
    check("the memory limit kills, and the record says so", (out, code, oom) == (b"", 137, 1), (out, code, oom))
    gone(container)
    container, _ = start("sh", "-c", "dd if=/dev/zero of=/dev/null bs=90000000 count=1; exit 3", fields=[("MEMORY_MAX", 32 << 20)])
    _, _, code, _, oom = helper.connect(container).finish()
    check("also when it kills another process than the first", (code, oom) == (3, 1), (code, oom))
    gone(container)
    container, _ = start("sh", "-c", "i=0; while [ $i -lt 30 ]; do sleep 2 & i=$((i+1)); done; wait", fields=[("PIDS_MAX", 10)])
    out, err, _, _, _ = helper.connect(container).finish()
    check("the limit of processes holds", b"fork" in err, err)
    gone(container)
    container, _ = start("sleep", "100")
    check("LIMIT changes a running one", status(helper.call("CONTAINER_LIMIT", ("CONTAINER", container), ("MEMORY_MAX", 64 << 20), ("PIDS_MAX", 5), ("CPU_SHARES", 512))) == "OK")
    check("CPUSET and quota are taken", status(helper.call("CONTAINER_LIMIT", ("CONTAINER", container), ("CPU_QUOTA", 50000), ("CPU_PERIOD", 100000))) == "OK")
    check("a wrong CPUSET is refused", status(helper.call("CONTAINER_LIMIT", ("CONTAINER", container), ("CPUSET", "99999"))) == "INVALID" and status(helper.call("CONTAINER_LIMIT", ("CONTAINER", container), ("CPUSET", "../x"))) == "INVALID")
    kill(container)
    lifted_limits()


def lifted_limits():
    """A field that is there and 0 lifts a limit, up to the policy's ceiling (512 processes, four processors); one that is absent changes nothing."""
    is_v2 = not os.path.isdir("/sys/fs/cgroup/unified")
    bandwidth = "cat /sys/fs/cgroup/cpu.max" if is_v2 else "cd /sys/fs/cgroup/cpu; echo $(cat cpu.cfs_quota_us cpu.cfs_period_us)"
    container, _ = start("sleep", "100", fields=[("CPU_QUOTA", 50000), ("PIDS_MAX", 7)])

    def now():
        exec_id, _ = run_in(container, "sh", "-c", "cat /sys/fs/cgroup/" + ("pids.max" if is_v2 else "pids/pids.max") + "; " + bandwidth)
        return helper.connect(container, exec_id).finish()[0].decode().split()

    def change(*fields):
        return status(helper.call("CONTAINER_LIMIT", ("CONTAINER", container), *fields))

    check("limits as at the start", now() == ["7", "50000", "100000"], now())
    check("an absent field leaves them", change(("CPU_SHARES", 512)) == "OK" and now() == ["7", "50000", "100000"], now())
    check("a quota of 0 lifts it up to the ceiling", change(("CPU_QUOTA", 0)) == "OK" and now() == ["7", "400000", "100000"], now())
    check("a period alone is taken, and the ceiling counted in it", change(("CPU_PERIOD", 50000)) == "OK" and now() == ["7", "200000", "50000"], now())
    check("0 processes lift theirs", change(("PIDS_MAX", 0)) == "OK" and now() == ["512", "200000", "50000"], now())
    check("what is above the ceiling is refused", (change(("PIDS_MAX", 513)), change(("CPU_QUOTA", 400001))) == ("DENIED", "DENIED") and now() == ["512", "200000", "50000"], now())
    here.write_policy(here.policy.replace("pids_max = 512", "pids_max = 0").replace("cpu_max_percent = 400", "cpu_max_percent = 0"))
    check("without a ceiling there is none", change(("CPU_QUOTA", 0), ("PIDS_MAX", 0)) == "OK" and now() == ["max", "max" if is_v2 else "-1", "100000"], now())
    here.write_policy(here.policy)
    refused_limits(container, is_v2, lambda: now()[1:])
    kill(container)


def refused_limits(container, is_v2, now):
    """What the kernel takes one of quota and period of, and refuses the other, leaves both as they were."""
    def change(*fields):
        return helper.call("CONTAINER_LIMIT", ("CONTAINER", container), *fields)

    def stay(*fields, text=""):
        refused = change(*fields)
        return status(refused) == "INVALID" and text in refused.TEXT and now() == ["50000", "100000"]

    here.write_policy(here.policy.replace("cpu_max_percent = 400", "cpu_max_percent = 50"))
    assert status(change(("CPU_QUOTA", 50000), ("CPU_PERIOD", 100000))) == "OK"
    check("a period in which the ceiling is less than the kernel's least quota is refused", stay(("CPU_PERIOD", 1000), text="cpu_max_percent"), now())
    check("with a lifted quota, too", stay(("CPU_QUOTA", 0), ("CPU_PERIOD", 1000)), now())
    check("so is so small a quota", stay(("CPU_QUOTA", 500), ("CPU_PERIOD", 100000)), now())
    here.write_policy(here.policy.replace("cpu_max_percent = 400", "cpu_max_percent = 1000"))
    if is_v2:
        return here.write_policy(here.policy)  # its groups may have more than the one above, which they do not get
    above = f"/sys/fs/cgroup/cpu/tallyman-{here.name}/cpu.cfs_quota_us"
    with open(above, "w") as quota:
        quota.write("500000")
    check("more than the group above has is refused, in a shorter period", stay(("CPU_QUOTA", 400000), ("CPU_PERIOD", 50000)), now())
    check("and in a longer one", stay(("CPU_QUOTA", 1200000), ("CPU_PERIOD", 200000)), now())
    with open(above, "w") as quota:
        quota.write("-1")
    here.write_policy(here.policy)


def networks():
    first, _ = start("sleep", "100")
    second, reply = start("sh", "-c", "readlink /proc/self/ns/net; mount | grep ' /sys '", mode=2, fields=[("JOIN_NETWORK_OF", first)])
    out = helper.connect(second).finish()[0].decode()
    namespace = os.readlink(f"/proc/{listed(first)[1]}/ns/net")
    check("a network can be shared", out.startswith(namespace), (out, namespace))
    lonely, reply = start("true", mode=2, fields=[("JOIN_NETWORK_OF", fresh())])
    check("sharing with one that is not there is refused", status(reply) == "ABSENT" and gone(lonely))
    exec_id, _ = run_in(first, "readlink", "/proc/self/ns/net")
    check("EXEC enters the network", helper.connect(first, exec_id).finish()[0].decode().strip() == namespace)
    gone(second)
    kill(first)


def isolation():
    container, reply = start("sh", "-c", "cat /proc/self/uid_map; cat /proc/self/cgroup; grep -E 'Cap(Prm|Eff|Bnd|Amb)|Seccomp:' /proc/self/status; "
                             "unshare -U true; unshare -n true; mknod /tmp/sda b 8 0; mount -t tmpfs x /tmp; ls /dev; ulimit -c; sleep 100")
    monitor = helper.connect(container)
    out = err = b""
    while err.count(b"\n") < 4 or not (b"urandom\nzero\n" in out and out.endswith(b"\n") and out.rstrip().split(b"\n")[-1].isdigit()):
        kind, payload = monitor.frame()
        out, err = (out + payload, err) if kind == 1 else (out, err + payload)
    base, count = (int(n) for n in out.split()[1:3])
    check("its root is an ordinary number on the host", base >= 0x7200000 and count == 65536 and os.stat(f"/proc/{reply.PID}").st_uid == base, out)
    check("it sees itself at the top of its control groups", all(line.endswith(b":/") for line in out.split(b"\n") if line[:1].isdigit() and b":" in line), out)
    check("it has the capabilities that were asked for and a filter", out.count(b"00000000a80425fb") == 3 and b"Seccomp:\t2" in out, out)
    check("no new namespaces, devices or mounts", err.count(b"Operation not permitted") >= 3 and (b"unshare" in err), err)
    other, _ = start("cat", "/proc/self/uid_map")
    check("no two containers have an id in common", abs(int(helper.connect(other).finish()[0].split()[1]) - base) >= 65536)
    gone(other)
    kill(container)
    container, _ = start("sh", "-c", "grep NoNewPrivs /proc/self/status", flags=FLAG["HOLD"] | FLAG["NO_NEW_PRIVILEGES"])
    check("no_new_privs when asked for", helper.connect(container).finish()[0] == b"NoNewPrivs:\t1\n")
    gone(container)


def odd_images():
    """/dev, /proc and /sys of an image are never used; what stands in the way is refused (CVE-2025-31133, 2026-41579)."""
    link = {"type": b"2", "link": "/tmp"}
    for name in ("proc", "sys", "dev"):
        layer = identity("odd " + name)
        unpack(helper, layer, busybox_archive((name, link)))
        container, reply = start("true", layers=[layer])
        check(f"an image with a link for /{name} is refused", reply.status == "COMMAND" and name in reply.TEXT, reply)
        gone(container)
    layer = identity("odd resolv")
    unpack(helper, layer, busybox_archive(("etc/resolv.conf", {"type": b"2", "link": "../run/stub/resolv.conf"}), ("etc/hosts", {"type": b"2", "link": "/www/index.html"})))
    out, err, _ = output_of(helper, fresh(), [layer], "cat /www/index.html; cat /etc/resolv.conf", ("HOSTS", "hosts\n"), ("RESOLV", "resolv\n"))
    check("links for files of /etc stay inside", out == b"hosts\n" and b"No such file" in err, (out, err))
    layer = identity("odd passwd")
    unpack(helper, layer, busybox_archive(("etc/passwd", {"type": b"6"})))
    container, reply = start("true", layers=[layer], fields=[("USER", "app")])
    check("a fifo as /etc/passwd does not hang", reply.status == "COMMAND", reply)
    gone(container)


unpack(helper, LAYER, busybox_archive(("etc/passwd", {"data": b"root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n"}),
                                      ("etc/group", {"data": b"root:x:0:\nextra:x:50:app\napp:x:1000:\n"})))
unpack(helper, TOP, archive([("etc", {"type": b"5"}), ("etc/motd", {"data": b"top\n"}), (".wh.www", {"data": b""})]))
for case in (life, interrupted_removal, writable_layer, output, commands, execs, ended_execs, first_process, mounts, limits, networks, isolation, odd_images):
    case()
check("no socket, range or state is left", not os.listdir(here.run) and not os.listdir(here.kernel("ranges")) and not os.listdir(here.kernel("containers")), (os.listdir(here.run), os.listdir(here.kernel("containers"))))
finish()
