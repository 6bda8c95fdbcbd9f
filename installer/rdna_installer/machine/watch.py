"""A child that may abort, hang, flood us or become unkillable: watched through files, ended by force, never waited for.

``subprocess.run(timeout=)`` waits for ever on a process in uninterruptible sleep, which is where a hung GPU leaves one.
"""

from __future__ import annotations

import enum
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from rdna_installer.machine.process import start_watched
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import User
from rdna_installer.record import record

if TYPE_CHECKING:
    from rdna_installer.machine.process import Child

POLL = 0.02  # seconds
_LOST: list[object] = []  # children nobody can reap; Python would warn of each when it forgets it
REPORT_FD = "{report}"  # in argv: replaced by the number of the report's descriptor


class Ending(enum.Enum):
    """How a child ended."""

    EXITED = "exited"
    KILLED_BY_SIGNAL = "signal"  # not ours: an abort
    TIMED_OUT = "timed out"
    SILENT = "silent"  # nothing new in its report for too long
    FLOODED = "flooded"  # wrote more than any honest one
    ATE_MEMORY = "memory"
    UNKILLABLE = "unkillable"  # not even SIGKILL ended it


@record(frozen=True)
class Limits:
    """Seconds for all of it and between two lines of the report; bytes of memory, and of each file it writes."""

    total: float = 900.0
    silence: float = 180.0
    memory: int = 8 << 30
    output: int = 4 << 20
    term: float = 3.0  # seconds from SIGTERM to SIGKILL
    kill: float = 10.0  # seconds from SIGKILL to giving up


@record(frozen=True)
class Watched:
    """What became of it. ``code`` is negative for a signal; ``state`` is the kernel's letter for an unkillable one."""

    ending: Ending
    code: int | None
    report: bytes
    out: bytes
    err: bytes
    seconds: float
    pid: int
    state: str | None = None


class _Files:
    """Three files in memory: nothing to remove, no path another user could swap."""

    def __init__(self) -> None:
        self.out, self.err, self.report = (os.memfd_create(name) for name in ("out", "err", "report"))

    def close(self) -> None:
        for fd in (self.out, self.err, self.report):
            os.close(fd)

    def largest(self) -> int:
        return max(os.fstat(fd).st_size for fd in (self.out, self.err, self.report))


def watch(
    argv: Sequence[str],
    user: User | None,
    env: Mapping[str, str],
    limits: Limits,
    on_report: Callable[[bytes], None] = lambda new: None,
) -> Watched:
    """Run a child to its end or its limits. ``on_report`` gets what it adds to its report. Raises RdnaError."""
    files = _Files()
    try:
        command = [word.replace(REPORT_FD, str(files.report)) for word in argv]
        child = start_watched(command, user, env, (files.out, files.err), (files.report,))
        return _watch(child, files, limits, on_report)
    finally:
        files.close()


def _watch(child: Child, files: _Files, limits: Limits, on_report: Callable[[bytes], None]) -> Watched:
    begun = time.monotonic()
    seen, heard = 0, begun
    broken: Ending | None = None
    try:
        while child.poll() is None and broken is None:
            new = os.pread(files.report, limits.output, seen)
            if new:
                seen, heard = seen + len(new), time.monotonic()
                on_report(new)
            broken = _over(child, files, limits, begun, heard)
            time.sleep(POLL)
    except BaseException:
        _end(child, limits)
        raise
    reaped = _end(child, limits) if broken else True
    on_report(os.pread(files.report, limits.output, seen))
    out, err, report = (os.pread(fd, limits.output, 0) for fd in (files.out, files.err, files.report))
    seconds = time.monotonic() - begun
    if not reaped:
        _LOST.append(child)
        return Watched(Ending.UNKILLABLE, None, report, out, err, seconds, child.pid, _state(child.pid))
    code = child.returncode
    ending = broken or (Ending.KILLED_BY_SIGNAL if code < 0 else Ending.EXITED)
    return Watched(ending, code, report, out, err, seconds, child.pid)


def _over(child: Child, files: _Files, limits: Limits, begun: float, heard: float) -> Ending | None:
    now = time.monotonic()
    if now - begun > limits.total:
        return Ending.TIMED_OUT
    if now - heard > limits.silence:
        return Ending.SILENT
    if files.largest() > limits.output:
        return Ending.FLOODED
    return Ending.ATE_MEMORY if _resident(child.pid) > limits.memory else None


def _end(child: Child, limits: Limits) -> bool:
    """TERM, then KILL, to the whole session; whether it could be reaped."""
    for number, patience in ((signal.SIGTERM, limits.term), (signal.SIGKILL, limits.kill)):
        _signal(child, number)
        until = time.monotonic() + patience
        while child.poll() is None and time.monotonic() < until:
            time.sleep(POLL)
        if child.poll() is not None:
            _signal(child, signal.SIGKILL)  # what it started itself
            return True
    return False


def _signal(child: Child, number: signal.Signals) -> None:
    try:
        os.killpg(child.pid, number)
    except (ProcessLookupError, PermissionError):
        pass


def _resident(pid: int) -> int:
    """Bytes of memory a process has, 0 when it cannot be read."""
    for line in (Sysroot().read_optional(f"/proc/{pid}/status") or "").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) << 10
    return 0


def _state(pid: int) -> str | None:
    """The state letter of /proc/PID/stat, which follows the name in brackets."""
    text = Sysroot().read_optional(f"/proc/{pid}/stat")
    return text.rpartition(")")[2].split()[0] if text else None
