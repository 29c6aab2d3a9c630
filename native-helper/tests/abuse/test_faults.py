#!/usr/bin/env python3
"""The helper is killed at, or refused, one system call after the other, in every verb that makes or takes away something (SECURITY T38): the answer
is a typed error or none, what was begun is undone or can be taken away, and nothing stays behind (I4).
The same sample by default (another with TALLYMAN_FAULTS_SEED=number); with TALLYMAN_FAULTS=all every call of every verb, which takes some minutes."""
import collections, os, pathlib, random, re, signal, socket, struct, subprocess, sys, tempfile, threading, time
from abuse import Canary, Installation, busybox_archive, check, finish, identity, status, unpack
from speak import NUMBERS, Reply, packet

here = Installation("nft", 118, "tx", id_base=0x7E00000)
helper = here.helper
canary = Canary("nft")
EVERYTHING = os.environ.get("TALLYMAN_FAULTS") == "all"
SECONDS = int(os.environ.get("TALLYMAN_FAULTS_SECONDS", 10_000)) if EVERYTHING else 70
SAMPLE = 135
LAYER, OTHER, NETWORK = identity("layer"), identity("other"), identity("n")
GATEWAY = 0x0a000001 | here.net << 16
UP = [("NETWORK", NETWORK), ("GATEWAY", GATEWAY), ("PREFIX", 24)]
NAME = "xtx-named"
NAMED = [*UP, ("BRIDGE_NAME", NAME.encode())]
here.write_policy(here.policy + f"bridge_names = {NAME}\n")
SMALL = busybox_archive()
chance = random.Random(int(os.environ.get("TALLYMAN_FAULTS_SEED", 1)))
serial = [0]

KILLED = ["mkdirat", "openat", "openat2", "write", "writev", "pwrite64", "sendmsg", "sendto", "recvmsg", "clone", "clone3", "fsync", "fdatasync", "syncfs", "renameat", "renameat2", "symlinkat",
          "linkat", "unlinkat", "rmdir", "fchown", "fchownat", "fchmodat", "bind", "listen", "socket", "flock", "setns", "unshare", "mount", "umount2", "fsopen", "fsconfig", "fsmount", "open_tree",
          "move_mount", "mount_setattr", "pivot_root", "pipe2", "memfd_create", "execveat", "setresuid", "prlimit64", "waitid", "wait4", "chroot", "dup2", "dup3"]
REFUSED = {
    "ENOSPC": ["mkdirat", "openat", "write", "pwrite64", "symlinkat", "renameat", "renameat2", "mknodat", "linkat", "fsync", "syncfs"],
    "EIO": ["read", "write", "fsync", "fdatasync", "syncfs", "renameat", "renameat2", "unlinkat", "getdents64"],
    "ENOMEM": ["clone", "clone3", "mmap", "open_tree", "fsopen", "fsmount", "fsconfig", "move_mount", "mount_setattr", "mount", "sendmsg", "sendto", "openat", "setns"],
    "EMFILE": ["openat", "openat2", "socket", "socketpair", "pipe2", "memfd_create", "open_tree", "fsopen", "fsmount", "dup2", "dup3", "recvmsg", "pidfd_open"],
}
FAULTS = [(call, "signal=KILL") for call in KILLED] + [(call, "error=" + error) for error, calls in REFUSED.items() for call in calls]


def under_strace(options, data, fds=()):
    """One call of the helper with strace between it and this test: (reply or None, strace). Containers are traced too, so strace ends with them."""
    import array
    ours, theirs = helper.pair()
    with ours:
        def child():
            os.dup2(theirs.fileno(), 3)
        process = subprocess.Popen(["strace", "-f", "-qq", "-u", "tallyman", *options, helper.path], env={}, preexec_fn=child, close_fds=False, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, executable="/usr/bin/strace")
        theirs.close()
        try:
            ours.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else [])
            ours.settimeout(40)
            answer = ours.recv(NUMBERS["PACKET_MAX_BYTES"])
        except (ConnectionResetError, BrokenPipeError):
            answer = b""
        except TimeoutError:
            return Malformed("no answer"), process
    try:
        return (Reply(answer) if answer else None), process
    except (ValueError, KeyError) as e:
        return Malformed(f"a malformed reply: {answer[:200]} {e}"), process


