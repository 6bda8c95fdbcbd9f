"""Run one command in a forked child, watch every system call that changes something, and let a fault strike one.

Everything is imported before the fork, so every call is the command's own work. Calls are counted for each process
and name; processes are numbered as they come to their first such call: 0 is the command itself.
"""

from __future__ import annotations

import collections
import contextlib
import errno
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import seccomp
from harness import KILL_ALL, Fault, Outcome

SECONDS = 120


@dataclass(frozen=True)
class Place:
    """A system call that changes something, and where; ``user``: of a process without root's rights."""

    process: int
    call: str
    number: int
    where: str = ""
    user: bool = False

    def fault(self, what: str, *, sticky: bool = False) -> Fault:
        return Fault(self.call, self.number, what, sticky, self.process)


def run(work: Callable[[], int], fault: Fault | None = None, seen: list[Place] | None = None) -> Outcome:
    """The exit code of ``work`` (negative: the signal that ended it) and all it printed.

    ``seen`` gets all places of the run. Without it and without a fault nothing is watched.
    """
    said = os.memfd_create("said")
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        ours.close()
        _child(work, theirs, said, watched=fault is not None or seen is not None)
    theirs.close()
    pidfd = os.pidfd_open(pid)
    try:
        return _outcome(ours, pidfd, lambda: os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said, fault, seen)
    finally:
        ours.close()
        os.close(pidfd)


