"""Going back as a list of changes: a rollback is a transaction like any other and makes a new generation."""

from __future__ import annotations

from pathlib import PurePosixPath

from rdna_installer.change import drift
from rdna_installer.change.actual import read_actual
from rdna_installer.change.generations import booted_with
from rdna_installer.change.store import Store
from rdna_installer.errors import RdnaError
from rdna_installer.model import Change, Drift, FileState, Foreign, Generation, Managed
from rdna_installer.plan.change import make_change, to_restore

TAKEN_BACK = "taken-back"  # the run of a generation that brought back the machine before us


def previous(store: Store) -> int:
    """The generation before the current one. Raises RdnaError("nothing-to-roll-back").

    One that took back a failed command stands for the generation of the same run that it brought back.
    """
    current = _current(store)
    if current.change == TAKEN_BACK:
        return 0
    same = [g.number for g in store.generations() if g.change == current.change] if current.change else []
    return max((n for n in store.numbers() if n < min(same, default=current.number)), default=0)


def take_back_wish(store: Store, failed: Generation) -> Generation:
    """What the undo of a generation says of itself: it belongs to the command that it brings back."""
    to = failed.number - 1
    change = store.load(to).change if to else TAKEN_BACK
    return rollback_wish(store, to, failed.boot_id, f"undo of {failed.number}", change)


def _current(store: Store) -> Generation:
    current = store.current()
    if current is None:
        raise RdnaError("nothing-to-roll-back", "nothing was ever applied here", context=str(store.base))
    return current


def rollback_changes(store: Store, to: int, foreign: Foreign = Foreign.REFUSE) -> tuple[Change, ...]:
    """The changes that lead from what is there now to generation ``to`` (0: the machine before us).

    ``foreign`` says what becomes of files somebody changed meanwhile. Raises RdnaError("drift",
    "no-such-generation", "nothing-to-roll-back", "state-corrupted").
    """
    current, target = _current(store), store.load(to)
    ours = {m.path: m for m in current.managed}
    theirs = {m.path: m for m in target.managed}
    changes, drifted = [], []
    for path in sorted({*ours, *theirs}):
        found = read_actual(store.root, path)
        wanted = _wanted(ours.get(path), theirs.get(path))
        difference = drift.compare(_expected(ours.get(path), theirs.get(path)), found)
        if difference and not found.same_as(wanted):
            drifted.append(Drift(path, *difference))
            if foreign is Foreign.KEEP:
                continue
        changes.append(_change(path, found, wanted, foreign))
    drift.refuse(drifted, foreign)
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


def _change(path: PurePosixPath, found: FileState, wanted: FileState, foreign: Foreign) -> Change | None:
    if found.special is not None and foreign is Foreign.REFUSE:
        return None  # it is drift, and about to be refused as such
    return make_change(found, to_restore(path, wanted, found))


def rollback_wish(
    store: Store, to: int, boot_id: str | None, reason: str | None = None, change: str = ""
) -> Generation:
    """What the new generation says of itself: the settings of the one gone back to."""
    target = store.load(to)
    return Generation(
        reason=reason or f"rollback to {to}",
        profile=target.profile,
        settings=target.settings,
        gpus=target.gpus,
        boot_id=boot_id,
        change=change,
        words=target.words,
        booted=booted_with(store.current(), boot_id),
    )
