"""detect -> resolve -> prove -> render -> plan. Reads only; the one place where a plan is made."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import PurePosixPath

from rdna_installer import __version__
from rdna_installer.amd.case import Case
from rdna_installer.change.activation import named, plan_step, reload_steps, untrusted
from rdna_installer.change.soundness import refuse_between
from rdna_installer.detect.host import Ask, detect
from rdna_installer.detect.modprobe import disagreement
from rdna_installer.detect.programs import Program
from rdna_installer.detect.users import user_of
from rdna_installer.errors import RdnaError
from rdna_installer.knowledge.load import Book
from rdna_installer.machine.folder import read_all
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import (
    Change,
    FileState,
    Generation,
    HostFacts,
    Layer,
    OnDrift,
    Plan,
    Policy,
    PythonSite,
    Request,
    ServiceUnit,
    Step,
)  # fmt: skip
from rdna_installer.parameter import split
from rdna_installer.plan import plan as planner
from rdna_installer.plan import trial
from rdna_installer.plan.conflicts import Foreign, Others, find_conflicts
from rdna_installer.plan.gpuset import require_gpu
from rdna_installer.plan.policy import resolve
from rdna_installer.plan.prove import prove
from rdna_installer.plan.summary import Summary, summarise
from rdna_installer.plan.surroundings import refuse_kernel_layer, surroundings
from rdna_installer.record import record, replace
from rdna_installer.workflow import foreign, refusals
from rdna_installer.workflow.foreign import load_rules
from rdna_installer.workflow.kept_results import Known, known
from rdna_installer.workflow.owners import (
    EVERYBODY,
    SYSTEM,
    Owner,
    find_owners,
    owner_of,
    still_there,
    system_owner,
    system_uid,
)

BROKEN = "runs now, or was broken off: apply ends that first"


@record(frozen=True)
class Job:
    """One ``plan`` or ``apply``: where, what is told, what is asked for; ``words``: that as options of the command."""

    root: Sysroot
    ask: Ask
    request: Request
    initramfs: bool = True
    on_drift: OnDrift = OnDrift.REFUSE
    words: tuple[str, ...] = ()
    owner: str | None = None  # as ``--owner`` has it: whose files may change
    reason: str = "apply"
    restart: tuple[str, ...] = ()  # services that are started again
    leaving: tuple[PurePosixPath, ...] = ()  # environments: what is ours in them is taken away


@record(frozen=True)
class Planned:
    """A plan with what it was made from. ``refusal``: why apply will not do it."""

    plan: Plan
    facts: HostFacts
    owners: tuple[Owner, ...]
    refusal: RdnaError | None

    @property
    def total(self) -> Summary:
        """What it comes to."""
        return summarise(len(self.plan.policy.settings), self.plan.changes, self.plan.steps, self.plan.reboot_needed)

    def changes_of(self, owner: Owner) -> tuple[Change, ...]:
        """The changes of one owner's transaction."""
        return _of(owner, self.plan.changes, self.facts, self.owners)


def _of(owner: Owner, changes: Iterable[Change], facts: HostFacts, owners: tuple[Owner, ...]) -> tuple[Change, ...]:
    return tuple(c for c in changes if owner_of(c.path, facts, owners) == owner)


@record(frozen=True)
class Decided:
    """What is decided for a machine, from what is there, what others set and what a probe found."""

    facts: HostFacts
    book: Book
    probed: Known
    policy: Policy
    items: tuple[Foreign, ...]  # what others set, and what is to be said of it
    others: Others

    @property
    def notes(self) -> tuple[str, ...]:
        """What every command says of the machine, whatever it does there."""
        around = (text for _, text in surroundings(self.facts))
        return (*self.facts.notes, *around, *self.probed.warnings)


