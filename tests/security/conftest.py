"""A machine with a hostile user on it: sam owns the venv that root is asked to change."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "crash"))  # the sample machine and the forked commands

from hostile import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    if os.geteuid() != 0:
        pytest.skip("not root: what root may be led to do was not tested")
    for folder in (tmp_path, *tmp_path.parents[:2]):  # the third is the machine's own /tmp
        folder.chmod(0o755)
    return Machine(tmp_path / "root")
