"""When one owner's part of a command fails, those before it are taken back, the last first."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_machine import CONF, Machine

from rdna_installer.errors import RdnaError
from rdna_installer.model import Generation, regular
from rdna_installer.workflow.applying import Part, commit_all
from rdna_installer.workflow.owners import Owner


def test_the_last_first(tmp_path: Path) -> None:
    machines, parts = [], []
    for name in "abc":
        (tmp_path / name).mkdir()
        machines.append(Machine(tmp_path / name))
        changes = tuple(machines[-1].plan(regular(CONF, b"new\n")))
        parts.append(Part(Owner(name, machines[-1].store), changes, Generation("apply"), ()))
    machines[-1].real(CONF).write_bytes(b"somebody was faster\n")
    said: list[str] = []
    with pytest.raises(RdnaError, match="somebody"):
        commit_all(parts, machines[0].root, said.append, links=False, after=())
    assert said == ["taking back generation 1 of b", "taking back generation 1 of a"]
    assert not any(machine.real(CONF).exists() for machine in machines[:2])
