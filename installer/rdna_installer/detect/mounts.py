"""Mounts that may never answer (network, FUSE, automounts): read off the kernel's table, without touching them."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from rdna_installer.machine.sysroot import Sysroot

MOUNTINFO = "/proc/self/mountinfo"  # proc_pid_mountinfo(5)
LOCAL = frozenset({
    "ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "zfs", "bcachefs", "reiserfs", "jfs", "vfat", "exfat", "ntfs3",
    "overlay", "tmpfs", "ramfs", "erofs", "squashfs", "fuseblk", "rootfs",
})  # fmt: skip


def distant_mounts(root: Sysroot) -> tuple[PurePosixPath, ...]:
    """Mount points whose file system is none on a disk or in memory here. None below another root."""
    text = (root.read_optional(MOUNTINFO) or "") if root.live else ""
    found = []
    for line in text.splitlines():
        place, _, kind = line.partition(" - ")
        fields = place.split(" ")
        if len(fields) > 4 and kind.split(" ")[0] not in LOCAL and fields[4] != "/":
            found.append(PurePosixPath(_unescaped(fields[4])))
    return tuple(found)


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), text)
