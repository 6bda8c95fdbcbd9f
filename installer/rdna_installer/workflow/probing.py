"""``probe``: what to try with which variables, one campaign, its result kept for who probed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from types import MappingProxyType

from rdna_installer import resources
from rdna_installer.change.store import now
from rdna_installer.detect.host import detect
from rdna_installer.errors import RdnaError
from rdna_installer.gfx import OVERRIDE
from rdna_installer.knowledge.load import Book
from rdna_installer.knowledge.rules import CONV_VARIABLE, Rule
from rdna_installer.machine import durable
from rdna_installer.machine.asuser import as_user
from rdna_installer.machine.bounds import Ended, How, Limits
from rdna_installer.machine.runner import REPORT_FD, Runner, runner_of
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import HostFacts, Layer, Policy, PythonSite, User
from rdna_installer.plan.policy import resolve
from rdna_installer.plan.render import runtime_sources
from rdna_installer.probe.campaign import Begin, run_campaign
from rdna_installer.probe.judge import BARE
from rdna_installer.probe.keep import dump, file_name, stale
from rdna_installer.probe.kernellog import read_log
from rdna_installer.probe.trial import Spec
from rdna_installer.probe.types import OPS, OpOutcome, Probed, Result, StrategyRun, Variables
from rdna_installer.record import record, replace
from rdna_installer.workflow import probe_ends
from rdna_installer.workflow.foreign import load_rules
from rdna_installer.workflow.kept_results import identity, probe_store, read_kept
from rdna_installer.workflow.planning import Job

CHILD = PurePosixPath("probe_child.py")
CONV = "rdna_conv"  # our strategies in the child, by a name no installed hook has
SETTINGS = "as planned"
SERIAL = {"AMD_SERIALIZE_KERNEL": "3"}  # a fault ends the operation it is of; too slow where times are compared
LIMITS = Limits(total=900.0, silence=180.0, output=4 << 20, grace=10.0)
SLOW = replace(LIMITS, total=600.0, silence=None)  # MIOpen may compile for minutes, and reports to nobody
MEMORY_PART = 0.6  # of the machine's memory that one child may take


@record(frozen=True)
class Task:
    """One probe before it begins. ``device`` is "cuda" (torch's name for ROCm too) or "cpu"."""

    root: Sysroot
    facts: HostFacts
    site: PythonSite
    device: str
    start: Probed
    notes: tuple[str, ...] = ()

    @property
    def risky(self) -> bool:
        """Whether a GPU is going to be used, which a fault may reset."""
        return self.device == "cuda"


def prepare(job: Job, cpu: bool) -> Task:
    """Choose the interpreter and what to try. Raises RdnaError: no torch, several, another user's."""
    facts = detect(job.root, job.ask)
    site = _site(facts)
    require_own(site, facts.user)
    rocm = site.torch is not None and site.torch.for_rocm
    device = "cuda" if rocm and facts.gpus and not cpu else "cpu"
    notes = _without_gpu(facts, rocm, cpu)
    sets: tuple[Variables, ...] = (Variables(SETTINGS),)
    if device == "cuda":
        book = load_rules(job.root, facts.user)
        sets = tuple(variable_sets(resolve(facts, book, job.request), book, site))
    mine = identity(facts, site)
    if device == "cpu":
        mine = replace(mine, gpus=())
    start = Probed(mine, now(), sets, ())
    return _resumed(Task(job.root, facts, site, device, start, notes))


def probe(task: Task, begin: Begin, on_report: Callable[[bytes], None]) -> Probed:
    """Run it. The result is kept as it grows. Raises RdnaError, OSError where it cannot be kept."""
    files = child_sources()
    conv = {n: s for n, s in runtime_sources().items() if n.startswith("conv/")}
    files.update((PurePosixPath(CONV) / n.removeprefix("conv/"), s.encode()) for n, s in conv.items())
    with runner_of(task.site, task.facts.user, files, gpu=task.risky) as runner:
        _require_open(task, runner)
        folder, python = str(runner.files), str(task.site.python)
        limits = replace(LIMITS, memory=memory_limit(task.facts))

        def launch(spec: Spec) -> Ended:
            argv = command(python, f"{folder}/{CHILD}", task.device, spec)
            return _started(argv, runner.run(argv, _environment(spec.variables, SERIAL), limits, on_report))

        def measure(variables: Variables) -> Ended:
            argv = probe_ends.costs_command(python, f"{folder}/{probe_ends.COSTS_CHILD}", CONV)
            return _started(argv, runner.run(argv, _environment(variables), limits))

        def alone(argv: tuple[str, ...]) -> Ended:
            return _started(argv, runner.run(argv, _environment(task.start.sets[0], SERIAL), SLOW))

        tried = run_campaign(task.start, launch, read_log, begin, lambda found: _keep(task, found))
        found = probe_ends.add_costs(tried, begin, measure)
        driver = probe_ends.find_driver(task.root, task.facts.rocm, runner.rights.uid)
        found = probe_ends.add_driver(found, driver, begin, alone)
        _keep(task, found)
        return found


def child_sources() -> dict[PurePosixPath, bytes]:
    """The programs the children run, and what these share."""
    runtime = resources.PACKAGE / "runtime"
    return {PurePosixPath(path.name): path.read_bytes() for path in runtime.glob("probe_*.py")}


def variable_sets(policy: Policy, book: Book, site: PythonSite) -> Iterator[Variables]:
    """What is set anyway; nothing, to see what that is good for; then the experiments, which may hang a GPU."""
    python = str(site.python)
    values = tuple(
        (s.key, s.value) for s in policy.settings if s.layer is not Layer.KERNEL and s.site in (None, python)
    )
    planned = tuple((key, value) for key, value in values if not key.startswith("RDNA_"))
    yield Variables(SETTINGS, planned)
    if planned and not any(key.startswith(OVERRIDE) for key, _ in planned):
        yield Variables(BARE, (), None, ("native",))
    rules = {rule.id: rule for rule in book.rules}
    for experiment in policy.experiments:
        rule = rules.get(experiment.rule)
        if rule is not None and experiment.site in (None, python):
            yield from _experiment(rule, planned, len(policy.gpus))


def _experiment(rule: Rule, planned: tuple[tuple[str, str], ...], gpus: int) -> Iterator[Variables]:
    wanted = {s.key: s.value for s in rule.settings if s.layer is not Layer.KERNEL}
    conv = wanted.pop(CONV_VARIABLE, None)
    if rule.spoof is not None:
        if gpus > 1:
            return  # the override would hit every GPU
        wanted[OVERRIDE] = rule.spoof.value
    if wanted:
        values = tuple({**dict(planned), **wanted}.items())
        strategies = (conv,) if conv else Variables("").strategies
        yield Variables(rule.id, values, rule.id, strategies)


def _site(facts: HostFacts) -> PythonSite:
    sites = [site for site in facts.sites if site.torch is not None]
    if len(sites) == 1:
        return sites[0]
    if not sites:
        named = facts.sites[0].python if facts.sites else None
        message = f"there is no torch in {named}" if named else "no Python with a torch was found"
        raise RdnaError("no-torch", message, hint="name its interpreter or venv with --python PATH")
    listed = ", ".join(str(site.python) for site in sites)
    raise RdnaError("several-sites", "more than one Python has a torch", context=listed, hint="name one: --python PATH")


def require_own(site: PythonSite, user: User) -> None:
    """Raises RdnaError("not-yours") for another user's Python: a GPU may hang for its start-up code."""
    if site.owner in (0, user.uid):
        return
    raise RdnaError(
        "not-yours",
        "its site-packages belong to another user, whose start-up code is not run as you",
        context=str(site.python),
        hint="probe it as that user",
    )


def _without_gpu(facts: HostFacts, rocm: bool, cpu: bool) -> tuple[str, ...]:
    why = "you asked for it" if cpu else "no AMD GPU was found" if not facts.gpus else "this torch is no ROCm build"
    if cpu or not facts.gpus or not rocm:
        return (f"only the CPU is probed ({why}): that shows that the strategies compute right, nothing about a GPU",)
    return ()


def _resumed(task: Task) -> Task:
    """What the machine went down with is a fault, and what was found before that is kept."""
    kept = read_kept(task.root, task.facts, task.site)
    if (
        kept is None
        or kept.running is None
        or stale(kept.identity, task.start.identity)
        or kept.sets != task.start.sets
    ):
        return task
    variables, strategy = kept.running
    note = f"the machine or the probe went down while {strategy} was tried ({kept.time}); it is not tried again"
    results = (
        Result(OPS[0].name, OpOutcome.HUNG, note=note),
        *(Result(op.name, OpOutcome.NOT_TRIED) for op in OPS[1:]),
    )
    lost = StrategyRun(variables, strategy, results, (note,))
    start = Probed(kept.identity, task.start.time, kept.sets, (*kept.trials, lost))
    return replace(task, start=start, notes=(*task.notes, note))


def command(python: str, child: str, device: str, spec: Spec) -> tuple[str, ...]:
    """What starts a child; the number of its report's descriptor is filled in by the runner."""
    told = {"report": 0, "device": device, "strategy": spec.strategy, "conv": CONV, "ops": spec.ops}
    return (python, "-B", child, json.dumps(told).replace('"report": 0', f'"report": {REPORT_FD}'))


def _require_open(task: Task, runner: Runner) -> None:
    """Raises RdnaError("site-closed") where who runs it cannot read it all: nothing would be measured."""
    closed = runner.closed(task.site)
    if closed is not None:
        message = f"{closed} is closed to {runner.name}, as whom it has to be run"
        raise RdnaError("site-closed", message, context=str(task.site.python))


def _started(argv: tuple[str, ...], ended: Ended) -> Ended:
    """Raises RdnaError("tool-missing") for a program that was not started."""
    if ended.how is How.NOT_STARTED:
        raise RdnaError("tool-missing", f"cannot start {argv[0]}: {ended.why}", context=" ".join(argv))
    return ended


def _environment(variables: Variables, more: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """The variables under test and no others; our installed hook keeps out of it."""
    return {"RDNA_HOOK": "0", **more, **dict(variables.values)}


def memory_limit(facts: HostFacts) -> int:
    """Bytes one child may take."""
    return int((facts.ram_bytes or 16 << 30) * MEMORY_PART)


def _keep(task: Task, found: Probed) -> None:
    store = probe_store(task.root, task.facts.user)

    def write() -> None:
        store.make()
        with store.folder() as base:
            durable.replace(base, file_name(found.identity.python), dump(found), 0o644)

    as_user(task.facts.user, write, None, changes=True)
