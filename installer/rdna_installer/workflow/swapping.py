"""``apply --miopen``: another libMIOpen in one torch, as an ordinary change; the original stays in the history.

Everything that can be known is known before anything is written: whose torch it is, whether the file fits it, whether
it loads with it. RECORD is left as it is: ``verify`` explains the difference by our own records.
"""

from __future__ import annotations

from functools import partial
from pathlib import PurePosixPath

from rdna_installer.change.soundness import refuse_between
from rdna_installer.change.staging import bring
from rdna_installer.check import replacement
from rdna_installer.check.replacement import Fit
from rdna_installer.detect.torch import Installed, installed_at
from rdna_installer.detect.users import user_of
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine import asuser
from rdna_installer.machine.folder import read_actual
from rdna_installer.machine.sysroot import Sysroot, digest_of, real
from rdna_installer.model import FileState, HostFacts, OnDrift, PythonSite, TorchOrigin
from rdna_installer.plan.plan import is_foreign, make_change
from rdna_installer.record import replace
from rdna_installer.workflow import refusals
from rdna_installer.workflow.owners import owner_of
from rdna_installer.workflow.planning import Job, Planned, make_plan

SPARE = 64 << 20  # bytes
SAID = (
    "its convolutions are what this build makes of them: nothing here measures that; afterwards: rdna-installer probe"
)


def plan_swap(job: Job, file: str) -> tuple[Job, Planned]:
    """The change that puts ``file`` in place, and nothing else: settings stay. Raises RdnaError: it does not fit."""
    if len(job.ask.pythons) != 1:
        hint = "name the environment whose torch it is for: --python VENV"
        raise RdnaError("bad-combination", "--miopen is for one torch", hint=hint, exit_code=Exit.USAGE)
    made = make_plan(replace(job, request=replace(job.request, layers=frozenset())))
    site = next((s for s in made.facts.sites if s.torch is not None), None)
    if site is None:
        raise RdnaError("no-torch", "there is no torch in this environment", context=job.ask.pythons[0])
    source = real(job.root, PurePosixPath(file))
    torch, place = _target(job.root, site)
    fit = _fit(job.root, made.facts, site, torch, place, source)
    owner = owner_of(place, made.facts, made.owners)
    current = owner.current()
    job = replace(
        job,
        request=replace(job.request, layers=frozenset(), profile=(current and current.profile) or job.request.profile),
        words=current.words if current else (),
        reason="miopen",
    )
    before = owner.do(partial(read_actual, job.root, place), FileState)
    (after,) = owner.store.own([replace(before, digest=owner.do(partial(digest_of, job.root, source), str))])
    change = make_change(before, after)
    managed = {m.path: m for m in current.managed} if current else {}
    drifted = change is not None and place in managed and is_foreign(change, managed[place])
    if drifted:
        owner.do(partial(refuse_between, owner.store, current, [place]), None)
    changes = (change,) if change and not (drifted and job.on_drift is OnDrift.KEEP) else ()
    code = f"code for {', '.join(fit.targets)}" if fit.targets else f"its kernels are compiled by {fit.compiler}"
    becomes = f"{place} of {site.python} becomes {source}: {len(fit.new.defines)} functions, {code}"
    policy = replace(made.plan.policy, settings=(), rejected=(), experiments=(), warnings=())
    nothing_else = replace(made.plan, policy=policy, steps=(), conflicts=(), reboot_needed=False)
    plan = replace(nothing_else, changes=changes, warnings=(becomes, SAID, *made.plan.warnings))
    refusal = refusals.foreign_files(changes if drifted and job.on_drift is OnDrift.REFUSE else ())
    refusal = refusal or _no_room(job.root, source, place, owner.store.base) if changes else refusal
    return job, replace(made, plan=plan, refusal=refusal)


def bring_in(job: Job, planned: Planned, file: str) -> None:
    """Copy the file into its owner's state, from which the change takes it. Raises RdnaError: nothing was changed."""
    for change in planned.plan.changes:
        owner = owner_of(change.path, planned.facts, planned.owners)
        source = real(job.root, PurePosixPath(file))
        owner.do(partial(bring, owner.store, source, change.after), None, changes=True)


def _target(root: Sysroot, site: PythonSite) -> tuple[Installed, PurePosixPath]:
    """The torch, and its own libMIOpen. Raises RdnaError where there is none that may be replaced."""
    torch = installed_at(root, site.site_packages)
    if torch is None or site.torch is None or not site.torch.for_rocm:
        message = "this torch is not built for ROCm: it has no MIOpen"
        raise RdnaError("no-miopen", message, context=str(site.python))
    if site.torch.origin is TorchOrigin.DISTRO:
        message = "this torch is the distribution's: its MIOpen belongs to a package, and to every program here"
        hint = "make an environment of your own: rdna-installer setup"
        raise RdnaError("distribution-torch", message, context=str(site.site_packages), hint=hint)
    places = replacement.in_place(root, torch)
    if len(places) != 1:
        found = ", ".join(map(str, places)) or "none: it links the system's"
        message = "this torch does not bring one libMIOpen of its own"
        raise RdnaError("no-miopen", message, context=found)
    return torch, places[0]


def _fit(
    root: Sysroot, facts: HostFacts, site: PythonSite, torch: Installed, place: PurePosixPath, source: PurePosixPath
) -> Fit:
    """How the file fits. Raises RdnaError("miopen-unfit") with every reason why it does not."""
    gfx = tuple(dict.fromkeys(gpu.gfx for gpu in facts.gpus if not gpu.integrated)) or (facts.gpus[0].gfx,)
    user = user_of(root, site.owner) if root.live else None
    try:
        work = partial(replacement.look, root, torch, place, source, gfx)
        fit = asuser.look(work, Fit | None, user)
    except OSError as err:
        raise RdnaError("cannot-read", f"it cannot be read: {err.strerror}", context=str(source)) from err
    if fit is None:
        raise RdnaError("no-library", "this is no shared library for this machine", context=str(source))
    problems = list(fit.problems)
    if root.live and not problems:
        loads = replacement.load_problem(site, facts.user, torch, source, fit)
        problems += [loads] if loads else []
    if problems:
        message = f"this libMIOpen does not fit torch {site.torch.version if site.torch else ''}: {'; '.join(problems)}"
        hint = "build one against the ROCm of this torch: rdna-installer recipe miopen"
        raise RdnaError("miopen-unfit", message, context=str(source), hint=hint)
    return fit


def _no_room(root: Sysroot, source: PurePosixPath, place: PurePosixPath, base: PurePosixPath) -> RdnaError | None:
    """Both files are copied into the state, and the new one beside the one in place. Reflinks would need less."""
    new, old = (status.st_size if status else 0 for status in map(root.status, (source, place)))
    there = next(p for p in (base, *base.parents) if root.exists(p))
    needed = {there: new + old + SPARE, place.parent: new + SPARE}
    if len({status and status.st_dev for status in map(root.status, needed)}) == 1:
        needed = {there: sum(needed.values()) - SPARE}
    return next((no for at, size in needed.items() if (no := refusals.no_room(size, root.free_bytes(at), at))), None)