def decide(root: Sysroot, facts: HostFacts, request: Request, book: Book | None = None) -> Decided:
    """What ``plan`` and every other command goes by. Raises RdnaError (no GPU, bad rule, bad --set …)."""
    book = book or load_rules(root, facts.user, facts.gpus)
    items, lost = foreign.gather(root, facts)
    facts = foreign.informed(root, facts, foreign.asked_keys(facts, book, request, items))
    probed = known(root, facts, _widened(request) if facts.services else request)
    policy = resolve(facts, book, probed.request, probed.measured)
    policy = replace(policy, costs=probed.costs, warnings=(*policy.warnings, *lost))
    if facts.services:
        policy = _for_services(root, facts, book, request, policy)
    others, case = Others((), ()), Case(facts, book, probed.request, policy.gpus, policy.settings, probed.measured)
    if programs := _not_named(facts, foreign.programs(root, facts.user)):
        from rdna_installer.plan.programs import said_of

        policy = replace(policy, warnings=(*policy.warnings, *said_of(case, programs)))
    if items:
        from rdna_installer.plan.foreign import find_others, judge_all

        stops = request.layers != {Layer.KERNEL}  # no variable changes what the kernel does
        others = find_others(judge_all(items, case), book, policy, stops=stops)
    if facts.services or (facts.fish and any(s.layer is Layer.ENV for s in policy.settings)):
        from rdna_installer.workflow.services import in_the_way

        others = replace(others, conflicts=(*others.conflicts, *in_the_way(root, facts, policy)))
    return Decided(facts, book, probed, policy, items, others)


def _widened(request: Request) -> Request:
    """With the layers that services are given of; ``_for_services`` takes out again what was not chosen."""
    return replace(request, layers=request.layers | {Layer.ENV, Layer.PYTHON})


def _not_named(facts: HostFacts, programs: Iterable[Program]) -> tuple[Program, ...]:
    runs = {unit.runs for unit in facts.services}
    return tuple(p for p in programs if str(p.path) not in runs or not p.gfx_targets)


def _for_services(root: Sysroot, facts: HostFacts, book: Book, request: Request, policy: Policy) -> Policy:
    from rdna_installer.plan.programs import for_programs
    from rdna_installer.plan.services import narrowed

    needs = for_programs(Case(facts, book, request, policy.gpus), foreign.programs(root, facts.user))
    runs = {str(unit.folder): foreign.program_of(root, facts, unit.runs) or unit.runs for unit in facts.services}
    return narrowed(policy, request, facts, runs, needs)


def make_plan(job: Job) -> Planned:
    """Make the plan. Raises RdnaError where nothing can be planned at all (no GPU, bad rule, bad --set)."""
    gathered = _of_owner(job, gather(job))
    found = decide(job.root, gathered, job.request)
    facts, policy = found.facts, found.policy
    refused = refuse_kernel_layer(facts, policy.settings)
    facts = foreign.informed(job.root, facts, [s.key for s in policy.settings if s.layer is Layer.KERNEL])
    catalogue = found.book.kernel if any(s.layer is Layer.KERNEL for s in policy.settings) else {}
    proof = prove(policy.settings, facts.kernels, facts.running_kernel, catalogue)
    owners = _chosen_owners(job, facts)
    decided = trial.decide(job.request.trial, facts, owners[-1].current())
    changes, theirs = _changes(job, facts, policy, owners, decided.on)
    step, note = _step(job, facts, changes)
    reloads = tuple(s for o in owners for s in reload_steps(_of(o, changes, facts, owners), job.root, o.user))
    tried = decided if trial.touches(changes) else trial.TrialDecision(False)
    others = (find_conflicts(facts, policy.settings), found.others)
    said = (*proof.warnings, *(w for each in others for w in each.warnings), *_crosscheck(job.root, facts, policy))
    before = [s for owner in owners if changes and (g := owner.current()) for s in g.settings]
    if any(s.key.startswith("MIOPEN_") for s in before):
        from rdna_installer.plan.solvers import said_of_return

        said = (*said, *said_of_return(before, policy.settings))
    if job.restart:
        from rdna_installer.workflow.services import to_restart

        said = (*said, *to_restart(job.restart, changes, facts.services))
    broken = (f"a change of {o.name} {BROKEN}" for o in owners if o.do(o.store.unfinished, bool))
    warnings = (*broken, *found.notes, *said, *note, *trial.notes(tried, facts, changes), *planner.groups_lost(changes))
    plan = Plan(
        policy=policy,
        changes=changes,
        steps=(*reloads, step) if step else reloads,
        conflicts=tuple(c for each in others for c in each.conflicts),
        reboot_needed=Layer.KERNEL in planner.layers_of(changes),
        facts_digest=planner.facts_digest(gathered),
        warnings=warnings,
        trial=tried.on,
    )
    refusal = refused or refusals.unproved(proof.refused) or refusals.conflicts(plan.conflicts) or tried.refusal
    refusal = refusal or (untrusted(step, job.root) if step else None)
    return Planned(plan, facts, owners, refusal or _not_ours(theirs, owners) or refusals.unusable(plan.policy))


