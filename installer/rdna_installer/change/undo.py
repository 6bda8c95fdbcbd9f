"""Put targets back. Only renames and unlinks (a full disk does not stop it), and safe to run again anywhere.

What to do with a path is read off its content, not off how far the transaction came: it is as it was before, it is
ours, or somebody else has changed it since; theirs is never touched and never lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from rdna_installer.change.journal import Undo, UndoEntry
from rdna_installer.change.manifest import CURRENT, CURRENT_OLD
from rdna_installer.change.store import Store
from rdna_installer.errors import RdnaError
from rdna_installer.machine import durable
from rdna_installer.machine.folder import Folder
from rdna_installer.model import FileState


def swap(store: Store, entry: UndoEntry) -> None:
    """Put one path's new state in place. Raises RdnaError("changed-meanwhile"), OSError."""
    name = entry.place.name
    with Folder.at(store.root, entry.place.parent) as folder:
        if not folder.actual(entry.place).same_as(entry.before):
            raise RdnaError(
                "changed-meanwhile",
                "somebody changed a file while it was being replaced; everything was undone",
                context=str(entry.path),
                hint="run it again: it plans anew",
            )
        if entry.staged:
            durable.move(folder, entry.staged, name)
        elif entry.kept:
            durable.move(folder, name, entry.kept)
        durable.sync(folder)


def put_back(store: Store, undo: Undo, content: Callable[[FileState], bytes | None]) -> tuple[PurePosixPath, ...]:
    """Bring every path of an open transaction back to what it was; then the directories we made.

    ``content`` gives what was at a path from its blob: used only where somebody removed the kept file.
    Returns where the former content of files was saved that somebody has changed since. Raises OSError.
    """
    saved = []
    for entry in reversed(undo.entries):
        try:
            folder = Folder.at(store.root, entry.place.parent)
        except FileNotFoundError:
            continue  # its directory is gone, and all of ours with it
        with folder:
            _remake_kept(folder, entry, content)
            saved += _put_back(folder, entry)
            durable.sync(folder)
    remove_folders(store, reversed(undo.made))
    return tuple(saved)


def _remake_kept(folder: Folder, entry: UndoEntry, content: Callable[[FileState], bytes | None]) -> None:
    now = folder.actual(entry.place)
    lost = entry.kept and folder.status(entry.kept) is None and now.same_as(entry.after)
    if not entry.kept or not lost or now.same_as(entry.before):
        return
    if entry.before.link is not None:
        durable.create_link(folder, entry.kept, entry.before.link, entry.before)
    else:
        durable.create(folder, entry.kept, content(entry.before) or b"", entry.before)


def _put_back(folder: Folder, entry: UndoEntry) -> list[PurePosixPath]:
    name, now = entry.place.name, folder.actual(entry.place)
    kept = folder.actual(entry.place.with_name(entry.kept)) if entry.kept else entry.before
    saved: list[PurePosixPath] = []
    if entry.kept and kept.there and not now.same_as(kept):
        # Gone or ours: back with the old. Anything else is somebody's later work: theirs stays, the old beside it.
        theirs = now.there and not now.same_as(entry.after)
        back = _free_name(folder, name) if theirs else name
        durable.move(folder, entry.kept, back)
        saved += [entry.place.with_name(back)] if theirs else []
    elif not entry.before.there and now.same_as(entry.after):
        durable.discard(folder, name)
    clear_staging(folder, entry)
    return saved


def _free_name(folder: Folder, name: str) -> str:
    number, found = 0, f"{name}.rdna-installer-saved"
    while folder.status(found) is not None:
        number += 1
        found = f"{name}.rdna-installer-saved.{number}"
    return found


def clear_staging(folder: Folder, entry: UndoEntry) -> None:
    """Remove what is left of an entry's staging files. Raises OSError."""
    for name in (entry.kept, entry.staged):
        if name:
            durable.discard(folder, name)


def clear_all_staging(store: Store, undo: Undo) -> None:
    """Remove all staging files of a transaction, targets untouched. Raises OSError."""
    by_parent: dict[PurePosixPath, list[UndoEntry]] = {}
    for entry in undo.entries:
        by_parent.setdefault(entry.place.parent, []).append(entry)
    for parent, entries in by_parent.items():
        try:
            folder = Folder.at(store.root, parent)
        except FileNotFoundError:
            continue
        with folder:
            for entry in entries:
                clear_staging(folder, entry)
            durable.sync(folder)


def remove_folders(store: Store, paths: Iterable[PurePosixPath]) -> None:
    """Remove directories of ours that are empty now, innermost first; one that holds something stays."""
    for path in paths:
        try:
            parent = Folder.open(store.root, path.parent, writing=True)
        except FileNotFoundError:
            continue
        with parent:
            if durable.remove_folder(parent, path.name):
                durable.sync(parent)


def put_current_back(store: Store, undo: Undo, state: str) -> None:
    """Make current.json again what it was before the transaction in directory ``state``. Raises OSError."""
    with store.folder() as base, store.folder(state) as tx:
        if not undo.had_current:
            durable.discard(base, CURRENT)
        elif tx.status(CURRENT_OLD) is not None:
            durable.move(tx, CURRENT_OLD, CURRENT, base)
        durable.sync(base)
