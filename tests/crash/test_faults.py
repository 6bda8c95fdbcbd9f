"""The transaction under faults: a sample of all places and kinds; ``table.py`` has them all, by the command line.

What must hold, whatever is hit: after ``recover`` the tree is exactly the old or exactly the new one, nothing is left
behind, and an exit code has told the truth before that.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import workers
from bench import Bench, Scenario
from harness import KILL, Fault, needs_faults

# Of the first apply: renameat 5 to 7 are the three swaps, unlinkat 3 says that activation is done.
HALF_WAY = Fault("renameat", 7)
IN_ACTIVATION = Fault("unlinkat", 3)
LIBRARY_IN_PLACE = Fault("renameat", 6)

SCENARIOS = (
    Scenario("first", "apply"),
    Scenario("files only", "apply-files"),
    Scenario("second", "again", ("apply",)),
    Scenario("rollback", "rollback", ("apply",)),
    Scenario("a library", "library"),
    Scenario("a library back", "library-back", ("library",)),
    Scenario("recover of a library", "recover", ("library",), broken_off=LIBRARY_IN_PLACE),
    # Killed inside its failing activation it is finished by recover, whose activation works.
    Scenario("activation fails", "apply-failing", reaches="apply"),
    Scenario("recover half way", "recover", ("apply",), broken_off=HALF_WAY),
    Scenario("recover in activation", "recover", ("apply",), broken_off=IN_ACTIVATION),
)
KILLED = (KILL, False)
ERRORS = tuple((name, sticky) for name in ("ENOSPC", "EIO", "EROFS", "EACCES", "EDQUOT") for sticky in (False, True))
SEED = 20240521

pytestmark = needs_faults


@pytest.fixture
def work() -> Iterator[Path]:
    """In memory: this is about every system call, not about what a disk has kept (test_power.py)."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
        yield Path(folder)


def _all_faults(bench: Bench, kinds: tuple[tuple[str, bool], ...]) -> list[Fault]:
    return [place.fault(what, sticky=sticky) for place in bench.places() for what, sticky in kinds]


def _problems(bench: Bench, faults: list[Fault], **more: object) -> list[str]:
    results = workers.share(lambda fault: (fault, bench.run(fault, **more)), faults, os.cpu_count() or 1)
    return [f"{fault}: {result}" for fault, result in results if result]


def _sample(faults: list[Fault], count: int) -> list[Fault]:
    return random.Random(SEED).sample(faults, min(count, len(faults)))


@pytest.mark.processes
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_sample(scenario: Scenario, work: Path) -> None:
    bench = Bench(scenario, work)
    faults = _sample(_all_faults(bench, (KILLED,)), 5) + _sample(_all_faults(bench, ERRORS), 5)
    assert _problems(bench, faults) == []


@pytest.mark.system
@pytest.mark.parametrize("name", ["first", "recover half way"])
def test_a_kill_at_every_place(name: str, work: Path) -> None:
    """``table.py`` does so for every command."""
    bench = Bench(next(s for s in SCENARIOS if s.name == name), work)
    assert _problems(bench, _all_faults(bench, (KILLED,))) == []


@pytest.mark.system
def test_killed_and_killed_again_in_recover(work: Path) -> None:
    bench = Bench(Scenario("first", "apply"), work)
    chance = random.Random(SEED)
    kills = [
        fault for fault in _all_faults(bench, (KILLED,)) if fault.call in ("renameat", "unlinkat", "fsync", "linkat")
    ]
    for nested in [Fault(call, number) for call in ("renameat", "unlinkat", "fsync") for number in range(1, 8, 2)]:
        assert _problems(bench, chance.sample(kills, 2), nested=nested) == [], nested


@pytest.mark.processes
@pytest.mark.parametrize(
    ("defect", "command", "fault", "seen"),
    [
        ("no-undo", "apply", HALF_WAY, "left behind"),
        ("mode-forgotten", "apply", HALF_WAY, "torn"),
        ("leftovers", "apply", Fault("linkat", 1, "EIO"), "the tree is not the old one"),
    ],
)
def test_the_harness_sees_a_planted_defect(defect: str, command: str, fault: Fault, seen: str, work: Path) -> None:
    bench = Bench(Scenario("planted", command), work)
    assert bench.run(fault) is None
    problem = bench.run(fault, defect=defect)
    assert problem and seen in problem
