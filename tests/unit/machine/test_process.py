"""Children: time limits that hold, output that is bounded, an environment that is clean."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from rdna_installer.errors import RdnaError
from rdna_installer.machine import process
from rdna_installer.machine.interrupts import Interrupts
from rdna_installer.machine.process import find, run

pytestmark = pytest.mark.processes


def sh(script: str, **more: object) -> process.Finished:
    return run(["sh", "-c", script], **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("script", "code", "out", "err"),
    [
        ("echo a; echo b >&2; exit 3", 3, b"a\n", b"b\n"),
        ("printf unfinished", 0, b"unfinished", b""),
        ("kill -9 $$", -9, b"", b""),
        ("cat", 0, b"", b""),  # standard input is empty, not ours
    ],
)
def test_how_it_ended(script: str, code: int, out: bytes, err: bytes) -> None:
    assert sh(script) == process.Finished(code, out, err)


@pytest.mark.parametrize("on_line", [None, lambda line: None])
@pytest.mark.parametrize(
    "script", ["echo said; sleep 30", "echo said; trap '' TERM; while :; do sleep 1; done", "exec 1>&- 2>&-; sleep 30"]
)
def test_the_time_limit_holds(script: str, on_line: object) -> None:
    start = time.monotonic()
    done = sh(script, timeout=0.5, on_line=on_line)
    assert done.code == 124
    assert time.monotonic() - start < 25
    assert done.out in (b"said\n", b"")


def test_a_daemon_left_behind_does_not_hold_us() -> None:
    start = time.monotonic()
    done = sh("setsid sleep 60 & echo said")
    assert (done.code, done.out) == (0, b"said\n")
    assert time.monotonic() - start < 50


def test_output_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "OUTPUT_LIMIT", 1 << 16)
    done = sh("yes | head -c 5000000; echo err >&2")
    assert done.code == 0 and len(done.out) < 1 << 18 and done.err == b"err\n"


def test_lines_come_one_by_one_and_streams_are_merged() -> None:
    heard: list[str] = []
    done = sh("echo one; echo two >&2; printf 'th'; printf 'ree\\nfour\\n'", on_line=heard.append)
    assert heard == ["one", "two", "three", "four"]
    assert done.out == b"one\ntwo\nthree\nfour\n"


def test_lines_are_whole_beyond_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept ends somewhere; what is told must not begin with that old end."""
    monkeypatch.setattr(process, "OUTPUT_LIMIT", 10)
    heard: list[str] = []
    sh("for n in 1 2 3; do echo line $n is longer; sleep 0.1; done; printf half", on_line=heard.append)
    assert heard == ["line 1 is longer", "line 2 is longer", "line 3 is longer"]


def test_the_environment_is_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HSA_OVERRIDE_GFX_VERSION", "LD_PRELOAD", "PYTHONPATH", "DPKG_MAINTSCRIPT_PACKAGE"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("PATH", "/tmp/evil")
    seen = dict(line.split("=", 1) for line in run(["env"], env={"GIVEN": "1"}).text.splitlines())
    assert set(seen) <= {"PATH", *process.KEPT, "GIVEN"}
    assert (seen["PATH"], seen["GIVEN"]) == (process.PATH, "1")


def test_a_missing_program_is_one_error() -> None:
    with pytest.raises(RdnaError, match="no-such-program") as caught:
        run(["no-such-program"])
    assert caught.value.reference == "tool-missing"
    assert find("no-such-program") is None
    assert find("sh") in ("/usr/bin/sh", "/bin/sh")


def test_each_silent_second_is_told() -> None:
    waits: list[int] = []
    lines: list[str] = []
    done = run(["sh", "-c", "echo a; sleep 2.5; echo b"], on_line=lines.append, on_wait=lambda: waits.append(1))
    assert (done.code, lines) == (0, ["a", "b"]) and 1 <= len(waits) <= 3


def test_a_signal_amid_the_start_is_raised_and_leaves_no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes between the fork and the moment when the child is known."""
    fork, born = os.fork, list[int]()

    def interrupted() -> int:
        pid = fork()
        if pid:
            born.append(pid)
            signal.pthread_kill(threading.get_ident(), signal.SIGINT)  # xdist has a thread that would take one for all
        return pid

    monkeypatch.setattr(os, "fork", interrupted)
    with pytest.raises(KeyboardInterrupt), Interrupts() as signals, signals.raising():
        run(["sleep", "60"])
    with pytest.raises(ChildProcessError):
        os.waitpid(born[0], os.WNOHANG)
