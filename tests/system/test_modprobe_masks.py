"""Which modprobe.d directory masks which: the real modprobe of a Debian root and our reading of it agree."""

from __future__ import annotations

import debian_root
import pytest
from debian_machine import Machine

from rdna_installer.detect.modprobe import scan_modprobe
from rdna_installer.machine.sysroot import Sysroot

pytestmark = pytest.mark.system

PLACES = ("/etc", "/run", "/usr/local/lib", "/usr/lib")  # /lib is /usr/lib there


@pytest.mark.parametrize("suite", debian_root.SUITES)
def test_modprobe_reads_what_we_read(suite: str) -> None:
    packages = ("systemd-sysv", "udev", "dbus", "e2fsprogs", *debian_root.INITRAMFS_TOOLS.packages)
    with debian_root.scratch_root(debian_root.Recipe(packages, suite)) as root:
        machine = Machine(root)
        files = [machine.path(f"{place}/modprobe.d/50-test.conf") for place in PLACES]
        for place, file in zip(PLACES, files, strict=True):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"options rdna_test a={place}\n")
        for place, file in zip(PLACES, files, strict=True):
            config = machine.must("modprobe", "-c").splitlines()
            theirs = [line.partition("a=")[2] for line in config if line.startswith("options rdna_test ")]
            ours = [o.value for o in scan_modprobe(Sysroot(root))[0] if o.module == "rdna_test"]
            assert theirs == ours == [place]
            file.unlink()
