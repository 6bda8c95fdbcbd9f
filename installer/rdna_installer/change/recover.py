"""Finish or undo what an earlier run left. Killed itself, it can be run again.

The system decides by its own records alone. A user's part of root's change follows: ``decide`` says how it ended, for
root by the system's records, for the user himself by the public list; where that does not say, the part is held.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

from rdna_installer.change import finish, outcomes, records
from rdna_installer.change.finish import Activate
from rdna_installer.change.outcomes import Ruling
from rdna_installer.change.purge import finish_purge
from rdna_installer.change.records import CURRENT, PENDING
from rdna_installer.change.store import TRANSIENT, UNFINISHED, Store, lock
from rdna_installer.errors import Exit, RdnaError, explaining
from rdna_installer.machine import durable
from rdna_installer.machine.interrupts import Interrupts
from rdna_installer.model import Generation, Step
from rdna_installer.record import record, replace


@record(frozen=True)
class Recovered:
    """What was done. ``what``: "undone", "finished" or "repaired" (only our own records were behind).

    ``saved``: former content of files that somebody had changed in the meantime, beside those files.
    """

    what: str
    number: int
    reason: str
    saved: tuple[PurePosixPath, ...] = ()


Decide = Callable[[str], Ruling]


def steps_left(store: Store) -> tuple[Step, ...]:
    """What ``recover`` would activate. Raises RdnaError("state-corrupted"), and OSError explained (3)."""
    if not store.exists:
        return ()
    last = str(max(store.numbers(), default=0))
    with explaining(Exit.REFUSED), store.folder() as base:
        if base.status(records.BACK) is not None:
            return finish.read_record(store, records.BACK).steps
        if last == "0":
            return ()
        with store.folder("generations", last) as made:
            waits = made.status(PENDING) is not None and made.status(records.UNDO) is not None
        return finish.read_record(store, "generations", last).steps if waits else ()


def recover(store: Store, activate: Activate, decide: Decide | None = None) -> Recovered | None:
    """Bring the machine to exactly the old or exactly the new state. None when nothing was left.

    Raises RdnaError: exit 6 when something still is in the way ("held": a part of a change that is not decided),
    "busy" and "state-corrupted" (3).
    """
    if not store.exists:
        return None
    if finish_purge(store):
        return Recovered("finished", 0, "uninstall --purge")
    with explaining(Exit.REFUSED), Interrupts() as interrupts, lock(store) as locked:
        locked.check_format()
        return recover_locked(locked, activate, interrupts, decide)


def recover_locked(
    store: Store, activate: Activate, interrupts: Interrupts, decide: Decide | None = None
) -> Recovered | None:
    """``recover`` for who holds the lock. Without ``decide`` the public list says how root's changes ended."""
    with explaining(Exit.INCOMPLETE, note=f"an earlier run is not finished: {finish.HINT}"):
        _sync_first(store)
        done = _transient(store, activate, decide or _by_the_list(store))
        done = _committed(store, activate, interrupts) or done or _repair(store)
        if store.user is None:
            outcomes.agree(store)
    if done is not None:
        store.log(f"recover: {done.what} generation {done.number} ({done.reason}) {' '.join(map(str, done.saved))}")
    return done


def _by_the_list(store: Store) -> Decide:
    # Read only once a part is found, so after it: the list is never older than the part.
    return lambda change: outcomes.verdict(outcomes.read_public(store.root), change)


def _sync_first(store: Store) -> None:
    """What is seen here may be in the cache only: nothing is taken for a decision that a power cut could take back."""
    with store.folder() as base:
        for name in {*base.names()} & {*UNFINISHED}:
            durable.discard(base, name)
        durable.sync(base)
        if base.status("generations") is None:
            return
    with store.folder("generations") as kept:
        durable.sync(kept)
        last = str(max(store.numbers(), default=0))
        if kept.status(last) is not None:
            with kept.child(last) as newest:
                durable.sync(newest)


def _transient(store: Store, activate: Activate, decide: Decide) -> Recovered | None:
    with store.folder() as base:
        present = set(base.names()) & set(TRANSIENT)
    if records.RUBBISH in present:
        with store.folder() as base:
            durable.remove_tree(base, records.RUBBISH)
    done = None
    if records.PREPARING in present:
        undo = finish.undo_prepared(store)
        done = Recovered("undone", undo.number, undo.reason) if undo else None
    for state in (records.OPEN, records.BACK):
        if state in present and not _seal_a_part(store, state, decide):
            undo, saved = _undo_open(store, state, activate)
            done = Recovered("undone", undo.number, undo.reason, saved)
    return done


def _seal_a_part(store: Store, state: str, decide: Decide) -> bool:
    """Whether an open transaction is a part of a change of root's that was committed: then it is sealed too.

    Raises RdnaError("held"): that change is not decided.
    """
    undo = finish.read_record(store, state)
    if undo.coordinator != records.LED:
        return False
    found = decide(undo.change)
    if found is Ruling.HELD:
        raise RdnaError(
            "held",
            outcomes.held(undo),
            context=str(store.base),
            hint="or decide for your own files only: rdna-installer recover --decide undo (or finish)",
            exit_code=Exit.INCOMPLETE,
        )
    if found is Ruling.FORWARD:
        seal(store, undo)
    return found is Ruling.FORWARD


def seal(store: Store, undo: records.Undo) -> None:
    """Make an open transaction whose files are all in place a generation. Raises OSError."""
    with store.folder() as base, store.folder("generations") as kept:
        durable.move(base, records.OPEN, str(undo.number), kept)
        durable.sync(kept)
        durable.sync(base)


def _undo_open(store: Store, state: str, activate: Activate) -> tuple[records.Undo, tuple[PurePosixPath, ...]]:
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
        if folder.status(records.UNDO) is None:
            return None
    undo = finish.read_record(store, "generations", str(last))
    if finish.is_settled(store, undo):
        finish.say_settled(store, undo)
        finish.conclude(store, undo)
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
