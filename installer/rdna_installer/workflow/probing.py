"""``probe``: what to try with which variables, one campaign, its result kept for who probed."""

from __future__ import annotations

import json
import stat
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
from rdna_installer.machine.runner import REPORT_FD, runner_of
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, HostFacts, Layer, Policy, PythonSite, RocmInstall, Status, User
from rdna_installer.plan.policy import resolve
from rdna_installer.plan.render import runtime_sources
from rdna_installer.probe import trial
from rdna_installer.probe.reading import Reading, dump, file_name, read, read_costs, stale, worth_measuring
from rdna_installer.probe.trial import Begin, Spec, read_log, run_campaign
from rdna_installer.probe.types import BARE, OPS, OpOutcome, Probed, Result, StrategyRun, Variables
from rdna_installer.record import record, replace
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
COSTS_CHILD = PurePosixPath("probe_costs.py")
COSTS_STEP = "the cost model of gemm"  # in place of a strategy, where progress is told
DRIVER_PROGRAM = "MIOpenDriver"
SMOKE_OPS = ("copy", "mm f32", "conv2d 3>16 32x32", "conv2d backward", "batch norm", "cnn training")
WANTED = ", ".join(SMOKE_OPS)
SMOKE_LIMITS = Limits(total=300.0, silence=120.0, output=4 << 20)


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
    mine = identity(facts, site)
    if rocm and facts.gpus and not cpu:
        book = load_rules(job.root, facts.user)
        sets = tuple(variable_sets(resolve(facts, book, job.request), book, site))
        return _resumed(Task(job.root, facts, site, "cuda", Probed(mine, now(), sets, ())))
    why = "you asked for it" if cpu else "no AMD GPU was found" if not facts.gpus else "this torch is no ROCm build"
    note = f"only the CPU is probed ({why}): that shows that the strategies compute right, nothing about a GPU"
    start = Probed(replace(mine, gpus=()), now(), (Variables(SETTINGS),), ())
    return _resumed(Task(job.root, facts, site, "cpu", start, (note,)))


def probe(task: Task, begin: Begin, on_report: Callable[[bytes], None]) -> Probed:
    """Run it. The result is kept as it grows. Raises RdnaError, OSError where it cannot be kept."""
    files = child_sources()
    conv = {n: s for n, s in runtime_sources().items() if n.startswith("conv/")}
    files.update((PurePosixPath(CONV) / n.removeprefix("conv/"), s.encode()) for n, s in conv.items())
    with runner_of(task.site, task.facts.user, files, gpu=task.risky) as runner:
        if (closed := runner.closed(task.site)) is not None:  # nothing would be measured
            message = f"{closed} is closed to {runner.name}, as whom it has to be run"
            raise RdnaError("site-closed", message, context=str(task.site.python))
        folder, python = str(runner.files), str(task.site.python)
        limits = replace(LIMITS, memory=memory_limit(task.facts))

        def launch(spec: Spec) -> Ended:
            told = {"device": task.device, "strategy": spec.strategy, "conv": CONV, "ops": spec.ops}
            argv = command(python, f"{folder}/{CHILD}", **told)
            return _started(argv, runner.run(argv, _environment(spec.variables, SERIAL), limits, on_report))

        def measure(variables: Variables) -> Ended:
            argv = command(python, f"{folder}/{COSTS_CHILD}", device="cuda", conv=CONV)
            return _started(argv, runner.run(argv, _environment(variables), limits))

        def alone(argv: tuple[str, ...]) -> Ended:
            return _started(argv, runner.run(argv, _environment(task.start.sets[0], SERIAL), SLOW))

        tried = run_campaign(task.start, launch, read_log, begin, lambda found: _keep(task, found))
        found = add_costs(tried, begin, measure)
        driver = find_driver(task.root, task.facts.rocm, runner.rights.uid)
        found = add_driver(found, driver, begin, alone)
        _keep(task, found)
        return found


def child_sources() -> dict[PurePosixPath, bytes]:
    """The programs the children run, and what these share."""
    runtime = resources.PACKAGE / "runtime"
    return {PurePosixPath(path.name): path.read_bytes() for path in runtime.glob("probe_*")}


def variable_sets(policy: Policy, book: Book, site: PythonSite) -> Iterator[Variables]:
    """What is set anyway; nothing, to see what that is good for; then the experiments, which may hang a GPU."""
    python = str(site.python)
    lasting = (s for s in policy.settings if s.layer is not Layer.KERNEL and s.site in (None, python))
    planned = tuple((s.key, s.value) for s in lasting if not s.key.startswith("RDNA_"))
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
    why = "its site-packages belong to another user, whose start-up code is not run as you"
    raise RdnaError("not-yours", why, context=str(site.python), hint="probe it as that user")


