"""Faults in the real command line: a sample of what ``table.py`` does in full."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from harness import needs_strace

pytestmark = [pytest.mark.processes, needs_strace]
SCRIPT = Path(__file__).with_name("table.py")


def run(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCRIPT), *argv], capture_output=True, text=True, check=False)


def test_a_sample_of_all_faults() -> None:
    done = run("--runs", "72")
    assert done.returncode == 0, done.stderr
    assert "| all |  | 72 |" in done.stdout


@pytest.mark.parametrize(("defect", "seen"), [("leftovers", "leftovers"), ("mode-forgotten", "torn")])
def test_a_planted_defect_is_in_the_table(defect: str, seen: str) -> None:
    done = run("--only", "somebody's", "--runs", "12", "--planted", defect)
    assert done.returncode == 1 and f": {seen}" in done.stderr, done
