#!/usr/bin/env python3
"""The policy file itself, and asking for more than it allows (SECURITY T08, T09, T10)."""
import ctypes, os, pathlib, shutil, struct, subprocess
from abuse import Canary, Installation, busybox_archive, check, execute, finish, identity, output_of, run, status, unpack

here = Installation("naf", 125, "tf")
helper = here.helper
canary = Canary("naf")
LAYER, RUNNING = identity("layer"), identity("running")
NETWORK = [("NETWORK", identity("n")), ("GATEWAY", 0x0a000001 | here.net << 16), ("PREFIX", 24)]


def place(text=None, prepare=None):
    """Puts a policy file that is not to be believed into its place."""
    path = pathlib.Path(here.policy_file)
    path.unlink(missing_ok=True)
    if text is not None:
        here.write_policy(text)
    if prepare:
        prepare(path)


def as_symlink(path):
    target = path.with_suffix(".target")
    target.write_text(here.policy)
    path.symlink_to(target)


def owned_by_server(path):
    os.chown(path, here.uid, here.gid)


def huge(path):
    with open(path, "a") as file:
        file.truncate(1 << 30)


def has_network():
    links = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True).stdout
    return [line.split(": ")[1] for line in links.splitlines() if f": {here.prefix}" in line and "v" not in line.split(": ")[1]]


def untrusted():
    cases = {
        "no file": (None, None), "an empty file": ("", None), "a symbolic link": (None, as_symlink), "the server as its owner": (here.policy, owned_by_server),
        "a file its group may write": (here.policy, lambda p: os.chmod(p, 0o664)), "a file all may write": (here.policy, lambda p: os.chmod(p, 0o646)),
        "a NUL": (here.policy + "\0", None), "a key twice": (here.policy + "privileged = no\n", None), "an unknown key": (here.policy + "bind_roots = /\n", None),
        "a line that is none": (here.policy + "hello\n", None), "a wrong value": (here.policy.replace("pids_max = 512", "pids_max = many"), None),
        "a missing key": (here.policy.replace("server_uid", "# server_uid"), None), "a gigabyte": (here.policy, huge), "a directory": (None, lambda p: p.mkdir()), "a fifo": (None, os.mkfifo),
    }
    for what, (text, prepare) in cases.items():
        place(text, prepare)
        up = helper.call("NETWORK_UP", *NETWORK)
        start = run(helper, identity("never"), [LAYER], "true")
        listed = helper.call("CONTAINER_LIST")
        signal = helper.call("CONTAINER_SIGNAL", ("CONTAINER", RUNNING), ("SIGNAL", 10))
        check(f"with {what}, nothing is made and the reason is told", status(up) == status(start) == "POLICY_FILE" and up.TEXT != "", (up, start))
        check(f"with {what}, what runs can be listed and signalled", status(listed) == "OK" and status(signal) == "OK", (listed, signal))
        path = pathlib.Path(here.policy_file)
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
    pathlib.Path(here.policy_file).with_suffix(".target").unlink(missing_ok=True)
    place("")
    check("a network goes, with its bridge and rules", status(helper.call("NETWORK_DOWN", ("NETWORK", identity("n")))) == "OK" and not has_network(), has_network())
    check("and removed", status(helper.call("CONTAINER_CLEAN", ("CONTAINER", RUNNING))) == "OK" and status(helper.call("CONTAINER_REMOVE", ("CONTAINER", RUNNING))) == "OK")
    here.write_policy(here.policy)
    check("with the right file it works again (control)", status(helper.call("NETWORK_UP", *NETWORK)) == "OK")


