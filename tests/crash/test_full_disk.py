"""A disk that really is full, in bytes or in inodes, and stays so: undone without needing any space."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="mounting a small disk needs root"),
]

INSIDE = """
import subprocess, sys
sys.path[:0] = {paths!r}
from pathlib import Path
import driver, harness
disk = Path({disk!r})
subprocess.run(["mount", "-t", "tmpfs", "-o", {size!r}, "none", disk], check=True)
root = disk / "root"
driver.seed(root, libraries=False)  # larger than these disks, and of no command here
old = harness.snapshot(root)
done = harness.start(root, "apply")
print(done.code, done.said.partition(" ")[0], harness.snapshot(root) == old)
"""


@pytest.mark.parametrize(
    "size", [*(f"size={kib}k" for kib in (32, 48, 64)), *(f"size=1m,nr_inodes={count}" for count in range(16, 36, 4))]
)
def test_full_disk(size: str, tmp_path: Path) -> None:
    script = INSIDE.format(paths=[str(Path(__file__).parent), *sys.path], disk=str(tmp_path), size=size)
    done = subprocess.run(["unshare", "-m", sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "1 disk-full True", done


def test_enough_space_is_enough(tmp_path: Path) -> None:
    script = INSIDE.format(paths=[str(Path(__file__).parent), *sys.path], disk=str(tmp_path), size="size=1m")
    done = subprocess.run(["unshare", "-m", sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "0  False", done
