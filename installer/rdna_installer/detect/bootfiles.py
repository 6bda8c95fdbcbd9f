"""Our units, their script and the initramfs script: whether a root has all that trial boots and the rescue need."""

from __future__ import annotations

from rdna_installer.machine.process import find
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import InitramfsTool

UNIT_FOLDERS = tuple(f"{place}/systemd/system" for place in ("/etc", "/usr/local/lib", "/usr/lib", "/lib"))
UNITS = (
    "sysinit.target.wants/rdna-installer-rescue.service",
    "sysinit.target.wants/rdna-installer-trial.service",
    "multi-user.target.wants/rdna-installer-boot.service",
)
SCRIPT = "rdna-installer-trial"
INIT_TOP = tuple(f"{place}/initramfs-tools/scripts/init-top/aa-rdna" for place in ("/etc", "/usr/share"))


def missing_boot_files(root: Sysroot, tool: InitramfsTool) -> tuple[str, ...]:
    """What is not in place, by name; () when the machine is looked after."""
    missing = [unit for unit in UNITS if not any(root.exists(f"{folder}/{unit}") for folder in UNIT_FOLDERS)]
    if find(SCRIPT, root) is None:
        missing.append(SCRIPT)
    if tool is InitramfsTool.INITRAMFS_TOOLS and not any(map(root.exists, INIT_TOP)):
        missing.append("initramfs-tools/scripts/init-top/aa-rdna")
    return tuple(missing)
