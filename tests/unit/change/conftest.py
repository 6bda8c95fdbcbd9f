"""The small machine of these tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_machine import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    base = tmp_path / "root"
    base.mkdir()
    return Machine(base)