class Malformed(str):
    status = "MALFORMED"


def fresh():
    serial[0] += 1
    return identity(f"container {serial[0]}")


def start_of(container, command="exit 0", *more):
    port = ("PORT", struct.pack("<BBHIHH", 6, 0, 18078, 0, 80, 0))
    return packet("CONTAINER_START", [("CONTAINER", container), ("LAYER", LAYER), ("ARG", "/bin/sh"), ("ARG", "-c"), ("ARG", command), ("ENV", "PATH=/bin"), ("NETWORK_MODE", 1), *UP,
                                      ("ADDRESS", GATEWAY + 1), port, ("CAPABILITIES", 0xa80425fb), ("MEMORY_MAX", 1 << 26), *more])


def running():
    container = fresh()
    reply = helper.call_raw(start_of(container, "sleep 100"))
    assert status(reply) == "OK", reply
    clients.append(helper.connect(container))  # a monitor lingers until somebody has the end
    return container


def told(container):
    """Takes the end of a container that was started under faults, if anybody can tell it."""
    try:
        clients.append(helper.connect(container))
    except (OSError, EOFError):
        pass


clients = []


class Scenario:
    """What is asked for under faults, and how everything is taken away again."""

    def prepare(self):
        return fresh()

    def ask(self, thing):
        """(packet, archive to send or None)"""
        return start_of(thing), None

    def undone(self, thing):
        """What a refusal should have undone by itself."""
        return parts_of(thing)

    def take_away(self, thing):
        return [helper.call(verb, ("CONTAINER", thing)) for verb in ("CONTAINER_CLEAN", "CONTAINER_REMOVE")]


class Start(Scenario):
    pass


class Exec(Scenario):
    def prepare(self):
        return running()

    def ask(self, thing):
        return packet("CONTAINER_EXEC", [("CONTAINER", thing), ("EXEC", identity("exec " + thing)), ("ARG", "/bin/true"), ("ENV", "PATH=/bin"), ("CAPABILITIES", 0)]), None

    def undone(self, thing):
        return [name for name in os.listdir(here.run) if name.count(".") == 2] + os.listdir(here.kernel("containers", thing, "execs"))


class Clean(Exec):
    def ask(self, thing):
        return packet("CONTAINER_CLEAN", [("CONTAINER", thing)]), None

    def undone(self, thing):
        return []


class Remove(Clean):
    def prepare(self):
        container = running()
        helper.ok("CONTAINER_CLEAN", ("CONTAINER", container))
        return container

    def ask(self, thing):
        return packet("CONTAINER_REMOVE", [("CONTAINER", thing)]), None


class Prepare(Clean):
    def prepare(self):
        return fresh()

    def ask(self, thing):
        return packet("CONTAINER_PREPARE", [("CONTAINER", thing)]), None


class Unpack(Scenario):
    def prepare(self):
        return OTHER

    def ask(self, thing):
        return packet("LAYER_UNPACK", [("LAYER", thing)]), SMALL

    def undone(self, thing):
        return [] if thing in helper.ok("LAYER_LIST").all("LAYER") else [name for name in os.listdir(here.kernel("layers")) if thing in name]

    def take_away(self, thing):
        """What is listed is whole, and can be had again."""
        replies = [unpack(helper, thing, SMALL)]
        files = sum(len(names) for _, _, names in os.walk(here.kernel("layers", thing, "fs")))
        assert files == whole, (files, whole)
        return replies + [helper.call("LAYER_REMOVE", ("LAYER", thing))]


class RemoveLayer(Unpack):
    def prepare(self):
        assert status(unpack(helper, OTHER, SMALL)) == "OK"
        return OTHER

    def ask(self, thing):
        return packet("LAYER_REMOVE", [("LAYER", thing)]), None

    def undone(self, thing):
        return []


