"""Fixtures: real Debian machines to change at will."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))  # other folders' tests use debian_* too

import debian_root
from debian_machine import Machine


@pytest.fixture(autouse=True)
def _needs_debian() -> None:
    if why := debian_root.missing():
        pytest.skip(why)


@pytest.fixture
def machine() -> Iterator[Machine]:
    """A Debian 12 with kernel, kmod and initramfs-tools, and everything the program needs from apt."""
    with debian_root.scratch_root(debian_root.INITRAMFS_TOOLS) as root:
        yield Machine(root)


@pytest.fixture(scope="module")
def lasting_machine() -> Iterator[Machine]:
    """The same, shared by the tests of one file that follow each other."""
    if why := debian_root.missing():
        pytest.skip(why)
    with debian_root.scratch_root(debian_root.INITRAMFS_TOOLS) as root:
        yield Machine(root)
