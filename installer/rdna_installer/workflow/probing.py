"""``probe``: what to try with which variables, one campaign, its result kept for who probed."""

from __future__ import annotations

import json
import shlex
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

from rdna_installer import resources
from rdna_installer.change.store import now
from rdna_installer.detect import sensors
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
from rdna_installer.model import Check, HostFacts, Layer, Policy, PythonSite, RocmInstall, Status, User
from rdna_installer.plan.policy import resolve
from rdna_installer.plan.render import runtime_sources
from rdna_installer.plan.summary import plural
from rdna_installer.probe import trial
from rdna_installer.probe.reading import (
    Reading,
    dump,
    file_name,
    read,
    read_costs,
    soak_lines,
    soak_result,
    stale,
    worth_measuring,
)
from rdna_installer.probe.rows import DEPTHS, data, for_children, named
from rdna_installer.probe.trial import Begin, Plan, Spec, new_faults, read_log, run_campaign
from rdna_installer.probe.types import (
    ANY,
    BARE,
    Identity,
    OpOutcome,
    Probed,
    Result,
    Sample,
    Soak,
    Trouble,
    Variables,
    choice,
)
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
# AMD's link, Arch's prefix; Debian, Ubuntu and Fedora; where Debian's own packages keep programs of tests.
DRIVER_PLACES = ("/opt/rocm/bin", "/usr/bin", "/usr/lib/miopen/bin", "/usr/libexec/miopen", "/usr/local/bin")
SOAK_CELLS = ("mm/f32", "conv2d-backward/f32", "layernorm/f32")
SAMPLES = 120  # of a soak
SMOKE_OPS = ("copy/f32", "mm/f32", "conv2d-3-16/f32", "conv2d-backward/f32", "batchnorm2d/f32", "cnn-training/f32")
WANTED = ", ".join(SMOKE_OPS)
ROWS = PurePosixPath("probe_rows.json")
SECONDS = 0.2  # of repetitions of one row
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
    known: tuple[Result, ...] = ()  # of the trial under way when an earlier run ended
    minutes: int = 0  # of the same work at the end

    @property
    def risky(self) -> bool:
        """Whether a GPU is going to be used, which a fault may reset."""
        return self.device == "cuda"

    @property
    def plan(self) -> Plan:
        """What the campaign does."""
        return Plan(self.start.depth, self.risky, {r.cell: r for r in self.known})


def prepare(job: Job, cpu: bool, depth: str = DEPTHS[1], minutes: int = 0) -> Task:
    """Choose the interpreter and what to try. Raises RdnaError: no torch, several, another user's."""
    facts = detect(job.root, job.ask)
    site = _site(facts)
    require_own(site, facts.user)
    rocm = site.torch is not None and site.torch.for_rocm
    mine = identity(facts, site)
    if rocm and facts.gpus and not cpu:
        book = load_rules(job.root, facts.user)
        sets = tuple(variable_sets(resolve(facts, book, job.request), book, site))
        if depth == DEPTHS[0]:
            sets = (replace(sets[0], strategies=_best_known(job.root, facts, site)),)
        start = _start(facts, mine, sets, depth)
        return _resumed(Task(job.root, facts, site, "cuda", start, minutes=minutes))
    why = "you asked for it" if cpu else "no AMD GPU was found" if not facts.gpus else "this torch is no ROCm build"
    note = f"only the CPU is probed ({why}): that shows that the strategies compute right, nothing about a GPU"
    start = _start(facts, replace(mine, gpus=()), (Variables(SETTINGS),), depth)
    return _resumed(Task(job.root, facts, site, "cpu", start, (note,), minutes=minutes))


def _start(facts: HostFacts, mine: Identity, sets: tuple[Variables, ...], depth: str) -> Probed:
    return Probed(mine, now(), sets, (), boot=facts.boot_id, edition=data()["edition"], depth=depth)


