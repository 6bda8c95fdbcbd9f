"""One assignment of a variable in somebody's file; apart from the parser, which costs more than it."""

from __future__ import annotations

from rdna_installer.record import record


@record(frozen=True)
class Assignment:
    """``key`` set to ``value`` (None: unset) in a line, counted from 1."""

    line: int
    key: str
    value: str | None
