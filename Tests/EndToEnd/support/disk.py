"""A disk that is small, and one that is full."""

import subprocess
from contextlib import contextmanager

from .wait import eventually


def call(*command):
    """Runs a system program; whether it succeeded."""
    return subprocess.run(command, capture_output=True, timeout=10).returncode == 0


@contextmanager
def disk(path, mebibytes):
    """A file system of its own at `path`; None where none can be mounted, which takes root."""
    path.mkdir()
    if not call("mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(path)):
        yield None
        return
    try:
        yield path
    finally:
        eventually(lambda: call("umount", str(path)), "the disk to be free", 5)


def fill(path):
    """Takes what is left of a file system; removing the file gives it back."""
    ballast = path / "ballast"
    with open(ballast, "wb", buffering=0) as file:
        for size in (1 << 20, 65536, 4096, 1):
            try:
                while file.write(b"x" * size) == size:
                    pass
            except OSError:
                pass
    return ballast
