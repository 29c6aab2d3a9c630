#!/usr/bin/env python3
"""Sockets of the server in containers: what may be shown, to whom it belongs there, how it is replaced while the container runs."""
import ctypes, os, socket, stat
from installation import Installation, busybox_archive, check, execute, finish, identity, run, status, unpack
from speak import NUMBERS

here = Installation("ntk", 133, "tk", id_base=0x7a00000)
helper = here.helper
LAYER, A, B = identity("layer"), identity("a"), identity("b")
TARGET = "/var/run/docker.sock"
NAMESPACES = 0x10000000 | 0x00020000  # CLONE_NEWUSER | CLONE_NEWNS
RO, MAKE = NUMBERS["MOUNT_READ_ONLY"], NUMBERS["MOUNT_MAKE"]
libc = ctypes.CDLL(None, use_errno=True)


def path(container):
    return f"{here.run}/server/{container[:NUMBERS['SOCKET_ID_CHARS']]}.sock"


def mount(container, target=TARGET, flags=0):
    return ("MOUNT", f"socket\n{flags}\n{container}\n\n{target}".encode())


def serve(container):
    """As the server does: its own file, its own group."""
    if os.path.lexists(path(container)):
        os.remove(path(container))
    listening = socket.socket(socket.AF_UNIX)
    os.setegid(here.gid)
    os.seteuid(here.uid)
    try:
        listening.bind(path(container))
        os.chmod(path(container), 0o660)
    finally:
        os.seteuid(0)
        os.setegid(0)
    listening.listen()
    listening.settimeout(10)
    return listening


