"""Machines for `setup`, and two sets of packages for them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import setups
from setups import Machine


@pytest.fixture(scope="session")
def sets() -> Iterator[Path]:
    """``new`` and ``old``: folders of wheels that everybody may read."""
    with tempfile.TemporaryDirectory(prefix="rdna-wheels-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        setups.wheels(folder / "new", "2.14.0", "0.29.0", "2.11.0.2")
        setups.wheels(folder / "old", "2.12.0", "0.27.0", None)
        yield folder


@pytest.fixture(params=["system", "user"])
def machine(request: pytest.FixtureRequest) -> Iterator[Machine]:
    if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("setpriv"):
        pytest.skip("not root: neither the system's environment nor another user's was made")
    folder = Path(tempfile.mkdtemp(prefix="rdna-setup-", dir="/tmp"))
    folder.chmod(0o755)
    user = request.param == "user"
    made = Machine(folder, user, {})
    made.state.mkdir(parents=True)
    if user:
        made.state.rmdir()
        for path in (folder, folder / "state"):
            os.chown(path, setups.USER, setups.USER)
    try:
        yield made
    finally:
        setups.settle(made)
        shutil.rmtree(folder)
