"""Many processes at once and signals at any moment: a sample of what ``crowd.py`` does in full."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes


def test_a_crowd_and_signals() -> None:
    script = Path(__file__).with_name("crowd.py")
    command = [sys.executable, str(script), "--processes", "12", "--signals", "16"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
