"""setup: a lock becomes an environment beside the one in force, proved, and then one small ordinary change commits it.

What is long and may fail (fetching, installing, proving) is over before the change begins; until then nothing refers to
the new environment, and whatever stops it leaves the old one in force.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from rdna_installer.change.activation import Progress
from rdna_installer.change.soundness import with_drift
from rdna_installer.change.store import ENVIRONMENTS, WHEELS
from rdna_installer.check.files import repair
from rdna_installer.check.installed import distributions
from rdna_installer.detect.host import Ask, detect
from rdna_installer.environments.choose import Choice, reported
from rdna_installer.environments.lock import Layout, Lock
from rdna_installer.environments.proof import left_behind
from rdna_installer.errors import Exit, RdnaError, explaining
from rdna_installer.machine import durable
from rdna_installer.machine.asuser import look
from rdna_installer.machine.built import held
from rdna_installer.machine.folder import read_actual
from rdna_installer.machine.net import Net
from rdna_installer.machine.process import find_own
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import (
    Change,
    Check,
    Drift,
    DriftKind,
    FileState,
    Generation,
    GfxSource,
    HostFacts,
    Layer,
    LibraryKernels,
    Proof,
    PythonSite,
    Request,
    Setting,
    Torch,
    TorchKind,
    TorchOrigin,
    User,
)
from rdna_installer.plan.plan import make_change
from rdna_installer.record import record, replace
from rdna_installer.workflow import environments, refusals
from rdna_installer.workflow.applying import apply
from rdna_installer.workflow.choosing import SetupPlan
from rdna_installer.workflow.committing import Applied
from rdna_installer.workflow.environments import Environment, in_force, prefix, reference, users_of
from rdna_installer.workflow.fetching import SPARE, Room, fetch, folder_of, room
from rdna_installer.workflow.fetching import Progress as Told
from rdna_installer.workflow.installing import Work, install, no_pip, pip_of
from rdna_installer.workflow.owners import Owner, system_owner, system_uid, user_owner
from rdna_installer.workflow.planning import Job, decide, make_plan
from rdna_installer.workflow.probing import smoke_test
from rdna_installer.workflow.system_steps import Lack, add, lacking

ORIGIN = {Layout.SPLIT: TorchOrigin.THEROCK, Layout.CPU: TorchOrigin.UNKNOWN}


@record(frozen=True)
class SetupJob:
    """One ``setup``: where, for which card, by which interpreter; ``like``: the set to be installed anew;
    ``newer``: nothing where it would be the same set."""

    root: Sysroot
    ask: Ask
    request: Request = Request(layers=frozenset({Layer.PYTHON}))
    python: PurePosixPath = PurePosixPath("/usr/bin/python3")
    uv: bool = False
    like: Lock | None = None
    newer: bool = False


@record(frozen=True)
class Preview:
    """What becomes of the files. ``need`` and ``free`` are bytes; ``left``: packages of the old environment that do not
    come along; ``used_by``: programs that use the old one now; ``same``: the files that are as in the old one;
    ``gone``: the old one's Python is no longer there."""

    owner: str
    place: str
    need: int
    free: int
    settings: tuple[Setting, ...]
    replaces: str | None
    left: tuple[str, ...]
    used_by: tuple[str, ...]
    notes: tuple[str, ...]
    steps: tuple[str, ...] = ()  # what is added to the system first, a command each
    same: tuple[str, ...] = ()
    gone: bool = False

    @property
    def python(self) -> str:
        """What programs are started with afterwards."""
        return f"{self.place}/bin/python"


@record(frozen=True)
class PlannedSetup:
    """What is going to happen, all of it known before the question."""

    job: SetupJob
    owner: Owner
    files: SetupPlan
    room: Room
    number: int
    before: Environment | None
    preview: Preview
    refusal: RdnaError | None = None
    lacks: tuple[Lack, ...] = ()


def owner_here(root: Sysroot, user: User) -> Owner:
    """Whose environment it will be: the system's for root, else the caller's own."""
    return system_owner(root) if os.geteuid() == 0 or not root.live else user_owner(root, user)


