"""What commands may cost: the rows of tests/benchmarks/limits.py that count, so that no rise goes unseen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LIMITS = Path(__file__).resolve().parents[1] / "benchmarks/limits.py"

pytestmark = pytest.mark.system


def test_no_command_costs_more_than_it_may() -> None:
    rows = ["plan", "nothing", "verify", "status", "syncs", "calls"]
    done = subprocess.run(
        [sys.executable, str(LIMITS), "--slack", "2", *rows], capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("\nok ") == len(rows), done.stdout
