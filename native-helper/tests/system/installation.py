"""An installation of the programs for the tests: its own name, state, users' ids, subnets and links; taken away at the end."""
import atexit, errno, glob, grp, os, pathlib, pwd, shutil, socket, subprocess, sys, time
from speak import Helper, STATUS

TOP = pathlib.Path(__file__).resolve().parents[2]
# Where the state goes: on the kernel of on-cgroup2 the root file system cannot hold layers, but /mnt can.
STATES = os.environ.get("TALLYMAN_TEST_STATES", "/var/lib")
IS_SECOND_KERNEL = "TALLYMAN_TEST_STATES" in os.environ
results = {"passed": 0, "failed": 0}

POLICY = """server_uid = {uid}
server_gid = {gid}
monitor_uid = {monitor}
storage_root = {state}/kernel
records_root = {state}/records
run_root = {run}
id_base = {id_base}
id_count = 4194304
caps_max = CHOWN,DAC_OVERRIDE,FSETID,FOWNER,MKNOD,NET_RAW,SETGID,SETUID,SETFCAP,SETPCAP,NET_BIND_SERVICE,SYS_CHROOT,KILL,AUDIT_WRITE
privileged = no
host_namespaces = none
sysctls = net.core.somaxconn,net.ipv4.ip_unprivileged_port_start,net.ipv4.conf.*,net.ipv6.conf.*
publish_ports = 1024-65535
publish_addresses = any
subnets = 10.{net}.0.0/16
subnets6 = fd00:{net:x}::/32
bridge_prefix = {prefix}
nft_table = tallyman-{name}
cgroup_parent = tallyman-{name}
max_containers = 100
memory_max = 1073741824
pids_max = 512
cpu_max_percent = 400
seccomp = required
unmasked = no
no_new_privileges = no
"""


def check(what, holds, detail=""):
    results["passed" if holds else "failed"] += 1
    print(("ok - " if holds else "not ok - ") + what + (f" ({detail})" if detail and not holds else ""), flush=True)
    return holds


def finish():
    sys.exit(1 if results["failed"] else 0)


def user(name):
    try:
        return pwd.getpwnam(name)
    except KeyError:
        subprocess.run(["groupadd", "--system", name], check=False)
        subprocess.run(["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", "--gid", name, name], check=True)
        return pwd.getpwnam(name)


def exclusive(name):
    """Waits until no other process has NAME; has it until this one ends. An abstract socket: nothing is left of it."""
    lock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    while True:
        try:
            lock.bind("\0" + name)
            return lock
        except OSError as e:
            if e.errno != errno.EADDRINUSE:
                raise
            time.sleep(0.1)


class Installation:
    def __init__(self, name, net, prefix, id_base=0x7000000):
        if os.geteuid() != 0:
            print("not ok - this test needs root")
            sys.exit(1)
        if IS_SECOND_KERNEL:
            name += "2"  # that kernel sees this machine's files, but not its locks
        self.name, self.net, self.prefix = name, net, prefix
        self.lock = exclusive(f"test-of-helper-{name}")  # another run of the same test takes the same names
        self.library, self.state, self.run = f"/usr/lib/tallyman-{name}", f"{STATES}/tallyman-{name}", f"/run/tallyman-{name}"
        self.policy_file = f"/etc/tallyman/{name}.policy.conf"
        server, monitor = user("tallyman"), user("tallyman-monitor")
        self.uid, self.gid = server.pw_uid, server.pw_gid
        self.policy = POLICY.format(uid=self.uid, gid=self.gid, monitor=monitor.pw_uid, state=self.state, run=self.run, net=net, prefix=prefix, name=name, id_base=id_base)
        self.remove()
        atexit.register(self.remove)
        for path, mode, group in ((self.state, 0o755, 0), (self.state + "/kernel", 0o700, 0), (self.state + "/records", 0o750, self.gid), (self.run, 0o710, self.gid),
                                  ("/etc/tallyman", 0o755, 0)):
            os.makedirs(path, exist_ok=True)
            os.chmod(path, mode)
            os.chown(path, 0, group)
        self.write_policy(self.policy)
        subprocess.run(["make", "-s", "-C", TOP, "install", f"LIB={self.library}", f"GROUP={grp.getgrgid(self.gid).gr_name}"], check=True, stdout=subprocess.DEVNULL)
        roots = [line for line in self.policy.splitlines() if line.split(" = ")[0] in
                 ("server_uid", "server_gid", "monitor_uid", "storage_root", "records_root", "run_root", "nft_table", "bridge_prefix", "cgroup_parent")]
        pathlib.Path(self.library, "roots.conf").write_text("\n".join(roots) + "\n")
        self.helper = Helper(self.library, self.uid, self.gid, self.run)

    def write_policy(self, text):
        temporary = self.policy_file + ".new"
        pathlib.Path(temporary).write_text(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, self.policy_file)

    def kernel(self, *parts):
        return os.path.join(self.state, "kernel", *parts)

    def remove(self):
        """What this or an earlier run left: containers and networks first, by the helper itself, then files."""
        if hasattr(self, "helper"):
            self.write_policy(self.policy)
            for verb, name, undo in (("CONTAINER_LIST", "CONTAINER", "CONTAINER_REMOVE"), ("NETWORK_LIST", "NETWORK", "NETWORK_DOWN")):
                listed = self.helper.call(verb)
                for item in listed.all(name) if listed else []:
                    if undo == "CONTAINER_REMOVE":
                        self.helper.call("CONTAINER_CLEAN", (name, item))
                    self.helper.call(undo, (name, item))
        for path in (self.library, self.state, self.run):
            shutil.rmtree(path, ignore_errors=True)
        if os.path.exists(self.policy_file):
            os.remove(self.policy_file)
        for line in subprocess.run(["ip", "-o", "link", "show", "type", "bridge"], capture_output=True, text=True).stdout.splitlines():
            link = line.split(": ")[1].split("@")[0]
            if link.startswith(self.prefix):
                subprocess.run(["ip", "link", "delete", link], check=False)
        for family in ("ip", "bridge"):
            subprocess.run(["nft", "delete", "table", family, f"tallyman-{self.name}"], check=False, stderr=subprocess.DEVNULL)
        for group in glob.glob(f"/sys/fs/cgroup/tallyman-{self.name}") + glob.glob(f"/sys/fs/cgroup/*/tallyman-{self.name}"):
            remove_group(group)