def _best_known(root: Sysroot, facts: HostFacts, site: PythonSite) -> tuple[str, ...]:
    """For a quick look: what torch does by itself, and the best of an earlier probe."""
    kept = read_kept(root, facts, site)
    best = choice(kept) if kept else None
    return tuple(dict.fromkeys(("native", best.strategy if best else "native")))


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

        def launch(spec: Spec, heard: Callable[[bytes], None]) -> Ended:
            def both(new: bytes) -> None:
                heard(new)
                on_report(new)

            argv = command(python, f"{folder}/{CHILD}", **_told(task, spec))
            serial = SERIAL if not spec.timed else {}
            return _started(argv, runner.run(argv, _environment(spec.variables, serial), limits, both))

        def measure(variables: Variables) -> Ended:
            argv = command(python, f"{folder}/{COSTS_CHILD}", device="cuda", conv=CONV)
            return _started(argv, runner.run(argv, _environment(variables), limits))

        def alone(argv: tuple[str, ...]) -> Ended:
            return _started(argv, runner.run(argv, _environment(task.start.sets[0], SERIAL), SLOW))

        tried = run_campaign(task.plan, task.start, launch, read_log, begin, lambda found: _keep(task, found))
        if task.start.depth == DEPTHS[0]:
            return tried
        found = add_costs(tried, begin, measure)
        driver = find_driver(task.root, task.facts.rocm, runner.rights.uid)
        found = add_driver(found, driver, begin, alone)
        if task.minutes and not found.stopped:
            found = replace(found, soak=_soak(task, found, runner, begin, on_report))
        _keep(task, found)
        return found


def _told(task: Task, spec: Spec) -> dict[str, object]:
    """What a child is told: rows, and which of them in their small size, for what a processor computes."""
    names = [cell.name for cell in spec.cells]
    slow = not task.risky or spec.strategy == "cpu"
    small = [cell.name for cell in spec.cells if slow and not (task.risky and cell.required)]
    told = {"device": task.device, "strategy": spec.strategy, "conv": CONV, "cells": names, "small": small}
    return {**told, "seconds": SECONDS if spec.timed else 0, "compiling": spec.compiling if task.risky else None}


class _TooHotError(Exception):
    """The card is as hot as its own limit."""


def _soak(task: Task, found: Probed, runner: Runner, begin: Begin, on_report: Callable[[bytes], None]) -> Soak:
    """The same work for minutes with what was best, while temperature, clock and the kernel's log are watched."""
    best = choice(found)
    strategy, variables = (best.strategy, best.variables) if best else (ANY, found.sets[0].name)
    begin(next(s for s in found.sets if s.name == variables), f"{plural(task.minutes, 'minute')} of the same work")
    cells = [name for name in SOAK_CELLS if best or name == SOAK_CELLS[0]]
    seconds, samples, lines, before = task.minutes * 60, list[Sample](), list[dict[str, Any]](), read_log()

    def heard(new: bytes) -> None:
        on_report(new)
        for line in soak_lines(new):
            lines.append(line)
            if not samples or line["soak"] >= samples[-1].second + seconds / SAMPLES:
                samples.append(_sample(task, line))
                limit = sensors.limit(task.root, task.facts.gpus)
                if samples[-1].celsius is not None and samples[-1].celsius >= limit:
                    raise _TooHotError(f"{samples[-1].celsius:.0f} degrees: the card's own limit is {limit:.0f}")

    told = {"device": task.device, "strategy": strategy, "conv": CONV, "cells": cells, "soak": seconds}
    argv = command(str(task.site.python), f"{runner.files}/{CHILD}", **told, small=[] if task.risky else cells)
    limits = replace(LIMITS, total=seconds + 300.0, memory=memory_limit(task.facts))
    values = next(s for s in found.sets if s.name == variables)
    try:
        ended = _started(argv, runner.run(argv, _environment(values), limits, heard))
        fault = None if ended.well else trial.fault_of(ended, named(SOAK_CELLS)[0])
    except _TooHotError as hot:
        fault = Result("", OpOutcome.RAISED, note=str(hot), trouble=Trouble.OTHER)
    faults = new_faults(before, read_log())
    return soak_result(strategy, task.minutes, lines, tuple(samples), faults, fault)


