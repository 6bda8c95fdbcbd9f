"""What a fault is, the driver as a process of its own, and what a tree is compared by.

A fault is one system call, counted by process and name. Only calls that change something are hit: those that create,
write, rename, remove, sync or dress files.
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
import seccomp

DRIVER = Path(driver.__file__)
STATE = "var/lib/rdna-installer"
CALLS = (
    "openat,write,pwrite64,ftruncate,rename,renameat,renameat2,unlink,unlinkat,rmdir,mkdir,mkdirat,link,linkat,symlink,"
    "symlinkat,fsync,fdatasync,fchmod,fchown,fchownat,utimensat,fsetxattr"
)


needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed: nothing was traced")
needs_faults = pytest.mark.skipif(bool(seccomp.missing()), reason=f"no faults injected: {seccomp.missing()}")


KILL, KILL_ALL = "kill", "kill all"


@dataclass(frozen=True)
class Fault:
    """The ``number``th call of this name in the ``process``th process (see injector.py). ``what``: or an error's name.

    ``sticky``: from then on every call of this name fails, in every process.
    """

    call: str
    number: int
    what: str = KILL
    sticky: bool = False
    process: int = 0

    @property
    def kills(self) -> bool:
        return self.what in (KILL, KILL_ALL)

    def __str__(self) -> str:
        return f"{self.what} at {self.call} {self.number}{'+' if self.sticky else ''} of process {self.process}"


@dataclass(frozen=True)
class Outcome:
    code: int
    said: str
    struck: bool = False  # the fault came


def start(root: Path, command: str, *, defect: str = "", trace: Path | None = None) -> Outcome:
    argv = [os.path.realpath(sys.executable), "-S", "-E", "-B", str(DRIVER), str(root), command, defect]
    if trace:
        argv = ["strace", "-f", "-q", "-y", "-e", f"trace={CALLS}", "-o", str(trace), *argv]
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


def copy(source: Path, target: Path) -> Path:
    """A copy with its owners."""
    shutil.copytree(source, target, symlinks=True)
    if os.geteuid() == 0:
        for path in [source, *source.rglob("*")]:
            status = path.lstat()
            os.chown(target / path.relative_to(source), status.st_uid, status.st_gid, follow_symlinks=False)
            if not path.is_symlink():
                (target / path.relative_to(source)).chmod(status.st_mode)
    return target
