"""Power cuts on real file systems: a sample here; ``power.py`` tries every point."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import power
import pytest

SCRIPT = Path(__file__).with_name("power.py")
POINTS = 6

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="mounting a disk needs root"),
]


def cut(kind: str, command: str, defect: str, points: int) -> dict[str, object]:
    if not shutil.which(f"mkfs.{kind}"):
        pytest.skip(f"mkfs.{kind} is not installed: no power cut on {kind}")
    known = Path("/proc/filesystems").read_text().split()
    if kind not in known and subprocess.run(["modprobe", kind], capture_output=True, check=False).returncode:
        pytest.skip(f"this kernel has no {kind}: no power cut on it")
    argv = ["unshare", "-m", sys.executable, str(SCRIPT), kind, command, defect, str(points)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if "failed to setup loop device" in done.stderr:
        pytest.skip("no loop devices here: no power cut")
    assert done.returncode == 0, done
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.mark.parametrize("command", power.BEFORE)
@pytest.mark.parametrize("kind", ["ext4", "xfs"])
def test_power_cuts(kind: str, command: str) -> None:
    result = cut(kind, command, "", POINTS)
    assert result.pop("bad") == {}
    assert sum(result.values()) == POINTS  # type: ignore[call-overload]


@pytest.mark.parametrize("kind", ["ext4", "xfs"])
def test_a_missing_sync_is_seen_as_torn(kind: str) -> None:
    """The kill tests all pass without a single fsync: only a power cut tells."""
    bad = cut(kind, "apply", "no-target-sync", 14)["bad"]
    assert isinstance(bad, dict)
    assert any(str(problem).startswith("torn") for problem in bad.values()), bad