def _sample(task: Task, line: dict[str, Any]) -> Sample:
    celsius, mhz = sensors.look(task.root, task.facts.gpus)
    return Sample(int(line["soak"]), int(line["rounds"]), celsius, mhz, int(line["bytes"]) >> 20)


def child_sources() -> dict[PurePosixPath, bytes]:
    """The programs the children run, and what these share."""
    runtime = resources.PACKAGE / "runtime"
    return {PurePosixPath(p.name): p.read_bytes() for p in runtime.glob("probe_*")} | {ROWS: for_children()}


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
    """What was found before an earlier run ended is kept. In another boot the machine went down with the row under
    way: that is a fault, and not tried again; in this one only the probe was ended."""
    kept, start = read_kept(task.root, task.facts, task.site), task.start
    if kept is None or kept.running is None or kept.at is None:
        return task
    same = (kept.sets, kept.edition, kept.depth) == (start.sets, start.edition, start.depth)
    if not same or stale(kept.identity, start.identity):
        return task
    known = {r.cell: r for r in kept.trials[-1].results} if kept.trials else {}
    note = f"going on where an earlier probe ended ({kept.time}), at {kept.at}"
    if kept.boot is None or kept.boot != start.boot:
        note = f"the machine went down while {kept.at} was tried in {kept.running[1]} ({kept.time}): not tried again"
        known |= {c.name: c.result(OpOutcome.HUNG, note=note, trouble=Trouble.MACHINE_DOWN) for c in named((kept.at,))}
    begun = replace(start, trials=kept.trials[:-1])
    return replace(task, start=begun, notes=(*task.notes, note), known=tuple(known.values()))


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
    """Where it belongs; a quick look does not take the place of a whole result that holds."""
    if found.depth == DEPTHS[0]:
        whole = read_kept(task.root, task.facts, task.site)
        if whole and whole.depth != DEPTHS[0] and not stale(whole.identity, found.identity):
            return
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
    """MIOpen's test program: of the first ROCm that has it, else where distributions put it; never one that is a third
    user's."""
    folders = [PurePosixPath(install.path) / "bin" for install in installs]
    for folder in (*folders, *(PurePosixPath(place) for place in DRIVER_PLACES)):
        path = folder / DRIVER_PROGRAM
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
            told = {"device": "cuda", "strategy": "native", "conv": CONV, "cells": SMOKE_OPS}
            argv = command(str(site.python), f"{runner.files}/{CHILD}", **told)
            ended = runner.run(argv, {}, replace(SMOKE_LIMITS, memory=memory_limit(facts)))
    except (RdnaError, OSError) as err:
        return _smoke_line(site, Status.UNKNOWN, None, f"not tried: {err}")
    return _judge_smoke(site, ended, read(ended.report, named(SMOKE_OPS)))


def _judge_smoke(site: PythonSite, ended: Ended, reading: Reading) -> Check:
    hint = f"find out what works: rdna-installer probe --python {shlex.quote(str(site.python))}"
    if reading.fatal is not None:
        return _smoke_line(site, Status.FAILED, reading.fatal, hint)
    bad = next((r for r in reading.results.values() if r.outcome is not OpOutcome.OK), None)
    if bad is not None:
        return _smoke_line(site, Status.FAILED, f"{bad.cell}: {bad.outcome.value} {bad.note}".rstrip(), hint)
    if reading.done and ended.how is How.ENDED and len(reading.results) == len(SMOKE_OPS):
        return _smoke_line(site, Status.OK, "all equal to the CPU's", None)
    if ended.how is How.UNKILLABLE:
        hint = "the test hangs and cannot be stopped: reboot"
    how = ended.how.value if ended.code is None else f"{ended.how.value} {ended.code}"
    return _smoke_line(site, Status.FAILED, f"{reading.begun or 'start'}: {how}", hint)


def _smoke_line(site: PythonSite, status: Status, running: str | None, hint: str | None) -> Check:
    return Check(f"gpu:{site.python}", status, WANTED, running, str(site.python), hint)
