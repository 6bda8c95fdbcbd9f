"""The everyday `sudo chown -R sam venv`: the group stays root's, and sam cannot give files to it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hostile import APPLY, SAM, Machine

pytestmark = pytest.mark.processes


def give_to_root(machine: Machine) -> None:
    venv = machine.root / "home/sam/venv"
    for path in (venv, *venv.rglob("*")):
        os.chown(path, SAM, 0, follow_symlinks=False)


def test_a_venv_of_another_group_is_applied_to_and_given_back(machine: Machine) -> None:
    give_to_root(machine)
    done = machine.run(*APPLY)
    assert done.code == 0, done
    made = [machine.site / "rdna_hook.pth", *(machine.site / "_rdna_hook").rglob("*")]
    assert {(path.stat().st_uid, path.stat().st_gid) for path in made} == {(SAM, SAM)}
    assert machine.run("rollback", "--yes").code == 0
    assert not (machine.site / "rdna_hook.pth").exists()


def test_a_group_that_cannot_be_kept_is_said(machine: Machine) -> None:
    theirs = machine.site / "rdna_hook.pth"
    theirs.write_bytes(b"# sam's own\n")
    give_to_root(machine)
    plan = machine.run(*APPLY, "--overwrite", "-n")
    assert "cannot keep its group 0" in " ".join(plan.said.split()), plan
    assert machine.run(*APPLY, "--overwrite").code == 0
    done = machine.run("rollback", "--yes")
    assert done.code == 0, done
    assert (theirs.read_bytes(), theirs.stat().st_uid) == (b"# sam's own\n", SAM)


@pytest.mark.parametrize("member", [True, False])
def test_a_set_group_id_directory_is_respected(machine: Machine, member: bool) -> None:
    """As far as its owner may: root's child has sam's groups only."""
    os.chown(machine.site, SAM, 4321)
    machine.site.chmod(0o2775)
    group = "shared:x:4321:" + ("sam" if member else "")
    with (machine.root / "etc/group").open("a") as stream:
        stream.write(f"sam:x:{SAM}:\n{group}\n")
    done = machine.run(*APPLY)
    assert done.code == 0, done
    assert Path(machine.site / "rdna_hook.pth").stat().st_uid == SAM
