"""What recover --check gives root to type: a user's script with that user's rights only, and only one of ours."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
from harness import needs_faults
from hostile import APPLY, SAM, Machine

pytestmark = pytest.mark.processes

EVIL = 'id -u > {root}/pwned; exit\nmain 1 0 "$@"\n'


def told(machine: Machine, owner: str) -> dict[str, Any]:
    done = machine.run("recover", "--check", "--json")
    return next(o for o in json.loads(done.said)["owners"] if o["owner"] == owner)


@needs_faults
def test_a_script_that_a_user_wrote_is_not_for_root(machine: Machine) -> None:
    """It was offered to root as it was, and ran as root."""
    assert machine.run(*APPLY).code == 0
    newest = machine.state / "generations/1"
    (machine.state / "current.json").write_text("{")
    line = told(machine, "sam")["restore"]
    assert f"--reuid={SAM} " in line and line.startswith("setsid -w setpriv "), line
    (newest / "restore.sh").write_text(EVIL.format(root=machine.root))
    assert told(machine, "sam")["restore"] is None, "its manifest has another"
    manifest = json.loads((newest / "manifest.json").read_text())
    for content in (json.dumps({**manifest, "restore": None}), None):
        (newest / "manifest.json").unlink()
        if content is not None:
            (newest / "manifest.json").write_text(content)
        assert told(machine, "sam")["restore"] is None
    assert "pwned" not in machine.run("status").said and "restore.sh" not in machine.run("verify").said


@needs_faults
def test_the_line_of_a_users_state_drops_the_rights(machine: Machine) -> None:
    assert machine.run(*APPLY).code == 0
    (machine.state / "current.json").write_text("{")
    line = told(machine, "sam")["restore"]
    script = machine.state / "generations/1/restore.sh"
    assert str(script) in line.split()
    script.write_text("id -u; exit\n")
    asked = subprocess.run(line, shell=True, capture_output=True, text=True, check=False)
    assert asked.stdout == f"{SAM}\n", asked


@needs_faults
def test_the_systems_script_is_for_root_while_it_is_roots_alone(machine: Machine) -> None:
    """A root directory may be another's: what stands in it is then no more root's than the directory."""
    assert machine.run(*APPLY).code == 0
    (machine.root / "var/lib/rdna-installer/current.json").write_text("{")
    assert told(machine, "system")["restore"].startswith("sh ")
    machine.as_sam(machine.root / "var/lib")
    assert told(machine, "system")["restore"] is None
    assert "not root's alone" in machine.run("recover", "--check").said