class Up(Scenario):
    fields = UP

    def prepare(self):
        helper.ok("NETWORK_DOWN", ("NETWORK", NETWORK))
        return NETWORK

    def ask(self, thing):
        return packet("NETWORK_UP", self.fields), None

    def undone(self, thing):
        return os.listdir(here.kernel("networks")) + links() + tables()

    def take_away(self, thing):
        replies = [helper.call("NETWORK_UP", *self.fields), helper.call("NETWORK_DOWN", ("NETWORK", NETWORK))]
        left = Up.undone(self, thing)
        assert not left, left
        return replies + [helper.call("NETWORK_UP", *UP)]


class Down(Up):
    def prepare(self):
        return NETWORK

    def ask(self, thing):
        return packet("NETWORK_DOWN", [("NETWORK", NETWORK)]), None

    def undone(self, thing):
        return []

    def take_away(self, thing):
        replies = [helper.call("NETWORK_DOWN", ("NETWORK", NETWORK))]
        left = super().undone(thing)
        assert not left, left
        return replies + [helper.call("NETWORK_UP", *UP)]


class NamedUp(Up):
    fields = NAMED


class NamedDown(Down):
    def prepare(self):
        helper.ok("NETWORK_DOWN", ("NETWORK", NETWORK))
        helper.ok("NETWORK_UP", *NAMED)
        return NETWORK


def links():
    lines = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, check=True).stdout.splitlines()
    return [name for name in (line.split(": ")[1].split("@")[0] for line in lines) if name.startswith(here.prefix) or name == NAME]


def tables():
    return re.findall(rf"tallyman-{here.name}\b", subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, check=True).stdout)


def elements():
    """Addresses, ports and links of containers in the sets; the network's own come without."""
    text = "".join(subprocess.run(["nft", "list", "table", family, f"tallyman-{here.name}"], capture_output=True, text=True).stdout for family in ("ip", "bridge"))
    return re.findall(rf"18078|{here.prefix}v[0-9a-z]+(?=\")", text)


def groups(container):
    return [path for path in (f"{tree}/tallyman-{here.name}/{container}" for tree in trees) if os.path.isdir(path)]


def parts_of(container):
    """All that the kernel and the helper have of a container, but for its own folder and range."""
    veths = [name for name in links() if container[:9] in name]
    sockets = [name for name in os.listdir(here.run) if name.startswith(container[:16])]
    state = [f"{part}/{name}" for part in ("endpoints",) for name in os.listdir(here.kernel(part)) if container in name]
    run = [here.kernel("containers", container, "run")] if os.path.exists(here.kernel("containers", container, "run")) else []
    return groups(container) + veths + sockets + state + run + elements()


def processes():
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                if os.readlink(f"/proc/{entry}/exe").startswith(here.library + "/"):
                    found.append(entry)
            except OSError:
                pass
    return found


def everything():
    """What has to be the same after each case."""
    parts = {part: sorted(os.listdir(here.kernel(part))) for part in ("layers", "containers", "ranges", "networks", "endpoints", "locks", "trash")}
    parts["execs"] = parts["mounts"] = None
    return {**parts, "records": os.listdir(here.state + "/records"), "sockets": os.listdir(here.run), "links": links(), "tables": sorted(tables()), "elements": elements(),
            "mounts": pathlib.Path("/proc/self/mountinfo").read_text().count(here.state), "groups": [g for t in trees for g in os.listdir(f"{t}/tallyman-{here.name}") if len(g) == 64],
            "processes": processes()}


def until_same(before, seconds=8):
    """The kernel takes dead namespaces down in its own time."""
    end = time.time() + seconds
    while (now := everything()) != before and time.time() < end:
        time.sleep(0.05)
    return {key: (before[key], now[key]) for key in before if before[key] != now[key]}


def mark(what, last=[time.time()]):
    if os.environ.get("TIMES"): print(f"#    {time.time() - last[0]:.2f} {what}", flush=True)
    last[0] = time.time()


def until_empty(look, seconds=8):
    end = time.time() + seconds
    while (left := look()) and time.time() < end:
        time.sleep(0.05)
    return left


def send(options, scenario, thing):
    data, archive = scenario.ask(thing)
    if archive is None:
        reply, strace = under_strace(options, data)
        if reply is not None and reply.status == "OK" and isinstance(scenario, Start):
            told(thing)
        return reply, strace
    with tempfile.TemporaryFile() as file:
        file.write(archive)
        file.seek(0)
        return under_strace(options, data, fds=[file.fileno()])


