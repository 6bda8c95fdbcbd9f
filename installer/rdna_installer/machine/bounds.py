"""What a child of ``machine.foreign`` is allowed, and how it ended. Only words: they cost nothing to import."""

from __future__ import annotations

import enum
from collections.abc import Callable

from rdna_installer.record import record

OnReport = Callable[[bytes], None]
REPORT = 3  # the descriptor a program or function answers on, whatever else happens to its output


@record(frozen=True)
class Rights:
    """Whose rights a child gets."""

    uid: int
    gid: int
    groups: tuple[int, ...] = ()


class How(enum.Enum):
    """How a child ended."""

    ENDED = "ended"
    SIGNAL = "signal"  # not ours: an abort, or its keeper was killed
    NOT_STARTED = "not-started"
    LATE = "late"
    SILENT = "silent"  # nothing new in its report for too long
    FLOODED = "flooded"  # said more than any honest one: nothing of that is believed
    MEMORY = "memory"
    UNKILLABLE = "unkillable"  # not even SIGKILL ended all of it


@record(frozen=True)
class Limits:
    """Seconds for all of it, between two pieces of its report, and for its end; bytes of each stream and of memory."""

    total: float
    silence: float | None = None
    output: int = 1 << 20
    report: int = 4 << 20
    memory: int | None = None
    grace: float = 2.0


@record(frozen=True)
class Ended:
    """What became of it. ``code``: its status, negative for a signal, the errno of one that was not started."""

    how: How
    code: int | None
    out: bytes = b""
    err: bytes = b""
    report: bytes = b""
    left: tuple[tuple[int, str], ...] = ()  # what could not be ended: pid and state
    seconds: float = 0.0
    why: str = ""

    @property
    def well(self) -> bool:
        """It ended by itself with status 0."""
        return self.how is How.ENDED and self.code == 0
