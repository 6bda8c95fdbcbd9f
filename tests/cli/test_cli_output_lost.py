"""Nobody reads what is said: a full disk behind a redirection, a reader that went away."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from test_cli_main_job import LAYERED, tree

pytestmark = [pytest.mark.processes, pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")]


def start(sample: Path, *argv: str, out: str = "/dev/null", err: str = "/dev/null") -> int:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
    with open(out, "w") as stdout, open(err, "w") as stderr:
        command = [sys.executable, "-W", "ignore", "-m", "rdna_installer", *argv, "--root", str(sample)]
        return subprocess.run(command, stdout=stdout, stderr=stderr, env=env, check=False).returncode


def test_a_plan_nobody_could_read_is_not_carried_out(sample: Path) -> None:
    """Exit 0 without being applied would be a lie; applied without being shown would be rude."""
    before = tree(sample)
    assert start(sample, "apply", "--yes", *LAYERED, out="/dev/full") == 1
    assert tree(sample) == before
    assert start(sample, "apply", "--yes", *LAYERED) == 0
    applied = tree(sample)
    assert start(sample, "rollback", "--yes", out="/dev/full") == 1
    assert tree(sample) == applied


def test_lost_progress_changes_nothing(sample: Path) -> None:
    before = tree(sample)
    assert start(sample, "apply", "--yes", *LAYERED, err="/dev/full") == 0
    assert tree(sample) != before
    assert start(sample, "rollback", "--to", "7", "--yes", out="/dev/full", err="/dev/full") == 3


def test_a_reader_that_went_away(sample: Path, tmp_path: Path) -> None:
    before, said = tree(sample), tmp_path / "said"
    shell = 'f=$1; shift; { sleep 0.3; "$@" 2>"$f.err"; echo $? >"$f"; } | true'
    command = [sys.executable, "-W", "ignore", "-m", "rdna_installer", "apply", "--yes", "--root", str(sample)]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run(["sh", "-c", shell, "sh", str(said), *command], env=env, check=True)
    assert int(said.read_text()) == 1, Path(f"{said}.err").read_text()
    assert tree(sample) == before
