"""The second half of a commit, and of its recovery: publish, activate, clean up; or put every target back.

Putting back is renames and unlinks only (a full disk does not stop it), and safe to run again anywhere. What to do with
a path is read off its content, not off how far the transaction came: it is as it was before, it is ours, or somebody
else has changed it since; theirs is never touched and never lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath

from rdna_installer.change import outcomes, records
from rdna_installer.change.records import CURRENT, CURRENT_DONE, CURRENT_OLD, CURRENT_PENDING, PENDING, Undo, UndoEntry
from rdna_installer.change.staging import KEPT, make, to_prune
from rdna_installer.change.store import LIBRARIES, Store, read_blob
from rdna_installer.errors import UNDONE, Exit, RdnaError, explain, explaining
from rdna_installer.machine import durable
from rdna_installer.machine.folder import Folder
from rdna_installer.machine.interrupts import Interrupts
from rdna_installer.model import FileState, Step, bulky

Activate = Callable[[Step, Mapping[PurePosixPath, bytes | None]], None]
_STAGED = (CURRENT_OLD, CURRENT_PENDING, CURRENT_DONE, outcomes.IF_COMMITTED, outcomes.IF_ABORTED)
HINT = "finish it: rdna-installer recover"


def swap(folder: Folder, entry: UndoEntry) -> None:
    """Put one path's new state in place. Raises RdnaError("changed-meanwhile"), OSError."""
    name = entry.place.name
    if not folder.actual(entry.place).same_as(entry.before):
        message = "a file was changed while it was being replaced; everything was undone"
        raise RdnaError("changed-meanwhile", message, context=str(entry.path), hint="run it again")
    if entry.staged:
        durable.move(folder, entry.staged, name)
    elif entry.kept:
        durable.move(folder, name, entry.kept)


def put_back(store: Store, undo: Undo, state: str) -> tuple[PurePosixPath, ...]:
    """Bring every path of the transaction in directory ``state`` back to what it was; then the directories we made.

    What was at a path is taken from its blob only where somebody removed the kept file. Returns where the former
    content of files was saved that somebody has changed since. Raises OSError.
    """
    saved = []
    for folder, entry in durable.by_folder(store.root, reversed(undo.places()), gone=True):  # with all of ours in it
        _remake_kept(store, state, folder, entry)
        saved += _put_back(folder, entry)
    remove_folders(store, reversed(undo.made))
    return tuple(saved)


def _remake_kept(store: Store, state: str, folder: Folder, entry: UndoEntry) -> None:
    now = folder.actual(entry.place)
    lost = entry.kept and folder.status(entry.kept) is None and now.same_as(entry.after)
    if entry.kept and lost and not now.same_as(entry.before):
        make(store, state, folder, entry.kept, entry.before)


def _put_back(folder: Folder, entry: UndoEntry) -> list[PurePosixPath]:
    name, now = entry.place.name, folder.actual(entry.place)
    kept = folder.actual(entry.place, entry.kept) if entry.kept else entry.before
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


def clear_all_staging(store: Store, places: Iterable[tuple[PurePosixPath, UndoEntry]]) -> None:
    """Remove the staging files of a transaction's entries, targets untouched. Raises OSError."""
    for folder, entry in durable.by_folder(store.root, places, gone=True):
        clear_staging(folder, entry)


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


def finish(store: Store, undo: Undo, activate: Activate, interrupts: Interrupts) -> None:
    """Activate, publish and clean up a sealed generation.
    Raises RdnaError: exit 1 when activation failed and all was taken back, 6 when something is left for `recover`."""
    settle(store, undo, activate, interrupts)
    with explaining(Exit.INCOMPLETE, note="the change works, but cleaning up after it failed: recover finishes it"):
        say_settled(store, undo)
        conclude(store, undo)


def settle(store: Store, undo: Undo, activate: Activate, interrupts: Interrupts) -> None:
    """Run a sealed generation's activation: once it is durably done there is no way back but a rollback.
    Raises RdnaError as ``take_back`` makes it. A generation without activation is settled by its seal."""
    try:
        _activate(store, undo, activate, interrupts)
    except BaseException as err:
        raise take_back(store, undo, activate, err) from err


def is_settled(store: Store, undo: Undo) -> bool:
    """Whether nothing is left to activate: it is never taken back any more. Raises OSError."""
    with store.folder("generations", str(undo.number)) as made:
        return made.status(PENDING) is None


def _activate(store: Store, undo: Undo, activate: Activate, interrupts: Interrupts) -> None:
    with store.folder() as base, store.folder("generations", str(undo.number)) as made:
        if made.status(PENDING) is None:
            return
        _publish(base, made, CURRENT_PENDING)
        seal = ("generations", str(undo.number))
        wanted = {e.path: _content(store, seal, e.after) for e in undo.entries if not bulky(e.path)}
        with interrupts.raising():
            for step in undo.steps:
                activate(step, wanted)
        durable.discard(made, PENDING)
        durable.sync(made)


def say_settled(store: Store, undo: Undo) -> None:
    """Tell everybody: other owners' parts of this change may follow now. Raises OSError."""
    with store.folder() as base, store.folder("generations", str(undo.number)) as made:
        outcomes.publish(base, made, outcomes.IF_COMMITTED)


def conclude(store: Store, undo: Undo) -> None:
    """Publish a settled generation and remove what its transaction needs no more. Raises OSError."""
    with store.folder() as base, store.folder("generations", str(undo.number)) as made:
        _publish(base, made, CURRENT_DONE)
    clean(store, undo)