class Stopped:
    """A command that has come as far as its commit: each run goes on from there, in a process of its own.

    What a command reads and plans before that changes nothing; here it is done once. The machine must be in the same
    place for each run, and as it was.
    """

    def __init__(self, work: Callable[[Callable[[], None]], int]) -> None:
        self._ours, self._theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._before = os.memfd_create("said")
        self._pid = os.fork()
        if self._pid == 0:
            self._ours.close()
            _child(lambda: work(self._serve), None, self._before, watched=False)
        self._theirs.close()
        if self._ours.recv(1) != b".":
            os.waitpid(self._pid, 0)
            raise RuntimeError(f"it never came to its commit: {_text(self._before)}")

    def _serve(self) -> None:
        """In the stopped process: returns in each of its children."""
        sys.stdout.flush()
        self._theirs.send(b".")
        while True:
            told, fds, _, _ = socket.recv_fds(self._theirs, 1, 1)
            if not told:
                os._exit(0)
            child = os.fork()
            if child == 0:
                os.dup2(fds[0], 1)
                os.dup2(fds[0], 2)
                os.close(fds[0])
                _be_watched(self._theirs, watched=told == b"w")
                self._theirs.close()
                return
            os.close(fds[0])
            self._theirs.send(b"%d" % os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

    def run(self, fault: Fault | None = None, seen: list[Place] | None = None) -> Outcome:
        """As ``run`` above."""
        said = os.memfd_create("said")
        socket.send_fds(self._ours, [b"w" if fault or seen is not None else b"-"], [said])
        done = _outcome(self._ours, self._ours.fileno(), lambda: int(self._ours.recv(16)), said, fault, seen)
        return Outcome(done.code, _text(self._before, keep=True) + done.said, done.struck)

    def close(self) -> None:
        self._ours.close()
        os.waitpid(self._pid, 0)
        os.close(self._before)


def _child(work: Callable[[], int], parent: socket.socket | None, said: int, *, watched: bool) -> None:
    code = 99
    try:
        null = os.open("/dev/null", os.O_RDONLY)
        for number, fd in enumerate((null, said, said)):
            os.dup2(fd, number)
        sys.stdout = open(1, "w", closefd=False, encoding="utf-8")  # noqa: SIM115 - a standard stream
        sys.stderr = open(2, "w", closefd=False, encoding="utf-8", buffering=1)  # noqa: SIM115
        if parent is not None:
            _be_watched(parent, watched=watched)
            parent.close()
        code = work()
        sys.stdout.flush()
    finally:
        os._exit(code)  # the fault may hit what is printed too; the code is what is wanted


def _be_watched(parent: socket.socket, *, watched: bool) -> None:
    """Say who this is, and hand over what our calls are seen by."""
    who = b"%d" % os.getpid()
    if not watched:
        parent.send(who)
        return
    listener = seccomp.install()
    socket.send_fds(parent, [who], [listener])
    os.close(listener)


def _text(memory: int, *, keep: bool = False) -> str:
    text = os.pread(memory, os.fstat(memory).st_size, 0)
    if not keep:
        os.close(memory)
    return text.decode(errors="replace")


def _outcome(
    who: socket.socket, end: int, code: Callable[[], int], said: int, fault: Fault | None, seen: list[Place] | None
) -> Outcome:
    """See a run to its end: ``end`` can be read then."""
    pid, fds, _, _ = socket.recv_fds(who, 16, 1)
    watch = _Watch(int(pid), fds[0] if fds else None, fault, seen)
    try:
        return Outcome(watch.until_ended(end, code), _text(said, keep=True), watch.struck)
    finally:
        os.close(said)
        for fd in fds:
            os.close(fd)


class _Watch:
    """One run as it goes."""

    def __init__(self, pid: int, listener: int | None, fault: Fault | None, seen: list[Place] | None) -> None:
        self.pid, self.listener, self.fault, self.seen = pid, listener, fault, seen
        self.struck = False
        self.processes: dict[int, int] = {pid: 0}
        self.counts: collections.Counter[tuple[int, str]] = collections.Counter()

    def until_ended(self, ended: int, code: Callable[[], int]) -> int:
        """Until the command and all it has started have ended. Raises TimeoutError."""
        limit, found = time.monotonic() + SECONDS, -1
        poll, open_fds = select.poll(), {ended} | ({self.listener} if self.listener is not None else set())
        for fd in open_fds:
            poll.register(fd, select.POLLIN)
        while open_fds:
            ready = poll.poll(max(0, limit - time.monotonic()) * 1000)
            if not ready:
                _kill_tree(self.pid)
                code()
                raise TimeoutError(f"still running after {SECONDS} s")
            for fd, event in ready:
                if fd != ended and event & select.POLLIN:
                    self._one()
                    continue
                if fd == ended:
                    found = code()
                poll.unregister(fd)
                open_fds.discard(fd)
        return found

    def _one(self) -> None:
        assert self.listener is not None
        call = seccomp.receive(self.listener)
        if call is None:
            return
        process = self.processes.setdefault(call.pid, len(self.processes))
        self.counts[process, call.name] += 1
        number = self.counts[process, call.name]
        if self.seen is not None:
            self.seen.append(Place(process, call.name, number, call.where, _without_rights(call.pid)))
        if self.fault and self._hits(self.fault, process, call, number):
            self.struck = True
            self._strike(self.fault, call)
        else:
            seccomp.go_on(self.listener, call)

    def _hits(self, fault: Fault, process: int, call: seccomp.Call, number: int) -> bool:
        if self.struck:  # a disk that is full is no reason for a pipe to be
            return fault.sticky and call.name == fault.call and call.where.startswith("/")
        return (process, call.name, number) == (fault.process, fault.call, fault.number)

    def _strike(self, fault: Fault, call: seccomp.Call) -> None:
        assert self.listener is not None
        if not fault.kills:
            seccomp.fail(self.listener, call, getattr(errno, fault.what))
        elif fault.what == KILL_ALL:
            _kill_tree(self.pid)
        else:
            os.kill(call.pid, signal.SIGKILL)


def _kill_tree(pid: int) -> None:
    """A process and all it has started; stopped first, so that none of them sees another's end."""
    tree = [pid]
    for one in tree:
        with contextlib.suppress(OSError):
            os.kill(one, signal.SIGSTOP)
            tree += [int(child) for child in Path(f"/proc/{one}/task/{one}/children").read_text().split()]
    for one in tree:
        with contextlib.suppress(OSError):
            os.kill(one, signal.SIGKILL)


def _without_rights(pid: int) -> bool:
    """Not by the owner of its folder in /proc, which is root's for whoever has changed his rights."""
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(line for line in lines if line.startswith("Uid:")).split()[2] != str(os.geteuid())
    return False


def find_places(work: Callable[[], int]) -> list[Place]:
    """All that change something."""
    found: list[Place] = []
    done = run(work, seen=found)
    assert done.code == 0 or "fails" in done.said or done.code == 1, done
    assert len(found) > 10, f"seen were only {found}: {done}"
    return found
