"""Apply a plan: one change over all owners it concerns; all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import PurePosixPath

from rdna_installer.amd.case import describe
from rdna_installer.change.activation import Progress, require_ready
from rdna_installer.change.staging import booted_with
from rdna_installer.change.together import PartError
from rdna_installer.check.device import working_devices
from rdna_installer.check.hook import run_hook
from rdna_installer.errors import RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Generation, OnDrift, PythonSite, Setting, Status, Step
from rdna_installer.plan.trial import running, touches
from rdna_installer.workflow.committing import Applied, Part, commit_all, may_write
from rdna_installer.workflow.diagnosing import kernel_faults
from rdna_installer.workflow.owners import Owner
from rdna_installer.workflow.planning import Job, Planned, facts_moved


def apply(job: Job, planned: Planned, progress: Progress) -> Applied:
    """Carry out the plan. Raises RdnaError: nothing changed (3), all undone (1), something left (6)."""
    if facts_moved(job, planned.plan):
        message = "the machine changed while you were reading; nothing was done"
        raise RdnaError("facts-moved", message, hint="look at a new plan: rdna-installer plan")
    _prove_hooks(planned, job.root, progress)
    require_steps(planned.plan.steps, job.root)
    parts = []
    for owner in planned.owners:
        changes = planned.changes_of(owner)
        if changes or (owner.is_system and may_write(job.root, owner)):  # who coordinates has a generation of it
            steps = tuple(s for s in planned.plan.steps if s.manager == (owner.user.uid if owner.user else None))
            parts.append(Part(owner, changes, _wish(job, planned, owner), steps, was=owner.current()))
    try:
        links = job.on_drift is OnDrift.OVERWRITE
        return commit_all(parts, job.root, progress, links=links, restart=job.restart)
    except PartError as err:
        raise _named(err, planned) from err


def _named(err: PartError, planned: Planned) -> RdnaError:
    """A user may say no to apply; how to do without him is said."""
    names = ", ".join(o.name for o in planned.owners if o.user and o.user.uid in err.uids)
    hint = f"add --owner system to do without the part of {names}{f'; or {err.hint}' if err.hint else ''}"
    message = f"the part of {names}: {err.message}"
    return RdnaError(err.reference, message, context=err.context, hint=hint, exit_code=err.exit_code)


def require_steps(steps: Iterable[Step], root: Sysroot) -> None:
    """Refuse what would fail later: a boot image that has gone, a full /boot. Before any file is touched."""
    for step in steps:
        require_ready(step, root)


def _wish(job: Job, planned: Planned, owner: Owner) -> Generation:
    plan, current = planned.plan, owner.current()
    others = current.users if current else ()
    changed = {o.user.uid: "" for o in planned.owners if o.user and planned.changes_of(o)}  # "": this change
    return Generation(
        reason=job.reason,
        profile=plan.policy.profile,
        settings=_settings_of(job, planned, owner),
        gpus=tuple(describe(gpu) for gpu in plan.policy.gpus),
        boot_id=planned.facts.boot_id,
        words=job.words,
        users=tuple(sorted({**dict(others), **changed}.items())) if owner.is_system else (),
        left=current.left if current else (),
        refused=current.refused if current else (),
        booted=booted_with(current, planned.facts.boot_id) if owner.is_system else (),
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
    owners |= {str(u.folder): u.owner for u in planned.facts.services}
    mine = owner.user.uid if owner.user else None
    users = {o.user.uid for o in planned.owners if o.user}

    def belongs(setting: Setting) -> bool:
        uid = owners.get(setting.site or "")
        return uid == mine if mine is not None else uid not in users

    new = [s for s in planned.plan.policy.settings if belongs(s)]
    layers = job.request.layers
    current = owner.current()
    before = current.settings if current else ()
    gone = {s.site for s in before if s.site and {*job.leaving} & {*PurePosixPath(s.site).parents}}
    stays = (s for s in before if s.layer not in layers or (s.site is not None and s.site not in {*owners, *gone}))
    return (*stays, *new)


def _prove_hooks(planned: Planned, root: Sysroot, progress: Progress) -> None:
    """Run each staged hook with the very interpreter that will run it, before anything is written.

    Where nobody but root could read it, it is run by nobody, and that is said.
    """
    for site in planned.facts.sites if root.live else ():
        staged = _staged(planned, site, root)
        if not staged:
            continue
        result = run_hook(site, planned.facts.user, staged)
        if result.closed is not None:
            progress(f"note: the hook was not tried in {site.python}: {result.closed} is closed to everybody but root")
        elif result.status is Status.UNKNOWN:
            message = "the start-up file was not tried in this Python"
            raise RdnaError("hook-untried", message, context=str(site.python), hint=result.detail)
        elif not result.ok:
            message = f"the start-up file does not work in this Python: {result.detail}"
            raise RdnaError("hook-fails", message, context=str(site.python))


def _staged(planned: Planned, site: PythonSite, root: Sysroot) -> dict[PurePosixPath, bytes]:
    """The whole hook as it is going to be: what changes, and what is installed and stays."""
    changed = {c.path: c.after for c in planned.plan.changes if site.site_packages in c.path.parents}
    files = {path: after.content for path, after in changed.items() if after.there and after.content is not None}
    for owner in planned.owners if files else ():
        current = owner.current()
        managed = current.managed if current else ()
        stays = [m.path for m in managed if site.site_packages in m.path.parents and m.path not in changed]
        files.update(owner.do(partial(_contents, root, stays), dict[PurePosixPath, bytes]))
    return files


def _contents(root: Sysroot, paths: Iterable[PurePosixPath]) -> dict[PurePosixPath, bytes]:
    return {path: root.read_bytes(path) for path in paths if root.exists(path)}
