"""Fixtures: an empty root to build in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from detect_tree import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "root")


@pytest.fixture
def new_tree(tmp_path: Path) -> Callable[[str], Tree]:
    return lambda name: Tree(tmp_path / name)
