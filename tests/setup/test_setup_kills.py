"""SIGKILL, and the power, at random moments of setup and rollback: after `recover` the old or the new one is whole.

Twenty moments and four cuts, 240 with RDNA_TEST_LONG=1. The power: the ext4 of the state is shut down
by ioctl without a flush of its journal, so that what was not synced is lost; its default (auto_da_alloc) is off.
"""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import setups
from effort import tries
from setups import Machine
from test_setup_path import NEW, OLD

pytestmark = [
    pytest.mark.processes,
    pytest.mark.system,
    pytest.mark.skipif(not Path(setups.PYTHON).exists(), reason="no interpreter that every user may run"),
]


def test_killed_anywhere(machine: Machine, sets: Path) -> None:
    chance = random.Random(int(machine.user))
    begun = time.monotonic()
    machine.setup(sets / "old")
    span = 1.1 * (time.monotonic() - begun)  # what a setup takes here, and a little more
    killed, ends = 0, Counter[str]()
    for number in range(tries(10, 100)):
        before = machine.look()
        if number % 5 == 4:
            words: tuple[str, ...] = ("rollback", "--yes")
        else:
            words = ("setup", "--wheels", str(sets / chance.choice(["new", "old"])), "--gfx", setups.TARGET, "--yes")
        after = chance.uniform(0.05, span / 5 if words[0] == "rollback" else span)
        killed += setups.kill(machine.start(*words), after)
        setups.settle(machine)
        machine("recover")
        found = machine.look()
        ends["old" if found["current"] == before["current"] else "new"] += 1
        assert (found["wrong"], found["stray"]) == ([], []), (number, words, after, found)
        if found["current"] is not None:  # else a rollback has come to its end: nothing is set up
            assert machine.imports(found["current"]) == found["torch"] in (NEW, OLD), (number, words, after)
    assert killed and ends["old"], (killed, ends)
    print(f"killed {killed}; {ends}")


SHUTDOWN, WITHOUT_LOG_FLUSH = 0x8004587D, (2).to_bytes(4, "little")  # EXT4_IOC_SHUTDOWN
DISK = ("-t", "ext4", "-o", "loop,noauto_da_alloc,commit=300")


class Disk:
    """An ext4 of its own for a machine's state."""

    def __init__(self, machine: Machine) -> None:
        self.machine, self.image, self.place = machine, machine.folder / "disk.img", machine.folder / "state"
        with self.image.open("wb") as image:
            image.truncate(2 << 30)
        subprocess.run(["mkfs.ext4", "-q", "-F", str(self.image)], check=True)
        self.mount()
        if machine.user:
            os.chown(self.place, setups.USER, setups.USER)
        else:
            machine.state.mkdir()
        subprocess.run(["sync", "-f", str(self.place)], check=True)

    def mount(self) -> None:
        subprocess.run(["mount", *DISK, str(self.image), str(self.place)], check=True)

    def unmount(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.place)], check=True)

    def cut(self) -> None:
        """Take the power away."""
        at = os.open(self.place, os.O_RDONLY)
        fcntl.ioctl(at, SHUTDOWN, WITHOUT_LOG_FLUSH)
        os.close(at)

    def back(self) -> None:
        """What had reached the disk, mounted anew: a copy, because somebody's namespace may still hold the dead one."""
        self.unmount()
        copy = self.image.with_suffix(".copy")
        subprocess.run(["cp", "--sparse=always", str(self.image), str(copy)], check=True)
        copy.replace(self.image)
        self.mount()


@pytest.fixture
def disk(machine: Machine) -> Iterator[Disk]:
    if not shutil.which("mkfs.ext4") or not Path("/dev/loop-control").exists():
        pytest.skip("no mkfs.ext4 or no loop devices: the power was not cut")
    made = Disk(machine)
    try:
        yield made
    finally:
        setups.settle(machine)
        made.unmount()


def test_the_power_goes_anywhere(machine: Machine, disk: Disk, sets: Path) -> None:
    chance = random.Random(7 + int(machine.user))
    begun = time.monotonic()
    machine.setup(sets / "old")
    span = 1.1 * (time.monotonic() - begun)
    ends = Counter[str]()
    for number in range(tries(2, 20)):
        before = machine.look()
        words: tuple[str, ...] = ("rollback", "--yes")
        if number % 4 != 3 or before["current"] is None:
            words = ("setup", "--wheels", str(sets / chance.choice(["new", "old"])), "--gfx", setups.TARGET, "--yes")
        process = machine.start(*words)
        after = chance.uniform(0.05, span / 5) if words[0] == "rollback" else span * chance.uniform(0.3, 1)
        time.sleep(after)
        disk.cut()
        setups.kill(process, 0)
        setups.settle(machine)
        disk.back()
        machine("recover")
        found = machine.look()
        ends["old" if found["current"] == before["current"] else "new"] += 1
        assert (found["wrong"], found["stray"]) == ([], []), (number, words, after, found)
        if found["current"] is not None:
            assert machine.imports(found["current"]) == found["torch"] in (NEW, OLD), (number, words, after)
    print(ends)
