"""Our units, their script and the initramfs script: whether a root has all that trial boots and the rescue need."""

from __future__ import annotations

from rdna_installer.machine.process import find
from rdna_installer.machine.sysroot import Sysroot

UNIT_FOLDERS = tuple(f"{place}/systemd/system" for place in ("/etc", "/usr/local/lib", "/usr/lib", "/lib"))
UNITS = (
    "sysinit.target.wants/rdna-installer-rescue.service",
    "sysinit.target.wants/rdna-installer-trial.service",
    "multi-user.target.wants/rdna-installer-boot.service",
)
SCRIPT = "rdna-installer-trial"
INIT_TOP = tuple(f"{place}/initramfs-tools/scripts/init-top/aa-rdna" for place in ("/etc", "/usr/share"))


def missing_boot_files(root: Sysroot) -> tuple[str, ...]:
    """What is not in place, by name; () when the machine is looked after."""
    missing = [start for start in UNITS if not _starts(root, start)]
    if find(SCRIPT, root) is None:
        missing.append(SCRIPT)
    if _makes_images(root) and not any(map(root.exists, INIT_TOP)):
        missing.append("initramfs-tools/scripts/init-top/aa-rdna")
    return tuple(missing)


def can_be_rescued(root: Sysroot) -> bool:
    """Whether rdna_installer=off works here, in a boot image too."""
    return _makes_images(root) and not missing_boot_files(root)


def _makes_images(root: Sysroot) -> bool:
    """Whether initramfs-tools is here, the one tool our script is for."""
    return find("mkinitramfs", root) is not None


def _starts(root: Sysroot, start: str) -> bool:
    """Whether a unit is there, enabled and not masked."""
    unit = start.rpartition("/")[2]
    masked = root.readlink(f"{UNIT_FOLDERS[0]}/{unit}") == "/dev/null"
    return not masked and any(root.exists(f"{folder}/{start}") for folder in UNIT_FOLDERS)
