"""The one way to anything that is not root's: a program or function with somebody else's rights, bounded in all.

It runs below a keeper (``machine.keeper``), in a session of its own, without any descriptor of ours, and is waited for
in one ``select``: this process never blocks on it. With its end, and at every limit, all that it started is ended too.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Mapping
from types import FrameType

from rdna_installer.machine import proctree
from rdna_installer.machine.bounds import Ended, How, Limits, OnReport, Rights
from rdna_installer.machine.keeper import Pipes, Work, keep

CHUNK = 1 << 16
MEMORY_LOOKS = 0.1  # seconds between two
INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def foreign(
    work: Work, rights: Rights, limits: Limits, *, env: Mapping[str, str], on_report: OnReport = lambda new: None
) -> Ended:
    """Run a program (its argv, by an absolute path) or a function, whose result is JSON, to its end or its limits.

    ``rights`` are changed to only where we are root; ``env`` is all a program gets. Raises KeyboardInterrupt after
    SIGINT, SIGTERM and SIGHUP: a program is ended at once, a function is told first and has ``limits.grace`` to undo
    what it had begun; its answer then counts. Raises OSError where no process can be made.
    """
    with _Signals() as signals:
        child = _start(work, rights, env)
        try:
            watch = _Watch(child, limits, signals, on_report, callable(work))
            watch.run()
        except BaseException:
            child.end(limits.grace)
            raise
        finally:
            child.close()
    signals.deliver(answered=watch.ended.how is How.ENDED)
    return watch.ended


class _Kept:
    def __init__(self, pid: int, pidfd: int, ends: Pipes) -> None:
        self.pid, self.pidfd, self.ends = pid, pidfd, ends
        self.said = {fd: bytearray() for fd in ends}
        self.open = set(self.said)

    def read(self, fd: int) -> bytes:
        """Something new from a pipe; b"" where there is nothing now or nothing comes any more."""
        try:
            new = os.read(fd, CHUNK)
        except BlockingIOError:
            return b""
        if not new:
            self.open.discard(fd)
        self.said[fd] += new
        return new

    def end(self, grace: float) -> tuple[tuple[int, str], ...]:
        """End all of it; what could not be ended."""
        left = proctree.end_below(self.pid, grace)
        proctree.end(self.pid, self.pidfd, grace)
        return tuple(left)

    def close(self) -> None:
        """Forget it."""
        for fd in (*self.said, self.pidfd):
            os.close(fd)


def _start(work: Work, rights: Rights, env: Mapping[str, str]) -> _Kept:
    pairs = [os.pipe2(os.O_CLOEXEC) for _ in range(5)]
    ours, theirs = (Pipes(*(pair[side] for pair in pairs)) for side in (0, 1))
    parent = os.getpid()
    try:
        pid = os.fork()
    except OSError:
        for fd in (fd for pair in pairs for fd in pair):
            os.close(fd)
        raise
    if pid == 0:
        keep(parent, work, rights, env, theirs)
    for reading, writing in pairs:
        os.close(writing)
        os.set_blocking(reading, False)
    return _Kept(pid, os.pidfd_open(pid), ours)


class _Watch:
    def __init__(self, child: _Kept, limits: Limits, signals: _Signals, on_report: OnReport, polite: bool) -> None:
        self.child, self.limits, self.signals, self.on_report, self.polite = child, limits, signals, on_report, polite
        self.begun = self.heard = time.monotonic()
        self.until = self.begun + limits.total
        self.told = 0
        self.copy = proctree.resident(os.getpid()) if limits.memory is not None else 0
        self.ended = Ended(How.LATE, None)

    def run(self) -> None:
        """Wait, end everything, and say how it was."""
        broken = self._wait()
        left = self.child.end(self.limits.grace)
        broken = self._drain() or broken
        self.ended = self._judge(broken, left)

    def _wait(self) -> How | None:
        ends = self.child.ends
        while True:
            waiting = [*self.child.open, self.child.pidfd, *self.signals.fds]
            ready, _, _ = select.select(waiting, [], [], self._patience())
            for fd in self.child.open.intersection(ready):
                self._take(fd)
            if self.child.said[ends.ended] or ends.ended not in self.child.open or self.child.pidfd in ready:
                return None
            if broken := self._over():
                return broken

    def _take(self, fd: int) -> None:
        new = self.child.read(fd)
        if new and fd == self.child.ends.report:
            self.heard = time.monotonic()
            self.on_report(new)

    def _patience(self) -> float:
        now, limits = time.monotonic(), self.limits
        waits = [self.until - now]
        if limits.silence is not None:
            waits.append(self.heard + limits.silence - now)
        if limits.memory is not None:
            waits.append(MEMORY_LOOKS)
        return max(0.0, min(waits))

    def _over(self) -> How | None:
        """The limit that is reached. A signal to us shortens the time: a function may undo, once."""
        now, limits = time.monotonic(), self.limits
        if self.signals.take():
            self.until = min(self.until, now + limits.grace) if self.polite and not self.told else now
            self.told += 1
            if self.told == 1 and self.polite:
                proctree.tell_below(self.child.pid, signal.SIGTERM)
        if now >= self.until:
            return How.LATE
        if limits.silence is not None and now >= self.heard + limits.silence:
            return How.SILENT
        return self._flooded() or self._too_large()

    def _flooded(self) -> How | None:
        ends, said = self.child.ends, self.child.said
        much = len(said[ends.report]) > self.limits.report
        much = much or max(len(said[ends.out]), len(said[ends.err])) > self.limits.output
        return How.FLOODED if much else None

    def _too_large(self) -> How | None:
        if self.limits.memory is None:
            return None
        used = sum(map(self._used, proctree.below(self.child.pid)))
        return How.MEMORY if used > self.limits.memory else None

    def _used(self, pid: int) -> int:
        """Bytes; a copy of ours (a function's, or before it becomes another program) has all of ours for nothing."""
        ours = self.copy if proctree.same_program(pid) else 0  # before its size: it may become another in between
        return max(0, proctree.resident(pid) - ours)

    def _drain(self) -> How | None:
        """What is in the pipes still; nobody writes any more, but what cannot be ended may hold them open."""
        for fd in tuple(self.child.open):
            while not self._flooded() and self.child.read(fd):
                pass
        return self._flooded()

    def _judge(self, broken: How | None, left: tuple[tuple[int, str], ...]) -> Ended:
        ends, said, limits = self.child.ends, self.child.said, self.limits
        number, _, why = bytes(said[ends.failure]).decode("utf-8", "replace").partition(" ")
        status = bytes(said[ends.ended]).decode("ascii", "replace").strip()
        code = int(status) if status.lstrip("-").isdigit() else None
        how = How.SIGNAL if code is None or code < 0 else How.ENDED
        if number.isdigit():
            how, code = How.NOT_STARTED, int(number)
        if broken is not None:
            how, code = broken, None
        if left:
            how, code = How.UNKILLABLE, None
        out, err = (bytes(said[fd][: limits.output]) for fd in (ends.out, ends.err))
        report = bytes(said[ends.report][: limits.report])
        return Ended(how, code, out, err, report, left, time.monotonic() - self.begun, why)


class _Signals:
    """SIGINT, SIGTERM and SIGHUP while we wait: they wake the ``select``, and are delivered when all is ended."""

    def __init__(self) -> None:
        self.fds: tuple[int, ...] = ()
        self._noted: list[int] = []
        self._before: dict[signal.Signals, object] = {}
        self._wake = -1
        self._writing = -1

    def __enter__(self) -> _Signals:
        reading, self._writing = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            self._wake = signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        except ValueError:  # not the main thread: signals are not for us
            os.close(reading)
            os.close(self._writing)
            return self
        self.fds = (reading,)
        for number in INTERRUPTS:
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *raised: object) -> None:
        if not self.fds:
            return
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        signal.set_wakeup_fd(self._wake)
        os.close(self.fds[0])
        os.close(self._writing)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._noted.append(number)

    def take(self) -> bool:
        """Whether one has come since the last look."""
        try:
            return bool(self.fds) and bool(set(os.read(self.fds[0], CHUNK)) & set(self._before))
        except BlockingIOError:
            return False

    def deliver(self, *, answered: bool) -> None:
        """Give what came to whom it was for. Raises KeyboardInterrupt, unless who noted it only has got an answer."""
        for number in dict.fromkeys(self._noted):
            if self._before[signal.Signals(number)] is signal.SIG_DFL:
                raise KeyboardInterrupt
            signal.raise_signal(number)
        if self._noted and not answered:
            raise KeyboardInterrupt