def _not_ours(theirs: tuple[Change, ...], owners: tuple[Owner, ...]) -> RdnaError | None:
    if not theirs:
        return None
    from rdna_installer.workflow.unrecorded import without_record

    return refusals.foreign_files(theirs, unrecorded=without_record(theirs, owners))


def facts_moved(job: Job, plan: Plan) -> bool:
    """Whether this machine is another one by now than the one that was planned for. Raises as ``gather``."""
    return planner.facts_digest(_of_owner(job, gather(job))) != plan.facts_digest


def _of_owner(job: Job, facts: HostFacts) -> HostFacts:
    """Without the sites of those whose files shall not change."""
    if job.owner in (None, EVERYBODY):
        return facts
    named = {owner.user.uid for owner in find_owners(job.root, facts.user, chosen=job.owner) if owner.user}
    mine = named or {system_uid(job.root)}
    return replace(facts, sites=tuple(site for site in facts.sites if site.owner in mine))


def _chosen_owners(job: Job, facts: HostFacts) -> tuple[Owner, ...]:
    """Those whose files may change. Raises the problem of a user whose site was chosen; others' is none of ours."""
    if job.owner == SYSTEM:
        return (system_owner(job.root),)
    whose: tuple[PythonSite | ServiceUnit, ...] = (*facts.sites, *facts.services)
    owners = find_owners(job.root, facts.user, whose, chosen=None if job.owner == EVERYBODY else job.owner)
    sites = {site.owner for site in facts.sites}
    for owner in owners:
        if owner.problem is not None and owner.user is not None and owner.user.uid in sites:
            why = owner.problem
            hint = f"add --owner system to do without the part of {owner.name}; or {why.hint or 'put it right'}"
            raise RdnaError(why.reference, f"the part of {owner.name}: {why.message}", context=why.context, hint=hint)
    return tuple(owner for owner in owners if owner.problem is None)


def gather(job: Job) -> HostFacts:
    """The facts. Sites that hold our hook already are among them when none is named; without those that nothing can be
    written for. Raises RdnaError("no-gpu", "no-home")."""
    facts = detect(job.root, job.ask)
    require_gpu(facts)
    facts = _with_homes(job, facts)
    if job.ask.pythons:
        return facts
    known = {str(site.python) for site in facts.sites}
    more = still_there(job.root, tuple(s for s in applied_sites(job.root, facts) if s not in known))
    if not more:
        return facts
    again = detect(job.root, replace(job.ask, pythons=more))
    return replace(facts, sites=(*facts.sites, *again.sites))


def _with_homes(job: Job, facts: HostFacts) -> HostFacts:
    """Without the sites of those who have no home, and so no place for a history. Raises RdnaError("no-home") for one
    that is named."""
    if os.geteuid() != 0:
        return facts
    homes = {uid: str(user_of(job.root, uid).home) for uid in {s.owner for s in facts.sites} - {system_uid(job.root)}}
    try:
        there = still_there(job.root, tuple(homes.values()))
    except RdnaError:  # one hangs: that is said where it is asked for
        return facts
    without = [uid for uid, home in homes.items() if home not in there]
    lost = [site for site in facts.sites if site.owner in without]
    said = [f"its owner, uid {site.owner}, has no home to keep a history in" for site in lost]
    if lost and job.ask.pythons:
        import shlex  # where a command is shown

        hint = f"give it to a user who has one, by name: sudo chown -R USER {shlex.quote(str(lost[0].prefix))}"
        raise RdnaError("no-home", said[0], context=str(lost[0].python), hint=hint)
    notes = (f"{site.python} is left out: {why}" for site, why in zip(lost, said, strict=True))
    return replace(facts, sites=tuple(s for s in facts.sites if s not in lost), notes=(*facts.notes, *notes))


def applied_sites(root: Sysroot, facts: HostFacts) -> tuple[str, ...]:
    """The Pythons that hold our hook, by the current generations."""
    owners = find_owners(root, facts.user, facts.sites)
    current = [owner.current() for owner in owners if owner.problem is None]
    return tuple(dict.fromkeys(s.site for g in current if g for s in g.settings if s.layer is Layer.PYTHON and s.site))


