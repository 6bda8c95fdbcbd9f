"""An initramfs tool that fails, dies, hangs or lies: files and images go back together, and the exit code says so.

The tool is a stand-in (standin_tool.py); all else is the real command line. The real tools are in tests/system.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import commands
import injector
import pytest
import realtool
import standin_tool
from harness import Outcome, copy, snapshot
from realtool import RELEASES

# Without modinfo nothing is proved and nothing activated: there would be no tool to fail.
pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(shutil.which("modinfo") is None, reason="kmod is not installed: no activation was tested"),
]

APPLY = ("apply", "--yes", "--profile", "layered", "--layer", "kernel")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    commands.prepare()
    root = tmp_path_factory.mktemp("activation") / "base"
    commands.seed(root)
    realtool.furnish(root)
    return root


def work(root: Path, mode: str, *argv: str, seconds: float = 1.5) -> int:
    """In a child: the real activation with the stand-in in place of the tool."""
    realtool.use(root, mode, seconds)
    return commands.call(root, argv)


def call(root: Path, mode: str, *argv: str) -> Outcome:
    (root / realtool.CALLS).unlink(missing_ok=True)
    done = injector.run(lambda: work(root, mode, *argv))
    (root / realtool.CALLS).unlink(missing_ok=True)
    return done


def drifted(root: Path) -> bool:
    return '"drift": []' not in call(root, "good", "status", "--json").said


SAID = {
    "failing": "ended with 3",
    "killed": "ended with -9",
    "hanging": "did not finish in",
    "forgetful": "[initramfs-unproved]",
}


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("mode", SAID)
def test_a_tool_that_fails_once_changes_nothing(base: Path, tmp_path: Path, mode: str, number: int) -> None:
    root = copy(base, tmp_path / "root")
    before = snapshot(root)
    done = call(root, f"{mode}:{number}", *APPLY)
    assert done.code == 1 and SAID[mode] in done.said, done
    assert "[2/5] Rebuilding the boot image /boot/initrd.img-6.1" in done.said, "progress"
    assert mode == "forgetful" or "the disk is on fire" in done.said.partition("[initramfs-failed]")[2], (
        "its last words"
    )
    assert snapshot(root) == before
    assert call(root, "good", "recover").said == "nothing to recover\n"


@pytest.mark.parametrize("mode", ["failing", "killed"])
def test_a_tool_that_fails_for_good_is_finished_by_recover(base: Path, tmp_path: Path, mode: str) -> None:
    root = copy(base, tmp_path / "root")
    assert call(root, "good", *APPLY).code == 0
    before = snapshot(root)
    done = call(root, mode, "rollback", "--yes")
    assert done.code == 6 and "[undo-incomplete]" in done.said and "recover" in done.said, done
    # Still broken: said again, nothing worse.
    assert call(root, mode, "recover").code == 6
    assert call(root, mode, *APPLY, "--unset", "noretry").code == 6
    assert call(root, "good", "recover").code == 0
    assert snapshot(root) == before
    assert not drifted(root)
    assert call(root, "good", "rollback", "--yes").code == 0
    assert snapshot(root) == snapshot(base)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_a_signal_while_the_tool_hangs(base: Path, tmp_path: Path, number: signal.Signals) -> None:
    root = copy(base, tmp_path / "root")
    before = snapshot(root)
    told = f"hanging:{2 if number == signal.SIGINT else 1}"
    child = os.fork()
    if child == 0:
        code = 99
        try:
            _quiet()
            if number != signal.SIGKILL:
                signal.signal(number, signal.SIG_DFL)  # ignored under nohup, which we would respect
            code = work(root, told, *APPLY, seconds=60)
        finally:
            os._exit(code)
    image = root / f"boot/initrd.img-{RELEASES[int(told[-1]) - 1]}"
    until = time.monotonic() + 120
    while image.read_bytes() != b"half":
        assert os.waitpid(child, os.WNOHANG) == (0, 0), "it has ended and its tool was never begun"
        assert time.monotonic() < until
        time.sleep(0.01)
    os.kill(child, number)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    (root / realtool.CALLS).unlink(missing_ok=True)
    if number != signal.SIGKILL:
        assert (code, snapshot(root) == before) == (130, True)
        return
    assert code == -9
    assert call(root, "good", "recover").code == 0
    assert snapshot(root) != before, "it was committed already: recover finishes it"
    assert not drifted(root)


def _quiet() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small /boot needs root")
def test_a_full_boot_is_refused_before_anything_is_touched(base: Path, tmp_path: Path) -> None:
    root = copy(base, tmp_path / "root")
    before = snapshot(root)

    def small() -> int:
        if ctypes.CDLL(None).unshare(0x00020000):
            return 98
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", root / "boot"], check=True)
        for release in RELEASES:
            (root / f"boot/initrd.img-{release}").write_bytes(standin_tool.build(root))
        return work(root, "good", *APPLY)

    done = injector.run(small)
    assert done.code == 3 and "[boot-full]" in done.said and "autoremove" in done.said, done
    assert snapshot(root) == before
