"""verify, status and history: what is in force and what can be gone back to. Reads only."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from rdna_installer import __version__
from rdna_installer.change.soundness import Soundness, check, way_back, with_drift
from rdna_installer.change.store import ENVIRONMENTS, Store
from rdna_installer.check.files import REPAIR, WHOLE, repair
from rdna_installer.check.kernel import leave_result
from rdna_installer.check.verify import SetByOthers, verify
from rdna_installer.check.wanted import InForce, wanted_of
from rdna_installer.detect.host import Ask, detect
from rdna_installer.detect.users import invoking_user
from rdna_installer.errors import RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, Drift, Generation, HostFacts, Layer, Report, Request, Setting, Status
from rdna_installer.plan.conflicts import kernel_options
from rdna_installer.record import record, replace
from rdna_installer.workflow.boot_status import trial_checks
from rdna_installer.workflow.foreign import informed, load_rules, own_kernels, programs, scan_files
from rdna_installer.workflow.owners import (
    EVERYBODY,
    SYSTEM,
    Owner,
    find_owners,
    lost,
    merged,
    still_there,
    system_owner,
    with_environments,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdna_installer.amd.case import Case, Judged
    from rdna_installer.knowledge.load import Book
    from rdna_installer.knowledge.rules import Rule

STATE = tuple[Generation | None, tuple[Drift, ...], tuple[str, ...]]
UNFINISHED = "unfinished"
BETWEEN = "runs now, or was broken off; to end it: sudo rdna-installer recover"
EARLIER = 3  # changes before the current one whose services are looked at
States = tuple[tuple[str, Soundness | RdnaError], ...]

T = TypeVar("T")


@record(frozen=True)
class OwnerStatus:
    """What is applied for one owner, and what somebody changed since."""

    name: str
    current: Generation | None
    drift: tuple[Drift, ...]
    problem: str | None = None  # why nothing can be said of a user's part
    environment: tuple[str, ...] = ()  # what is to be said of environments
    services: tuple[str, ...] = ()  # those that have to be started again, and how


@record(frozen=True)
class OwnerHistory:
    """An owner's kept generations; ``lost``: the numbers of those whose environment is no longer there."""

    name: str
    generations: tuple[Generation, ...]
    lost: frozenset[int]


def is_outdated(generation: Generation) -> bool:
    """Whether another version of this program wrote some of it."""
    return any(m.ours and m.version != __version__ for m in generation.managed)


def verify_machine(
    root: Sysroot, ask: Ask, *, gpu: bool = False, running: bool = False, chosen: str | None = None
) -> tuple[Report, str | None]:
    """Check everything the current generations wanted. Root's result is left for readers without root, or why it is not
    is said.

    ``gpu``: also compute something on it. ``running``: also look at each program that uses one.
    """
    facts, generation, seen, report = look_over(root, ask, chosen)
    if gpu:
        from rdna_installer.workflow.probing import smoke_test

        report = replace(report, checks=(*report.checks, *smoke_test(facts)))
    lost = None
    if root.live and os.geteuid() == 0:
        lost = leave_result(report, facts, root)
    if running:
        from rdna_installer.workflow.running import with_running

        report = with_running(report, root, facts, _aims(root, facts, generation), seen.ask)
    return report, lost


def look_over(
    root: Sysroot, ask: Ask, chosen: str | None = None, *, again: bool = False
) -> tuple[HostFacts, Generation | None, SetByOthers, Report]:
    """What ``verify`` checks always, and what that was found from; looked ``again`` where another run came between."""
    user = invoking_user(root)
    owners = find_owners(root, user, chosen=chosen)
    asked = [owner for owner in owners if chosen in (None, EVERYBODY, owner.name)]
    current = [(owner, _guarded(owner, owner.store.current, Generation | None)) for owner in asked]
    generation = merged(found for _, found in current if not isinstance(found, RdnaError))
    if not ask.pythons:
        ask = replace(ask, pythons=_sites(generation, root))
    ask = replace(ask, lenient=True)
    facts = detect(root, ask)
    seen = _seen(root, facts, generation)
    report = verify(facts, generation, root, user, seen)
    if any(c.id.startswith("kernel:") and c.status in (Status.FAILED, Status.MISMATCH) for c in report.checks):
        # Whether a stale image is to blame costs a look into the whole of it.
        facts = detect(root, replace(ask, with_image=True))
        report = verify(facts, generation, root, user, seen)
    applied = [(owner, found) for owner, found in current if not isinstance(found, RdnaError)]
    system = [found for owner, found in applied if owner.is_system]
    trial = (*trial_checks(root, facts, system[0] if system else system_owner(root).current()),)
    pending = any(c.status is Status.PENDING_REBOOT for c in (*report.checks, *trial))
    problems = ((owner.name, found) for owner, found in current if isinstance(found, RdnaError))
    hurt = tuple(
        Check(f"state:{name}", Status.FAILED, "a sound state", str(err), None, err.hint) for name, err in problems
    )
    faults = state_faults(root, chosen)
    if not (report.ok or again) and UNFINISHED not in dict(faults) and any(map(_moved_on, applied)):
        return look_over(root, ask, chosen, again=True)
    spoilt = (Check("state", Status.FAILED, "a sound state", what, None, line) for what, line in faults)
    services = (c for owner, found in applied for c in _of_services(owner, found))
    made = tuple(_of_environments(facts, applied))
    repairable = _repairable(report.checks, applied, made)
    seen_so_far = _undecided(report.checks) if UNFINISHED in dict(faults) else repairable
    checks = (*spoilt, *seen_so_far, *services, *made, *trial, *hurt)
    return facts, generation, seen, replace(report, checks=checks, reboot_pending=pending)


