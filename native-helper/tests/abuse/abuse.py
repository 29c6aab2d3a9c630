"""What the tests of attacks share. Each attack has a control beside it: the same without the attack works, or a helper that refuses all would pass."""
import hashlib, os, pathlib, sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
from installation import *  # noqa: F401,F403
import installation


class Canary:
    """A directory outside everything the helper may touch; it must be the same after an attack."""

    def __init__(self, name):
        self.path = pathlib.Path(f"/var/lib/tallyman-{name}-canary")
        self.path.mkdir(mode=0o755, exist_ok=True)
        (self.path / "file").write_text("canary\n")
        self.before = self.look()
        installation.atexit.register(lambda: installation.shutil.rmtree(self.path, ignore_errors=True))

    def look(self):
        state = hashlib.sha256()
        for path in sorted([self.path, *self.path.rglob("*")]):
            about = path.lstat()
            state.update(repr((str(path), about.st_mode, about.st_uid, about.st_gid, about.st_mtime_ns, path.read_bytes() if path.is_file() else b"")).encode())
        return state.hexdigest()

    def check(self, what):
        installation.check(f"nothing outside changed by {what}", self.look() == self.before)
