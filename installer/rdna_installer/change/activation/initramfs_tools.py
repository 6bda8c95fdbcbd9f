"""initramfs-tools (Debian, Ubuntu up to 25.04): one kernel's image is rebuilt with update-initramfs."""

from __future__ import annotations

from pathlib import PurePosixPath

from rdna_installer.machine.sysroot import Sysroot


def command(_root: Sysroot, release: str, _image: PurePosixPath) -> list[str]:
    """The command; with ``-k`` it rebuilds at once, also in a maintainer script (a bare ``-u`` would defer)."""
    return ["update-initramfs", "-u", "-k", release]
