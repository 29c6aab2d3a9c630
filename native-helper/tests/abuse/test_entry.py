#!/usr/bin/env python3
"""Entry of the setuid helper: arguments, environment, limits, signals, peeking (SECURITY T01, T03-T06)."""
import ctypes, multiprocessing, os, resource, shutil, signal, subprocess, time
from abuse import Canary, Installation, busybox_archive, check, finish, identity, output_of, status, unpack
from speak import packet

here = Installation("nae", 123, "te")
helper = here.helper
canary = Canary("nae")
LIBC = ctypes.CDLL(None, use_errno=True)
LAYER = identity("layer")
PROBE = packet("PROBE", [])


def arguments():
    check("answers a plain call (control)", status(helper.call_raw(PROBE)) == "OK")
    check("refuses an argument", status(helper.call_raw(PROBE, arguments=("helper", "x"))) == "PROTOCOL")
    check("refuses no argument at all or takes it as one", status(helper.call_raw(PROBE, arguments=("",))) in ("OK", "PROTOCOL"))
    check("refuses an argument of 100 KiB", status(helper.call_raw(PROBE, arguments=("helper", "x" * 100000))) == "PROTOCOL")
    hostile = {"GLIBC_TUNABLES": "glibc.malloc.check=3" * 50, "LD_PRELOAD": "/nonexistent/evil.so", "LD_LIBRARY_PATH": str(canary.path), "LANG": "../../../../x", "TMPDIR": str(canary.path), "IFS": "x",
               "LD_DEBUG": "all", "LD_DEBUG_OUTPUT": str(canary.path / "debug"), "MALLOC_TRACE": str(canary.path / "trace"), **{f"V{i}": "y" * 20 for i in range(5000)}}
    check("a hostile environment changes nothing", status(helper.call_raw(PROBE, environment=hostile)) == "OK")
    canary.check("a hostile environment")
    stranger = status_as(65534)
    check("serves no other user", stranger in ("PRIVILEGE", "refused"), stranger)


def status_as(uid):
    try:
        return status(helper.call_raw(PROBE, user=uid))
    except PermissionError:
        return "refused"


def hostile_limits():
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (10, 10))
    resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
    resource.setrlimit(resource.RLIMIT_AS, (50 << 20, 50 << 20))
    resource.setrlimit(resource.RLIMIT_CORE, resource.getrlimit(resource.RLIMIT_CORE))
    os.umask(0)
    for number in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGALRM, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    for fd in (0, 1, 2):
        os.close(fd)


def limits():
    fields = [("NETWORK", identity("n")), ("GATEWAY", 0x0a000001 | here.net << 16), ("PREFIX", 24)]
    reply = helper.call_raw(packet("NETWORK_UP", fields), before=hostile_limits)
    check("hostile limits end in success or a typed error", reply is not None and reply.status in ("OK", "EXHAUSTED", "KERNEL"), reply)
    check("a file made then has its mode", all(os.stat(os.path.join(path, name)).st_mode & 0o77 == 0 for path, _, names in os.walk(here.kernel()) if "/layers/" not in path for name in names))
    check("without them it is a success (control)", status(helper.call_raw(packet("NETWORK_UP", fields))) == "OK")
    check("and taken back", status(helper.call("NETWORK_DOWN", ("NETWORK", identity("n")))) == "OK")


def no_new_privileges():
    reply = helper.call_raw(PROBE, before=lambda: LIBC.prctl(38, 1, 0, 0, 0))
    check("says when no_new_privs takes its rights away", status(reply) == "PRIVILEGE" and "no_new_privs" in reply.TEXT, reply)
    folder = "/run/tallyman-nae-nosuid"
    os.makedirs(folder, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "nosuid,mode=0755", "tmpfs", folder], check=True)
    try:
        shutil.copy(here.library + "/helper", folder + "/helper")
        os.chown(folder + "/helper", 0, here.gid)
        os.chmod(folder + "/helper", 0o4750)
        kept, helper.path = helper.path, folder + "/helper"
        reply = helper.call_raw(PROBE)
        helper.path = kept
        check("says when a nosuid file system does", status(reply) == "PRIVILEGE" and "nosuid" in reply.TEXT, reply)
    finally:
        subprocess.run(["umount", folder], check=False)
        os.rmdir(folder)
    os.chmod(here.library + "/helper", 0o4755)
    check("refuses to run when others may run it", status(helper.call_raw(PROBE)) == "PRIVILEGE")
    os.chmod(here.library + "/helper", 0o4750)
    check("runs with its mode (control)", status(helper.call_raw(PROBE)) == "OK")


def restrictions(verb):
    """How often the helper restricts what files it reaches while it serves VERB."""
    ours, theirs = helper.pair()
    trace = canary.path.parent / "nae-landlock"
    with ours:
        strace = subprocess.Popen(["strace", "-f", "-qq", "-o", trace, "-e", "trace=landlock_restrict_self", "-u", "tallyman", helper.path], env={}, close_fds=False,
                                  stdin=subprocess.DEVNULL, preexec_fn=lambda: os.dup2(theirs.fileno(), 3))
        theirs.close()
        ours.sendmsg([packet(verb, [])])
        ours.settimeout(40)
        ours.recv(65536)
        strace.wait()
    counted = trace.read_text().count(" = 0\n")
    trace.unlink()
    return counted