def elsewhere(change):
    """What the helper says while /etc is another one, with the policy file in it and CHANGE done to it; in a mount namespace of its own."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        libc = ctypes.CDLL(None)
        kept = pathlib.Path(here.policy_file).read_text()
        assert libc.unshare(0x20000) == 0 and libc.mount(b"none", b"/", None, 0x44000, None) == 0 and libc.mount(b"tmpfs", b"/etc", b"tmpfs", 0, b"mode=0755") == 0
        os.makedirs("/etc/tallyman", mode=0o755)
        here.write_policy(kept)
        change()
        answers = [helper.call("NETWORK_UP", *NETWORK), run(helper, identity("never"), [LAYER], "true"), helper.call("CONTAINER_LIST"), helper.call("CONTAINER_SIGNAL", ("CONTAINER", RUNNING), ("SIGNAL", 10))]
        os.write(writer, repr(([status(answer) for answer in answers], answers[0].TEXT)).encode())
        os._exit(0)
    os.close(writer)
    said = os.read(reader, 65536).decode()
    os.close(reader)
    os.waitpid(child, 0)
    return eval(said) if said else (["NONE"], None)


def linked():
    shutil.move("/etc/tallyman", "/etc/real")
    os.symlink("/etc/real", "/etc/tallyman")


def parents():
    cases = {
        "a folder that its group may write": lambda: os.chmod("/etc/tallyman", 0o775), "a folder that all may write": lambda: os.chmod("/etc/tallyman", 0o777),
        "a folder that all may write, sticky": lambda: os.chmod("/etc/tallyman", 0o1777), "a folder of the server": lambda: os.chown("/etc/tallyman", here.uid, 0),
        "a folder above that all may write": lambda: os.chmod("/etc", 0o777), "a folder above of the server": lambda: os.chown("/etc", here.uid, 0), "a folder that is a link": linked,
    }
    answers, _ = elsewhere(lambda: None)
    check("with folders that only root may write, the file is believed (control)", answers == ["OK", "OK", "OK", "OK"], answers)
    for verb in ("CONTAINER_CLEAN", "CONTAINER_REMOVE"):
        helper.ok(verb, ("CONTAINER", identity("never")))
    for what, change in cases.items():
        answers, why = elsewhere(change)
        check(f"with {what}, nothing is made and the reason is told", answers[:2] == ["POLICY_FILE", "POLICY_FILE"] and why, (answers, why))
        check(f"with {what}, what runs can be listed and signalled", answers[2:] == ["OK", "OK"], answers)


def port(host_port, address=0):
    return ("PORT", struct.pack("<BBHIHH", 6, 0, host_port, address, 80, 0))


def beyond():
    bridge = [("NETWORK", identity("n")), ("ADDRESS", 0x0a000002 | here.net << 16), ("PREFIX", 24), ("GATEWAY", 0x0a000001 | here.net << 16)]
    container = identity("beyond")
    check("asks for what is allowed (control)", status(run(helper, container, [LAYER], "true", *bridge, port(18070), mode=1)) == "OK")
    helper.call("CONTAINER_CLEAN", ("CONTAINER", container))
    helper.call("CONTAINER_REMOVE", ("CONTAINER", container))
    start = [("CONTAINER", container), ("LAYER", LAYER), ("ARG", "/bin/true")]
    cases = {
        "a capability outside the list": [*start, ("NETWORK_MODE", 0), ("CAPABILITIES", 1 << 21)], "a capability that does not exist": [*start, ("NETWORK_MODE", 0), ("CAPABILITIES", 1 << 62)],
        "the host's network": [*start, ("NETWORK_MODE", 3)], "a privileged container": [*start, ("NETWORK_MODE", 0), ("FLAGS", 128)], "no seccomp filter": [*start, ("NETWORK_MODE", 0), ("FLAGS", 32)],
        "no masks": [*start, ("NETWORK_MODE", 0), ("MASKED_NONE", 1)], "a sysctl outside the list": [*start, ("NETWORK_MODE", 0), ("SYSCTL", "kernel.msgmax=1")],
        "a sysctl that only begins like one in the list": [*start, ("NETWORK_MODE", 0), ("SYSCTL", "net.core.somaxconn2=1")], "a sysctl with a path in it": [*start, ("NETWORK_MODE", 0), ("SYSCTL", "net/core/../../kernel/core_pattern=|/x")],
        "port 22": [*start, ("NETWORK_MODE", 1), *bridge, port(22)], "port 1023": [*start, ("NETWORK_MODE", 1), *bridge, port(1023)], "more memory than the ceiling": [*start, ("NETWORK_MODE", 0), ("MEMORY_MAX", 1 << 40)],
        "more processes than the ceiling": [*start, ("NETWORK_MODE", 0), ("PIDS_MAX", 100000)],
    }
    sysctl = lambda text: [*start, ("NETWORK_MODE", 1), *bridge, ("LINK_SYSCTL", f"{identity('n')} {text}".encode())]
    cases |= {
        "a link's setting outside the list": sysctl("net.ipv4.neigh.ifname.gc_stale_time=1"), "one of all links": sysctl("net.ipv4.conf.all.log_martians=1"),
        "one of a link by its name": sysctl("net.ipv4.conf.eth0.log_martians=1"), "one with a path in it": sysctl("net.ipv4.conf.ifname./../../../../kernel/core_pattern=1"),
        "one with dots for a path": sysctl("net.ipv4.conf.ifname...=1"), "one of the kernel's": sysctl("kernel.core_pattern=|/x"), "one without a value": sysctl("net.ipv4.conf.ifname.log_martians="),
        "one with a line more": sysctl("net.ipv4.conf.ifname.log_martians=1\n1"), "one that does not exist": sysctl("net.ipv4.conf.ifname.nothing=1"), "a value that the kernel refuses": sysctl("net.ipv4.conf.ifname.forwarding=x"),
        "one of a network that it is not on": [*start, ("NETWORK_MODE", 1), *bridge, ("LINK_SYSCTL", f"{identity('other')} net.ipv4.conf.ifname.log_martians=1".encode())],
        "one without a network": [*start, ("NETWORK_MODE", 0), ("LINK_SYSCTL", f"{identity('n')} net.ipv4.conf.ifname.log_martians=1".encode())],
    }
    for what, fields in cases.items():
        reply = helper.call("CONTAINER_START", *fields)
        refused = status(reply) in ("DENIED", "INVALID")
        check(f"refuses {what}", refused, reply)
        helper.call("CONTAINER_CLEAN", ("CONTAINER", container))
        helper.call("CONTAINER_REMOVE", ("CONTAINER", container))
    for what, gateway, prefix in (("another subnet", 0x0a090001, 24), ("a wider subnet that holds the allowed one", 0x0a000001 | here.net << 16, 8), ("the host's loopback", 0x7f000001, 24)):
        reply = helper.call("NETWORK_UP", ("NETWORK", identity(what)), ("GATEWAY", gateway), ("PREFIX", prefix))
        check(f"refuses {what}", status(reply) == "DENIED", reply)
    log = pathlib.Path(here.kernel("helper.log")).read_text(errors="replace")
    check("the helper's own log has the refusals", log.lower().count("denied") >= 8 or log.lower().count("refused") >= 8, log[-400:])


def inside_ceiling():
    here.write_policy(here.policy.replace("max_containers = 100", "max_containers = 2"))
    replies = [run(helper, identity(f"many {i}"), [LAYER], "sleep 100") for i in range(3)]
    check("the third of two containers is refused", [status(r) for r in replies[:2]] == ["OK", "OK"] and status(replies[2]) in ("DENIED", "EXHAUSTED"), replies)
    for i in range(3):
        helper.call("CONTAINER_CLEAN", ("CONTAINER", identity(f"many {i}")))
        helper.call("CONTAINER_REMOVE", ("CONTAINER", identity(f"many {i}")))
    here.write_policy(here.policy)


def ownership():
    other = Installation("nag", 126, "tg", id_base=0x7800000)
    theirs = identity("theirs")
    assert status(unpack(other.helper, LAYER, busybox_archive())) == "OK"
    check("another installation has a container", status(run(other.helper, theirs, [LAYER], "sleep 100")) == "OK")
    for verb, more in (("CONTAINER_SIGNAL", [("SIGNAL", 9)]), ("CONTAINER_FREEZE", []), ("CONTAINER_LIMIT", [("PIDS_MAX", 3)]), ("CONTAINER_EXEC", [("EXEC", identity("e")), ("ARG", "id")])):
        foreign, absent = (helper.call(verb, ("CONTAINER", c), *more) for c in (theirs, identity("absent")))
        check(f"{verb}: foreign and absent are told alike", (foreign.status, foreign.fields) == (absent.status, absent.fields) and foreign.status == "ABSENT", (foreign, absent))
    foreign, absent = (run(helper, identity("j"), [LAYER], "true", ("JOIN_NETWORK_OF", c), mode=2) for c in (theirs, identity("absent")))
    check("to join a foreign network likewise", (foreign.status, foreign.fields) == (absent.status, absent.fields) and foreign.status == "ABSENT", (foreign, absent))
    check("their container runs on", other.helper.ok("CONTAINER_LIST").all("RUNNING") == [1])
    check("and obeys its own helper (control)", status(other.helper.call("CONTAINER_SIGNAL", ("CONTAINER", theirs), ("SIGNAL", 9))) == "OK")


assert status(unpack(helper, LAYER, busybox_archive())) == "OK"
assert status(run(helper, RUNNING, [LAYER], "trap '' USR1; while true; do sleep 1; done")) == "OK"
parents()
untrusted()
beyond()
inside_ceiling()
ownership()
canary.check("all of this")
finish()
