"""SIGKILL at random moments of setup and rollback: after `recover` the old or the new environment is whole.

Twenty moments, two hundred with RDNA_TEST_LONG=1; power cuts are not among them.
"""

from __future__ import annotations

import random
import time
from collections import Counter
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
