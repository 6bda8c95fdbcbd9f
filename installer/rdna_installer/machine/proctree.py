"""The processes below one of ours, and how all of them are ended, whatever they do against it.

A process is signalled through its pidfd, after a look that it still is a descendant: a number that was given to
somebody else's process in the meantime is never hit.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Iterable, Iterator

ENDED = ("Z", "X", None)
PAUSE = 0.005  # seconds between two looks at the most


def children(pid: int) -> list[int]:
    """The children of all threads of a process; [] where it is gone."""
    found = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            found += [int(number) for number in _read(f"/proc/{pid}/task/{thread}/children").split()]
    except OSError:
        pass
    return found


def below(pid: int) -> list[int]:
    """All descendants of a process, parents before their children."""
    found = []
    todo = children(pid)
    while todo:
        now = todo.pop(0)
        found.append(now)
        todo += children(now)
    return found


def state(pid: int) -> str | None:
    """The kernel's letter for it (``D``: cannot be ended), None where it is gone."""
    fields = _stat(pid)
    return fields[0] if fields else None


def same_program(pid: int) -> bool:
    """Whether a process is a copy of this one still: it runs what we run, with the same words."""
    return _read(f"/proc/{pid}/cmdline") == _read("/proc/self/cmdline")


def resident(pid: int) -> int:
    """Bytes of memory a process has, 0 where it is gone."""
    try:
        return int(_read(f"/proc/{pid}/statm").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (IndexError, ValueError):
        return 0


def end_below(keeper: int, grace: float) -> list[tuple[int, str]]:
    """End all descendants of our own child ``keeper`` within ``grace`` seconds; what could not be ended, with states.
    The keeper is stopped first: what it has not reaped keeps its number, and no orphan is handed to init meanwhile.
    So whoever forks and ends faster than we look leaves another dead child of the keeper each time."""
    until = time.monotonic() + grace
    _stop(keeper, until)
    pauses, known = _pauses(), set[int]()
    while (left := _living(family := below(keeper))) or not known.issuperset(family):
        known = {*family}
        for number in (signal.SIGSTOP, signal.SIGKILL):  # first all are stopped: none can fork between two looks
            for pid in left:
                _signal(pid, {keeper, *left}, number)
        if time.monotonic() > until:
            break
        time.sleep(next(pauses))
    hanging = [pair for pair in left if left[pair] == "D"]
    return [(pid, left[pid]) for pid in hanging or left]


def tell_below(keeper: int, number: int) -> None:
    """Send a signal to all descendants; the first process of a namespace ignores it, as the kernel has it."""
    left = _living(below(keeper))
    for pid in left:
        _signal(pid, {keeper, *left}, number)


def end(pid: int, pidfd: int, grace: float) -> None:
    """Kill a child of ours and reap it, where that is done within ``grace`` seconds."""
    try:
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
    except ProcessLookupError:
        pass
    select.select([pidfd], [], [], grace)
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass


def _living(family: Iterable[int]) -> dict[int, str]:
    states = ((pid, state(pid)) for pid in family)
    return {pid: letter for pid, letter in states if letter is not None and letter not in ENDED}


def _pauses() -> Iterator[float]:
    """Seconds between two looks: short at first, since most is over at once."""
    pause = PAUSE / 32
    while True:
        yield pause
        pause = min(2 * pause, PAUSE)


def _stop(keeper: int, until: float) -> None:
    pauses = _pauses()
    try:
        os.kill(keeper, signal.SIGSTOP)
        while os.waitid(os.P_PID, keeper, os.WSTOPPED | os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
            if time.monotonic() > until:
                return
            time.sleep(next(pauses))
    except (ProcessLookupError, ChildProcessError):
        pass


def _signal(pid: int, family: set[int], number: int) -> None:
    try:
        fd = os.pidfd_open(pid)
    except OSError:
        return
    try:
        fields = _stat(pid)
        if fields and int(fields[1]) in family:
            signal.pidfd_send_signal(fd, number)
    except (ProcessLookupError, PermissionError):
        pass
    finally:
        os.close(fd)


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; they follow the name in brackets."""
    return _read(f"/proc/{pid}/stat").rpartition(")")[2].split()


def _read(path: str) -> str:
    try:
        with open(path, "rb", buffering=0) as stream:
            return stream.read().decode(errors="replace")
    except OSError:
        return ""
