"""The power fails before each single write of an apply, a confirmation and an automatic rollback of a trial.

Whatever is left then must come up: never our options without the file that holds amdgpu back until they are counted,
unless they have been confirmed; and the boots that follow bring it to an end.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_sample import Cli
from effort import here
from trial_sample import OPTIONS, TRIAL, Acted, apply, dies, outcomes

from rdna_installer.machine import durable

pytestmark = [pytest.mark.processes, pytest.mark.system]  # a minute each

EFFECTS = ("create", "move", "discard", "sync", "append", "keep", "make_folder", "remove_folder", "remove_tree")
COUNTER = "var/lib/rdna-installer/trial.boots"


def cut_before(number: int, work: Callable[[], object]) -> bool:
    """Whether the power failed before write ``number``; False when the work has fewer."""
    left = number

    def counted(effect: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **words: object) -> object:
            nonlocal left
            left -= 1
            if left == 0:
                os._exit(9)
            return effect(*args, **words)

        return call

    def begin() -> None:
        for name in EFFECTS:
            setattr(durable, name, counted(getattr(durable, name)))
        work()

    return dies(begin)


def every_cut(machine: Path, work: Callable[[], object], then: Callable[[int], None]) -> int:
    """Cut before each write in turn, from the same machine each time; returns how many there are.

    Short, before the first eight and one in four of the others; in the long run (tests/effort.py) before all.
    """
    kept = machine.with_name("kept")
    shutil.copytree(machine, kept, symlinks=True)
    for number in itertools.count(1):
        if not here(number, first=8):
            continue
        if not cut_before(number, work):
            return number
        then(number)
        shutil.rmtree(machine)
        shutil.copytree(kept, machine, symlinks=True)
    raise AssertionError


def held(machine: Path) -> bool:
    return (machine / TRIAL).exists() or not (machine / OPTIONS).exists()


def next_note(machine: Path) -> str:
    """What the early script would do at the next boot (it counts, too)."""
    if not (machine / TRIAL).exists():
        return ""
    counter = machine / COUNTER
    boots = counter.read_text().split() if counter.exists() else []
    if len(boots) >= 2:
        return "limit"
    counter.write_text("".join(f"{name}\n" for name in [*boots, f"boot{len(boots)}"]))
    return "counted"


def test_apply(cli: Cli, machine: Path, boot: Acted) -> None:
    def then(number: int) -> None:
        assert held(machine), number
        boot(next_note(machine))
        assert not (machine / TRIAL).exists(), number  # undone, or finished and confirmed
        assert next_note(machine) == ""

    assert every_cut(machine, lambda: apply(cli, machine), then) > 30


def test_the_automatic_rollback(cli: Cli, machine: Path, boot: Acted) -> None:
    assert apply(cli, machine).code == 0
    (machine / COUNTER).write_text("a\nb\n")

    def then(number: int) -> None:
        assert held(machine), number
        results = boot(next_note(machine))
        assert not (machine / OPTIONS).exists() and not (machine / TRIAL).exists(), number
        assert outcomes(results) in (["rolled-back"], ["ok"]), number

    assert every_cut(machine, lambda: boot("limit"), then) > 30


def test_confirmation(cli: Cli, machine: Path, boot: Acted) -> None:
    assert apply(cli, machine).code == 0
    (machine / COUNTER).write_text("a\nb\n")  # in its second boot

    def then(number: int) -> None:
        assert (machine / OPTIONS).exists(), number
        if (machine / COUNTER).exists():
            return  # nothing was done yet: this was one more boot that nobody confirmed
        for _ in range(2):
            boot(next_note(machine))
        assert (machine / OPTIONS).exists() and not (machine / TRIAL).exists(), number

    assert every_cut(machine, lambda: boot("counted"), then) > 30