def remove_group(path):
    """A control group and those below it that no process is in."""
    for below, _, _ in os.walk(path, topdown=False):
        try:
            os.rmdir(below)
        except OSError as e:
            print(f"# {below} stays: {e.strerror}")


def status(reply):
    return reply.status if reply else "NONE"


def identity(text):
    """An id that is told apart by its first characters, as names of links are made from them."""
    import hashlib
    return hashlib.sha256(text.encode()).hexdigest()


def archive(entries, form=None):
    """A tar of (name, {type, data, mode, uid, gid, link, pax, time})."""
    import io, tarfile
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form or tarfile.PAX_FORMAT) as tar:
        for name, about in entries:
            item = tarfile.TarInfo(name)
            item.type = about.get("type", tarfile.REGTYPE)
            data = about.get("data", b"")
            item.size = len(data) if item.type == tarfile.REGTYPE else 0
            item.mode = about.get("mode", 0o755 if item.type == tarfile.DIRTYPE else 0o644)
            item.uid, item.gid, item.linkname = about.get("uid", 0), about.get("gid", 0), about.get("link", "")
            item.mtime, item.pax_headers = about.get("time", 1700000000), about.get("pax", {})
            tar.addfile(item, io.BytesIO(data))
    return buffer.getvalue()


def busybox_archive(*more):
    import tarfile
    directory = {"type": tarfile.DIRTYPE}
    entries = [(name, directory) for name in ("bin", "etc", "root", "tmp", "var", "www")]
    entries.append(("bin/busybox", {"data": pathlib.Path("/bin/busybox").read_bytes(), "mode": 0o755}))
    applets = subprocess.run(["/bin/busybox", "--list"], capture_output=True, text=True, check=True).stdout.split()
    entries += [("bin/" + applet, {"type": tarfile.SYMTYPE, "link": "busybox"}) for applet in applets if applet != "busybox"]
    entries += [("etc/passwd", {"data": b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n"}), ("etc/group", {"data": b"root:x:0:\n"}),
                ("www/index.html", {"data": b"hello\n"})]
    return archive(entries + list(more))


def unpack(helper, layer, data):
    """LAYER_UNPACK of DATA through a pipe, as the server does it."""
    import threading
    reader, writer = os.pipe()

    def feed():
        try:
            with os.fdopen(writer, "wb") as out:
                out.write(data)
        except BrokenPipeError:
            pass
    thread = threading.Thread(target=feed, daemon=True)
    thread.start()
    try:
        return helper.call("LAYER_UNPACK", ("LAYER", layer), fds=[reader])
    finally:
        os.close(reader)
        thread.join()


def stream(helper, verb, container, layers):
    """EXPORT, DIFF or CHANGES into a file: (reply, bytes)."""
    import tempfile
    with tempfile.TemporaryFile() as out:
        reply = helper.call(verb, ("CONTAINER", container), *[("LAYER", layer) for layer in layers], fds=[out.fileno()])
        out.seek(0)
        return reply, out.read()


def run(helper, container, layers, command, *fields, mode=0):
    """START of a shell command; see finish_of() for its output."""
    return helper.call("CONTAINER_START", ("CONTAINER", container), *[("LAYER", layer) for layer in layers], ("ARG", "/bin/sh"), ("ARG", "-c"), ("ARG", command),
                       ("ENV", "PATH=/bin"), ("NETWORK_MODE", mode), ("FLAGS", 64), ("CAPABILITIES", 0xa80425fb), *fields)


def output_of(helper, container, layers, command, *fields, mode=0):
    """Runs a shell command to its end: (stdout, stderr, code); the container is removed."""
    reply = run(helper, container, layers, command, *fields, mode=mode)
    if status(reply) != "OK":
        return b"", repr(reply).encode(), -1
    out, err, code, _, _ = helper.connect(container, bits=1).finish()
    helper.call("CONTAINER_REMOVE", ("CONTAINER", container))
    return out, err, code


def execute(helper, container, command, *fields, number=[0]):
    """Runs a shell command in a running container: (stdout, stderr, code)."""
    number[0] += 1
    exec_id = identity(f"exec {number[0]} {container}")
    reply = helper.call("CONTAINER_EXEC", ("CONTAINER", container), ("EXEC", exec_id), ("ARG", "/bin/sh"), ("ARG", "-c"), ("ARG", command), ("ENV", "PATH=/bin"),
                        ("FLAGS", 64), ("CAPABILITIES", 0xa80425fb), *fields)
    if status(reply) != "OK":
        return b"", repr(reply).encode(), -1
    out, err, code, _, _ = helper.connect(container, exec_id, bits=1).finish()
    return out, err, code