def plan_setup(job: SetupJob, facts: HostFacts, owner: Owner, files: SetupPlan) -> PlannedSetup:
    """What would happen with a chosen set. Raises RdnaError of the state or the rules."""
    choice, store = files.choice, owner.store
    space = room(job.root, store.base / WHEELS, files)
    if other := reported(choice.torch, files.gpu.gfx):
        job = replace(job, request=replace(job.request, profile=other.profile))
    before = in_force(owner)
    number = owner.do(partial(environments.next_number, store), int)
    _named(owner, number)  # what would be refused in the end is refused now
    _refuse_edited(owner, before)
    place = prefix(store, number)
    old = next((s for s in facts.sites if before is not None and s.prefix == before.prefix), None)
    old = old or next((s for s in facts.sites if before is None and s.torch and s.owner == _uid(owner)), None)
    decided = decide(job.root, replace(facts, sites=(_site_to_be(job, place, choice, owner),)), job.request)
    left = left_behind(_packages(job.root, old), [file.name for file in choice.files]) if old else ()
    pip = not job.root.live or pip_of(job.root, job.python) is not None
    lacks = lacking(job.root, facts, pip=pip)
    mine = tuple(lack for lack in lacks if lack.argv and owner.user is None)
    theirs = (lack.said for lack in lacks if lack not in mine)
    known = {file.filename: file.sha256 for file in before.lock.files} if before else {}
    same = tuple(f.filename for f in choice.files if f.filename in known and f.sha256 in (None, known[f.filename]))
    preview = Preview(
        owner=owner.title,
        place=str(place),
        need=space.missing + files.unpacked + SPARE,
        free=space.free,
        settings=tuple(s for s in decided.policy.settings if s.layer in job.request.layers),
        replaces=f"environment {before.number} (torch {before.lock.torch})" if before else None,
        left=left,
        used_by=users_of(job.root, before.prefix) if before else (),
        notes=(*decided.policy.warnings, *theirs),
        steps=tuple(lack.command for lack in mine),
        same=same,
        gone=before is not None and not before.there,
    )
    refusal = refusals.unusable(decided.policy) if choice.layout is not Layout.CPU else None
    refusal = refusal or refusals.no_room(preview.need, preview.free, preview.place)
    if job.uv and job.root.live and find_own("uv") is None:
        where = "here to run" if owner.user else "in /usr/local/bin or /usr/bin, where all may run it"
        refusal = refusal or RdnaError("uv-missing", f"there is no uv {where}", hint="leave out --uv, for pip")
    refusal = refusal or (None if pip or any("venv" in lack.what for lack in mine) else no_pip())
    return PlannedSetup(job, owner, files, space, number, before, preview, refusal, mine)


def _refuse_edited(owner: Owner, before: Environment | None) -> None:
    """Raises RdnaError("drift") where somebody edited what is to be taken out of the environment before, or moved the
    link that names it."""
    if before is None:
        return
    current, drifted = owner.do(partial(with_drift, owner.store), tuple[Generation | None, tuple[Drift, ...]])
    ours = (before.prefix, reference(owner.store))
    edited = [d for d in drifted if d.kind is not DriftKind.DELETED and not {d.path, *d.path.parents}.isdisjoint(ours)]
    if current and edited:
        way = repair(current.number, owner.name, root=owner.is_system)
        again = way if before.there else "move them away, then run it again"
        places = ", ".join(f"{drift.path} ({drift.detail})" for drift in edited)
        raise RdnaError("drift", "files were changed after rdna-installer wrote them", context=places, hint=again)


def _uid(owner: Owner) -> int:
    return owner.user.uid if owner.user else system_uid(owner.store.root)


def _packages(root: Sysroot, site: PythonSite) -> Mapping[str, str]:
    return look(lambda: {d.name: d.version for d in distributions(root, site.site_packages)}, dict[str, str])


def _site_to_be(job: SetupJob, place: PurePosixPath, choice: Choice, owner: Owner) -> PythonSite:
    """The site as it will be: what the rules say of it is told before anything is fetched."""
    version = f"3.{choice.python.removeprefix('cp3')}"
    kind = TorchKind.CPU if choice.layout is Layout.CPU else TorchKind.ROCM
    targets = () if kind is TorchKind.CPU else (choice.target,)
    libraries = (LibraryKernels("rocBLAS", targets, Proof.PACKAGE),) if targets else ()
    origin = ORIGIN.get(choice.layout, TorchOrigin.PYTORCH_ORG)
    torch = Torch(choice.torch, choice.rocm, targets, origin, kind, Proof.PACKAGE, libraries)
    uid, group = _uid(owner), owner.user.gid if owner.user else 0
    return PythonSite(
        place / "bin/python", place, place / f"lib/python{version}/site-packages", version, uid, group, torch
    )