def _resumed(task: Task) -> Task:
    """What the machine went down with is a fault, and what was found before that is kept."""
    kept = read_kept(task.root, task.facts, task.site)
    if kept is None or kept.running is None or kept.sets != task.start.sets:
        return task
    if stale(kept.identity, task.start.identity):
        return task
    variables, strategy = kept.running
    note = f"the machine or the probe went down while {strategy} was tried ({kept.time}); it is not tried again"
    untried = (Result(op, OpOutcome.NOT_TRIED) for op in OPS[1:])
    results = (Result(OPS[0], OpOutcome.HUNG, note=note), *untried)
    lost = StrategyRun(variables, strategy, results, (note,))
    start = Probed(kept.identity, task.start.time, kept.sets, (*kept.trials, lost))
    return replace(task, start=start, notes=(*task.notes, note))


def command(python: str, child: str, **told: object) -> tuple[str, ...]:
    """What starts a child with what it is told; the number of its report's descriptor is filled in by the runner."""
    words = json.dumps({"report": 0, **told}).replace('"report": 0', f'"report": {REPORT_FD}')
    return (python, "-B", child, words)


def _started(argv: tuple[str, ...], ended: Ended) -> Ended:
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


def add_costs(found: Probed, begin: Begin, launch: Callable[[Variables], Ended]) -> Probed:
    """The result with what was measured, as it was where nothing is to be measured."""
    variables = worth_measuring(found)
    if variables is None:
        return found
    begin(variables, COSTS_STEP)
    return replace(found, costs=read_costs(launch(variables)))


def find_driver(root: Sysroot, installs: tuple[RocmInstall, ...], runner: int) -> PurePosixPath | None:
    """MIOpen's test program of the first ROCm that has it; never one that is a third user's."""
    for install in installs:
        path = PurePosixPath(install.path) / "bin" / DRIVER_PROGRAM
        status = root.status(path)
        if status and stat.S_ISREG(status.st_mode) and status.st_mode & 0o111 and status.st_uid in (0, runner):
            return path
    return None


def add_driver(
    found: Probed, path: PurePosixPath | None, begin: Begin, launch: Callable[[tuple[str, ...]], Ended]
) -> Probed:
    """The result with MIOpen's own; last, since it may reset the GPU, and not after too many faults."""
    if path is None or found.stopped or not found.identity.gpus:
        return found
    begin(found.sets[0], DRIVER_PROGRAM)
    return replace(found, driver=trial.judge_driver(launch((str(path), *trial.DRIVER_ARGUMENTS))))


def smoke_test(facts: HostFacts) -> Iterator[Check]:
    """One line for each Python with a ROCm build of torch. Touches the GPU, in a child that may die."""
    sites = [site for site in facts.sites if site.torch is not None and site.torch.for_rocm]
    if not sites or not facts.gpus or not facts.live:
        why = "no GPU" if not facts.gpus else "no ROCm build of torch" if not sites else "not the running system"
        yield Check("gpu", Status.NOT_APPLICABLE, WANTED, hint=f"nothing to try: {why}")
        return
    for site in sites:
        yield _try(site, facts)


def _try(site: PythonSite, facts: HostFacts) -> Check:
    try:
        require_own(site, facts.user)
        with runner_of(site, facts.user, child_sources(), gpu=True) as runner:
            if (closed := runner.closed(site)) is not None:
                return _smoke_line(site, Status.UNKNOWN, None, f"not tried: {closed} is closed to {runner.name}")
            # native: the child itself sets nothing; the installed hook is on, and does what it does for everybody
            told = {"device": "cuda", "strategy": "native", "conv": CONV, "ops": SMOKE_OPS}
            argv = command(str(site.python), f"{runner.files}/{CHILD}", **told)
            ended = runner.run(argv, {}, replace(SMOKE_LIMITS, memory=memory_limit(facts)))
    except (RdnaError, OSError) as err:
        return _smoke_line(site, Status.UNKNOWN, None, f"not tried: {err}")
    return _judge_smoke(site, ended, read(ended.report, SMOKE_OPS))


def _judge_smoke(site: PythonSite, ended: Ended, reading: Reading) -> Check:
    hint = f"find out what works: rdna-installer probe --python {site.python}"
    if reading.fatal is not None:
        return _smoke_line(site, Status.FAILED, reading.fatal, hint)
    bad = next((r for r in reading.results if r.outcome is not OpOutcome.OK), None)
    if bad is not None:
        return _smoke_line(site, Status.FAILED, f"{bad.op}: {bad.outcome.value} {bad.note}".rstrip(), hint)
    if reading.done and ended.how is How.ENDED and len(reading.results) == len(SMOKE_OPS):
        return _smoke_line(site, Status.OK, "all equal to the CPU's", None)
    if ended.how is How.UNKILLABLE:
        hint = "the test hangs and cannot be stopped: reboot"
    how = ended.how.value if ended.code is None else f"{ended.how.value} {ended.code}"
    return _smoke_line(site, Status.FAILED, f"{reading.begun or 'start'}: {how}", hint)


def _smoke_line(site: PythonSite, status: Status, running: str | None, hint: str | None) -> Check:
    return Check(f"gpu:{site.python}", status, WANTED, running, str(site.python), hint)
