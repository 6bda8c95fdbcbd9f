"""A machine with a hostile user on it: sam owns the venv that root is asked to change."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "crash"))  # the sample machine and the forked commands

from hostile import Machine


@pytest.fixture
def machine() -> Iterator[Machine]:
    if os.geteuid() != 0:
        pytest.skip("not root: what root may be led to do was not tested")
    # Not tmp_path: sam must get there, and another pytest that starts meanwhile would close it to him again.
    folder = Path(tempfile.mkdtemp(prefix="rdna-hostile-"))
    folder.chmod(0o755)
    try:
        yield Machine(folder / "root")
    finally:
        shutil.rmtree(folder)
