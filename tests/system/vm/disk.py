"""A guest's disk as seen from outside, without mounting it: debugfs, as a boot loader reads it, and e2fsck."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from debian_machine import ENVIRONMENT


@dataclass(frozen=True)
class Disk:
    """A raw ext4 image of which the guest has its root, /boot and all."""

    path: Path

    def copy(self, to: Path) -> Disk:
        subprocess.run(["cp", "--sparse=always", "--reflink=auto", str(self.path), str(to)], check=True)
        return Disk(to)

    def debugfs(self, request: str, *, write: bool = False) -> str:
        # Reading does without the bitmaps, as a boot loader does: after a power cut they may not fit their checksums
        # until the journal has been replayed.
        command = ["debugfs", "-w" if write else "-c", "-R", request, str(self.path)]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=ENVIRONMENT).stdout

    def kernels(self) -> list[str]:
        """Releases with a kernel in /boot, newest last: what a boot loader's menu is made of."""
        names = re.findall(r"vmlinuz-(\S+)", self.debugfs("ls -p /boot").replace("/", " "))
        return sorted(names, key=lambda name: [int(n) for n in re.findall(r"\d+", name)])

    def read(self, inside: str, to: Path) -> Path:
        """Copy a file out. The journal is not replayed first: neither does a boot loader."""
        to.unlink(missing_ok=True)
        self.debugfs(f"dump {inside} {to}")
        if not to.exists() or not to.stat().st_size:
            raise FileNotFoundError(f"{inside} is not on {self.path}")
        return to

    def exists(self, inside: str) -> bool:
        return "Inode:" in self.debugfs(f"stat {inside}")

    def write(self, source: Path, inside: str) -> None:
        self.debugfs(f"rm {inside}", write=True)
        self.debugfs(f"write {source} {inside}", write=True)

    def faults(self) -> str:
        """What e2fsck finds on a copy after replaying the journal; '' when all is well."""
        copy = self.copy(self.path.with_suffix(".fsck"))
        try:
            subprocess.run(["e2fsck", "-E", "journal_only", "-p", str(copy.path)], check=False, capture_output=True)
            done = subprocess.run(["e2fsck", "-fn", str(copy.path)], check=False, capture_output=True, text=True)
            return done.stdout if done.returncode else ""
        finally:
            copy.path.unlink()


def missing() -> str | None:
    """What this machine lacks to boot a guest, or None."""
    absent = [
        tool
        for tool in ("qemu-system-x86_64", "mkfs.ext4", "debugfs", "e2fsck", "objcopy", "xz")
        if shutil.which(tool) is None
    ]
    return f"not installed: {', '.join(absent)}" if absent else None
