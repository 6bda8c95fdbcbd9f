"""The undo record: everything a later run needs to take a transaction back or to finish it, written before it starts.

The state of a transaction is the name of its directory, and only the running one exists:
``tx.new`` being prepared, no target touched · ``tx`` open, to be undone · ``generations/N`` with ``undo.json``:
committed, to be finished · ``tx.back`` being undone after activation had begun · ``tx.old`` rubbish.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from rdna_installer.change.records import Data, actual_data, actual_of, inside, need, number, step_data, step_of
from rdna_installer.machine.durable import token
from rdna_installer.model import Actual, Step
from rdna_installer.record import record

PREPARING, OPEN, BACK, RUBBISH = "tx.new", "tx", "tx.back", "tx.old"
UNDO = "undo.json"
STAGED = r"\.rdna-installer\.[0-9a-f]{8}\.\d{1,6}"


@record(frozen=True)
class Entry:
    """One path's way. ``place`` is ``path`` with the links on the way resolved; both names lie beside it.

    ``staged`` holds the new content (None: a removal); ``kept`` is or becomes what was there (None: nothing was).
    """

    path: PurePosixPath
    place: PurePosixPath
    staged: str | None
    kept: str | None
    before: Actual
    after: Actual


@record(frozen=True)
class Record:
    """One transaction. ``made``: directories it makes, outermost first; ``dropped``: ours, needed no more."""

    number: int
    reason: str
    entries: tuple[Entry, ...]
    made: tuple[PurePosixPath, ...]
    dropped: tuple[PurePosixPath, ...]
    steps: tuple[Step, ...]
    had_current: bool


def name_entries(ways: Iterable[tuple[PurePosixPath, Actual, Actual]]) -> tuple[Entry, ...]:
    """Entries for (place, before, after), with staging names no other transaction has."""
    tx = token()
    entries = []
    for n, (place, before, after) in enumerate(ways):
        staged = f".rdna-installer.{tx}.{2 * n}" if after.there else None
        kept = f".rdna-installer.{tx}.{2 * n + 1}" if before.there else None
        entries.append(Entry(before.path, place, staged, kept, before, after))
    return tuple(entries)


def record_data(record: Record) -> Data:
    """The record as plain data."""
    return {
        "format": 1,
        "number": record.number,
        "reason": record.reason,
        "entries": [_entry_data(entry) for entry in record.entries],
        "made": [str(path) for path in record.made],
        "dropped": [str(path) for path in record.dropped],
        "steps": [step_data(step) for step in record.steps],
        "had_current": record.had_current,
    }


def _entry_data(entry: Entry) -> Data:
    return {
        "path": str(entry.path),
        "place": str(entry.place),
        "staged": entry.staged,
        "kept": entry.kept,
        "before": actual_data(entry.before),
        "after": actual_data(entry.after),
    }


def record_of(data: Data) -> Record:
    """Back from ``record_data``. Raises KeyError, TypeError, ValueError."""
    return Record(
        number=number(data, "number", 1),
        reason=need(data, "reason", str),
        entries=tuple(_entry_of(item) for item in need(data, "entries", list)),
        made=tuple(inside(path) for path in need(data, "made", list)),
        dropped=tuple(inside(path) for path in need(data, "dropped", list)),
        steps=tuple(step_of(item) for item in need(data, "steps", list)),
        had_current=need(data, "had_current", bool),
    )


def _entry_of(data: Data) -> Entry:
    path, place = inside(data["path"]), inside(data["place"])
    before, after = actual_of(path, data["before"]), actual_of(path, data["after"])
    staged, kept = _name(data["staged"], after), _name(data["kept"], before)
    return Entry(path, place, staged, kept, before, after)


def _name(name: object, holds: Actual) -> str | None:
    if name is None and not holds.there:
        return None
    if not isinstance(name, str) or not holds.there or not re.fullmatch(STAGED, name):
        raise ValueError(f"{name!r} is no staging name")
    return name
