"""Kernel modules for emulation: without those that nobody here loads, and without what takes seconds at each load."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

# Neither the boot nor amdgpu needs them; media stays (amdgpu wants its CEC).
UNUSED = (
    *(f"drivers/{name}" for name in ("ata", "atm", "bluetooth", "comedi", "crypto", "edac", "hid", "hwmon", "iio")),
    *(f"drivers/{name}" for name in ("infiniband", "input", "isdn", "leds", "md", "mfd", "mmc", "mtd", "net", "nfc")),
    *(f"drivers/{name}" for name in ("nvme", "pinctrl", "scsi", "staging", "target", "usb", "watchdog")),
    *("drivers/i2c/busses", "net", "sound", "arch/x86/kvm"),
)


def lighten(modules: Path) -> None:
    """``modules``: a /lib/modules/RELEASE; depmod must follow."""
    for name in UNUSED:
        shutil.rmtree(modules / "kernel" / name, ignore_errors=True)
    for packed in (modules / "kernel").rglob("*.ko.xz"):
        subprocess.run(["xz", "--decompress", str(packed)], check=True)
    for module in (modules / "kernel").rglob("*.ko"):
        # Goes with the signature, and so does its check: hashing 20 MB of amdgpu is seconds of emulation.
        subprocess.run(["objcopy", "--remove-section=.BTF", str(module)], check=True)
