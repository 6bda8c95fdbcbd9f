"""Nobody reads what is said: a full disk behind a redirection, a reader that went away."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli_sample import Cli
from test_cli_main_job import LAYERED, tree

from rdna_installer.machine.sysroot import Sysroot

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


def limited(sample: Path, *argv: str, files: int) -> subprocess.CompletedProcess[str]:
    """With so many open files at most; nothing else is at fault."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
    command = ["sh", "-c", f'ulimit -n {files}; exec "$@"', "sh", sys.executable, "-m", "rdna_installer", *argv]
    return subprocess.run([*command, "--root", str(sample)], capture_output=True, text=True, env=env, check=False)


@pytest.mark.parametrize("files", [10, 20, 50])
def test_too_few_files_are_said_and_not_taken_for_lost_output(sample: Path, files: int) -> None:
    """It said that the result could not be written; with twenty, apply found no torch and left a layer out."""
    before = tree(sample)
    for words in (("status",), ("doctor",), ("apply", "--yes", *LAYERED)):
        done = limited(sample, *words, files=files)
        assert done.returncode == 1 and "too many open files (ulimit -n)" in done.stderr, done
        assert "could not be written" not in done.stderr and tree(sample) == before


@pytest.mark.parametrize("where", ["names", "read_optional", "listing"])
def test_what_cannot_be_opened_for_lack_of_files_is_not_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    (tmp_path / "file").touch()

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    root = Sysroot(tmp_path)
    for name in ("open", "listdir", "scandir"):
        monkeypatch.setattr(os, name, full)
    with pytest.raises(OSError, match="Too many"):
        root.listing("/", 10) if where == "listing" else getattr(root, where)("/file")


def test_a_relative_path_from_nowhere(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    recipe = ("recipe", "miopen", "--gfx", "gfx1010", "--out", "b")
    for words in (("status", "--root", "a"), ("apply", "--python", "venv"), ("report", "--html", "x"), recipe):
        result = cli(*words)
        assert result.code == 2 and "current directory was deleted" in result.err, result


@pytest.mark.parametrize(
    ("number", "says"), [(errno.EAGAIN, "no more processes (ulimit -u)"), (errno.EPERM, "not permitted")]
)
def test_what_failed_is_said_and_not_that_output_is_lost(
    cli: Cli, sample: Path, monkeypatch: pytest.MonkeyPatch, number: int, says: str
) -> None:
    def no_more() -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fork", no_more)
    for words in (("report",), ("diagnose", "--", "id")):
        result = cli(*words, "--root", str(sample))
        assert result.code == 1 and says in result.err and "could not be written" not in result.err, result