def _moved_on(of: tuple[Owner, Generation | None]) -> bool:
    owner, found = of
    return owner.do(partial(owner.store.moved_on, found), bool)


def _undecided(checks: Iterable[Check]) -> tuple[Check, ...]:
    """While a change is unfinished, what its files have is neither right nor wrong."""
    return tuple(
        replace(c, status=Status.UNKNOWN, hint=f"a change {BETWEEN}")
        if c.id.startswith("file:") and c.status is not Status.OK
        else c
        for c in checks
    )


def _repairable(
    checks: Iterable[Check], applied: Sequence[tuple[Owner, Generation | None]], environments: Iterable[Check]
) -> Iterable[Check]:
    """How a file gets back what it had: an apply refuses what somebody changed, and without its words plans anew.
    What was in an environment that is no longer there is not said one by one: it comes with another environment."""
    ways = {f"file:{m.path}": repair(g.number, o.name, root=o.is_system) for o, g in applied if g for m in g.managed}
    gone = [f"{c.id.removeprefix('environment')}/" for c in environments if c.wanted == WHOLE]
    left = (c for c in checks if c.status is Status.OK or not any(place in c.id for place in gone))
    return (replace(c, hint=ways[c.id]) if c.hint == REPAIR else c for c in left)


def _of_services(owner: Owner, current: Generation | None) -> tuple[Check, ...]:
    """Also of those from which a change right before took a drop-in: they may still run with it."""
    try:
        before = owner.do(partial(_services_before, owner.store), tuple[Setting, ...]) if current else ()
    except RdnaError:  # damaged: said elsewhere
        before = ()
    if current is None or not any(s.layer is Layer.SERVICES for s in (*before, *current.settings)):
        return ()
    from rdna_installer.workflow.services import checks

    return checks(owner, current, before)


def _services_before(store: Store) -> tuple[Setting, ...]:
    manifests = (store.manifest(number) for number in store.numbers()[-1 - EARLIER : -1])
    return tuple(s for m in manifests for s in m.generation.settings if s.layer is Layer.SERVICES)


def _of_environments(facts: HostFacts, applied: Sequence[tuple[Owner, Generation | None]]) -> Iterable[Check]:
    if not with_environments(g for _, g in applied):
        return ()
    from rdna_installer.workflow import environments

    return environments.checks(facts, applied)


def _aims(root: Sysroot, facts: HostFacts, generation: Generation | None) -> InForce:
    """What is applied, else what ``plan`` would set; and what programs with kernels of their own need."""
    from rdna_installer.amd.case import case_of
    from rdna_installer.plan.programs import for_programs
    from rdna_installer.workflow.planning import decide

    applied = generation is not None and generation.number > 0
    try:
        settings = generation.settings if generation and applied else decide(root, facts, Request()).policy.settings
        needs = for_programs(case_of(facts, load_rules(root, facts.user, facts.gpus)), programs(root, facts.user))
    except RdnaError:  # no GPU, or none that anything is known of
        settings, needs = generation.settings if generation else (), {}
    aims = wanted_of(Generation("", settings=settings))
    return replace(aims, sites={**aims.sites, **{path: dict(sets) for path, sets in needs.items()}})


def _seen(root: Sysroot, facts: HostFacts, generation: Generation | None) -> SetByOthers:
    """What others have set. The judge is loaded with the first question: most machines ask none."""

    ours = [m.path for m in generation.managed] if generation else []
    files = scan_files(root, facts, ours)

    @functools.cache
    def book() -> Book:
        return load_rules(root, facts.user, facts.gpus)

    @functools.cache
    def case() -> Case:
        from rdna_installer.amd.case import case_of

        settings = generation.settings if generation else ()
        names = {*(f.assignment.key for f in files.found), *os.environ, *(s.key for s in settings)}
        options = {option.key for option in kernel_options(facts)}
        told = informed(root, facts, {*options, *(name for name in names if name.isupper())})
        return case_of(told, book(), ours=settings)

    def ask(key: str, value: str, site: str | None = None) -> Judged:
        from rdna_installer.amd.judge import judge_setting

        program = next((s for s in case().facts.sites if str(s.python) == site), None)
        return judge_setting(case(), key, value, program or (own_kernels(root, facts).get(site) if site else None))

    def faults() -> Iterable[Rule]:
        if not book().rules:
            return ()
        from rdna_installer.amd.conditions import known_faults

        return known_faults(facts, book())

    return SetByOthers(files, dict(os.environ), ask, faults)


