"""mkinitcpio (Arch and its relatives): by the kernel package's preset, which also builds the fallback image."""

from __future__ import annotations

from pathlib import PurePosixPath

from rdna_installer.detect.initramfs import preset_of
from rdna_installer.machine.sysroot import Sysroot


def command(root: Sysroot, release: str, image: PurePosixPath) -> list[str]:
    """The command for one kernel's images."""
    preset = preset_of(root, release)
    return ["mkinitcpio", "-p", preset] if preset else ["mkinitcpio", "-k", release, "-g", str(image)]
