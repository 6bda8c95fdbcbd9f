"""What lies in sam's way of root's commands and never answers, or answers without end: each ends within its limit."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import commands
import injector
import pytest
from harness import STATE
from hostile import APPLY, Machine

from rdna_installer.change import store
from rdna_installer.machine import asuser, proctree
from rdna_installer.machine.bounds import Limits
from rdna_installer.machine.sysroot import Sysroot

pytestmark = pytest.mark.processes

SHORT = Limits(total=1.0, report=64 << 20, grace=1.0)
CHECK_FORMAT = store.Store.check_format


def shorten() -> None:
    asuser.LOOK = asuser.WORK = SHORT


def in_sams_child(deed: Callable[[], object]) -> None:
    """``deed`` instead of the first look into sam's state, in the child that has his rights."""
    shorten()

    def look(self: store.Store) -> None:
        if self.user is not None and os.geteuid() == commands.SAM:
            deed()
        CHECK_FORMAT(self)

    store.Store.check_format = look  # type: ignore[method-assign]


def raising(number: int) -> Callable[[], None]:
    def fails() -> None:
        raise OSError(number, os.strerror(number), "/home/sam/.local")

    return fails


DEEDS: dict[str, Callable[[], object]] = {
    "stops": lambda: os.kill(os.getpid(), signal.SIGSTOP),
    "sleeps": lambda: time.sleep(600),
    "dies": lambda: os._exit(0),
    "is killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "answers without end": lambda: os.write(3, b"[" * (1 << 30)),
    "EIO": raising(errno.EIO),
    "EACCES": raising(errno.EACCES),
    "ESTALE": raising(errno.ESTALE),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_a_child_that_does_not_answer(machine: Machine, deed: str) -> None:
    """Nothing is begun; refused or failed, and said so."""
    for command in (APPLY, ("status",), ("verify",), ("rollback", "--yes")):
        argv = command if command[0] != "verify" else ("verify", "--python", "/home/sam/venv")
        begun = time.monotonic()
        done = machine.run(*argv, before=lambda: in_sams_child(DEEDS[deed]))
        assert time.monotonic() - begun < 100
        if command is APPLY:
            assert done.code in (1, 3), done
        assert machine.outside() == machine.system
    assert machine.run(*APPLY).code == 0


def test_a_fifo_is_not_waited_for(machine: Machine) -> None:
    for name in ("pyvenv.cfg", "lib/python3.11/site-packages/torch/version.py", "bin/python"):
        path = machine.root / "home/sam/venv" / name
        path.unlink(missing_ok=True)
        os.mkfifo(path)
        machine.as_sam(path)
        begun = time.monotonic()
        machine.run(*APPLY, before=shorten)
        machine.run("plan", "--profile", "layered", before=shorten)
        assert time.monotonic() - begun < 100


@pytest.mark.parametrize("number", [errno.ENOENT, errno.EIO, errno.EACCES, errno.ESTALE])
def test_a_home_that_answers_with_an_error(machine: Machine, number: int) -> None:
    """As a network home does when its server is away: what is root's goes on, or is refused whole."""
    assert machine.run(*APPLY).code == 0
    applied = machine.outside()

    def away() -> None:
        real = Sysroot.place

        def place(self: Sysroot, inside: object, *, follow: bool = True) -> str:
            if str(inside).startswith("/home/sam"):
                raise OSError(number, os.strerror(number), str(inside))
            return real(self, inside, follow=follow)  # type: ignore[arg-type]

        Sysroot.place = place  # type: ignore[method-assign]

    for command in (("status",), ("verify",), ("recover",), ("rollback", "--yes"), APPLY):
        done = machine.run(*command, before=away)
        assert done.code in (0, 1, 2, 3, 4, 6), done
        assert machine.outside() in (applied, machine.system), (command, done)


@contextmanager
def forked(work: Callable[[], int]) -> Iterator[int]:
    pid = os.fork()
    if pid == 0:
        try:
            os.dup2(os.open("/dev/null", os.O_WRONLY), 1)
            os.dup2(1, 2)
            work()
        finally:
            os._exit(0)
    yield pid
    os.waitpid(pid, 0)


def test_a_killed_parent_leaves_no_lock(machine: Machine) -> None:
    """Sam stops the child with his rights, and root's apply is killed: nobody holds the locks any more."""
    assert machine.run(*APPLY).code == 0
    begun = machine.root / "home/sam/begun"

    def stop() -> None:
        begun.touch()
        os.kill(os.getpid(), signal.SIGSTOP)

    def work() -> int:
        in_sams_child(stop)
        asuser.LOOK = asuser.WORK = Limits(total=60)
        commands.stand_in()
        held = os.open(machine.root / STATE / "lock", os.O_RDWR | os.O_CREAT)
        fcntl.flock(held, fcntl.LOCK_EX)
        return commands.call(machine.root, ("status",))

    with forked(work) as pid:
        until = time.monotonic() + 20
        while not begun.exists():
            assert time.monotonic() < until
            time.sleep(0.02)
        family = proctree.below(pid)
        os.kill(pid, signal.SIGKILL)
    fd = os.open(machine.root / STATE / "lock", os.O_RDWR)
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(fd)
    until = time.monotonic() + 30
    while [pid for pid in family if proctree.state(pid) not in ("Z", None)]:
        assert time.monotonic() < until
        time.sleep(0.02)
    assert machine.run("rollback", "--yes").code == 0


def test_a_signal_ends_the_wait_for_a_stopped_child(machine: Machine) -> None:
    """Ctrl-C in the middle of sam's own transaction, whose child he stops: at once, and `recover` ends it."""
    begun = machine.root / "home/sam/begun"
    fsync = os.fsync

    def freeze(fd: int) -> None:
        if os.geteuid() == commands.SAM:
            begun.touch()
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
            os.kill(os.getpid(), signal.SIGSTOP)
        fsync(fd)

    codes: list[int] = []

    def work() -> int:
        os.fsync = freeze  # type: ignore[assignment]
        commands.stand_in()
        return commands.call(machine.root, APPLY)

    pid = os.fork()
    if pid == 0:
        code = 99
        try:
            os.dup2(os.open("/dev/null", os.O_WRONLY), 1)
            os.dup2(1, 2)
            code = work()
        finally:
            os._exit(code)
    until = time.monotonic() + 30
    while not begun.exists():
        assert time.monotonic() < until
        time.sleep(0.02)
    time.sleep(0.1)
    os.kill(pid, signal.SIGINT)
    at = time.monotonic()
    codes.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    assert time.monotonic() - at < 30 and codes == [6], codes
    assert machine.outside() == machine.system
    assert machine.run("recover").code == 0
    assert not (machine.site / "rdna_hook.pth").exists()
    assert machine.run(*APPLY).code == 0


def hangs_at_the_venv(where: str = "/home/sam/venv") -> None:
    """Whoever looks at sam's environment, in a child of root's or of sam's, is never heard of again."""
    shorten()
    real = Sysroot.place

    def place(self: Sysroot, inside: object, *, follow: bool = True) -> str:
        if str(inside).startswith(where):
            os.kill(os.getpid(), signal.SIGSTOP)
        return real(self, inside, follow=follow)  # type: ignore[arg-type]

    Sysroot.place = place  # type: ignore[method-assign]


@pytest.mark.parametrize("asked", [(), ("--python", "/home/sam/venv")])
def test_verify_checks_everything_else(machine: Machine, asked: tuple[str, ...]) -> None:
    """One environment that never answers is unknown, which is no pass; all that is not in it is checked."""
    assert machine.run(*APPLY).code == 0
    done = machine.run("verify", "--json", *asked, before=hangs_at_the_venv)
    assert done.code == 4, done
    checks = {c["id"]: c for c in json.loads(done.said[done.said.index("{") :])["checks"]}
    assert checks["file:/etc/modprobe.d/rdna-installer.conf"]["status"] == "ok"
    assert checks["file:/etc/profile.d/rdna-installer.sh"]["status"] == "ok"
    hook = checks["hook:/home/sam/venv/bin/python"]
    assert hook["status"] == "unknown" and "gave no answer in time" in hook["hint"], hook
    theirs = [c for name, c in checks.items() if name.startswith("file:/home/sam/venv")]
    assert theirs and {c["status"] for c in theirs} == {"unknown"}


@pytest.mark.parametrize("place", ["/srv/ai", "/home/sam/comfy.env"])
def test_what_others_set_is_looked_at_in_bounded_time(machine: Machine, place: str) -> None:
    """A folder of sam's below /srv, a file of his that a unit of root's names: root's look ends, and says so."""
    (machine.root / "srv/ai").mkdir(parents=True)
    unit = machine.root / "etc/systemd/system/comfy.service"
    unit.parent.mkdir(parents=True, exist_ok=True)
    unit.write_text("[Service]\nExecStart=/bin/true\nEnvironmentFile=/home/sam/comfy.env\n")
    (machine.root / "home/sam/comfy.env").write_text("HSA_USE_SVM=0\n")
    at = time.monotonic()
    done = machine.run("verify", "--json", before=lambda: hangs_at_the_venv(place))
    assert time.monotonic() - at < 100
    checks = {c["id"]: c for c in json.loads(done.said[done.said.index("{") :])["checks"]}
    assert checks["user-env:the system's own files"]["status"] == "unknown", checks
    assert done.code == 4
    planned = machine.run("plan", before=lambda: hangs_at_the_venv(place))
    assert "the system's own files: what is set there could not be read" in " ".join(planned.said.split())


def test_the_stand_ins_stand_in() -> None:
    """A test of nothing would pass above."""
    assert injector.run(lambda: (in_sams_child(lambda: None), 7)[1]).code == 7
