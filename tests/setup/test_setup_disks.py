"""Disks that are too small, or fill up at any moment of setup: one message, and the old or the new one is whole.

Six moments, forty with RDNA_TEST_LONG=1. The set comes from an index, so that the download is among them.
"""

from __future__ import annotations

import contextlib
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
from fixtures.indexserver import serving
from setups import Machine
from test_setup_path import NEW, OLD, whole

pytestmark = [
    pytest.mark.processes,
    pytest.mark.system,
    pytest.mark.skipif(not Path(setups.PYTHON).exists(), reason="no interpreter that every user may run"),
]


@pytest.fixture
def small(machine: Machine) -> Iterator[Machine]:
    """Its state on a disk of 100 MiB."""
    disk = machine.folder / "state"
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100m,mode=755", "none", disk], check=True)
    try:
        if machine.user:
            os.chown(disk, setups.USER, setups.USER)
        else:
            machine.state.mkdir()
        yield machine
    finally:
        setups.settle(machine)
        subprocess.run(["umount", disk], check=True)


def fill(folder: Path, but: int) -> Path:
    """Take all the space of a disk, but so many bytes; others may write meanwhile."""
    filler = folder / "filler"
    for _ in range(50):
        free = os.statvfs(folder)
        with filler.open("wb") as stream, contextlib.suppress(OSError):
            os.posix_fallocate(stream.fileno(), 0, max(1, free.f_bavail * free.f_frsize - but))
            break
    return filler


def test_a_disk_that_fills_up_meanwhile(small: Machine, sets: Path, tmp_path: Path) -> None:
    """However little is left, and whenever. It is full still when the old one is looked at."""
    chance, ends = random.Random(11 + int(small.user)), Counter[str]()
    with serving(setups.shelves(tmp_path / "index", sets / "old", sets / "new"), hashes=True) as index:
        words = ("setup", "--upgrade", "--index", index.url, "--gfx", setups.TARGET, "--yes")
        begun = time.monotonic()
        small(*words, "--torch", OLD)
        span = time.monotonic() - begun
        for number in range(tries(3, 20)):
            before = whole(small, str(small.look()["torch"]))
            shutil.rmtree(small.state / "wheels", ignore_errors=True)
            wanted = NEW if small.look()["torch"] == OLD else OLD
            process = small.start(*words, "--torch", wanted)
            time.sleep(span * chance.uniform(0.05, 1))
            filler = fill(small.folder / "state", chance.choice([0, 1 << 14, 1 << 20, 5 << 20, 12 << 20]))
            said, _ = process.communicate(timeout=300)
            where = (number, wanted, process.returncode, said)
            full = small.look()
            assert full["wrong"] == [] and full["torch"] in (OLD, NEW), (*where, full)
            if process.returncode:
                assert process.returncode in (1, 3) and said.count("error: ") == 1 and "Traceback" not in said, where
                assert full["current"] == before, (*where, full)
                ends[said.partition("[")[2].partition("]")[0]] += 1
            else:
                ends["done"] += full["torch"] == wanted
            filler.unlink()
            small("recover")
            small("setup", "--prune", "0", "--yes")  # so that the disk is too small by what is planned, not by history
            whole(small, str(full["torch"]))
            print(dict(ends), flush=True)
    # Of three moments each may come too early (no-room) or too late (done) on a busy machine.
    assert ends.total() == tries(3, 20) and (ends["disk-full"] or tries(3, 20) < 20), ends


def test_a_disk_that_is_too_small(small: Machine, sets: Path) -> None:
    filler = fill(small.folder / "state", 50 << 20)
    assert "[no-room]" in small.setup(sets / "new", code=3)
    filler.unlink()
    assert not (small.state / "environments").exists()
