"""Apply a plan: one transaction per owner, users first, the system last; all of it or nothing."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import PurePosixPath

from rdna_installer.amd.gpu import describe
from rdna_installer.change.activation import activate, require_ready
from rdna_installer.change.boots import forget_boots
from rdna_installer.change.generations import booted_with
from rdna_installer.change.rollback import rollback_changes, take_back_wish
from rdna_installer.change.transaction import commit
from rdna_installer.check.devices import working_devices
from rdna_installer.check.hook import run_hook
from rdna_installer.detect.bootfiles import can_be_rescued, missing_boot_files
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.interrupts import Interrupts
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import (
    Change,
    Foreign,
    Generation,
    Layer,
    PythonSite,
    Setting,
    Step,
)
from rdna_installer.plan.plan import layers_of
from rdna_installer.plan.trial import begins, running, safe_order, touches
from rdna_installer.record import record
from rdna_installer.workflow import refusals
from rdna_installer.workflow.afterwards import next_lines
from rdna_installer.workflow.diagnosing import kernel_faults
from rdna_installer.workflow.owners import Owner
from rdna_installer.workflow.planning import Job, Planned, make_plan

Progress = Callable[[str], None]
Activate = Callable[[Step, Mapping[PurePosixPath, bytes | None]], None]


Done = tuple[tuple[str, Generation], ...]


@record(frozen=True)
class Part:
    """One owner's transaction."""

    owner: Owner
    changes: tuple[Change, ...]
    wish: Generation
    steps: tuple[Step, ...]


@record(frozen=True)
class Applied:
    """What was done: the new generation of each owner."""

    generations: Done
    after: tuple[str, ...]

    def lines(self) -> list[str]:
        """What happened and exactly what happens next."""
        done = [f"done: generation {g.number} of {name} ({g.reason})" for name, g in self.generations]
        return [*done, *(f"next: {text}" for text in self.after)]


def may_write(root: Sysroot, owner: Owner) -> bool:
    """Whether this process may change an owner's files."""
    mine = owner.user is not None and owner.user.uid == os.geteuid()
    return os.geteuid() == 0 or not root.live or mine


def check_rights(root: Sysroot, owners: Iterable[Owner]) -> None:
    """Raises RdnaError("not-root") when an owner's files cannot be written by this process."""
    for owner in owners:
        if not may_write(root, owner):
            raise RdnaError(
                "not-root",
                f"changing files of {owner.name} needs root",
                hint="run it with sudo, or change your own venv only: --layer python --python VENV",
            )


def check_boot_files(root: Sysroot, changes: Iterable[Change]) -> None:
    """Raises RdnaError("no-boot-units") when a trial would begin that nothing ends."""
    if begins(changes):
        refusals.require_boot_files(missing_boot_files(root))


def apply(job: Job, planned: Planned, progress: Progress) -> Applied:
    """Carry out the plan. Raises RdnaError: nothing changed (3), all undone (1), something left (6)."""
    again = make_plan(job)
    if again.plan.facts_digest != planned.plan.facts_digest:
        raise RdnaError(
            "facts-moved", "this machine changed while you were asked; nothing was done", hint="look at a new plan"
        )
    _prove_hooks(planned, job.root)
    require_steps(planned.plan.steps, job.root)
    run = secrets.token_hex(8)
    parts = []
    for owner in planned.owners:
        changes = planned.changes_of(owner)
        if changes:
            steps = planned.plan.steps if owner.is_system else ()
            parts.append(Part(owner, changes, _wish(job, planned, owner, run), steps))
    return commit_all(parts, job.root, progress, links=job.foreign is Foreign.OVERWRITE)


def commit_all(
    parts: Sequence[Part], root: Sysroot, progress: Progress, *, links: bool, after: tuple[str, ...] | None = None
) -> Applied:
    """One transaction after the other; when one fails, those before it are taken back. Says what was done.

    ``after``: what happens next, where that is not a matter of the layers changed.

    Signals are noted and acted on between transactions, and inside one by itself; once all is done they come too late.
    """
    check_boot_files(root, [change for part in parts for change in part.changes])
    act = activator(root, progress)
    done: list[tuple[Owner, Generation]] = []
    with Interrupts() as interrupts:
        try:
            for part in parts:
                interrupts.check()
                done.append((part.owner, commit_as(part, act, links)))
        except BaseException as err:
            left = _take_back(done, act, progress)
            if left:
                raise _in_force_still(err, left) from err
            raise
        if after is None:
            layers = layers_of(change for part in parts for change in part.changes)
            after = tuple(next_lines(layers, [generation for _, generation in done], can_be_rescued(root)))
        applied = Applied(tuple((owner.name, generation) for owner, generation in done), after)
        for line in applied.lines():
            progress(line)
    return applied


def require_steps(steps: Iterable[Step], root: Sysroot) -> None:
    """Refuse what would fail later: a boot image that has gone, a full /boot. Before any file is touched."""
    for step in steps:
        require_ready(step, root)


def activator(root: Sysroot, progress: Progress) -> Activate:
    """What the transaction calls for each step."""
    return lambda step, wanted: activate(step, root, wanted, progress)


