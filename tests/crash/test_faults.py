"""The transaction under faults: a sample of all places in the fast run, every place in the full one.

What must hold, whatever is hit: after ``recover`` the tree is exactly the old or exactly the new one, nothing is left
behind, and an exit code has told the truth before that.
"""

from __future__ import annotations

import os
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from harness import Bench, Fault, Scenario, needs_strace

# Of the first apply: renameat 5 to 7 are the three swaps, unlinkat 3 says that activation is done.
HALF_WAY = Fault("renameat", 7)
IN_ACTIVATION = Fault("unlinkat", 3)

SCENARIOS = (
    Scenario("first", "apply"),
    Scenario("files only", "apply-files"),
    Scenario("second", "again", ("apply",)),
    Scenario("rollback", "rollback", ("apply",)),
    # Killed inside its failing activation it is finished by recover, whose activation works.
    Scenario("activation fails", "apply-failing", reaches="apply"),
    Scenario("recover half way", "recover", ("apply",), broken_off=HALF_WAY),
    Scenario("recover in activation", "recover", ("apply",), broken_off=IN_ACTIVATION),
)
KILL = ("signal=SIGKILL", False)
ERRORS = tuple(
    (f"error={name}", sticky) for name in ("ENOSPC", "EIO", "EROFS", "EACCES", "EDQUOT") for sticky in (False, True)
)
SEED = 20240521

pytestmark = needs_strace


def _all_faults(bench: Bench, kinds: tuple[tuple[str, bool], ...]) -> list[Fault]:
    return [Fault(call, number, what, sticky) for call, number in bench.faults() for what, sticky in kinds]


def _problems(bench: Bench, faults: list[Fault], **more: object) -> list[str]:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda fault: bench.run(fault, **more), faults))
    return [f"{fault}: {result}" for fault, result in zip(faults, results, strict=True) if result]


def _sample(faults: list[Fault], count: int) -> list[Fault]:
    return random.Random(SEED).sample(faults, min(count, len(faults)))


@pytest.mark.processes
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_sample(scenario: Scenario, tmp_path: Path) -> None:
    bench = Bench(scenario, tmp_path)
    faults = _sample(_all_faults(bench, (KILL,)), 6) + _sample(_all_faults(bench, ERRORS), 6)
    assert _problems(bench, faults) == []


@pytest.mark.system
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_place(scenario: Scenario, tmp_path: Path) -> None:
    """A kill and one of the errors at each."""
    bench, chance = Bench(scenario, tmp_path), random.Random(SEED)
    places = bench.faults()
    faults = [Fault(*place, *kind) for place in places for kind in (KILL, chance.choice(ERRORS))]
    assert _problems(bench, faults) == []


@pytest.mark.system
def test_killed_and_killed_again_in_recover(tmp_path: Path) -> None:
    bench = Bench(Scenario("first", "apply"), tmp_path)
    chance = random.Random(SEED)
    kills = [
        fault for fault in _all_faults(bench, (KILL,)) if fault.call in ("renameat", "unlinkat", "fsync", "linkat")
    ]
    for nested in [Fault(call, number) for call in ("renameat", "unlinkat", "fsync") for number in range(1, 8)]:
        assert _problems(bench, chance.sample(kills, 6), nested=nested) == [], nested


@pytest.mark.processes
@pytest.mark.parametrize(
    ("defect", "command", "fault", "seen"),
    [
        ("no-undo", "apply", HALF_WAY, "left behind"),
        ("mode-forgotten", "apply", HALF_WAY, "torn"),
        ("leftovers", "apply", Fault("linkat", 1, "error=EIO"), "the tree is not the old one"),
    ],
)
def test_the_harness_sees_a_planted_defect(defect: str, command: str, fault: Fault, seen: str, tmp_path: Path) -> None:
    bench = Bench(Scenario("planted", command), tmp_path)
    assert bench.run(fault) is None
    problem = bench.run(fault, defect=defect)
    assert problem and seen in problem