def _crosscheck(root: Sysroot, facts: HostFacts, policy: Policy) -> tuple[str, ...]:
    """modprobe's own word on the modules whose options we are about to set."""
    modules = frozenset(split(s.key)[0] for s in policy.settings if s.layer is Layer.KERNEL)
    differs = disagreement(root, facts.modprobe, modules) if modules else None
    return (differs,) if differs else ()


def _changes(
    job: Job, facts: HostFacts, policy: Policy, owners: tuple[Owner, ...], on_trial: bool
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """All changes, and those among them that nobody allowed: they would touch what somebody else made or edited.
    Raises RdnaError("changed-meanwhile") where these may well be of another run of ours."""
    changes: list[Change] = []
    refused: list[Change] = []
    for owner in owners:
        if job.owner not in (None, EVERYBODY, owner.name) and not (owner.user and job.owner == str(owner.user.uid)):
            continue
        current = owner.current()
        managed = {m.path: m for m in current.managed} if current else {}
        wanted = owner.store.own(_wanted(job, facts, policy, owner, owners, on_trial))
        actual = owner.do(partial(read_all, job.root, [r.path for r in wanted]), dict[PurePosixPath, FileState])
        found = planner.find_changes(wanted, actual)
        theirs = [change for change in found if planner.is_foreign(change, managed.get(change.path))]
        changes += [change for change in found if job.on_drift is not OnDrift.KEEP or change not in theirs]
        if theirs:
            owner.do(partial(refuse_between, owner.store, current, [change.path for change in theirs]), None)
        refused += theirs if job.on_drift is OnDrift.REFUSE else []
        changes += [
            planner.taken_back(actual[r.path], r)
            for r in wanted
            if {*job.leaving} & {*r.path.parents} and actual[r.path].same_as(r) and r.path in managed
        ]
    return tuple(changes), tuple(refused)


def _wanted(
    job: Job, facts: HostFacts, policy: Policy, owner: Owner, owners: tuple[Owner, ...], on_trial: bool
) -> tuple[FileState, ...]:
    current = owner.current()
    managed = current.managed if current else ()
    number = owner.do(owner.store.next_number, int)
    rendered = {
        n: tuple(r for r in _render(policy, facts, n, version, on_trial) if owner_of(r.path, facts, owners) == owner)
        for n, version in {(number, __version__), *((m.generation, m.version) for m in managed if m.ours)}
    }
    folders = (*(s.site_packages for s in facts.sites), *(u.folder for u in facts.services), *job.leaving)
    wanted = planner.wanted_resources(rendered, number, managed, job.request.layers, folders)
    return trial.without_needless(wanted, managed)


def _render(policy: Policy, facts: HostFacts, generation: int, version: str, on_trial: bool) -> tuple[FileState, ...]:
    if not policy.settings:
        return ()
    from rdna_installer.plan.render import Stamp, render  # Jinja2 costs more than all else; not for an empty policy

    return render(policy, facts, Stamp(generation, version), on_trial)


def _step(job: Job, facts: HostFacts, changes: Iterable[Change]) -> tuple[Step | None, tuple[str, ...]]:
    if not any(planner.layer_of(c.path) is Layer.KERNEL for c in changes):
        return None, ()
    if not job.initramfs:
        return None, ("the boot image is not rebuilt (--no-initramfs): the options act once you have rebuilt it",)
    step, reason = plan_step(facts)
    return step and named(step, job.root), (reason,) if reason else ()


@record(frozen=True)
class Upgrade:
    """``versions`` wrote what is in force; ``problem``: why the same apply cannot be planned, or would be refused."""

    versions: tuple[str, ...]
    words: tuple[str, ...]
    changes: tuple[PurePosixPath, ...]
    problem: str | None = None


def look_again(stale: Sequence[Generation], job: Callable[[tuple[str, ...]], Job]) -> Upgrade:
    """Plan what the latest of the generations was asked for; ``job`` makes one of an apply's options."""
    versions = tuple(sorted({m.version for g in stale for m in g.managed if m.ours} - {__version__}))
    words = max(stale, key=lambda g: g.time).words
    try:
        planned = make_plan(job(words))
    except RdnaError as err:
        return Upgrade(versions, words, (), err.message)
    changes = tuple(change.path for change in planned.plan.changes)
    return Upgrade(versions, words, changes, planned.refusal.message if planned.refusal else None)
