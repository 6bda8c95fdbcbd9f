"""Nobody reads what is said: a full disk behind a redirection, a reader that went away."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import subprocess
import sys
import time
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


LASTING = "{trap}for n in 1 2 3; do echo said; echo said >&2; sleep 0.1; done; : >{end}; exit 3"
LOST = "the command's output cannot be passed on"
STARTERS = [("diagnose", "--root", "SAMPLE"), ("diagnose", "--json", "--root", "SAMPLE"), ("run", "--warm"), ("run",)]


def command(sample: Path, starter: tuple[str, ...], *argv: str) -> tuple[list[str], dict[str, str]]:
    """One of ours that starts a program, and its environment: ``run`` has no root."""
    words = [str(sample) if word == "SAMPLE" else word for word in starter]
    words += ["--gfx", "gfx1010"] if "run" in starter else []
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), "HOME": str(sample / "home/sam")}
    return [*words, "--", *argv], env


def lost_end(how: str) -> int:
    """A descriptor for writing that takes nothing."""
    if how == "full disk":
        return os.open("/dev/full", os.O_WRONLY)
    reading, writing = os.pipe()
    os.close(reading)
    return writing


@pytest.mark.parametrize("starter", STARTERS[:-1], ids=" ".join)
@pytest.mark.parametrize("both", [False, True], ids=["stdout", "both"])
@pytest.mark.parametrize(("how", "trap"), [("full disk", ""), ("no reader", ""), ("no reader", "trap '' PIPE; ")])
def test_a_program_runs_on_where_its_output_is_lost(
    sample: Path, tmp_path: Path, starter: tuple[str, ...], both: bool, how: str, trap: str
) -> None:
    """A log's disk that is full must not end a training of days, and its code is its own."""
    argv, env = command(sample, starter, "bash", "-c", LASTING.format(trap=trap, end=tmp_path / "end"))
    argv = [sys.executable, "-W", "ignore", "-m", "rdna_installer", *argv]
    out = lost_end(how)
    err = out if both else subprocess.PIPE
    done = subprocess.run(argv, env=env, stdout=out, stderr=err, text=True, check=False)
    os.close(out)
    assert (tmp_path / "end").exists(), done.stderr
    assert done.returncode == 3, done.stderr
    if not both:
        assert " ".join(done.stderr.split()).count(LOST) == 1, done.stderr
        assert done.stderr.split("\n").count("said") == 3
        assert "diagnose" not in starter or "where to ask" in done.stderr or '"findings"' in done.stderr


@pytest.mark.parametrize("starter", STARTERS, ids=" ".join)
def test_what_we_cannot_say_takes_nothing_from_a_program(sample: Path, starter: tuple[str, ...]) -> None:
    """Our note met a full disk; what the program says a moment later has room again."""
    argv, env = command(sample, starter, "sh", "-c", "echo its own >&2")
    script = (
        "import os, sys; from rdna_installer.cli import app; from rdna_installer.report import console\n"
        "kept = os.dup(2); os.dup2(os.open('/dev/full', os.O_WRONLY), 2); app.prepare_streams()\n"
        "console.progress('lost'); os.dup2(kept, 2); sys.exit(app.main(sys.argv[1:]))"
    )
    done = subprocess.run([sys.executable, "-c", script, *argv], env=env, stderr=subprocess.PIPE, text=True, check=True)
    assert done.stderr == "its own\n"


SLOW = 4096  # bytes that fit into the pipe; the plan has more


@pytest.mark.parametrize("python", [(), ("-u",)], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("words", [("plan", "--json"), ("plan", "--diff"), ("plan", "--help-all"), ("diagnose",)])
def test_a_slow_reader_gets_all_of_it(sample: Path, words: tuple[str, ...], python: tuple[str, ...]) -> None:
    """Somebody who shares our output made it non-blocking: Python then drops what does not fit, and says nothing."""
    argv, env = command(sample, (*words, "--root", "SAMPLE"), "seq", "3000")
    rest = None if "diagnose" in words else -3
    argv = [sys.executable, *python, "-W", "ignore", "-m", "rdna_installer", *argv[:rest]]
    whole = subprocess.run(argv, env=env, capture_output=True, check=True).stdout
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, SLOW)
    os.set_blocking(writing, False)
    os.write(writing, b"x" * (SLOW - 1))
    with (
        subprocess.Popen(argv, env=env, stdout=writing, stderr=subprocess.DEVNULL) as started,
        open(reading, "rb") as pipe,
    ):
        os.close(writing)
        with pytest.raises(subprocess.TimeoutExpired):  # it waits
            started.wait(2.0)
        assert pipe.read()[SLOW - 1 :] == whole
    assert started.returncode == 0


def test_a_slow_writer_is_read_to_its_end(sample: Path) -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    argv, env = command(sample, ("diagnose", "-", "--json", "--root", "SAMPLE"))
    argv = [sys.executable, "-W", "ignore", "-m", "rdna_installer", *argv[:-1]]
    with subprocess.Popen(argv, env=env, stdin=reading, stdout=subprocess.PIPE, text=True) as started:
        for _ in range(3):
            time.sleep(0.5)
            os.write(writing, b"a line\n")
        os.close(reading)
        os.close(writing)
        assert started.stdout and json.load(started.stdout)["lines"] == 3


RUNS = {  # how /run is, in a mount namespace of its own: the machine's is never touched
    "read-only": "mount -t tmpfs -o ro none /run",
    "full": "mount -t tmpfs -o nr_inodes=1 none /run",
    "a link": "mount -t tmpfs none /run && ln -s /nowhere /run/rdna-installer",
    "a file": "mount -t tmpfs none /run && : >/run/rdna-installer",
}
APART = ("unshare", "-m", "--propagation", "private")
MAY = os.geteuid() == 0 and subprocess.run([*APART, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not MAY, reason="needs root and a mount namespace")
@pytest.mark.parametrize("json_too", [False, True], ids=["text", "json"])
@pytest.mark.parametrize("how", RUNS)
def test_a_result_that_cannot_be_kept_is_still_told(how: str, json_too: bool, tmp_path: Path) -> None:
    """A pod with a read-only root has such a /run, and verify is what is to be asked there."""
    shell = f'{RUNS[how]} || exit 99; exec "$@"'
    words = [sys.executable, "-W", "ignore", "-m", "rdna_installer", "verify", *["--json"] * json_too]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), "HOME": str(tmp_path)}
    argv = [*APART, "sh", "-c", shell, "sh", *words]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 4), done.stderr
    assert "not kept for users without root" in " ".join(done.stderr.split())
    assert (json.loads(done.stdout)["error"] is None) if json_too else done.stdout


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