def calls_of(scenario):
    """How often each call is made, by the process that makes it most often."""
    thing = scenario.prepare()
    with tempfile.NamedTemporaryFile() as out:
        reply, strace = send(["-o", out.name, "-e", "trace=" + ",".join(sorted({call for call, _ in FAULTS}))], scenario, thing)
        scenario.take_away(thing)
        strace.wait(20)
        counts = collections.Counter(re.findall(r"^(\d+) +(\w+)\(", out.read().decode(errors="replace"), re.M))
    check(f"{name_of(scenario)} works under strace (control)", status(reply) == "OK", reply)
    most = collections.Counter()
    for (_, call), count in counts.items():
        most[call] = max(most[call], count)
    return most


def name_of(scenario):
    return type(scenario).__name__


def one(scenario, call, fault, number, before):
    """Returns what is wrong, or nothing."""
    thing = scenario.prepare()
    reply, strace = send(["-o", os.environ.get("TRACE", "/dev/null"), "-e", "trace=" + os.environ.get("CALLS", call), "-e", f"inject={call}:{fault}:when={number}"], scenario, thing)
    mark("asked")
    if isinstance(scenario, Remove):
        strace.wait(25)  # it deletes behind its answer
    wrong = [reply] if isinstance(reply, Malformed) else []
    if reply is not None and reply.status != "OK":
        left = until_empty(lambda: scenario.undone(thing), 4)
        if left:
            wrong.append(f"after {reply} there is still {left}")
    try:
        again = scenario.take_away(thing)
        wrong += [f"taking away: {r}" for r in again if status(r) != "OK"]
    except AssertionError as e:
        wrong.append(f"taking away: {e}")
    mark("taken")
    try:
        strace.wait(25)
    except subprocess.TimeoutExpired:
        wrong.append("a process does not end")
        strace.kill()
    mark("strace")
    while clients:
        clients.pop().socket.close()
    left = until_same(before, 14)
    return wrong + ([f"left behind: {left}"] if left else [])


def cases(scenario):
    most = calls_of(scenario)
    for call, fault in FAULTS:
        for number in range(1, min(most[call], 400 if EVERYTHING else 40) + 1):
            yield scenario, call, fault, number


def only(spec):
    """TALLYMAN_FAULTS=Start:openat:signal=KILL:3 repeats one case."""
    name, call, fault, number = spec.split(":")
    return [(globals()[name](), call, fault, int(number))]


def delayed(call, more, data, act, seconds, fds=()):
    """(reply, strace) where CALL of each process waits for SECONDS at first; ACT gets the trace of it and of MORE, again and again until it returns true."""
    with tempfile.NamedTemporaryFile() as out:
        def watch():
            # Opened already: while the other thread makes a pair of sockets, all of this process is the server's user, who may not open it.
            end = time.time() + 20
            while time.time() < end and not act(os.pread(out.fileno(), 1 << 20, 0).decode(errors="replace")):
                time.sleep(0.01)
        watcher = threading.Thread(target=watch)
        watcher.start()
        answer = under_strace(["-o", out.name, "-e", f"trace={call}{more}", "-e", f"inject={call}:delay_enter={seconds * 1e6:.0f}:when=1"], data, fds)
        watcher.join()
        return answer


def in_its_namespace(first):
    """The other processes of a container."""
    namespace = os.stat(f"/proc/{first}/ns/pid").st_ino
    found = []
    for pid in (int(name) for name in os.listdir("/proc") if name.isdigit()):
        try:
            if pid != first and os.stat(f"/proc/{pid}/ns/pid").st_ino == namespace:
                found.append(pid)
        except OSError:
            pass
    return found


