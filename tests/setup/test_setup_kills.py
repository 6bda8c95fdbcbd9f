"""SIGKILL, and the power, at random moments of setup and rollback: after `recover` the old or the new one is whole.

Sixteen strikes and four cuts, 240 with RDNA_TEST_LONG=1; a run that ended before its strike does not count. The power:
the ext4 of the state is shut down by ioctl without a flush of its journal, so that what was not synced is lost; its
default (auto_da_alloc) is off.
"""

from __future__ import annotations

import fcntl
import os
import random
import re
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import setups
from effort import tries
from fixtures.indexserver import serving
from setups import Machine
from test_setup_path import NEW, OLD

pytestmark = [
    pytest.mark.processes,
    pytest.mark.system,
    pytest.mark.skipif(not Path(setups.PYTHON).exists(), reason="no interpreter that every user may run"),
]


PHASES = ("download", "install", "commit", "rollback")


def phase(machine: Machine, before: set[str]) -> int:
    """How far a setup has come, by what lies in the state: -1 is before the first byte."""
    names = {path.name for path in machine.state.glob("environments/*")} - before
    if any(re.fullmatch(r"\d+\.json", name) for name in names):  # proved: what is left is the commit
        return 2
    return 1 if any(name.isdigit() for name in names) else 0 if any(machine.state.glob("wheels/*/*")) else -1


def strike(machine: Machine, words: tuple[str, ...], wanted: int, after: float) -> int | None:
    """Kill a run ``after`` seconds of a phase; the phase that was struck, None where the run had ended before."""
    before = {path.name for path in machine.state.glob("environments/*")}
    process = machine.start(*words)
    while wanted < 3 and process.poll() is None and phase(machine, before) < wanted:
        time.sleep(0.002)
    if not setups.kill(process, after):
        return None
    return wanted if wanted == 3 else max(0, phase(machine, before))


def damaged(machine: Machine, index: Path) -> list[str]:
    """What lies among the wheels and is neither a part nor all of a file."""
    known = {path.name: path for path in index.glob("*/*")}
    wheels = [path for path in machine.state.glob("wheels/*/*") if path.name.endswith((".whl", ".gz"))]
    return [path.name for path in wheels if path.read_bytes() != known[path.name].read_bytes()]


def test_killed_anywhere(machine: Machine, sets: Path, tmp_path: Path) -> None:
    """Each strike is a real one, of the phase that was struck least: a run that ended before it is drawn again."""
    chance = random.Random(int(machine.user))
    struck, missed, ends = Counter[str](dict.fromkeys(PHASES, 0)), 0, Counter[str]()
    spans = dict.fromkeys(PHASES, 1.0)  # seconds a phase takes here: less after each that came too late, else more
    with serving(setups.shelves(tmp_path / "index", sets / "old", sets / "new"), hashes=True) as index:
        index.faults[".whl"] = ("slow", 0.0002)
        words = ("setup", "--index", index.url, "--gfx", setups.TARGET, "--yes", "--torch")
        before: dict[str, object] = {"current": None}
        while sum(struck.values()) < tries(8, 100):
            assert missed <= 2 * sum(struck.values()) + 20, (struck, missed, spans)
            if before["current"] is None:  # nothing that could be kept, or gone back to
                machine(*words, OLD)
                before = machine.look()
            wanted = min(PHASES, key=struck.__getitem__)
            run = ("rollback", "--yes") if wanted == "rollback" else (*words, chance.choice([NEW, OLD]))
            if wanted == "download" and chance.random() < 0.5:  # else what an earlier one has left is gone on with
                shutil.rmtree(machine.state / "wheels", ignore_errors=True)
            after = chance.uniform(0, spans[wanted])
            found = strike(machine, run, PHASES.index(wanted), after)
            spans[wanted] *= 1.1 if found == PHASES.index(wanted) else 0.8
            setups.settle(machine)
            if found is None:
                missed, before = missed + 1, machine.look()
                continue
            struck[PHASES[found]] += 1
            machine("recover")
            now = machine.look()
            ends["old" if now["current"] == before["current"] else "new"] += 1
            told = (struck, run, after, now)
            assert (now["wrong"], now["stray"], damaged(machine, index.folder)) == ([], [], []), told
            if now["current"] is not None:  # else a rollback has come to its end: nothing is set up
                assert machine.imports(now["current"]) == now["torch"] in (NEW, OLD), told
            before, said = now, f"{dict(struck)}; drawn again {missed}; {dict(ends)}"
            print(f"{'user' if machine.user else 'system'}: {said}", flush=True)
    assert all(struck.values()) and ends["old"], (struck, ends)


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
