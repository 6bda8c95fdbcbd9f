"""Going back as a list of changes: a rollback is a transaction like any other and makes a new generation."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from rdna_installer.change import chain
from rdna_installer.change.soundness import compare, refuse
from rdna_installer.change.staging import booted_with
from rdna_installer.change.store import Store
from rdna_installer.errors import RdnaError
from rdna_installer.machine.folder import read_actual
from rdna_installer.model import Change, Drift, FileState, Generation, Managed, OnDrift
from rdna_installer.plan.plan import make_change, to_restore
from rdna_installer.record import replace


def _current(store: Store) -> Generation:
    current = store.current()
    if current is None:
        raise RdnaError("nothing-to-roll-back", "nothing was ever applied here", context=str(store.base))
    return current


def rollback_changes(store: Store, to: int, on_drift: OnDrift = OnDrift.REFUSE) -> tuple[Change, ...]:
    """The changes that lead from what is there now to generation ``to`` (0: the machine before us).

    ``on_drift`` says what becomes of files somebody changed meanwhile. Raises RdnaError("drift",
    "no-such-generation", "nothing-to-roll-back", "state-corrupted").
    """
    _current(store)
    return changes_to(store, store.load(to).managed, on_drift)


def changes_to(store: Store, target: Iterable[Managed], on_drift: OnDrift) -> tuple[Change, ...]:
    """``rollback_changes`` to what need not be one generation's: its files with another's kernel layer."""
    ours = {m.path: m for m in _current(store).managed}
    theirs = {m.path: m for m in target}
    changes, drifted = [], []
    for path in sorted({*ours, *theirs}):
        found = read_actual(store.root, path)
        wanted = _wanted(ours.get(path), theirs.get(path))
        difference = compare(_expected(ours.get(path), theirs.get(path)), found)
        if difference and not found.same_as(wanted):
            drifted.append(Drift(path, *difference))
            if on_drift is OnDrift.KEEP:
                continue
        changes.append(_change(path, found, wanted, on_drift))
    refuse(drifted, on_drift)
    return tuple(change for change in changes if change is not None)


def _wanted(ours: Managed | None, theirs: Managed | None) -> FileState:
    """What the target generation had at a path: its own file, or what was there before us."""
    if theirs is not None:
        return theirs.after
    return ours.origin if ours is not None else FileState(PurePosixPath("/"))


def _expected(ours: Managed | None, theirs: Managed | None) -> FileState:
    """What should be there now: what we wrote, or untouched what was there before us."""
    if ours is not None:
        return ours.after
    return theirs.origin if theirs is not None else FileState(PurePosixPath("/"))


def _change(path: PurePosixPath, found: FileState, wanted: FileState, on_drift: OnDrift) -> Change | None:
    if found.special is not None and on_drift is OnDrift.REFUSE:
        return None  # it is drift, and about to be refused as such
    return make_change(found, to_restore(path, wanted, found))


def rollback_wish(store: Store, to: int, boot_id: str | None, reason: str | None = None) -> Generation:
    """What the new generation says of itself that goes back to ``to`` because somebody named it."""
    current, target = _current(store), store.load(to)
    wish = chain.gone_back(
        current, chain.Destination(target, target, frozenset()), reason or f"rollback to {to}", boot_id
    )
    refused = tuple(name for name in current.refused if name != chain.kernel_layer(target))
    return replace(wish, refused=refused, booted=booted_with(current, boot_id))


def kept(store: Store) -> dict[int, Generation]:
    """All kept generations by number; () where nothing was ever applied. Raises RdnaError("state-corrupted")."""
    return {generation.number: generation for generation in store.generations()}
