"""install.sh on a Debian 12 that boots with systemd: what acts at boot is put in place and goes with the program.

In a chroot; ``vm/`` boots it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import debian_root
import pytest
from debian_machine import Machine
from debian_tree import Entry, differences, snapshot

pytestmark = pytest.mark.system

SYSTEMD = debian_root.Recipe(("systemd-sysv", "udev", "dbus", "e2fsprogs", *debian_root.INITRAMFS_TOOLS.packages))
TRIAL_CONF = "/etc/modprobe.d/rdna-installer-trial.conf"
UNITS = ("rdna-installer-boot.service", "rdna-installer-rescue.service", "rdna-installer-trial.service")
LAYERED = ("--kernel-only", "--yes", "--gfx", "gfx1010", "--profile", "layered")


def whole(machine: Machine) -> dict[str, Entry]:
    """Left out: our state, and initramfs-tools' own note of the checksum of an image that it rebuilt."""
    kernels = [path.name for path in machine.path("/lib/modules").iterdir()]
    notes = [f"/var/lib/initramfs-tools/{name}" for name in kernels]
    return snapshot(machine.root, ("/etc", "/usr", "/var/lib", "/opt"), ("/var/lib/rdna-installer", *notes))


@pytest.fixture(scope="module")
def debian() -> Iterator[Machine]:
    if why := debian_root.missing():
        pytest.skip(why)
    with debian_root.scratch_root(SYSTEMD) as root:
        yield Machine(root)


class TestFromInstallToUninstall:
    """In this order; each step needs the one before."""

    before: dict[str, Entry]

    def test_options_are_put_on_trial(self, debian: Machine) -> None:
        type(self).before = whole(debian)
        done = debian.install(*LAYERED)
        assert done.returncode == 0, done.stdout + done.stderr
        assert debian.path(TRIAL_CONF).is_file()
        for words in ("rdna_installer=off", "modprobe.blacklist=amdgpu"):
            assert words in done.stderr

    def test_the_units_are_whole_and_start_by_themselves(self, debian: Machine) -> None:
        places = [f"/usr/local/lib/systemd/system/{unit}" for unit in UNITS]
        done = debian.run("systemd-analyze", "verify", "--man=no", *places)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        assert debian.must("systemctl", "--root=/", "is-enabled", *UNITS).split() == ["static"] * 3

    def test_the_image_holds_amdgpu_back_and_knows_the_switch(self, debian: Machine) -> None:
        kernel = next(path.name for path in debian.path("/lib/modules").iterdir())
        listed = debian.must("lsinitramfs", f"/boot/initrd.img-{kernel}").splitlines()
        assert {TRIAL_CONF[1:], "scripts/init-top/aa-rdna"} <= set(listed)
        debian.must("unmkinitramfs", f"/boot/initrd.img-{kernel}", "/tmp/unpacked")
        order = next(debian.path("/tmp/unpacked").rglob("scripts/init-top/ORDER")).read_text()
        assert order.index("/aa-rdna ") < order.index("/udev ")
        debian.must("rm", "-rf", "/tmp/unpacked")

    def test_it_waits_for_a_boot(self, debian: Machine) -> None:
        assert json.loads(debian.must("rdna-installer", "status", "--json"))["trial"]["boots"] == 0
        refused = debian.run("rdna-installer", "confirm")
        assert (refused.returncode, "[not-booted]" in refused.stderr) == (3, True)

    def test_updating_the_program_keeps_the_trial(self, debian: Machine) -> None:
        done = debian.install("--install-only", "--yes")
        assert done.returncode == 0, done.stderr
        assert debian.path(TRIAL_CONF).is_file()

    def test_uninstall_takes_all_of_it(self, debian: Machine) -> None:
        done = debian.install("--uninstall", "--yes")
        assert done.returncode == 0, done.stdout + done.stderr
        assert differences(self.before, whole(debian)) == []