def _publish(base: Folder, made: Folder, name: str) -> None:
    if made.status(name) is not None:
        durable.move(made, name, CURRENT, base)
    durable.sync(made)
    durable.sync(base)


def _content(store: Store, place: tuple[str, ...], actual: FileState) -> bytes | None:
    return None if actual.digest is None else read_blob(store, store.base.joinpath(*place), actual.digest)


def clean(store: Store, undo: Undo) -> None:
    """Remove what a finished transaction needs no more. From here on there is no way back but a rollback."""
    clear_all_staging(store, [held for held in undo.places() if held[1].kept])  # what was staged is in its place
    remove_folders(store, undo.dropped)
    with store.folder("generations", str(undo.number)) as made:
        for name in (*_STAGED, records.UNDO):
            durable.discard(made, name)
        durable.sync(made)
    drop_libraries(store)
    prune(store)


def drop_libraries(store: Store) -> None:
    """Remove what was brought for a change: the generation that took it has it, and nobody else wants it."""
    with store.folder() as base:
        durable.remove_tree(base, LIBRARIES)


def prune(store: Store) -> None:
    """Drop old generations that no rollback needs. Raises OSError."""
    numbers = store.numbers()
    if len(numbers) <= KEPT:
        return
    for number in to_prune(numbers, store.manifest(numbers[-1]).generation.before or ()):
        throw_away(store, str(number), "generations")


def throw_away(store: Store, name: str, *above: str) -> None:
    """Remove a directory of the state: away under its rubbish name first, so that it is never half there."""
    store.turn("/".join((*above, name)), records.RUBBISH)
    with store.folder() as base:
        durable.remove_tree(base, records.RUBBISH)


def take_back(store: Store, undo: Undo, activate: Activate, err: BaseException) -> BaseException:
    """Undo a committed generation whose activation failed; returns the error to raise."""
    try:
        store.turn(f"generations/{undo.number}", records.BACK)
        undo_open(store, records.BACK, activate)
    except (OSError, RdnaError) as second:
        return incomplete(err, second)
    return undone(err)


def undo_prepared(store: Store) -> Undo | None:
    """Remove ``tx.new`` and what it has staged. Raises OSError, RdnaError("state-corrupted")."""
    with store.folder(records.PREPARING) as tx:
        text = tx.read(records.UNDO) if tx.status(records.UNDO) is not None else None
        place = tx.place / records.UNDO
    undo = None if text is None else records.parse(records.Undo, text, place)
    if undo is not None:  # the last to be written: without it the list beside it may be cut off
        clear_all_staging(store, undo.places())
        remove_folders(store, reversed(undo.made))
        _say_aborted(store, records.PREPARING)
    throw_away(store, records.PREPARING)
    return undo


def undo_open(store: Store, state: str, activate: Activate) -> tuple[Undo, tuple[PurePosixPath, ...]]:
    """Undo the transaction in ``tx`` or ``tx.back``; activation is repeated for the old files where it had begun.
    Returns the undo and where old content was saved. Raises OSError, RdnaError (what activation raises)."""
    undo = read_record(store, state)
    saved = put_back(store, undo, state)
    put_current_back(store, undo, state)
    if state == records.BACK:
        plain = (e for e in undo.entries if e.before.link is None and not bulky(e.path))
        was = {e.path: _content(store, (state,), e.before) for e in plain}
        for step in undo.steps:
            activate(step, was)
    _say_aborted(store, state)
    throw_away(store, state)
    return undo, saved


def _say_aborted(store: Store, state: str) -> None:
    """Other owners' parts of this change may be taken back now: it can never be sealed any more."""
    with store.folder() as base, store.folder(state) as tx:
        outcomes.publish(base, tx, outcomes.IF_ABORTED)


def read_record(store: Store, *state: str) -> Undo:
    """The undo undo in a directory of the state. Raises RdnaError("state-corrupted"), OSError."""
    with store.folder(*state) as tx:
        place = tx.place / records.UNDO
        if tx.status(records.UNDO) is None:
            raise records.corrupted(place, "it is missing")
        return records.parse(records.Undo, tx.read(records.UNDO), place)


def undone(err: BaseException, exit_code: Exit = Exit.FAILED) -> BaseException:
    """The error to show after all was undone because of ``err`` (a bug stays what it is)."""
    if isinstance(err, KeyboardInterrupt):
        return RdnaError("interrupted", f"interrupted; {UNDONE}", exit_code=Exit.INTERRUPTED, consequence=UNDONE)
    if isinstance(err, OSError):
        return explain(err, exit_code, note=UNDONE)
    if isinstance(err, RdnaError):
        where, hint = err.context, err.hint
        return RdnaError(err.reference, err.message, context=where, hint=hint, exit_code=exit_code, consequence=UNDONE)
    return err


def incomplete(err: BaseException, second: OSError | RdnaError) -> RdnaError:
    """The error to show when undoing failed too."""
    if isinstance(second, OSError):
        second = explain(second, Exit.INCOMPLETE)
    first = err.message if isinstance(err, RdnaError) else str(err) or type(err).__name__
    hint = f"{second.hint or 'see the log'}; then {HINT}" if ": " not in (second.hint or "") else f"then {HINT}"
    message = f"{first}; undoing it failed too: {second.message}"
    return RdnaError("undo-incomplete", message, context=second.context, hint=hint, exit_code=Exit.INCOMPLETE)