def _sites(generation: Generation | None, root: Sysroot) -> tuple[str, ...]:
    """The Pythons to ask; those that are gone are the hook check's finding, not a usage error."""
    settings, managed = (generation.settings, generation.managed) if generation else ((), ())
    ours = (str(m.path.with_name(m.after.link) / "bin/python") for m in managed if m.after.link)
    named = tuple(dict.fromkeys(s.site for s in settings if s.layer is Layer.PYTHON and s.site))
    named = tuple(dict.fromkeys((*named, *ours))) if named else ()
    try:
        return still_there(root, named)
    except RdnaError:  # one hangs: which, is found one by one
        return named


def read_status(root: Sysroot, chosen: str | None = None) -> tuple[OwnerStatus, ...]:
    """Every owner's current generation and its drift, the system first. Raises RdnaError of the system's own state."""
    found = []
    for owner in reversed(find_owners(root, invoking_user(root), chosen=chosen)):
        seen = _guarded(owner, partial(_state, root, owner.store), STATE)
        if isinstance(seen, RdnaError):
            found.append(OwnerStatus(owner.name, None, (), str(seen)))
        else:
            pending = (c for c in _of_services(owner, seen[0]) if c.status is Status.PENDING_RESTART)
            services = tuple(f"{c.id.removeprefix('service:')}: {c.hint}" for c in pending)
            found.append(OwnerStatus(owner.name, *seen[:2], environment=seen[2], services=services))
    return tuple(found)


def _guarded(owner: Owner, work: Callable[[], T], answer: object) -> T | RdnaError:
    """What an owner's state says; of another user's, what is wrong with it."""
    try:
        return owner.do(work, answer)
    except RdnaError as err:
        if owner.user is None or owner.user.uid == os.geteuid():
            raise
        return err


def check_states(root: Sysroot, chosen: str | None = None, *, files: bool = True) -> States:
    """Whether the owners' states can be believed, the system first; of those that this process may look into."""
    try:
        owners = find_owners(root, invoking_user(root), chosen=chosen)
    except RdnaError as err:
        if err.reference not in ("state-corrupted", "state-newer"):
            raise
        owners = (Owner(SYSTEM, Store.place(root)),)  # without it nobody knows whose else there is
    found: list[tuple[str, Soundness | RdnaError]] = []
    for owner in reversed(owners):
        try:
            state = _guarded(owner, partial(check, owner.store, files=files), Soundness)
            if isinstance(state, Soundness) and state.script is not None:
                state = replace(state, restore=way_back(owner.store, state.script, invoking_user(root)))
            found.append((owner.name, state))
        except RdnaError as err:
            if err.reference != "no-permission":
                raise
    return tuple(found)


def state_faults(root: Sysroot, chosen: str | None = None) -> tuple[tuple[str, str], ...]:
    """For ``status`` and ``verify``: whose state is unfinished or damaged, and where it is said how to go on."""
    states = [(name, s) for name, s in check_states(root, chosen, files=False) if isinstance(s, Soundness)]
    more = "what is safe, and how to go back: sudo rdna-installer recover --check"
    hurt = ((name, s.damaged[0]) for name, s in states if s.damaged)
    return (
        *((UNFINISHED, f"a change of {name} {BETWEEN}") for name, s in states if s.unfinished),
        *(("damaged", f"the state of {name} is damaged ({d.place}: {d.why}); {more}") for name, d in hurt),
    )


def _state(root: Sysroot, store: Store) -> tuple[Generation | None, tuple[Drift, ...], tuple[str, ...]]:
    current, drifted = with_drift(store)
    drifted = () if store.unfinished() else drifted  # what its files have is neither right nor wrong
    said: tuple[str, ...] = ()
    if store.root.is_dir(store.base / ENVIRONMENTS):  # most have none
        from rdna_installer.workflow import environments

        said = environments.said(root, store, current)
    return current, drifted, said


def read_history(root: Sysroot, chosen: str | None = None) -> tuple[OwnerHistory, ...]:
    """Every owner's kept generations, the system first; of a user whose state cannot be read, none."""
    owners = reversed(find_owners(root, invoking_user(root), chosen=chosen))
    found = ((owner, _guarded(owner, owner.store.generations, tuple[Generation, ...])) for owner in owners)
    known = ((owner, () if isinstance(seen, RdnaError) else seen) for owner, seen in found)
    return tuple(OwnerHistory(owner.name, seen, lost(owner, seen)) for owner, seen in known)
