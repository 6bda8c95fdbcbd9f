"""The state's files: records as the codec writes them, those of 0.1.0 brought up, damage said as one error.

A generation's directory says all about itself, so that pruning others never loses anything: its manifest. The undo
record is everything a later run needs to take a transaction back or to finish it, written before it starts.

The state of a transaction is the name of its directory, and only the running one exists:
``tx.new`` being prepared, no target touched · ``tx`` open, to be undone (a user's part of root's change: held until
that is decided) · ``generations/N`` with ``undo.json``: sealed, to be finished · ``tx.back`` being undone after
activation had begun · ``tx.old`` rubbish.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Annotated, Any, TypeVar, cast

from rdna_installer import codec
from rdna_installer.codec import Data, Digest, Form, MisfitError
from rdna_installer.errors import RdnaError
from rdna_installer.machine.durable import random_hex
from rdna_installer.model import FileState, Generation, Step
from rdna_installer.record import record, replace

FORMAT = 2  # of every record here, and in the state's own file "format"

T = TypeVar("T")
MANIFEST = "manifest.json"
CURRENT = "current.json"  # in the state directory: the generation in force, readable by all
# In a transaction's directory: current.json as it was, while activation is pending, and afterwards. Written before
# anything is touched, so that publishing and taking back are renames.
CURRENT_OLD, CURRENT_PENDING, CURRENT_DONE = "current.old", "current.pending", "current.done"
PENDING = "pending"  # in a generation's directory: its activation is not done yet
PREPARING, OPEN, BACK, RUBBISH = "tx.new", "tx", "tx.back", "tx.old"
UNDO, RESTORE = "undo.json", "restore.sh"
ALONE, LED = "self", "system"  # who decides over an open transaction: its owner, or root's change that it is part of
STAGED = r"\.rdna-installer\.[0-9a-f]{8}\.\d{1,6}"
StagingName = Annotated[str, Form(lambda name: re.fullmatch(STAGED, name) is not None, "a staging name")]


@record(frozen=True)
class UndoEntry:
    """One path's way. ``place`` is ``path`` with the links on the way resolved; both names lie beside it.
    ``staged`` holds the new content (None: a removal); ``kept`` is or becomes what was there (None: nothing was)."""

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

    def places(self) -> list[tuple[PurePosixPath, UndoEntry]]:
        """Each entry and where it is."""
        return [(entry.place, entry) for entry in self.entries]

    @property
    def states(self) -> tuple[FileState, ...]:
        """All that it speaks of."""
        return tuple(state for entry in self.entries for state in (entry.before, entry.after))

    def misfit(self) -> str | None:
        """The root itself as a directory of ours; for the codec."""
        return "the root itself is no directory of ours" if PurePosixPath("/") in (*self.made, *self.dropped) else None


def name_entries(ways: Iterable[tuple[PurePosixPath, FileState, FileState]]) -> tuple[UndoEntry, ...]:
    """Entries for (place, before, after), with staging names no other transaction has."""
    tx = random_hex(4)
    entries = []
    for n, (place, before, after) in enumerate(ways):
        staged = f".rdna-installer.{tx}.{2 * n}" if after.there else None
        kept = f".rdna-installer.{tx}.{2 * n + 1}" if before.there else None
        entries.append(UndoEntry(before.path, place, staged, kept, before, after))
    return tuple(entries)


@record(frozen=True)
class Manifest:
    """A generation, what its transaction ``found`` (foreign edits too), and the directories that are ours."""

    generation: Generation
    found: tuple[FileState, ...] = ()
    directories: tuple[PurePosixPath, ...] = ()
    restore: Digest | None = None  # of the restore.sh beside it; 0.1.0 did not write it

    @property
    def states(self) -> tuple[FileState, ...]:
        """All that it speaks of."""
        return (*self.found, *(state for m in self.generation.managed for state in (m.after, m.origin)))


def to_write(value: Any) -> Any:
    """A record as its file has it: contents are blobs beside it."""
    if isinstance(value, FileState):
        return replace(value, content=None)
    if isinstance(value, tuple):
        return tuple(map(to_write, value))
    if not hasattr(value, "__record_factories__"):
        return value
    return replace(value, **{name: to_write(held) for name, held in vars(value).items()})


def dump(value: object) -> bytes:
    """A record as a file of the state. What a file's content is stays out: it is a blob beside it."""
    return codec.write(value, FORMAT)


def parse(kind: type[T], content: bytes, place: object) -> T:
    """A record from a file of the state. Raises RdnaError("state-corrupted") naming ``place`` and the field."""
    try:
        return cast(T, _read(cast(Any, kind), content))
    except MisfitError as err:
        raise corrupted(place, str(err)) from err


@lru_cache(maxsize=16)  # one command comes by the same record up to five times
def _read(kind: Any, content: bytes) -> Any:
    return codec.read(kind, content, kind.__name__.lower(), FORMAT, {1: _FROM_0_1_0.get(kind.__name__, dict)})


def corrupted(place: object, detail: str) -> RdnaError:
    """The error for state that cannot be believed: nothing is done with it."""
    hint = (
        "nothing was changed. Restore this file from a backup; what is damaged, what is safe, and the way back without "
        "it: sudo rdna-installer recover --check"
    )
    return RdnaError("state-corrupted", f"rdna-installer's history is damaged: {detail}", context=str(place), hint=hint)


def blob_name(digest: str) -> str:
    """The file that holds content with this digest."""
    return digest.removeprefix("sha256:")


def for_all_to_read(generation: Generation) -> Generation:
    """A generation as current.json has it: with those contents of the machine before us that all may read."""
    origins = ((m, m.origin, m.origin.content if m.origin.mode & 0o004 else None) for m in generation.managed)
    shown = (replace(to_write(m), origin=replace(was, content=content, xattrs=())) for m, was, content in origins)
    return replace(generation, managed=tuple(shown))


# --- what 0.1.0 wrote -------------------------------------------------------------------------------------------------


def _state(path: str, data: Data | None) -> Data:
    if data is None:
        return {"path": path}
    xattrs = [[name, bytes.fromhex(value).decode("latin-1")] for name, value in data.get("xattrs", {}).items()]
    return {**data, "path": path, "xattrs": xattrs}


def _generation(data: Data) -> Data:
    managed = [
        {**m, "after": _state(m["path"], m["after"]), "origin": _state(m["path"], m["origin"])} for m in data["managed"]
    ]
    kept = {key: value for key, value in data.items() if key not in ("run", "also")}
    users = [[uid, data["run"]] for uid in data["also"]]  # so that a rollback takes them along
    return {**kept, "managed": managed, "change": data["run"], "parts": data["also"], "users": users}


def _manifest(data: Data) -> Data:
    found = [_state(item["path"], item["was"]) for item in data["before"]]
    return {"generation": _generation(data["generation"]), "found": found, "directories": data["directories"]}


def _undo(data: Data) -> Data:
    entries = [
        {**e, "before": _state(e["path"], e["before"]), "after": _state(e["path"], e["after"])} for e in data["entries"]
    ]
    return {**data, "entries": entries}


_FROM_0_1_0 = {
    "Generation": _generation,
    "Manifest": _manifest,
    "Undo": _undo,
    "BootResult": lambda data: {key: value for key, value in data.items() if key != "ok"},
}
