"""Faults in the real command line: a sample of what ``table.py`` does in full."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from effort import tries
from harness import needs_faults

pytestmark = [pytest.mark.processes, needs_faults]
SCRIPT = Path(__file__).with_name("table.py")


def run(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCRIPT), *argv], capture_output=True, text=True, check=False)


def test_a_sample_of_all_faults() -> None:
    """More of them in the long run (tests/effort.py); all are ``table.py``, which takes hours."""
    number = tries(short=32, long=144)
    done = run("--sample", str(number))
    assert done.returncode == 0, done.stderr
    assert f"| **all {number}** |" in done.stdout


# Said as such, or as the difference that makes an exit code a lie: either names the file.
@pytest.mark.parametrize(
    ("defect", "seen"),
    [("leftovers", "/.rdna-installer."), ("mode-forgotten", "('etc/modprobe.d/rdna-installer.conf'")],
)
def test_a_planted_defect_is_in_the_table(defect: str, seen: str) -> None:
    done = run("--only", "somebody's", "--sample", "90", "--planted", defect)
    assert done.returncode == 1 and seen in done.stderr, done
