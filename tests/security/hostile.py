"""The two-owner sample machine, with things of root's that a hostile user must not get at."""

from __future__ import annotations

import ctypes
import json
import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import commands
import injector
from harness import STATE, Outcome, snapshot

SAM = commands.SAM
APPLY = ("apply", "--yes", "--profile", "layered", "--python", "/home/sam/venv")
SECRET = b"root:$y$j9T$secret:19000:0:99999:7:::\n"
CLONE_NEWNS = 0x00020000
LIMIT = 55  # seconds for any one command on a busy machine: a FIFO or an endless file would take for ever


T = TypeVar("T")


def sample(cases: Sequence[T], count: int) -> Sequence[T]:
    """``count`` of the cases by a fixed seed; all with RDNA_TEST_ALL=1 (some minutes more)."""
    return cases if os.environ.get("RDNA_TEST_ALL") else random.Random(20240521).sample(cases, count)


class Machine:
    """A root below a scratch directory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        commands.prepare()
        commands.seed(root, sam=SAM)
        self.shadow = root / "etc/shadow"
        self.shadow.write_bytes(SECRET)
        self.shadow.chmod(0o600)
        (root / "etc/private").mkdir(mode=0o700)
        (root / "etc/private/__init__.py").write_bytes(SECRET)
        (root / "etc/private/format").write_bytes(SECRET)
        self.system = self.outside()

    @property
    def site(self) -> Path:
        return self.root / "home/sam/venv/lib/python3.11/site-packages"

    @property
    def state(self) -> Path:
        return self.root / "home/sam/.local/state/rdna-installer"

    def run(self, *argv: str, before: Callable[[], object] = lambda: None) -> Outcome:
        """One command as root in a child; ``before`` runs in that child first (mounts of its own)."""

        def work() -> int:
            before()
            commands.stand_in()
            return commands.call(self.root, argv)

        start = time.monotonic()
        done = injector.run(work)
        assert time.monotonic() - start < LIMIT
        assert done.code in (0, 1, 2, 3, 4, 6) and "Traceback" not in done.said, done
        assert "$y$j9T" not in done.said, "a secret was shown"
        return done

    def status(self) -> list[dict[str, Any]]:
        done = self.run("status", "--json")
        assert done.code == 0, done
        return json.loads(done.said)["owners"]  # type: ignore[no-any-return]

    def outside(self) -> dict[str, tuple[object, ...]]:
        """All but sam's home and our own system state."""
        return {name: held for name, held in snapshot(self.root).items() if not name.startswith("home/")}

    def rootless(self) -> list[str]:
        """What in sam's home is not sam's."""
        home = self.root / "home/sam"
        return [str(p) for p in home.rglob("*") if p.lstat().st_uid != SAM and p.lstat().st_ino != self._shadow_inode]

    @property
    def _shadow_inode(self) -> int:
        return self.shadow.stat().st_ino

    def as_sam(self, path: Path) -> None:
        os.chown(path, SAM, SAM, follow_symlinks=False)

    def unharmed(self) -> None:
        """Nothing of root's was changed, and nothing of it got into sam's hands."""
        assert (self.shadow.read_bytes(), self.shadow.stat().st_mode & 0o7777) == (SECRET, 0o600)
        assert self.shadow.stat().st_uid == 0
        assert sorted(p.name for p in (self.root / "etc/private").iterdir()) == ["__init__.py", "format"]
        for path in (self.root / "home/sam").rglob("*"):
            if path.is_file() and not path.is_symlink() and path.stat().st_size < 1 << 20 and path.stat().st_uid == SAM:
                assert b"$y$j9T" not in path.read_bytes(), path

    def kept(self) -> list[bytes]:
        """Every content in every generation."""
        found = [self.root / STATE, self.state]
        return [p.read_bytes() for base in found for p in base.rglob("blobs/*") if p.is_file()]


def own_mounts() -> None:
    """A mount namespace for this process: what it mounts ends with it."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS):
        raise OSError(ctypes.get_errno(), "unshare")
    mount("--make-rprivate", "/")


def squashed() -> None:
    """For this process root may do no more in others' files than anybody: what root is on a home from NFS."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    held = (ctypes.c_uint32 * 6)()
    if libc.capget(header, held):
        raise OSError(ctypes.get_errno(), "capget")
    for n in (0, 1):  # effective, permitted: without CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER
        held[n] &= ~0b1110
    if libc.capset(header, held):
        raise OSError(ctypes.get_errno(), "capset")


def mount(*argv: str | Path) -> None:
    subprocess.run(["mount", *map(str, argv)], check=True, capture_output=True)


def remove(path: Path) -> None:
    """Whatever it is."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