def commit_as(part: Part, act: Activate, links: bool) -> Generation:
    """One transaction with its owner's rights. What is on trial anew has had no boots."""
    owner, changes = part.owner, safe_order(part.changes)
    if owner.is_system and touches(changes):
        forget_boots(owner.store)
    return owner.do(lambda: commit(owner.store, changes, part.wish, part.steps, act, replace_links=links))


def _wish(job: Job, planned: Planned, owner: Owner, change: str) -> Generation:
    plan = planned.plan
    return Generation(
        reason="apply",
        profile=plan.policy.profile,
        settings=_settings_of(job, planned, owner),
        gpus=tuple(describe(gpu) for gpu in plan.policy.gpus),
        boot_id=planned.facts.boot_id,
        change=change,
        words=job.words,
        parts=tuple(o.user.uid for o in planned.owners if o.user and planned.changes_of(o)) if owner.is_system else (),
        booted=booted_with(owner.current(), planned.facts.boot_id) if owner.is_system else (),
        devices=_devices(job.root, planned, owner) if owner.is_system else (),
    )


def _devices(root: Sysroot, planned: Planned, owner: Owner) -> tuple[str, ...]:
    """What works now, to be compared after the boot; what did before the first of several changes without a boot."""
    current, boot = owner.current(), planned.facts.boot_id
    if not planned.facts.live or not touches(planned.changes_of(owner)):
        return current.devices if current else ()
    if current is not None and current.devices and (current.boot_id == boot or running(current)):
        return current.devices
    return (*working_devices(planned.facts, root), *(f"fault {name}" for name in sorted(kernel_faults(root) or ())))


def _settings_of(job: Job, planned: Planned, owner: Owner) -> tuple[Setting, ...]:
    """What is in force for this owner afterwards: new settings, and those of layers and sites not chosen now."""
    owners = {str(s.python): s.owner for s in planned.facts.sites}
    mine = owner.user.uid if owner.user else None
    users = {o.user.uid for o in planned.owners if o.user}

    def belongs(setting: Setting) -> bool:
        uid = owners.get(setting.site or "")
        return uid == mine if mine is not None else uid not in users

    new = [s for s in planned.plan.policy.settings if belongs(s)]
    layers = job.request.layers
    current = owner.current()
    stays = [s for s in (current.settings if current else ()) if not _covered(s, layers, owners)]
    return (*stays, *new)


def _covered(setting: Setting, layers: frozenset[Layer], sites: Mapping[str, int]) -> bool:
    return setting.layer in layers and (setting.site is None or setting.site in sites)


def _prove_hooks(planned: Planned, root: Sysroot) -> None:
    """Run each staged hook with the very interpreter that will run it, before anything is written."""
    for site in planned.facts.sites:
        staged = _staged(planned, site, root)
        if not staged or not root.live:
            continue
        owner = next((o.user for o in planned.owners if o.user and o.user.uid == site.owner), planned.facts.user)
        result = run_hook(site, owner, staged)
        if not result.ok:
            raise RdnaError(
                "hook-fails", f"the hook does not work in this Python: {result.detail}", context=str(site.python)
            )


def _staged(planned: Planned, site: PythonSite, root: Sysroot) -> dict[PurePosixPath, bytes]:
    """The whole hook as it is going to be: what changes, and what is installed and stays."""
    changed = {c.path: c.after for c in planned.plan.changes if site.site_packages in c.path.parents}
    files = {path: after.content for path, after in changed.items() if after.there and after.content is not None}
    for owner in planned.owners if files else ():
        current = owner.current()
        managed = current.managed if current else ()
        stays = [m.path for m in managed if site.site_packages in m.path.parents and m.path not in changed]
        files.update(owner.do(partial(_contents, root, stays)))
    return files


def _contents(root: Sysroot, paths: Iterable[PurePosixPath]) -> dict[PurePosixPath, bytes]:
    return {path: root.read_bytes(path) for path in paths if root.exists(path)}


def _take_back(done: list[tuple[Owner, Generation]], act: Activate, progress: Progress) -> list[str]:
    """Undo the transactions that were in force already when a later one failed. Returns what stays, and why."""
    left = []
    for owner, generation in reversed(done):
        what = f"generation {generation.number} of {owner.name}"
        progress(f"taking back {what}")
        try:
            changes = owner.do(partial(rollback_changes, owner.store, generation.number - 1))
            wish = owner.do(partial(take_back_wish, owner.store, generation))
            commit_as(Part(owner, changes, wish, ()), act, False)
        except (RdnaError, OSError) as err:
            left.append(f"{what} ({err})")
    return left


def _in_force_still(err: BaseException, left: Sequence[str]) -> RdnaError:
    return RdnaError(
        "undo-incomplete",
        f"{err or type(err).__name__}; then this could not be taken back: {', '.join(left)}",
        context=err.context if isinstance(err, RdnaError) else None,
        hint="it is whole and in force; once the cause is gone, as that user: rdna-installer rollback",
        exit_code=Exit.INCOMPLETE,
    )
