"""setup: a lock becomes an environment beside the one in force, proved, and then one small ordinary change commits it.

What is long and may fail (fetching, installing, proving) is over before the change begins; until then nothing refers to
the new environment, and whatever stops it leaves the old one in force.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import PurePosixPath

from rdna_installer import codec
from rdna_installer.change.activation import Progress
from rdna_installer.change.store import ENVIRONMENTS
from rdna_installer.check.installed import distributions
from rdna_installer.codec import MisfitError
from rdna_installer.detect.host import Ask, detect
from rdna_installer.detect.sites import interpreter_at
from rdna_installer.environments import lock as locks
from rdna_installer.environments.lock import Layout, Lock, LockedFile, expected
from rdna_installer.environments.proof import left_behind
from rdna_installer.errors import Exit, RdnaError, explaining
from rdna_installer.machine import durable
from rdna_installer.machine.asuser import look
from rdna_installer.machine.built import held
from rdna_installer.machine.folder import read_actual
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import (
    Check,
    FileState,
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
)
from rdna_installer.plan.gpuset import require_gpu
from rdna_installer.plan.plan import make_change
from rdna_installer.record import record, replace
from rdna_installer.workflow import environments, refusals
from rdna_installer.workflow.applying import apply
from rdna_installer.workflow.committing import Applied
from rdna_installer.workflow.environments import Environment, in_force, prefix, reference, users_of
from rdna_installer.workflow.installing import Work, install, pip_of
from rdna_installer.workflow.owners import Owner, system_owner, system_uid, user_owner
from rdna_installer.workflow.planning import Job, decide, make_plan
from rdna_installer.workflow.probing import smoke_test

UNPACKED = 4  # times the size of the files: what installing takes besides them (facts: 1.7 GB become 5.7 to 6.2)
SPARE = 64 << 20  # bytes
ORIGIN = {Layout.SPLIT: TorchOrigin.THEROCK, Layout.CPU: TorchOrigin.UNKNOWN}


@record(frozen=True)
class SetupJob:
    """One ``setup``: where, for which card, by which interpreter."""

    root: Sysroot
    ask: Ask
    request: Request = Request(layers=frozenset({Layer.PYTHON}))
    python: str = "/usr/bin/python3"
    uv: bool = False


@record(frozen=True)
class Chosen:
    """A complete set. ``fetch`` brings its files to the folder that it returns; ``notes``: what else there was."""

    lock: Lock
    fetch: Callable[[Progress], PurePosixPath]
    notes: tuple[str, ...] = ()
    missing: int = 0  # bytes that are still to be fetched


@record(frozen=True)
class Preview:
    """What is shown before the question. ``fetch``, ``need`` and ``free`` are bytes; ``left``: packages of the old
    environment that do not come along; ``used_by``: programs that use the old one now."""

    owner: str
    card: str
    torch: str
    rocm: str | None
    target: str
    python: str
    index: str
    read: str
    place: str
    files: tuple[LockedFile, ...]
    fetch: int
    need: int
    free: int
    settings: tuple[Setting, ...]
    replaces: str | None
    left: tuple[str, ...]
    used_by: tuple[str, ...]
    notes: tuple[str, ...]


@record(frozen=True)
class PlannedSetup:
    """What is going to happen, all of it known before the question."""

    job: SetupJob
    owner: Owner
    chosen: Chosen
    number: int
    before: Environment | None
    preview: Preview
    refusal: RdnaError | None = None

    @property
    def python(self) -> str:
        """What programs are started with afterwards."""
        return f"{self.preview.place}/bin/python"


def owner_here(root: Sysroot, facts: HostFacts) -> Owner:
    """Whose environment it will be: the system's for root, else the caller's own."""
    return system_owner(root) if os.geteuid() == 0 or not root.live else user_owner(root, facts.user)


def card_facts(job: SetupJob) -> HostFacts:
    """The machine. Raises RdnaError("no-gpu")."""
    if not job.root.live:
        message = "an environment is made on the running system only: its programs are run"
        raise RdnaError("not-live", message, exit_code=Exit.USAGE)
    facts = detect(job.root, job.ask)
    require_gpu(facts)
    return facts


def plan_setup(job: SetupJob, facts: HostFacts, owner: Owner, chosen: Chosen) -> PlannedSetup:
    """What would happen with a chosen set. Raises RdnaError of the state or the rules."""
    lock, store = chosen.lock, owner.store
    before = in_force(owner)
    number = owner.do(partial(environments.next_number, store), int)
    place = prefix(store, number)
    old = next((s for s in facts.sites if before is not None and s.prefix == before.prefix), None)
    old = old or next((s for s in facts.sites if before is None and s.torch and s.owner == _uid(owner)), None)
    decided = decide(job.root, replace(facts, sites=(_site_to_be(job, place, lock, owner),)), job.request)
    needed = chosen.missing + lock.size * UNPACKED + SPARE
    where = next(p for p in (store.base, *store.base.parents) if job.root.is_dir(p))
    free = job.root.free_bytes(where)
    gpu = decided.policy.gpus[0]
    problems = expected(lock, lock.target)
    refusal = RdnaError(problems[0].reference, problems[0].message) if problems else None
    refusal = refusal or (refusals.unusable(decided.policy) if lock.layout is not Layout.CPU else None)
    preview = Preview(
        owner=owner.title,
        card=f"{gpu.name} ({gpu.gfx})" if gpu.name else gpu.gfx,
        **{name: getattr(lock, name) for name in ("torch", "rocm", "target", "python", "index", "read", "files")},
        place=str(place),
        fetch=chosen.missing,
        need=needed,
        free=free,
        settings=tuple(s for s in decided.policy.settings if s.layer in job.request.layers),
        replaces=f"{before.lock.torch} in {before.prefix}" if before else None,
        left=left_behind(_packages(job.root, old), lock) if old else (),
        used_by=users_of(job.root, before.prefix) if before else (),
        notes=(*chosen.notes, *decided.policy.warnings),
    )
    refusal = refusal or _no_pip(job) or _no_room(needed, free, where)
    return PlannedSetup(job, owner, chosen, number, before, preview, refusal)


def _uid(owner: Owner) -> int:
    return owner.user.uid if owner.user else system_uid(owner.store.root)


def _packages(root: Sysroot, site: PythonSite) -> Mapping[str, str]:
    return look(lambda: {d.name: d.version for d in distributions(root, site.site_packages)}, dict[str, str])


def _site_to_be(job: SetupJob, place: PurePosixPath, lock: Lock, owner: Owner) -> PythonSite:
    """The site as it will be: what the rules say of it is told before anything is fetched."""
    version = interpreter_at(job.root, job.python).version
    kind = TorchKind.CPU if lock.layout is Layout.CPU else TorchKind.ROCM
    targets = () if kind is TorchKind.CPU else (lock.target,)
    libraries = (LibraryKernels("rocBLAS", targets, Proof.PACKAGE),) if targets else ()
    origin = ORIGIN.get(lock.layout, TorchOrigin.PYTORCH_ORG)
    torch = Torch(lock.torch, lock.rocm, targets, origin, kind, Proof.PACKAGE, libraries)
    uid, group = _uid(owner), owner.user.gid if owner.user else 0
    return PythonSite(
        place / "bin/python", place, place / f"lib/python{version}/site-packages", version, uid, group, torch
    )


def _no_pip(job: SetupJob) -> RdnaError | None:
    if pip_of(job.root, PurePosixPath(job.python)) is not None:
        return None
    message = "neither the interpreter nor the distribution has a pip to install with"
    return RdnaError("pip-missing", message, hint="on Debian and Ubuntu: sudo apt-get install python3-venv")


def _no_room(need: int, free: int, where: PurePosixPath) -> RdnaError | None:
    if need <= free:
        return None
    message = f"{need >> 20} MiB are needed, and {free >> 20} MiB are free"
    return RdnaError("no-room", message, context=str(where), hint="free some space, then run it again")


def from_folder(root: Sysroot, folder: str) -> Chosen:
    """The set that a folder's own lock names. Raises RdnaError("no-lock")."""
    place = PurePosixPath(folder)
    try:
        lock = look(lambda: codec.read(Lock, root.read_bytes(place / "lock.json"), "lock", locks.FORMAT), Lock)
    except (OSError, MisfitError) as err:
        raise RdnaError("no-lock", f"the folder has no lock of a set: {err}", context=folder) from err
    return Chosen(lock, lambda progress: place)