def reach(pid, user=0, group=0, target=TARGET, attempt=socket.socket.connect):
    """What a program of the container gets that connects (or binds): "OK", or the name of the error."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if libc.setns(os.pidfd_open(pid), NAMESPACES) != 0:
                raise OSError(ctypes.get_errno(), "setns")
            os.setgroups([])
            os.setresgid(0, 0, 0)
            os.setresuid(0, 0, 0)  # by way of its root: only whoever was that loses its capabilities
            os.setresgid(group, group, group)
            os.setresuid(user, user, user)
            peer = socket.socket(socket.AF_UNIX)
            attempt(peer, target)
            answer = b"OK"
        except OSError as e:
            answer = os.strerror(e.errno).encode()
        os.write(writer, answer)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as result:
        answer = result.read().decode()
    os.waitpid(child, 0)
    return answer


def start(container, *fields):
    return run(helper, container, [LAYER], "sleep 1000", *fields)


def end(container):
    helper.call("CONTAINER_CLEAN", ("CONTAINER", container))
    helper.call("CONTAINER_REMOVE", ("CONTAINER", container))


def shown():
    listening = serve(A)
    reply = start(A, mount(A))
    check("a container starts with a socket of the server", status(reply) == "OK", reply)
    out, _, _ = execute(helper, A, f"stat -c '%u %g %a %F' {TARGET}; ls -l /run 2>/dev/null | wc -l")
    check("it is the container's root's, its group the server's", out.startswith(f"0 {here.gid} 660 socket\n".encode()), out)
    check("on the host it belongs to nobody else", os.stat(path(A)).st_uid >= 0x7a00000)
    check("its programs reach the server", reach(reply.PID) == "OK" and listening.accept()[0] is not None)
    answer = reach(reply.PID, user=1000)
    check("those of other users do not", answer == "Permission denied", answer)
    answer = reach(reply.PID, user=1000, group=here.gid)
    check("but those of the group", answer == "OK", answer)
    out, err, code = execute(helper, A, f"rm {TARGET}")
    check("it cannot be taken away there", code != 0 and b"busy" in err.lower(), err)
    return reply, listening


def replaced(reply, listening):
    listening.close()
    check("a server that has ended is not reached", reach(reply.PID) == "Connection refused")
    listening = serve(A)
    check("nor the next one by itself", reach(reply.PID) == "Connection refused")
    answer = helper.call("CONTAINER_SOCKETS", ("CONTAINER", A), mount(A))
    check("its socket takes the place of the old one", status(answer) == "OK", answer)
    check("and is reached", reach(reply.PID) == "OK")
    helper.ok("CONTAINER_SOCKETS", ("CONTAINER", A), mount(A))
    out, _, _ = execute(helper, A, f"grep -c {TARGET.replace('/var', '')} /proc/self/mountinfo")
    check("however often, it is one mount", out == b"1\n", out)
    execute(helper, A, "ln -s /etc/passwd /tmp/lure; cp /etc/passwd /tmp/kept")
    answer = helper.call("CONTAINER_SOCKETS", ("CONTAINER", A), mount(A, "/tmp/lure"))
    out, _, _ = execute(helper, A, "test -S /etc/passwd && echo inside")
    check("a link leads within the container only", status(answer) == "OK" and out == b"inside\n" and stat.S_ISREG(os.stat("/etc/passwd").st_mode), (answer, out))
    helper.call("CONTAINER_FREEZE", ("CONTAINER", A))
    check("a frozen container gets its socket, too", status(helper.call("CONTAINER_SOCKETS", ("CONTAINER", A), mount(A))) == "OK")
    helper.call("CONTAINER_THAW", ("CONTAINER", A))
    return listening


def refused(what, expected, *fields, container=A):
    reply = helper.call("CONTAINER_SOCKETS", ("CONTAINER", container), *fields)
    check(what, status(reply) == expected, reply)


def hostile():
    refused("no volume comes that way", "INVALID", ("MOUNT", f"volume\n0\n{identity('v')}\n\n/v".encode()))
    refused("no directory of the host", "DENIED", ("MOUNT", b"bind\n0\n/etc\n\n/v"))
    refused("a name is an id", "INVALID", ("MOUNT", b"socket\n0\n../../run/docker\n\n/v"))
    refused("there is nothing to make", "INVALID", mount(A, flags=MAKE))
    refused("nor a part of it", "INVALID", ("MOUNT", f"socket\n0\n{A}\nsub\n/v".encode()))
    refused("what the server does not have", "ABSENT", mount(B))
    refused("the kernel's own files are no place", "INVALID", mount(A, "/proc/version"))
    refused("nor is a directory", "INVALID", mount(A, "/etc"))
    open(path(B), "w").close()
    os.chown(path(B), here.uid, here.gid)
    refused("a file is no socket", "DENIED", mount(B))
    os.remove(path(B))
    foreign = socket.socket(socket.AF_UNIX)
    foreign.bind(path(B))
    refused("a socket of the host's root is not the server's", "DENIED", mount(B))
    os.remove(path(B))
    elsewhere = here.run + "/foreign.sock"
    foreign = socket.socket(socket.AF_UNIX)
    foreign.bind(elsewhere)
    os.chown(elsewhere, here.uid, here.gid)
    os.symlink(elsewhere, path(B))
    refused("a link is not followed", "DENIED", mount(B))
    os.remove(path(B))
    os.link(elsewhere, path(B))
    refused("nor may a socket have two names", "DENIED", mount(B))
    os.remove(path(B))
    os.remove(elsewhere)
    refused("who does not run gets none", "ABSENT", mount(B), container=B)
    check("nor does it start without", status(start(B, mount(B))) == "ABSENT")
    end(B)


def own():
    """What a program of the container has bound itself stays, under the server's."""
    listening = serve(B)
    reply = start(B, mount(B, "/tmp/first.sock", RO))
    answer = reach(reply.PID, target="/tmp/first.sock") if status(reply) == "OK" else reply
    check("a socket may be shown read-only and is reached all the same", answer == "OK", answer)
    answer = reach(reply.PID, target="/tmp/own.sock", attempt=socket.socket.bind)
    own_socket = f"/proc/{reply.PID}/root/tmp/own.sock"
    inode = os.stat(own_socket).st_ino
    helper.ok("CONTAINER_SOCKETS", ("CONTAINER", B), mount(B, "/tmp/own.sock"))
    check("the server's is in front of one that was bound there", answer == "OK" and os.stat(own_socket).st_ino != inode, answer)
    helper.ok("CONTAINER_SOCKETS", ("CONTAINER", B), mount(B, "/tmp/own.sock"))
    end(B)


os.mkdir(here.run + "/server", 0o700)
os.chown(here.run + "/server", here.uid, here.gid)
unpack(helper, LAYER, busybox_archive())
own_reply, first = shown()
second = replaced(own_reply, first)
hostile()
own()
end(A)
finish()
