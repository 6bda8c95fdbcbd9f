"""Finish or undo what an earlier run left. Killed itself, it can be run again.

The system decides by its own records alone. A user's part of root's change follows: ``decide`` says how it ended, for
root by the system's records, for the user himself by the public list; where that does not say, the part is held.

A purge removes a state directory after an uninstall: only entries we know, never through a link, and to the end.
``purging`` is made first and goes last: whoever finds it goes on and asks nothing again, for what the questions are
about may be gone already.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from rdna_installer.change import finish, outcomes, records
from rdna_installer.change.boot_counting import BOOTS, LOAD, RESULT
from rdna_installer.change.finish import Activate, throw_away
from rdna_installer.change.outcomes import OUTCOMES, Ruling
from rdna_installer.change.records import CURRENT, PENDING
from rdna_installer.change.soundness import drift
from rdna_installer.change.store import BUILT, PURGING, TRANSIENT, UNFINISHED, Store, lock
from rdna_installer.errors import Exit, RdnaError, explaining
from rdna_installer.machine import durable
from rdna_installer.machine.folder import Folder
from rdna_installer.machine.interrupts import Interrupts
from rdna_installer.model import Generation, Step
from rdna_installer.record import record, replace

FILES = (CURRENT, BOOTS, LOAD, RESULT, "format", "log", *UNFINISHED)  # and the list, the marker, and "lock" last of all
PROBED = re.compile(r"probe-[0-9a-f]{16}\.json")


@record(frozen=True)
class Recovered:
    """What was done. ``what``: "undone", "finished" or "repaired" (only our own records were behind).
    ``saved``: former content of files that somebody had changed in the meantime, beside those files."""

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
        done = recover_locked(locked, activate, interrupts, decide)
        with explaining(Exit.INCOMPLETE):
            finish.drop_libraries(locked)  # a change that was cut off before it began had brought it
        return done


def recover_locked(
    store: Store, activate: Activate, interrupts: Interrupts, decide: Decide | None = None
) -> Recovered | None:
    """``recover`` for who holds the lock. Without ``decide`` the public list says how root's changes ended."""
    with explaining(Exit.INCOMPLETE, note="an earlier run is not finished: recover finishes it"):
        _sync_first(store)
        # The list is read only once a part is found, so after it: it is never older than the part.
        by_the_list: Decide = lambda change: outcomes.verdict(outcomes.read_public(store.root), change)  # noqa: E731
        done = _transient(store, activate, decide or by_the_list)
        done = _committed(store, activate, interrupts) or done or _repair(store)
        if store.user is None:
            outcomes.agree(store)
    if done is not None:
        store.log(f"recover: {done.what} generation {done.number} ({done.reason}) {' '.join(map(str, done.saved))}")
    return done


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
    Raises RdnaError("held"): that change is not decided."""
    undo = finish.read_record(store, state)
    if undo.coordinator != records.LED:
        return False
    found = decide(undo.change)
    if found is Ruling.HELD:
        hint = "wait for that, or decide for your own files only: rdna-installer recover --decide undo"
        raise RdnaError("held", outcomes.held(undo), context=str(store.base), hint=hint, exit_code=Exit.INCOMPLETE)
    if found is Ruling.FORWARD:
        seal(store, undo)
    return found is Ruling.FORWARD


def seal(store: Store, undo: records.Undo) -> None:
    """Make an open transaction whose files are all in place a generation. Raises OSError."""
    store.turn(records.OPEN, f"generations/{undo.number}")


def _undo_open(store: Store, state: str, activate: Activate) -> tuple[records.Undo, tuple[PurePosixPath, ...]]:
    try:
        return finish.undo_open(store, state, activate)
    except RdnaError as err:
        if err.reference != "state-corrupted":
            err.exit_code = Exit.INCOMPLETE
        raise


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


def purge(store: Store, *, keep: bool = False) -> tuple[str, ...]:
    """Remove all we know; returns names of others that stay (and the directory with them). The list of outcomes stays
    as long as a user's part of a change waits for it. ``keep``: files that were changed since are left, and forgotten.

    Raises RdnaError("still-applied", "recover-first", "busy"), or what the disk says (exit 6: run it again).
    """
    if not store.exists:
        return ()
    with explaining(Exit.INCOMPLETE, note="the state is partly removed: run it again"), Interrupts():
        with lock(store) as locked, locked.folder() as base:
            empty(locked, keep=keep)
            left = tuple(name for name in base.names() if name != "lock")
            durable.discard(base, "lock")
            durable.sync(base)
        if not left:
            with Folder.open(store.root, store.base.parent, writing=True) as parent:
                durable.remove_folder(parent, store.base.name)
                durable.sync(parent)
    return left


def finish_purge(store: Store) -> bool:
    """Whether a purge had begun, which is then finished. Raises as ``purge``."""
    if not store.purging:
        return False
    purge(store)
    return True


def empty(store: Store, *, keep: bool = False) -> None:
    """Remove all but the lock, for who holds it; ``keep`` as for ``purge``. Raises RdnaError, OSError."""
    with store.folder() as base:
        if base.status(PURGING) is None:
            durable.remove_tree(base, records.RUBBISH)
            _require_uninstalled(store, keep)
            if base.status("generations") is not None or base.status(CURRENT) is not None:
                durable.write_tree(base, {PURGING: b""})
        durable.remove_tree(base, records.RUBBISH)
        if base.status("generations") is not None:
            throw_away(store, "generations")
        for name in (*BUILT, *FILES, *(n for n in base.names() if PROBED.fullmatch(n))):
            durable.remove_tree(base, name)
        known = outcomes.read(store)
        if known is None or not any(line.parts for line in known.lines):
            durable.discard(base, OUTCOMES)
        # The marker must not go before what it is about.
        durable.sync(base)
        durable.discard(base, PURGING)
        durable.sync(base)


def _require_uninstalled(store: Store, keep: bool) -> None:
    if store.needs_recovery():
        raise RdnaError("recover-first", "an earlier run is not finished", hint="rdna-installer recover")
    last = max(store.numbers(), default=0)
    generation = store.manifest(last).generation if last else None
    active = {m.path for m in generation.managed} if generation else set()
    if keep and generation:
        active -= {changed.path for changed in drift(store.root, generation)}
    if active:
        message = f"change {last} is still active; deleting its history would make rollback impossible"
        raise RdnaError("still-applied", message, context=str(store.base), hint="rdna-installer uninstall --purge")