def exec_beside_dying(call, seconds):
    """What is wrong with an exec whose container's first process is killed while the helper is about to make CALL, some time after it entered the process namespace."""
    container = running()
    listed = helper.ok("CONTAINER_LIST")
    first = dict(zip(listed.all("CONTAINER"), listed.all("PID")))[container]
    alive = ["nothing was seen"]

    def kill(trace):
        beside = re.search(r"^(\d+) +setns\(\d+, CLONE_NEWPID\)", trace, re.M)
        found = beside and re.search(rf"^{beside[1]} +{call}\(", trace, re.M)
        if found:
            others = in_its_namespace(first)
            os.kill(first, signal.SIGKILL)
            # Once it has killed the others nothing is made there any more. It stays until they are collected, one of them perhaps by who makes CALL: that goes on when strace ends.
            alive[:] = until_empty(lambda: [pid for pid in others if not is_doomed(pid)] if others else [first] if state_of(first)["State"][0] != "Z" else [], 15)
            os.kill(int(state_of(beside[1])["TracerPid"]), signal.SIGKILL)
        return found
    reply, strace = delayed(call, ",setns", Exec().ask(container)[0], kill, seconds)
    wrong = alive if (status(reply), getattr(reply, "TEXT", "")) == ("BUSY", "the container is not running") else [reply]
    wrong += Exec().undone(container)
    clients.pop().socket.close()
    wrong += [r for r in Exec().take_away(container) if status(r) != "OK"]
    strace.wait(25)
    return wrong


def state_of(pid):
    """What /proc tells of a process, as of a zombie where it tells nothing any more."""
    try:
        return dict(line.rstrip("\n").split(":\t", 1) for line in open(f"/proc/{pid}/status"))
    except (FileNotFoundError, ProcessLookupError):
        return {"State": "Z", "SigPnd": "0", "ShdPnd": "0", "TracerPid": "0"}


def image_mounted(container):
    """A start with a part of an image."""
    return start_of(container, "grep -q hello /i/index.html && exit 7", ("MOUNT", b"image\n1\n1\nwww\n/i"), ("MOUNT_LAYER", LAYER))


def code_under(options, container):
    """The exit code where all is well: 7; or the refusal of the start."""
    reply, strace = under_strace(options, image_mounted(container))
    if status(reply) != "OK":
        return reply
    code = helper.connect(container).finish()[2]
    Start().take_away(container)
    strace.wait(25)
    return code


def is_doomed(pid):
    """Gone, or killed in a stop of strace's, which it does not leave before strace lets it."""
    lines = state_of(pid)
    return lines["State"][0] == "Z" or bool((int(lines["SigPnd"], 16) | int(lines["ShdPnd"], 16)) & 1 << signal.SIGKILL - 1)


def orphan(call, pattern, data, fds=()):
    """What a child has that outlives the helper, which is killed while its child, or itself, waits for CALL: PATTERN finds helper and child in the trace, or the child alone."""
    seen = {}

    def kill(trace):
        found = re.search(pattern, trace, re.M)
        if found:
            child = int(found["child"])
            seen[child] = [os.readlink(f"/proc/{child}/fd/{fd}") for fd in os.listdir(f"/proc/{child}/fd")]
            os.kill(int(found.groupdict().get("helper") or open(f"/proc/{child}/stat").read().rsplit(")", 1)[1].split()[1]), signal.SIGKILL)
        return found
    _, strace = delayed(call, "", data, kill, 4, fds)
    left = until_empty(lambda: [child for child in seen if not is_doomed(child)], 2)
    for child in left:
        os.kill(child, signal.SIGKILL)
    strace.wait(25)
    return ["nothing was seen"] if not seen else left + [name for names in seen.values() for name in names if here.state in name and "/fs" not in name]


trees = [path for path in [f"/sys/fs/cgroup/{tree}" for tree in ("unified", "cpu", "cpuacct", "cpuset", "memory", "devices", "blkio", "pids", ".")] if os.path.isdir(path + f"/tallyman-{here.name}") or True]
assert status(unpack(helper, LAYER, SMALL)) == "OK"
whole = sum(len(names) for _, _, names in os.walk(here.kernel("layers", LAYER, "fs")))
helper.ok("NETWORK_UP", *UP)
helper.call("CONTAINER_REMOVE", ("CONTAINER", first := running()))
helper.ok("CONTAINER_CLEAN", ("CONTAINER", first))
helper.ok("CONTAINER_REMOVE", ("CONTAINER", first))
trees = [tree for tree in trees if os.path.isdir(f"{tree}/tallyman-{here.name}")]
until_empty(lambda: [name for name in links() if name.startswith(here.prefix + "v")])
before = everything()

