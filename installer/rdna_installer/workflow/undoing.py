"""Going back: rollback, uninstall, recover and purge, over all owners that a command concerns."""

from __future__ import annotations

import os
import secrets
from dataclasses import replace
from functools import partial

from rdna_installer.change.activation import plan_step
from rdna_installer.change.purge import purge as purge_store
from rdna_installer.change.recover import recover
from rdna_installer.change.rollback import TAKEN_BACK, previous, rollback_changes, rollback_wish
from rdna_installer.change.store import Store
from rdna_installer.detect.host import Ask, detect
from rdna_installer.detect.users import invoking_user
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Change, Foreign, Generation, Layer, Step
from rdna_installer.plan.plan import layer_of
from rdna_installer.record import record
from rdna_installer.workflow.applying import (
    Applied,
    Part,
    Progress,
    activator,
    check_boot_files,
    check_rights,
    commit_all,
    may_write,
    require_steps,
)
from rdna_installer.workflow.owners import Owner, find_owners


@record(frozen=True)
class UndoJob:
    """One ``rollback`` or ``uninstall``; ``to`` None is the generation before."""

    root: Sysroot
    to: int | None
    initramfs: bool = True
    foreign: Foreign = Foreign.REFUSE
    reason: str | None = None


@record(frozen=True)
class OwnerUndo:
    """What going back means for one owner."""

    owner: Owner
    to: int
    changes: tuple[Change, ...]
    steps: tuple[Step, ...]


@record(frozen=True)
class PlannedUndo:
    """All owners' ways back, users first."""

    parts: tuple[OwnerUndo, ...]
    boot_id: str | None

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes."""
        return tuple(c for part in self.parts for c in part.changes)

    @property
    def steps(self) -> tuple[Step, ...]:
        """All activation steps."""
        return tuple(s for part in self.parts for s in part.steps)

    @property
    def reboot_needed(self) -> bool:
        """Whether kernel options change."""
        return any(layer_of(c.path) is Layer.KERNEL for c in self.changes)

    @property
    def title(self) -> str:
        """One line saying what this goes back to."""
        where = [f"generation {p.to} of {p.owner.name}" if p.to else f"before us, {p.owner.name}" for p in self.parts]
        return "Back to " + ", ".join(where) if where else "Nothing was ever applied here"


def plan_undo(job: UndoJob) -> PlannedUndo:
    """What would change. Raises RdnaError("drift", "no-such-generation", "nothing-to-roll-back")."""
    facts = detect(job.root, Ask(search_sites=False))
    parts = []
    for owner, to in _targets(job, find_owners(job.root, facts.user)):
        changes = owner.do(partial(rollback_changes, owner.store, to, job.foreign))
        kernel = owner.is_system and any(layer_of(c.path) is Layer.KERNEL for c in changes)
        step = plan_step(facts)[0] if kernel and job.initramfs else None
        parts.append(OwnerUndo(owner, to, changes, (step,) if step else ()))
    return PlannedUndo(tuple(parts), facts.boot_id)


def _targets(job: UndoJob, owners: tuple[Owner, ...]) -> list[tuple[Owner, int]]:
    """The owners concerned: all for 0; the one acting for --to N; else those of the latest command."""
    current = {o: g for o in owners if (g := o.current()) is not None}
    if job.to == 0:
        return [(o, 0) for o in current]
    if job.to is not None:
        return [(_acting(owners), job.to)]
    latest = max((g for g in current.values() if g.change != TAKEN_BACK), key=lambda g: g.time, default=None)
    if latest is None:
        raise RdnaError("nothing-to-roll-back", "nothing was ever applied here")
    return [(o, o.do(partial(previous, o.store))) for o, g in current.items() if g.change == latest.change]


def _acting(owners: tuple[Owner, ...]) -> Owner:
    """Root works on the system; anybody else on what is their own."""
    mine = [o for o in owners if o.user and o.user.uid == os.geteuid()]
    return mine[0] if mine else owners[-1]


def check_undo_rights(job: UndoJob, planned: PlannedUndo) -> None:
    """Raises RdnaError("not-root"), and "no-boot-units" for the way back into a trial."""
    check_rights(job.root, [part.owner for part in planned.parts if part.changes])
    check_boot_files(job.root, planned.changes)


def go_back(job: UndoJob, planned: PlannedUndo, progress: Progress) -> Applied:
    """Carry it out, one transaction per owner."""
    require_steps(planned.steps, job.root)
    change = secrets.token_hex(8)
    users = tuple(p.owner.user.uid for p in planned.parts if p.changes and p.owner.user)
    parts = [
        Part(
            p.owner,
            p.changes,
            replace(_wish(job, planned, p, change), parts=users if p.owner.is_system else ()),
            p.steps,
        )
        for p in planned.parts
        if p.changes
    ]
    return commit_all(parts, job.root, progress, links=job.foreign is Foreign.OVERWRITE)


def _wish(job: UndoJob, planned: PlannedUndo, part: OwnerUndo, change: str) -> Generation:
    return part.owner.do(partial(rollback_wish, part.owner.store, part.to, planned.boot_id, job.reason, change))


def recover_all(root: Sysroot, progress: Progress) -> tuple[str, ...]:
    """Finish or undo what an interrupted run left, as root everybody's; one line for each owner who had something."""
    owners = _interrupted(root)
    check_rights(root, owners)
    return _recover(owners, root, progress)


def recover_first(root: Sysroot, progress: Progress) -> None:
    """``recover_all`` before a change is planned, as far as our rights go: half a change would make a wrong plan."""
    for line in _recover([o for o in _interrupted(root) if may_write(root, o)], root, progress):
        progress(line)


def _interrupted(root: Sysroot) -> list[Owner]:
    everybody = find_owners(root, invoking_user(root), everybody=True)
    return [o for o in everybody if o.do(o.store.needs_recovery)]


def _recover(owners: list[Owner], root: Sysroot, progress: Progress) -> tuple[str, ...]:
    lines = []
    for owner in owners:
        done = owner.do(partial(recover, owner.store, activator(root, progress)))
        if done:
            saved = "".join(f"; kept beside it: {path}" for path in done.saved)
            lines.append(f"{done.what}: generation {done.number} of {owner.name} ({done.reason}){saved}")
    return tuple(lines)


def purge(root: Sysroot) -> tuple[str, ...]:
    """Remove the system's and the acting user's state, after an uninstall; lines about what stays.

    Raises RdnaError (exit 6): the machine is as it was before us, and some state is left.
    """
    try:
        return _purge_all(root)
    except RdnaError as err:
        message = f"all was put back, but what we know of it is not all removed: {err.message}"
        hint = f"{err.hint or 'see above'}; then run it again"
        code = Exit.INCOMPLETE
        raise RdnaError(err.reference, message, context=err.context, hint=hint, exit_code=code) from err


def _purge_all(root: Sysroot) -> tuple[str, ...]:
    lines = []
    for owner in find_owners(root, invoking_user(root)):
        left = owner.do(partial(_purge, owner.store))
        if left is None:
            continue
        stays = f"; stays, not ours: {', '.join(left)}" if left else ""
        lines.append(f"removed the state of {owner.name}{stays}")
    return tuple(lines)


def _purge(store: Store) -> tuple[str, ...] | None:
    return purge_store(store) if store.exists else None
