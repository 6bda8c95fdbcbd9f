"""From an index of our own over the network to an environment, one command; again, repaired, and newer."""

from __future__ import annotations

from pathlib import Path

import pytest
import setups
from fixtures.indexserver import serving
from setups import Machine
from test_setup_path import NEW, OLD, whole

pytestmark = [
    pytest.mark.processes,
    pytest.mark.system,
    pytest.mark.skipif(not Path(setups.PYTHON).exists(), reason="no interpreter that every user may run"),
]


def test_one_command(machine: Machine, sets: Path, tmp_path: Path) -> None:
    folder = setups.shelves(tmp_path / "index", sets / "old")
    with serving(folder) as index:
        words = ("setup", "--index", index.url, "--gfx", setups.TARGET, "--yes")
        machine(*words)
        first = whole(machine, OLD)
        said = machine("setup", "--gfx", setups.TARGET, "--yes")  # without a question to anybody
        assert f"torch {OLD} is set up: " in said and said.endswith(": rdna-installer setup --upgrade\n")
        setups.shelves(folder, sets / "new")
        said = machine("setup", "--upgrade", "--index", index.url, "--gfx", setups.TARGET, "--yes")
        assert "Instead" in said and whole(machine, NEW) != first
        for more in ((), ("--json",)):
            said = machine("setup", "--upgrade", "--index", index.url, "--gfx", setups.TARGET, "--yes", *more)
            assert "nothing newer: torch" in said and ("nothing-to-do" in said) is bool(more)
        assert whole(machine, NEW) == 2
        index.asked.clear()
        machine("setup", "--repair", "--gfx", setups.TARGET, "--yes")
        assert whole(machine, NEW) == 3
        assert not [path for how, path, part in index.asked if how == "GET" and path.endswith(".whl") and not part]
