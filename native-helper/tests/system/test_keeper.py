#!/usr/bin/env python3
"""A monitor that is killed, stopped or never came: the container runs on, its output and its exit code stay true (SECURITY T39, I2, I3)."""
import os, pathlib, signal, struct, subprocess, threading, time
from installation import Installation, busybox_archive, check, finish, identity, run, status, unpack
from speak import FLAG, NUMBERS

here = Installation("ntk", 127, "tk", id_base=0x7C00000)
helper = here.helper
LAYER = identity("layer")
serial = [0]
COUNT = "i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo $i; sleep 0.05; done; exit 7"


def fresh():
    serial[0] += 1
    return identity(f"container {serial[0]}")


def parent(pid):
    return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def name(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return None


def until(holds, seconds=10):
    end = time.time() + seconds
    while not holds() and time.time() < end:
        time.sleep(0.02)
    return holds()


def record(container):
    try:
        return [int(word) for word in pathlib.Path(here.state, "records", container, "exit").read_text().split()]
    except OSError:
        return None


def log(container):
    data, out = pathlib.Path(here.state, "records", container, "log").read_bytes(), b""
    while data:
        size = int.from_bytes(data[12:16], "big")
        out, data = out + data[16:16 + size], data[16 + size:]
    return out


def is_zombie(pid):
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"


def call_start(container, command, *fields):
    return helper.call("CONTAINER_START", ("CONTAINER", container), ("LAYER", LAYER), ("ARG", "/bin/sh"), ("ARG", "-c"), ("ARG", command), ("ENV", "PATH=/bin"),
                       ("NETWORK_MODE", 0), ("CAPABILITIES", 0xa80425fb), *fields)


def start(command, *fields):
    """A container, its first process, its monitor and its keeper."""
    container = fresh()
    reply = call_start(container, command, *fields)
    if status(reply) != "OK":
        check("starts", False, reply)
        return container, 0, 0, 0
    monitor = parent(reply.PID)
    keeper = parent(monitor)
    until(lambda: name(keeper) == "tally-keeper" and name(monitor) == "tally-monitor")
    return container, reply.PID, monitor, keeper


def gone(container):
    replies = [helper.call(verb, ("CONTAINER", container)) for verb in ("CONTAINER_CLEAN", "CONTAINER_REMOVE")]
    check("CLEAN and REMOVE", [status(reply) for reply in replies] == ["OK", "OK"], replies)


def killed_monitor():
    container, pid, monitor, keeper = start(COUNT)
    check("a monitor has a keeper", name(keeper) == "tally-keeper", name(keeper))
    time.sleep(0.5)
    os.kill(monitor, signal.SIGKILL)
    check("with its monitor killed, the container runs on", until(lambda: name(keeper) == "tally-monitor") and pathlib.Path(f"/proc/{pid}").exists())
    out = helper.connect(container, bits=1).finish()
    check("who comes again is served by the keeper, and told the true exit code", out[2:4] == (7, 0), out)
    check("which is recorded", until(lambda: record(container)) and record(container)[:3] == [7, 0, 0], record(container))
    lines = log(container).split()
    check("and its output is in the log", lines[-1:] == [b"60"] and len(lines) >= 58, lines)
    check("then the keeper ends", until(lambda: name(keeper) is None))
    gone(container)


def killed_keeper():
    container, _, monitor, keeper = start(COUNT)
    os.kill(keeper, signal.SIGKILL)
    time.sleep(0.2)
    check("with its keeper killed, the monitor goes on", helper.connect(container, bits=1).finish()[2] == 7 and record(container)[:1] == [7])
    check("and nothing is missing", log(container).split() == [str(i).encode() for i in range(1, 61)])
    gone(container)


def both_killed():
    container, pid, monitor, keeper = start("trap '' PIPE; sleep 2; exit 7")
    os.kill(keeper, signal.SIGSTOP)
    os.kill(monitor, signal.SIGKILL)
    os.kill(keeper, signal.SIGKILL)
    check("with both killed, it is not said to have ended", pathlib.Path(f"/proc/{pid}").exists() and helper.ok("CONTAINER_LIST").all("RUNNING") == [1])
    until(lambda: helper.ok("CONTAINER_LIST").all("RUNNING") == [0])
    check("nor with a code that nobody knows", record(container) is None, record(container))
    gone(container)


def killed_at_the_end():
    """Between the process's end and its record: whoever dies, the code is still with the other."""
    for what, first in (("a monitor", 0), ("a monitor and then the keeper's own stop", 1)):
        container, pid, monitor, keeper = start("sleep 1.5; exit 9")
        os.kill(monitor, signal.SIGSTOP)
        until(lambda: is_zombie(pid))
        if first:
            os.kill(keeper, signal.SIGSTOP)
        os.kill(monitor, signal.SIGKILL)
        if first:
            time.sleep(0.3)
            os.kill(keeper, signal.SIGCONT)
        check(f"killed between the end and its record: {what}", until(lambda: record(container)) and record(container)[:2] == [9, 0], record(container))
        gone(container)


def stopped():
    container, pid, monitor, keeper = start("sleep 1.5; exit 6")
    os.kill(monitor, signal.SIGSTOP)
    began = time.time()
    check("a monitor that was stopped is replaced when there is an end to tell", until(lambda: record(container), 30) and record(container)[:2] == [6, 0], record(container))
    check("within 20 seconds", time.time() - began < 20 and name(monitor) != "tally-monitor", time.time() - began)
    gone(container)
    container, pid, monitor, keeper = start(COUNT)
    os.kill(monitor, signal.SIGSTOP)
    time.sleep(1)
    os.kill(monitor, signal.SIGCONT)
    check("one that goes on in time loses nothing", helper.connect(container, bits=1).finish()[2] == 7 and log(container).split() == [str(i).encode() for i in range(1, 61)])
    gone(container)


def first_in(group):
    try:
        return int(pathlib.Path(group, "cgroup.procs").read_text())
    except (OSError, ValueError):
        return 0


def killed_init():
    """Killed before it has said that it is ready, which is a matter of a millisecond: tried until that one was met."""
    container, pid, _, _ = start("sleep 100")
    unified = next(line for line in pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines() if line.startswith("0::"))[3:]
    mount = "/sys/fs/cgroup/unified" if os.path.isdir("/sys/fs/cgroup/unified") else "/sys/fs/cgroup"
    gone(container)
    told = "init ended without a word (signal 9)"
    texts = []
    while told not in texts and len(texts) < 200:
        container, replies = fresh(), []
        group = mount + unified.replace(unified.split("/")[-1], container)
        caller = threading.Thread(target=lambda: replies.append(call_start(container, "true")))
        caller.start()
        while caller.is_alive() and not first_in(group):
            pass
        victim = first_in(group)
        if victim:
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                pass
        caller.join()
        texts.append(replies[0].TEXT)
        if replies[0].status == "OK":
            helper.connect(container).finish()
        elif replies[0].TEXT == told:
            check("an init that was killed before it was ready: START says so", replies[0].status == "KERNEL", replies[0])
            check("and nothing runs", helper.ok("CONTAINER_LIST").all("RUNNING") == [0] and first_in(group) == 0)
        gone(container)
    check("that was met", told in texts, set(texts))


def terminal_and_input():
    container, _, monitor, keeper = start("read line; echo got $line; exit 4", ("FLAGS", FLAG["TTY"] | FLAG["STDIN"]))
    os.kill(monitor, signal.SIGKILL)
    until(lambda: name(keeper) == "tally-monitor")
    client = helper.connect(container)
    client.send(NUMBERS["FRAME_STDIN"], b"again\n")
    out = client.finish()
    check("a terminal goes on under the keeper", b"got again" in out[0] and out[2] == 4, out)
    gone(container)
    container, _, monitor, keeper = start("cat; exit 3", ("FLAGS", FLAG["STDIN"] | FLAG["STDIN_ONCE"]))
    client = helper.connect(container)
    client.send(NUMBERS["FRAME_STDIN"], b"in\n")
    client.send(NUMBERS["FRAME_STDIN_END"])
    check("the end of input is not kept open by the keeper", client.finish()[2] == 3)
    gone(container)
    container, _, monitor, keeper = start("cat; exit 3", ("FLAGS", FLAG["STDIN"]))
    os.kill(monitor, signal.SIGKILL)
    check("input of a pipe ends with its monitor", until(lambda: record(container)) and record(container)[0] == 3, record(container))
    gone(container)


def ports():
    if subprocess.run(["nft", "add table bridge tk-probe; delete table bridge tk-probe; add table ip tk-probe; delete table ip tk-probe"], capture_output=True).returncode:
        print("ok - ports # skip this kernel has no nftables for IPv4 and bridges, which networks need")
        return
    network = [("NETWORK", identity("n")), ("GATEWAY", 0x0a000001 | here.net << 16), ("PREFIX", 24)]
    helper.ok("NETWORK_UP", *network)
    port = ("PORT", struct.pack("<BBHIHH", 6, 0, 18077, 0, 80, 0))
    codes = []
    for i in range(8):
        container = fresh()
        reply = run(helper, container, [LAYER], "exit 5", *network, ("ADDRESS", 0x0a000002 | here.net << 16), port, mode=1)
        codes.append(helper.connect(container).finish()[2] if status(reply) == "OK" else reply)
        helper.call("CONTAINER_REMOVE", ("CONTAINER", container))
    check("a published port is free when its container's end is told", codes == [5] * 8, codes)
    helper.ok("NETWORK_DOWN", ("NETWORK", identity("n")))


assert status(unpack(helper, LAYER, busybox_archive())) == "OK"
for case in (killed_monitor, killed_keeper, both_killed, killed_at_the_end, stopped, killed_init, terminal_and_input, ports):
    case()
check("nothing is left of it", not os.listdir(here.run) and not os.listdir(here.kernel("ranges")) and not os.listdir(here.kernel("locks")))
finish()
