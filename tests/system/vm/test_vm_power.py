"""The power goes at a random moment of apply, of rollback, and of the automatic rollback after a failed trial.

A moment is a number of writes to the disk: nothing else changes what the next boot finds. The next boot must come up,
and after ``recover`` /etc is exactly the old or exactly the new tree, with a boot image that fits it.
``RDNA_VM_SEED`` repeats a run.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from guest import Guest
from stages import APPLY, CONF, IMAGE, MINUTES, TREE, TRIAL_CONF, Stage, Stages, image_names

pytestmark = [pytest.mark.vm, pytest.mark.system]
SEED = os.environ["RDNA_VM_SEED"]  # conftest.py draws one for each run
SETTLED = """
while [ "$(systemctl is-active rdna-installer-boot)" = activating ]; do sleep 1; done
while systemctl is-active -q rdna-installer-boot; do sleep 1; done
systemctl is-system-running --wait
"""


def moment(name: str, writes: int) -> int:
    """A write to stop after. The first tenth is where our own files change: half of all cuts go there."""
    draw = random.Random(f"{SEED} {name}")
    return draw.randint(1, writes // 10 if draw.random() < 0.5 else writes)


def assert_whole(guest: Guest, trees: dict[str, str]) -> str:
    """The machine comes up and recovers; which of ``trees`` it has now."""
    assert guest.disk.faults() == ""
    guest.boot()
    guest.run(SETTLED, IMAGE)
    guest.must("rdna-installer recover", IMAGE)
    tree = set(guest.must(TREE).splitlines())
    found = [name for name, expected in trees.items() if tree == set(expected.splitlines())]
    assert found, difference(tree, trees)
    paths = {CONF, TRIAL_CONF} & {f"/etc/{line.split()[0][2:]}" for line in tree}
    assert image_names(guest) == sorted(paths)
    guest.must("rdna-installer verify || [ $? = 3 ]")
    return found[0]


def difference(tree: set[str], trees: dict[str, str]) -> str:
    parts = [f"{name}: {sorted(tree ^ set(other.splitlines()))}" for name, other in trees.items()]
    return "/etc is neither\n" + "\n".join(parts)


def cut(guest: Guest, name: str, writes: int, over: Callable[[], bool]) -> None:
    after = moment(name, writes)
    done = guest.cut_after(after, over)
    print(f"{name}: seed {SEED}, power cut after write {done} (drawn: {after} of {writes})")


class TestApply:
    @pytest.mark.parametrize("number", range(7))
    def test_f_cut_in_apply(self, stages: Stages, new_guest: Callable[[Stage], Guest], number: int) -> None:
        start, applied = stages.installed(), stages.applied()
        guest = new_guest(start)
        guest.boot(cache="writethrough")
        guest.send(APPLY)
        cut(guest, f"apply {number}", applied.writes, guest.answered)
        # Headless, and all is well: the boot after it may have confirmed what was applied.
        assert_whole(guest, {"old": start.tree, "new": applied.tree, "confirmed": stages.confirmed().tree})


class TestRollback:
    @pytest.mark.parametrize("number", range(7))
    def test_f_cut_in_rollback(self, stages: Stages, new_guest: Callable[[Stage], Guest], number: int) -> None:
        confirmed = stages.confirmed()
        guest = new_guest(confirmed)
        guest.boot(cache="writethrough")
        guest.send("rdna-installer rollback --to 0 --yes")
        cut(guest, f"rollback {number}", stages.applied().writes, guest.answered)
        assert_whole(guest, {"old": confirmed.tree, "new": stages.installed().tree})


class TestAutomatic:
    @pytest.mark.parametrize("number", range(6))
    def test_f_cut_in_automatic_rollback(
        self, stages: Stages, new_guest: Callable[[Stage], Guest], tmp_path: Path, number: int
    ) -> None:
        """Whenever the power goes in the third boot, the next one finishes the rollback."""
        guest = new_guest(stages.applied())
        counted = tmp_path / "trial.boots"
        counted.write_text("".join(f"{n}0000000-0000-4000-8000-000000000000\n" for n in (1, 2)))
        guest.disk.write(counted, "/var/lib/rdna-installer/trial.boots")
        guest.start(cache="writethrough")
        guest.wait_console("2 boots were not confirmed", 5 * MINUTES)
        cut(guest, f"automatic {number}", stages.applied().writes, lambda: "boot check: rolled" in guest.console())
        assert_whole(guest, {"new": stages.installed().tree})