def same_again(before: Lock) -> dict[str, Any]:
    """What to ask for, to get the set of an environment again."""
    folder = before.index if before.index.startswith("/") else None
    index = None if folder else before.index
    return {"index": index, "wheels": folder, "torch": before.torch, "early": True, "cpu": before.layout is Layout.CPU}


def set_up(planned: PlannedSetup, net: Net, told: Told, progress: Progress) -> Applied | None:
    """Carry it out; below another root, whose programs are not run, the files are fetched and no more (None).
    Raises RdnaError: nothing changed (3), all undone (1), something left (6); KeyboardInterrupt."""
    job, owner, store = planned.job, planned.owner, planned.owner.store
    with explaining(Exit.FAILED, note="nothing was changed"):
        store.make()
        durable.make_folders(job.root, store.base / ENVIRONMENTS, 0o755)
    add(job.root, planned.lacks)
    base = store.base / WHEELS  # in the owner's state, which is all his
    lock = fetch(job.root, base, planned.files, net, told)
    _require_same(job.like, lock)
    wheels = folder_of(base, planned.files.source.place)
    if not job.root.live:
        progress(f"done: {len(lock.files)} files are in {wheels}; installing them is for the running system")
        return None
    with store.folder(ENVIRONMENTS) as folder, held(folder) as free:
        if not free:
            raise environments.busy()
        environments.collect_held(store, folder)
        work = Work(lock, wheels, job.python, job.uv, planned.preview.left)
        user = owner.user or detect(job.root, Ask(search_sites=False)).user
        site = install(store, planned.number, work, user, progress)
        try:
            return _commit(planned, site, progress)
        except BaseException:
            if not store.needs_recovery():  # else that decides what is in force
                environments.collect_held(store, folder)
            raise


def _require_same(before: Lock | None, now: Lock) -> None:
    """Raises RdnaError("set-changed") where what was installed is not to be had any more."""
    if before is not None and {f.filename: f.sha256 for f in before.files} != {f.filename: f.sha256 for f in now.files}:
        message = "the files of this set are not those that were installed: the index has others by now"
        where = f"--{'wheels' if before.index.startswith('/') else 'index'} {shlex.quote(before.index)}"
        hint = f"take what it has now: rdna-installer setup {where} --torch {before.torch}"
        raise RdnaError("set-changed", message, hint=hint, exit_code=Exit.FAILED)


def _commit(planned: PlannedSetup, site: PythonSite, progress: Progress) -> Applied:
    """The small change: hook and settings of the new environment, and the link that names it."""
    job, owner, current = planned.job, planned.owner, planned.owner.current()
    old = environments.number_in(current, owner.store)  # of which no record need be left
    work = Job(
        job.root,
        replace(job.ask, pythons=(str(site.python),)),
        job.request,
        words=current.words if current else (),
        owner=None if owner.user else owner.name,
        reason="setup",
        leaving=() if old is None else (prefix(owner.store, old),),
    )
    made = make_plan(work)
    if made.refusal is not None and planned.files.choice.layout is not Layout.CPU:
        raise made.refusal
    changes = (*made.plan.changes, *_named(owner, planned.number))
    return apply(work, replace(made, plan=replace(made.plan, changes=changes)), progress)


def _named(owner: Owner, number: int) -> tuple[Change, ...]:
    """What makes the link name an environment. Raises RdnaError("not-a-file") where no link can be."""
    path, store = reference(owner.store), owner.store
    of = owner.user
    (mine,) = store.own([FileState(path, owner=_uid(owner), group=of.gid if of else 0, link=str(number))])
    named = make_change(owner.do(partial(read_actual, store.root, path), FileState), mine)
    return (named,) if named else ()


def tried(planned: PlannedSetup) -> tuple[Check, ...]:
    """A short computation on the card, backwards too, in the environment that is in force now."""
    facts = detect(planned.job.root, replace(planned.job.ask, pythons=(planned.preview.python,)))
    real = tuple(gpu for gpu in facts.gpus if gpu.source is not GfxSource.GIVEN)
    return tuple(smoke_test(replace(facts, gpus=real)))