def places():
    if LIBC.syscall(444, None, 0, 1) < 2:  # landlock_create_ruleset
        print("ok - landlock # skip this kernel has none")
        return
    check("a verb that mounts nothing reaches the instance's own folders only", restrictions("LAYER_LIST") == 1)
    check("one that looks at what the kernel can do does not say so of itself (control)", restrictions("PROBE") == 0)


def as_server(function):
    """What FUNCTION does as the server's user, in a process of its own."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(here.gid)
        os.setuid(here.uid)
        LIBC.prctl(4, 1, 0, 0, 0)
        os.write(writer, repr(function()).encode())
        os._exit(0)
    os.close(writer)
    answer = os.read(reader, 65536).decode()
    os.close(reader)
    os.waitpid(child, 0)
    return answer


def peek(pid):
    """The ways into another process that worked."""
    open_ways = []
    for name in ("mem", "environ", "maps", "auxv", "syscall"):
        try:
            with open(f"/proc/{pid}/{name}", "rb") as file:
                file.read(1) if name != "mem" else None
            open_ways.append(name)
        except OSError:
            pass
    for name in ("exe", "cwd", "root"):
        try:
            os.readlink(f"/proc/{pid}/{name}")
            open_ways.append(name)
        except OSError:
            pass
    try:
        os.listdir(f"/proc/{pid}/fd")
        open_ways.append("fd")
    except OSError:
        pass
    if LIBC.ptrace(0x4206, pid, 0, 0) == 0:  # PTRACE_SEIZE
        open_ways.append("ptrace")
    for number in (signal.SIGSTOP, signal.SIGCONT, 0):
        try:
            os.kill(pid, number)
            open_ways.append(f"signal {number}")
        except OSError:
            pass
    return open_ways


def peeking():
    own = subprocess.Popen(["sleep", "60"], user=here.uid, group=here.gid, extra_groups=[])
    time.sleep(0.2)
    check("the server can look into its own processes (control)", "mem" in as_server(lambda: peek(own.pid)))
    own.kill()
    own.wait()
    ours, theirs = helper.pair()
    process = helper.spawn(theirs)
    theirs.close()
    time.sleep(0.5)
    found = as_server(lambda: peek(process.pid))
    check("the server cannot look into the helper, nor stop it", found == "[]", found)
    ours.close()
    process.wait()
    reply = helper.call("CONTAINER_START", ("CONTAINER", identity("peek")), ("LAYER", LAYER), ("ARG", "/bin/sleep"), ("ARG", "1000"), ("NETWORK_MODE", 0))
    check("starts a container to look into", status(reply) == "OK", reply)
    monitor = int(open(f"/proc/{reply.PID}/stat").read().rsplit(")", 1)[1].split()[1])
    for what, pid in (("the container's first process", reply.PID), ("its monitor", monitor)):
        found = as_server(lambda: peek(pid))
        check(f"nor into {what}", found == "[]", found)
    helper.call("CONTAINER_CLEAN", ("CONTAINER", identity("peek")))
    helper.call("CONTAINER_REMOVE", ("CONTAINER", identity("peek")))


def tormentor(stop):
    os.setgroups([])
    os.setgid(here.gid)
    os.setuid(here.uid)
    while not stop.is_set():
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            try:
                if open(f"/proc/{name}/comm").read().strip() == "helper":
                    for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL, signal.SIGCONT):
                        os.kill(int(name), number)
            except OSError:
                pass


def relief(stop):
    """Continues helpers that were stopped. A stop sent just before the helper has its rights takes hold just after it, and then only root can undo it."""
    while not stop.is_set():
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                pid, rest = open(f"/proc/{name}/stat").read().split(" ", 1)
                if rest.startswith("(helper) T"):
                    os.kill(int(pid), signal.SIGCONT)
            except OSError:
                pass
        time.sleep(0.02)


def signals():
    stop = multiprocessing.Event()
    # Daemons, so that a failure here ends the test instead of waiting for them.
    children = [multiprocessing.Process(target=target, args=(stop,), daemon=True) for target in (tormentor, relief)]
    for child in children:
        child.start()
    answers = []
    for i in range(30):
        container = identity(f"signals {i}")
        reply = helper.call_raw(packet("CONTAINER_START", [("CONTAINER", container), ("LAYER", LAYER), ("ARG", "/bin/true"), ("NETWORK_MODE", 0)]))
        answers.append(status(reply))
    stop.set()
    for child in children:
        child.join()
    check("under a storm of signals a start succeeds, fails typed, or never began", set(answers) <= {"OK", "NONE", "KERNEL"}, answers)
    for i in range(30):
        helper.call("CONTAINER_CLEAN", ("CONTAINER", identity(f"signals {i}")))
    removed = [status(helper.call("CONTAINER_REMOVE", ("CONTAINER", identity(f"signals {i}")))) for i in range(30)]
    check("all of them can be removed", set(removed) == {"OK"}, removed)
    check("nothing half made stays", os.listdir(here.kernel("containers")) == [] and os.listdir(here.kernel("ranges")) == [],
          (os.listdir(here.kernel("containers")), os.listdir(here.kernel("ranges"))))
    check("and a start without the storm works (control)", output_of(helper, identity("after"), [LAYER], "echo fine")[0] == b"fine\n")


assert status(unpack(helper, LAYER, busybox_archive())) == "OK"
arguments()
limits()
no_new_privileges()
places()
peeking()
signals()
canary.check("all of this")
finish()
