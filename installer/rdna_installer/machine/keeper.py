"""The two processes between us and what is not ours: a keeper with our rights, and below it the child without them.

The keeper adopts whatever the child leaves behind (subreaper; for root a pid namespace too), so that all of it can be
found and ended, and it stays until the parent ends it. Everything here runs after a fork: nothing may be imported.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import resource
import signal
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn

from rdna_installer.machine.bounds import REPORT, Rights

FAILURE = 4
FIRST_FREE = 16
MOST = 1 << 20  # descriptors, by the kernel's own bound (nr_open); a limit may have been lowered below those open
TEXT_LIMIT = 200  # bytes of why a child could not be started
SIGNALS = sorted({*range(1, signal.NSIG)} - {signal.SIGKILL, signal.SIGSTOP})

Work = Sequence[str] | Callable[[], Any]
PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
CLONE_NEWIPC = 0x08000000
CLONE_NEWPID = 0x20000000

_LIBC = ctypes.CDLL(None, use_errno=True)


class Pipes(NamedTuple):
    """The child's ends: what it prints, its report, why it was not started; and the keeper's: how it ended."""

    out: int
    err: int
    report: int
    failure: int
    ended: int


def keep(parent: int, work: Work, rights: Rights, env: Mapping[str, str], pipes: Pipes) -> NoReturn:
    """Be the keeper. To be called in a fork of ``parent``; ends only by a signal."""
    try:
        signal.set_wakeup_fd(-1)
        os.setsid()
        ours = _only(pipes)
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(0)
        root = os.geteuid() == 0
        if root:
            prctl(PR_SET_DUMPABLE, 0)
        if root and unshare(CLONE_NEWPID | CLONE_NEWIPC):
            _first_of_namespace(work, rights, env, ours)
        else:
            _look_after(_fork_child(work, rights, env, ours), ours)
        while True:
            signal.pause()
    finally:
        os._exit(1)


def _only(pipes: Pipes) -> Pipes:
    """Close everything but the pipes, a lock of ours above all; they get numbers that no standard stream has."""
    low = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, FIRST_FREE) for fd in pipes]
    high = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, max(low) + 1) for fd in low]
    os.closerange(0, high[0])
    first, most = max(high) + 1, MOST
    try:
        most = max(map(int, os.listdir("/proc/self/fd"))) + 1
    except OSError:  # no /proc here
        pass
    os.closerange(first, most)
    null = os.open("/dev/null", os.O_RDWR)  # gets the number 0, and is not handed on to a program by itself
    os.set_inheritable(null, True)
    for number in (1, 2):
        os.dup2(null, number)
    return Pipes(*high)


def _first_of_namespace(work: Work, rights: Rights, env: Mapping[str, str], pipes: Pipes) -> None:
    """Process 1 of the namespace is ours too: with its end the kernel ends everything in there."""
    if os.fork() == 0:
        try:
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            _look_after(_fork_child(work, rights, env, pipes), pipes)
        finally:
            os._exit(0)
    for fd in pipes:
        os.close(fd)


def _fork_child(work: Work, rights: Rights, env: Mapping[str, str], pipes: Pipes) -> int:
    keeper = os.getpid()
    pid = os.fork()
    if pid == 0:
        _be_child(keeper, work, rights, env, pipes)
    return pid


def _look_after(child: int, pipes: Pipes) -> None:
    """Tell how the child ended; until nothing is left, reap what it left behind."""
    for fd in pipes[:-1]:
        os.close(fd)
    while True:
        try:
            pid, status = os.waitpid(-1, 0)
        except ChildProcessError:
            return
        if pid == child:
            os.write(pipes.ended, b"%d\n" % os.waitstatus_to_exitcode(status))
            os.close(pipes.ended)


def _be_child(keeper: int, work: Work, rights: Rights, env: Mapping[str, str], pipes: Pipes) -> NoReturn:
    try:
        try:
            os.setsid()  # no controlling terminal: nothing typed there reaches it, and it can push nothing there
            _streams(pipes)
            _plain_signals()
            _drop(keeper, rights)
            os.chdir("/")
            if not callable(work):
                os.execve(work[0], list(work), dict(env))  # noqa: S606 - no shell is the point
            os.close(FAILURE)
        except BaseException as err:
            _say_failure(err)
            os._exit(127)
        _answer(work)
    finally:
        os._exit(126)


def _streams(pipes: Pipes) -> None:
    os.dup2(pipes.out, 1)
    os.dup2(pipes.err, 2)
    os.dup2(pipes.report, REPORT)
    os.dup2(pipes.failure, FAILURE, inheritable=False)
    os.closerange(FAILURE + 1, pipes.ended + 1)


def _plain_signals() -> None:
    for number in SIGNALS:
        try:
            signal.signal(number, signal.SIG_DFL)
        except (OSError, ValueError):  # the C library keeps two for itself
            pass
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def _drop(keeper: int, rights: Rights) -> None:
    """Ids first; what a change of ids takes back (the signal at the parent's death) comes after it."""
    if rights.uid != os.geteuid():
        os.setgroups(rights.groups)
        os.setresgid(rights.gid, rights.gid, rights.gid)
        os.setresuid(rights.uid, rights.uid, rights.uid)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != keeper:
        os._exit(0)


def _answer(work: Callable[[], Any]) -> NoReturn:
    """The function's result on the report's pipe, whole or not at all."""
    said = memoryview(json.dumps(work()).encode())
    while said:
        said = said[os.write(REPORT, said) :]
    os._exit(0)


def _say_failure(err: BaseException) -> None:
    number = err.errno if isinstance(err, OSError) and err.errno else 0
    text = os.strerror(number) if number else f"{type(err).__name__}: {err}"
    os.write(FAILURE, f"{number} {text}".encode("utf-8", "replace")[:TEXT_LIMIT])


def prctl(option: int, value: int) -> None:
    """Raises OSError."""
    if _LIBC.prctl(option, *map(ctypes.c_ulong, (value, 0, 0, 0))) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def unshare(flags: int) -> bool:
    """Whether the kernel gave this process (or its next child) namespaces of its own."""
    return bool(_LIBC.unshare(flags) == 0)
