"""Finish or undo what an earlier run left. Killed itself, it can be run again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath

from rdna_installer.change import finish, journal, records
from rdna_installer.change.finish import Activate
from rdna_installer.change.manifest import CURRENT
from rdna_installer.change.store import TRANSIENT, Store, lock
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine import durable
from rdna_installer.machine.interrupts import Interrupts
from rdna_installer.machine.oserrors import explaining
from rdna_installer.model import Generation
from rdna_installer.record import record


@record(frozen=True)
class Recovered:
    """What was done. ``what``: "undone", "finished" or "repaired" (only our own records were behind).

    ``saved``: former content of files that somebody had changed in the meantime, beside those files.
    """

    what: str
    number: int
    reason: str
    saved: tuple[PurePosixPath, ...] = ()


def recover(store: Store, activate: Activate) -> Recovered | None:
    """Bring the machine to exactly the old or exactly the new state. None when nothing was left.

    Raises RdnaError: exit 6 when something still is in the way, "busy" and "state-corrupted" (3).
    """
    if not store.exists:
        return None
    with explaining(Exit.REFUSED), Interrupts() as interrupts, lock(store) as locked:
        locked.check_format()
        return recover_locked(locked, activate, interrupts)


def recover_locked(store: Store, activate: Activate, interrupts: Interrupts) -> Recovered | None:
    """``recover`` for who holds the lock."""
    with explaining(Exit.INCOMPLETE, note=f"an earlier run is not finished: {finish.HINT}"):
        done = _transient(store, activate) or _committed(store, activate, interrupts) or _repair(store)
    if done is not None:
        store.log(f"recover: {done.what} generation {done.number} ({done.reason}) {' '.join(map(str, done.saved))}")
    return done


def _transient(store: Store, activate: Activate) -> Recovered | None:
    with store.folder() as base:
        present = set(base.names()) & set(TRANSIENT)
    if journal.RUBBISH in present:
        with store.folder() as base:
            durable.remove_tree(base, journal.RUBBISH)
    done = None
    if journal.PREPARING in present:
        undo = finish.undo_prepared(store)
        done = Recovered("undone", undo.number, undo.reason) if undo else None
    for state in (journal.OPEN, journal.BACK):
        if state in present:
            undo, saved = _undo_open(store, state, activate)
            done = Recovered("undone", undo.number, undo.reason, saved)
    return done


def _undo_open(store: Store, state: str, activate: Activate) -> tuple[journal.Undo, tuple[PurePosixPath, ...]]:
    try:
        return finish.undo_open(store, state, activate)
    except RdnaError as err:
        if err.reference == "state-corrupted":
            raise
        raise RdnaError(
            err.reference, err.message, context=err.context, hint=err.hint, exit_code=Exit.INCOMPLETE
        ) from err


def _committed(store: Store, activate: Activate, interrupts: Interrupts) -> Recovered | None:
    last = max(store.numbers(), default=0)
    if last == 0:
        return None
    with store.folder("generations", str(last)) as folder:
        if folder.status(journal.UNDO) is None:
            return None
    undo = finish.read_record(store, "generations", str(last))
    if finish.is_settled(store, undo):
        finish.clean(store, undo)
    else:
        finish.finish(store, undo, activate, interrupts)
    return Recovered("finished", undo.number, undo.reason)


def _repair(store: Store) -> Recovered | None:
    """Write current.json again where it is missing, damaged or not of the last generation."""
    last = max(store.numbers(), default=0)
    if last == 0 or _published(store) == last:
        return None
    generation = replace(store.load(last), pending=())
    with store.folder() as base:
        durable.replace(base, CURRENT, records.dump(records.for_all_to_read(generation)), 0o644)
    finish.prune(store)
    return Recovered("repaired", last, generation.reason)


def _published(store: Store) -> int | None:
    try:
        public: Generation | None = store.public()
    except RdnaError:
        return None
    return public.number if public else None