def set_up(planned: PlannedSetup, progress: Progress) -> Applied:
    """Carry it out. Raises RdnaError: nothing changed (3), all undone (1), something left (6); KeyboardInterrupt."""
    job, owner = planned.job, planned.owner
    store = owner.store
    wheels = planned.chosen.fetch(progress)
    with explaining(Exit.FAILED, note="nothing was changed"):
        store.make()
        durable.make_folders(job.root, store.base / ENVIRONMENTS, 0o755)
    with store.folder(ENVIRONMENTS) as folder, held(folder) as free:
        if not free:
            raise RdnaError("busy", "another setup is running", hint="wait until it has ended, then run it again")
        environments.collect_held(store, folder)
        work = Work(planned.chosen.lock, wheels, PurePosixPath(job.python), job.uv, planned.preview.left)
        user = owner.user or detect(job.root, Ask(search_sites=False)).user
        site = install(store, planned.number, work, user, progress)
        return _commit(planned, site, progress)


def _commit(planned: PlannedSetup, site: PythonSite, progress: Progress) -> Applied:
    """The small change: hook and settings of the new environment, and the link that names it."""
    job, owner, current = planned.job, planned.owner, planned.owner.current()
    work = Job(
        job.root,
        replace(job.ask, pythons=(str(site.python),)),
        job.request,
        words=current.words if current else (),
        owner=None if owner.user else owner.name,
        reason="setup",
        leaving=(planned.before.prefix,) if planned.before else (),
    )
    made = make_plan(work)
    if made.refusal is not None and planned.chosen.lock.layout is not Layout.CPU:
        raise made.refusal
    path = reference(owner.store)
    wanted = FileState(path, owner=site.owner, group=site.group, link=str(planned.number))
    named = make_change(read_actual(job.root, path), owner.store.own(wanted))
    changes = (*made.plan.changes, *([named] if named else []))
    return apply(work, replace(made, plan=replace(made.plan, changes=changes)), progress)


def tried(planned: PlannedSetup) -> tuple[Check, ...]:
    """A short computation on the card, backwards too, in the environment that is in force now."""
    facts = detect(planned.job.root, replace(planned.job.ask, pythons=(planned.python,)))
    real = tuple(gpu for gpu in facts.gpus if gpu.source is not GfxSource.GIVEN)
    return tuple(smoke_test(replace(facts, gpus=real)))
