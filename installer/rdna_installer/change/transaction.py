"""Commit: all changes of one owner or none. Killed anywhere, ``recover`` leaves exactly the old or the new tree.

Order: recover, check, prepare (``tx.new``), open (``tx``), swap, seal (``generations/N``), activate, clean up.
From ``open`` on every effect is a rename, an unlink or a sync: nothing that follows needs disk space.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import PurePosixPath

from rdna_installer.change import finish, records
from rdna_installer.change.finish import Activate, swap
from rdna_installer.change.records import Undo
from rdna_installer.change.recover import Decide, finish_purge, recover_locked, seal
from rdna_installer.change.staging import draft, prepare
from rdna_installer.change.store import Store, lock
from rdna_installer.errors import Exit, RdnaError, explaining
from rdna_installer.machine import durable
from rdna_installer.machine.folder import Folder
from rdna_installer.machine.interrupts import Interrupts
from rdna_installer.model import Change, Generation, Step, StepKind
from rdna_installer.record import replace


def no_activation(step: Step, wanted: Mapping[PurePosixPath, bytes | None]) -> None:
    """For root's work on users' parts. A manager of a user's services is not asked from a child that is shut in: root
    tells it after a change, and `verify` says where it was not told. Raises RdnaError: another step was given."""
    if step.kind is StepKind.RELOAD:
        return
    raise RdnaError("no-activation", f"nobody here can run: {step.summary}", exit_code=Exit.BUG)


def commit(
    store: Store,
    changes: Sequence[Change],
    wish: Generation,
    steps: Sequence[Step] = (),
    activate: Activate = no_activation,
    *,
    replace_links: bool = False,
) -> Generation:
    """Carry out ``changes`` and make a new generation. To be called with the rights of the store's owner.

    ``wish``: what the generation says of itself; the transaction fills in the rest.

    ``activate(step, wanted)`` gets the bytes of each changed path as it must be now (None: absent).
    SIGINT, SIGTERM and SIGHUP undo it. Raises RdnaError: exit 3 refused, 1 the disk failed and all was undone,
    6 something is left for `recover`.
    """
    with begun(store) as (locked, interrupts):
        recover_first(locked, activate, interrupts)
        work = draft(locked, changes, wish, steps, replace_links=replace_links)
        with undoing(locked, activate):
            prepare(locked, work, interrupts)
            swap_all(locked, work.undo, interrupts)
            seal(locked, work.undo)
        finish.finish(locked, work.undo, activate, interrupts)
        locked.log(f"generation {work.undo.number} is in force")
        # Not read back: from here on nothing may fail that is not said to have been done.
        return replace(work.manifest.generation, pending=())


@contextmanager
def begun(store: Store) -> Iterator[tuple[Store, Interrupts]]:
    """Be the one writer of a state, made where it is missing. Raises RdnaError("busy", "state-newer", …)."""
    with explaining(Exit.FAILED), Interrupts() as interrupts:
        finish_purge(store)
        store.make()
        with lock(store) as locked:
            locked.fill()
            yield locked, interrupts


def recover_first(store: Store, activate: Activate, interrupts: Interrupts, decide: Decide | None = None) -> None:
    """``recover`` before a change. Raises RdnaError("recovered-first", "held"): nothing else was done (exit 3)."""
    try:
        recovered = recover_locked(store, activate, interrupts, decide)
    except RdnaError as err:
        if err.reference == "held":
            err.exit_code = Exit.REFUSED
        raise
    # The changes were worked out before; what recovery brought back or finished is not in them.
    if recovered is not None and recovered.what != "repaired":
        message = (
            f"an earlier run ({recovered.reason}) was interrupted; it is {recovered.what} now, nothing else changed"
        )
        raise RdnaError("recovered-first", message, hint="run it again")


@contextmanager
def undoing(store: Store, activate: Activate) -> Iterator[None]:
    """Whatever goes wrong before the seal takes back all there is; raises the error to show."""
    try:
        yield
    except BaseException as err:
        raise _undo(store, activate, err) from err


def swap_all(store: Store, undo: Undo, interrupts: Interrupts) -> None:
    """Open the prepared transaction and put every file's new state in place. Raises OSError, RdnaError."""
    store.turn(records.PREPARING, records.OPEN)
    for folder, entry in durable.by_folder(store.root, undo.places()):
        interrupts.check()
        swap(folder, entry)
    made = {path for new in undo.made for path in (new.parent, new)}  # and not synced before
    for path in made - {entry.place.parent for entry in undo.entries}:
        with Folder.at(store.root, path) as folder:
            durable.sync(folder)
    interrupts.check()


def _undo(store: Store, activate: Activate, err: BaseException) -> BaseException:
    store.log(f"undo because of {type(err).__name__}: {err}")
    try:
        _unseal(store)
        with store.folder() as base:
            present = base.names()
        if records.PREPARING in present:
            finish.undo_prepared(store)
        if records.OPEN in present:
            finish.undo_open(store, records.OPEN, activate)
        finish.drop_libraries(store)
    except (OSError, RdnaError) as second:
        return finish.incomplete(err, second)
    return finish.undone(err, err.exit_code if isinstance(err, RdnaError) else Exit.FAILED)


def _unseal(store: Store) -> None:
    """A seal whose sync failed is none: its directory becomes ``tx`` again."""
    last = str(max(store.numbers(), default=0))
    with store.folder("generations") as kept:
        if kept.status(last) is None:
            return
        with kept.child(last) as folder:
            if folder.status(records.UNDO) is None:
                return
    store.turn(f"generations/{last}", records.OPEN)
