"""Many at once, and signals at any moment: one writer, the truth in the exit code, never a torn tree."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import driver
import pytest
from harness import DRIVER, snapshot, start

pytestmark = pytest.mark.processes


def _start(root: Path, command: str) -> subprocess.Popen[str]:
    argv = [os.path.realpath(sys.executable), "-S", "-E", "-B", str(DRIVER), str(root), command]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_one_of_many_writers_at_a_time(tmp_path: Path) -> None:
    root = tmp_path / "root"
    driver.seed(root)
    running = [_start(root, "apply-files") for _ in range(12)]
    ends = [(child.communicate()[0], child.returncode) for child in running]
    assert {code for _, code in ends} <= {0, 3}
    assert all(said.startswith(("busy", "changed-meanwhile")) for said, code in ends if code == 3)
    assert any(code == 0 for _, code in ends)
    single = tmp_path / "single"
    driver.seed(single)
    start(single, "apply-files")
    assert snapshot(root) == snapshot(single)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_at_random_moments(number: signal.Signals, tmp_path: Path) -> None:
    chance = random.Random(int(number))
    for attempt in range(8):
        root = tmp_path / str(attempt)
        driver.seed(root)
        old = snapshot(root)
        child = _start(root, "apply")
        while not (root / "var/lib/rdna-installer/lock").exists() and child.poll() is None:
            time.sleep(0.0005)
        time.sleep(chance.random() * 0.03)
        child.send_signal(number)
        said, _ = child.communicate()
        assert child.returncode in (0, 130, -number), said  # the last: it came when the change was over
        assert (snapshot(root) == old) == (child.returncode == 130), said
        assert start(root, "recover").code == 0
