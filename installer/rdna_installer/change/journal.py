"""The undo record: everything a later run needs to take a transaction back or to finish it, written before it starts.

The state of a transaction is the name of its directory, and only the running one exists:
``tx.new`` being prepared, no target touched · ``tx`` open, to be undone (a user's part of root's change: held until
that is decided) · ``generations/N`` with ``undo.json``: sealed, to be finished · ``tx.back`` being undone after
activation had begun · ``tx.old`` rubbish.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Annotated

from rdna_installer.codec import Form
from rdna_installer.machine.durable import token
from rdna_installer.model import FileState, Step
from rdna_installer.record import record, replace

PREPARING, OPEN, BACK, RUBBISH = "tx.new", "tx", "tx.back", "tx.old"
UNDO = "undo.json"
ALONE, LED = "self", "system"  # who decides over an open transaction: its owner, or root's change that it is part of
STAGED = re.compile(r"\.rdna-installer\.[0-9a-f]{8}\.\d{1,6}")
StagingName = Annotated[str, Form(lambda name: STAGED.fullmatch(name) is not None, "a staging name")]


@record(frozen=True)
class UndoEntry:
    """One path's way. ``place`` is ``path`` with the links on the way resolved; both names lie beside it.

    ``staged`` holds the new content (None: a removal); ``kept`` is or becomes what was there (None: nothing was).
    """

    path: PurePosixPath
    place: PurePosixPath
    staged: StagingName | None
    kept: StagingName | None
    before: FileState
    after: FileState

    def misfit(self) -> str | None:
        """A staging name where nothing is staged, or none where something is; for the codec."""
        if (self.staged is not None) != self.after.there or (self.kept is not None) != self.before.there:
            return "staging names that do not fit what is there"
        return "states of another path" if {self.before.path, self.after.path} != {self.path} else None


@record(frozen=True)
class Undo:
    """One transaction. ``made``: directories it makes, outermost first; ``dropped``: ours, needed no more."""

    number: Annotated[int, Form(lambda n: 0 < n < 1 << 32, "a generation's number")]
    reason: str
    entries: tuple[UndoEntry, ...]
    made: tuple[PurePosixPath, ...]
    dropped: tuple[PurePosixPath, ...]
    steps: tuple[Step, ...]
    had_current: bool
    change: str = ""  # the command it is of; "": of 0.1.0
    coordinator: Annotated[str, Form(lambda name: name in (ALONE, LED), "a coordinator")] = ALONE

    def misfit(self) -> str | None:
        """The root itself as a directory of ours; for the codec."""
        return "the root itself is no directory of ours" if PurePosixPath("/") in (*self.made, *self.dropped) else None


def to_write(undo: Undo) -> Undo:
    """The record as its file has it: contents are blobs beside it."""
    entries = (
        replace(e, before=replace(e.before, content=None), after=replace(e.after, content=None)) for e in undo.entries
    )
    return replace(undo, entries=tuple(entries))


def name_entries(ways: Iterable[tuple[PurePosixPath, FileState, FileState]]) -> tuple[UndoEntry, ...]:
    """Entries for (place, before, after), with staging names no other transaction has."""
    tx = token()
    entries = []
    for n, (place, before, after) in enumerate(ways):
        staged = f".rdna-installer.{tx}.{2 * n}" if after.there else None
        kept = f".rdna-installer.{tx}.{2 * n + 1}" if before.there else None
        entries.append(UndoEntry(before.path, place, staged, kept, before, after))
    return tuple(entries)
