"""Three guests really booted under the canary play: one panics and heals at its third boot, one is left, one goes on.

    tests/run -s -m vm tests/system/vm/test_vm_fleet.py

Ansible comes from apt, or from the folder in RDNA_TEST_ANSIBLE. Its traffic is the loopback's: qemu hands ssh on, and
gives the guests no way out.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import debian_root
import guest_image
import pytest
from debian_machine import CHECKOUT, Machine
from disk import Disk
from guest import PATIENCE, Guest, GuestError

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "fleet"))

import hosts

pytestmark = [pytest.mark.vm, pytest.mark.system]
RECIPE = debian_root.Recipe(("openssh-server", *guest_image.RECIPE.packages))
NETWORK = "[Match]\nType=ether\n[Network]\nAddress=10.0.2.15/24\nLinkLocalAddressing=no\n"
PROPERTIES = "/lab/topology/nodes/1/properties"
WANTED = {
    "gpu_profile": "layered", "gpu_layers": ["kernel"], "gpu_reboot": True, "gpu_verify": False,
    "gpu_boot_seconds": int(1200 * PATIENCE), "gpu_check_seconds": int(600 * PATIENCE), "gpu_connect_seconds": 120,
}  # fmt: skip
PLAY = 3600.0 * PATIENCE


class Powered:
    """A guest that is switched on again whenever it has switched itself off, as a machine with panic=N is."""

    def __init__(self, disk: Disk, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        nic = f"user,restrict=on,hostfwd=tcp:127.0.0.1:{self.port}-:22,model=virtio-net-pci"
        self.guest = Guest(disk, folder, nic)
        self.ended = False
        self.supply = threading.Thread(target=self._supply)
        self.supply.start()

    def _supply(self) -> None:
        while not self.ended:
            self.guest.start()
            with contextlib.suppress(GuestError):
                self.guest.wait_off(PLAY)

    def end(self) -> None:
        self.ended = True
        if self.guest.qemu is not None:
            self.guest.qemu.kill()
        self.supply.join()

    def said(self) -> str:
        """The consoles of all its boots."""
        logs = (self.guest.folder / f"console-{number}.log" for number in range(1, self.guest.boots + 1))
        return "\n".join(log.read_text(errors="replace") for log in logs if log.exists())

    def answers(self) -> bool:
        """Whether its boot is over, GPU and all: sshd is up long before, and a machine without a GPU steps out."""
        if "Reached target multi-user.target" not in self.guest.console():
            return False
        with socket.socket() as connection:
            connection.settimeout(30)
            if connection.connect_ex(("127.0.0.1", self.port)) != 0:
                return False
            try:
                return connection.recv(4) == b"SSH-"
            except OSError:
                return False


def _furnish(root: Path, key: str) -> None:
    """ssh, a network, and this checkout installed."""
    (root / "etc/systemd/network/lab.network").write_text(NETWORK)
    debian_root.in_root(root, "systemctl", "enable", "systemd-networkd.service", "ssh.service")
    (root / "root/.ssh").mkdir(mode=0o700, exist_ok=True)
    (root / "root/.ssh/authorized_keys").write_text(key)
    machine = Machine(root)
    machine.must("./install.sh", "--install-only", "--yes")
    shutil.rmtree(machine.path(CHECKOUT))


@pytest.fixture
def three(tmp_path: Path) -> Iterator[list[Powered]]:
    """g1 and g2 of one class, which panics with an option; g3 of another, which does not."""
    if why := hosts.missing():
        pytest.skip(f"{why}: no playbook was run")
    key, base = hosts.make_key(tmp_path), Disk(tmp_path / "base.ext4")
    guest_image.build(base.path, RECIPE, lambda root: _furnish(root, key))
    made: list[Powered] = []
    try:
        for number in (1, 2, 3):
            folder = tmp_path / f"g{number}"
            folder.mkdir()
            disk = base.copy(folder / "disk")
            if number == 3:  # another card
                properties = disk.read(PROPERTIES, folder / "properties")
                properties.write_text(properties.read_text().replace("device_id 29471", "device_id 29463"))
                disk.write(properties, PROPERTIES)
            else:
                disk.write(disk.read("/lab/crash.rules", folder / "rules"), "/etc/udev/rules.d/99-crash.rules")
            made.append(Powered(disk, folder))
        names = [f"g{n} ansible_host=127.0.0.1 ansible_port={g.port}" for n, g in enumerate(made, 1)]
        hosts.write_inventory(tmp_path, names, ansible_timeout=300)
        yield made
    finally:
        for guest in made:
            guest.end()
            guest.guest.disk.path.unlink()
        base.path.unlink(missing_ok=True)


def test_a_bad_class_heals_itself_in_real_boots(three: list[Powered], tmp_path: Path) -> None:
    begun = time.monotonic()
    while not all(guest.answers() for guest in three):
        assert time.monotonic() - begun < 600 * PATIENCE, three[0].said()[-4000:]
        time.sleep(2)
    print(f"\nbooted after {time.monotonic() - begun:.0f} s", flush=True)
    running = hosts.start(tmp_path, "g", hosts.ansible(), "rdna.installer.canary", **WANTED)
    try:
        code = running.wait(PLAY)
    except subprocess.TimeoutExpired:
        running.kill()
        raise
    said = (tmp_path / "log").read_text(errors="replace")
    print(f"played after {time.monotonic() - begun:.0f} s\n{(tmp_path / 'report.txt').read_text()}", flush=True)
    assert code == 2 and "not done: g1, g2; the report says why of each" in said, said[-6000:]
    rows = json.loads((tmp_path / "report.json").read_text())["hosts"]
    bad, left, fine = three
    assert bad.said().count("sysrq triggered crash") == 2 and bad.guest.boots == 4, bad.said()[-6000:]
    assert rows["g1"]["passed"] is False and rows["g1"]["boot"]["outcome"] == "rolled-back", rows["g1"]
    assert rows["g2"]["passed"] is None and "not touched: g1" in rows["g2"]["note"] and left.guest.boots == 1
    assert rows["g2"]["generation"] == {"system": None}
    assert rows["g3"]["passed"] is True and rows["g3"]["boot"]["outcome"] == "confirmed" and fine.guest.boots == 2