chosen = os.environ.get("TALLYMAN_FAULTS", "")
if ":" in chosen:
    todo = only(chosen)
else:
    todo = [case for scenario in (Start(), Exec(), Clean(), Remove(), Prepare(), Unpack(), RemoveLayer(), Up(), Down()) for case in cases(scenario)]
    if not EVERYTHING:
        chance.shuffle(todo)
        del todo[SAMPLE:]
    # A bridge whose name was asked for is made by steps of its own, and one that cannot be looked at is not taken for another's.
    todo += [case for scenario, fault in ((NamedUp(), "signal=KILL"), (NamedDown(), "error=ENOMEM")) for case in cases(scenario) if case[1:3] == ("sendto", fault)]
failed, done, end = collections.defaultdict(list), collections.Counter(), time.time() + SECONDS
for scenario, call, fault, number in todo:
    if time.time() > end:
        break
    began = time.time()
    wrong = one(scenario, call, fault, number, before)
    if os.environ.get("TIMES"): print(f"# {time.time() - began:.2f} {name_of(scenario)}:{call}:{fault}:{number}", flush=True)
    done[name_of(scenario)] += 1
    if wrong:
        failed[name_of(scenario)].append(f"TALLYMAN_FAULTS={name_of(scenario)}:{call}:{fault}:{number}: " + "; ".join(wrong))
        print("# " + failed[name_of(scenario)][-1][:700], flush=True)
        helper.call("NETWORK_UP", *UP)
        left = until_same(before, 0)
        before = everything() if left else before
for name, count in done.items():
    check(f"{name}: {count} of {sum(name_of(c[0]) == name for c in todo)} faults leave nothing false or forgotten", not failed[name], f"{len(failed[name])} do")
if ":" not in chosen:
    # Who waits is let go once the container is dying; but a helper that has to receive its request waits for all of the time.
    for call, seconds in (("clone3", 20), ("renameat", 20), ("sendmsg", 20), ("recvmsg", 4), ("sendto", 20)):
        wrong = exec_beside_dying(call, seconds)
        check(f"an exec whose container is killed at its {call} says that it does not run", not wrong, wrong)
    for error in ("EAGAIN", "EINTR"):
        got = code_under(["-o", "/dev/null", "-e", "trace=openat2", "-e", f"inject=openat2:error={error}:when=1..3"], fresh())
        check(f"paths are resolved again after {error}", got == 7, got)
    container = fresh()
    left = orphan("mount", r"^(?P<child>\d+) +mount\(NULL, \"/\"", image_mounted(container))
    check("what mounts an image ends with the helper, and has none of its locks", not left, left)
    Start().take_away(container)
    with tempfile.TemporaryFile() as nothing:
        left = orphan("kill", r"^(?P<helper>\d+) +kill\((?P<child>\d+), SIGKILL", packet("FILES_STAT", [("CONTAINER", container), ("LAYER", LAYER), ("PATH", "/etc"), ("FILE_FLAGS", 0)]), [nothing.fileno()])
        check("and so does what makes a user namespace", not left, left)
        left = orphan("mount", r"^(?P<child>\d+) +mount\(NULL, \"/\"", packet("FILES_STAT", [("CONTAINER", container), ("LAYER", LAYER), ("PATH", "/etc"), ("FILE_FLAGS", 0)]), [nothing.fileno()])
    check("and what looks at a container's files", not left, left)
    Start().take_away(container)
    container = running()
    os.makedirs(here.run + "/server", exist_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(f"{here.run}/server/{container[:NUMBERS['SOCKET_ID_CHARS']]}.sock")
    os.chown(listening.getsockname(), here.uid, here.gid)
    left = orphan("move_mount", r"^(?P<child>\d+) +move_mount\(", packet("CONTAINER_SOCKETS", [("CONTAINER", container), ("MOUNT", f"socket\n0\n{container}\n\n/tmp/s".encode())]))
    check("and what renews a socket", not left, left)
    os.remove(listening.getsockname())
    os.rmdir(here.run + "/server")
    clients.pop().socket.close()
    Start().take_away(container)
    left = until_same(before, 14)
    check("nothing of them is left behind", not left, left)
canary.check("all of this")
finish()
