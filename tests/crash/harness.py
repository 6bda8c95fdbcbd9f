"""What a fault is, the driver as a process of its own, and what a tree is compared by.

A fault is one system call, counted by name (``strace -e inject``). Only calls that change something are hit: those
that create, write, rename, remove, sync or dress files.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import driver
import pytest

DRIVER = Path(driver.__file__)
STATE = "var/lib/rdna-installer"
CALLS = (
    "openat,write,pwrite64,ftruncate,rename,renameat,renameat2,unlink,unlinkat,rmdir,mkdir,mkdirat,link,linkat,symlink,"
    "symlinkat,fsync,fdatasync,fchmod,fchown,fchownat,utimensat,fsetxattr"
)


needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed: no faults injected")


@dataclass(frozen=True)
class Fault:
    """The ``number``th call of this name; ``what`` is a strace action (``signal=SIGKILL``, ``error=EIO``).

    It hits each process that comes so far, or with ``follow`` False only the first one.
    """

    call: str
    number: int
    what: str = "signal=SIGKILL"
    sticky: bool = False
    follow: bool = True

    @property
    def kills(self) -> bool:
        return self.what.startswith("signal")

    @property
    def option(self) -> str:
        return f"inject={self.call}:{self.what}:when={self.number}{'+' if self.sticky else ''}"

    def __str__(self) -> str:
        return f"{self.what} at {self.call} {self.number}{'+' if self.sticky else ''}"


@dataclass(frozen=True)
class Outcome:
    code: int
    said: str


def start(
    root: Path, command: str, *, fault: Fault | None = None, defect: str = "", trace: Path | None = None
) -> Outcome:
    # The real interpreter, not a shim: counts are per process.
    argv = [os.path.realpath(sys.executable), "-S", "-E", "-B", str(DRIVER), str(root), command, defect]
    if fault or trace:
        tracing = ["-y", "-e", f"trace={fault.call if fault else CALLS}", "-o", str(trace or "/dev/null")]
        # strace 6.1 loses injected signals with --seccomp-bpf; for errors it is right, and twice as fast.
        fast = ["--seccomp-bpf"] if fault and not fault.kills else []
        argv = ["strace", "-f", "-q", *fast, *tracing, *(["-e", fault.option] if fault else []), *argv]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    return Outcome(done.returncode, done.stdout + done.stderr)


def snapshot(root: Path) -> dict[str, tuple[object, ...]]:
    """Everything but our own state: kind, mode, owner, xattrs, content or link."""
    seen: dict[str, tuple[object, ...]] = {}
    for folder, names, files in os.walk(root):
        if STATE.endswith(os.path.basename(folder)) and folder == str(root / STATE):
            names.clear()
            continue
        for name in [*names, *files]:
            path = Path(folder, name)
            if path == root / STATE:
                continue
            status = path.lstat()
            look = (stat.S_IFMT(status.st_mode), stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid)
            xattrs = tuple(
                (k, os.getxattr(path, k, follow_symlinks=False)) for k in os.listxattr(path, follow_symlinks=False)
            )
            held = (
                path.read_bytes() if stat.S_ISREG(status.st_mode) else os.readlink(path) if path.is_symlink() else None
            )
            seen[str(path.relative_to(root))] = (*look, xattrs, held)
    return seen
