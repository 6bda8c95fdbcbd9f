"""SIGKILL at random moments of setup and rollback: after `recover` the old or the new environment is whole.

Twenty moments, two hundred with RDNA_TEST_LONG=1; power cuts are not among them.
"""

from __future__ import annotations

import random
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
SPAN = 9.0  # seconds: about what a setup takes here; where it takes less, some are killed after their end


def test_killed_anywhere(machine: Machine, sets: Path) -> None:
    chance = random.Random(int(machine.user))
    machine.setup(sets / "old")
    killed, ends = 0, set()
    for number in range(tries(10, 100)):
        before = machine.look()
        if number % 5 == 4:
            words: tuple[str, ...] = ("rollback", "--yes")
        else:
            words = ("setup", "--wheels", str(sets / chance.choice(["new", "old"])), "--gfx", setups.TARGET, "--yes")
        after = chance.uniform(0.05, 1.5 if words[0] == "rollback" else SPAN)
        killed += setups.kill(machine.start(*words), after)
        setups.settle(machine)
        machine("recover")
        found = machine.look()
        ends.add(found["current"] == before["current"])
        assert (found["wrong"], found["stray"]) == ([], []), (number, words, after, found)
        assert machine.imports(found["current"]) == found["torch"] in (NEW, OLD), (number, words, after)
    assert killed, "none was killed before its end"
