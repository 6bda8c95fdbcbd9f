"""Trials: one strategy with one set of variables, in children until every operation was tried, or enough ended badly.

And all of them in order, from harmless to risky, with what the kernel says of each; MIOpen's own test program last.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Sequence

from rdna_installer.errors import RdnaError
from rdna_installer.machine.bounds import Ended, How
from rdna_installer.machine.process import run
from rdna_installer.probe.reading import read, text
from rdna_installer.probe.types import DECIDING, OPS, SANITY, OpOutcome, Probed, Result, Stop, StrategyRun, Variables
from rdna_installer.record import record, replace

FAULTS = 3  # of one trial, then the rest is not tried: each may cost a reset of the GPU
HANGS = (How.LATE, How.SILENT, How.UNKILLABLE)
REASONS = {
    How.FLOODED: "it wrote megabytes of something and was ended",
    How.MEMORY: "it took too much memory and was ended",
    How.LATE: "it ran past its time and was ended",
    How.SILENT: "no operation ended for too long, and it was ended",
}
RESETS = 6  # faults over all trials, then the rest is not tried
TOO_MANY = f"{RESETS} faults: the rest would risk more resets than it is worth"
ORDER = ("cpu", "no-miopen", "gemm", "native")  # native last: MIOpen's kernels are what faults

Begin = Callable[[Variables, str], None]
Save = Callable[[Probed], None]
FAULT = re.compile(
    r"amdgpu.*(GPU reset|ring \S+ timeout|page fault|VM_L2_PROTECTION_FAULT|HW Exception|GPU hang|wedged)"
    r"|amdgpu: (Failed to|failed to) (evict|quiesce|remove|unmap) queue|\[drm\] (GPU recovery|device wedged)",
    re.IGNORECASE,
)
READERS = (("dmesg", "--notime"), ("journalctl", "-k", "-b", "-o", "cat", "--no-pager", "-n", "2000"))
LINES_SHOWN = 3
DRIVER = "MIOpenDriver conv 3>16 32x32"
# The convolution that crashes on gfx1010, forward and both gradients (-F 0), checked against the CPU (-V 1), timed.
DRIVER_SHAPE = "-n 1 -c 3 -H 32 -W 32 -k 16 -y 3 -x 3 -p 0 -q 0 -u 1 -v 1 -l 1 -j 1 -m conv -g 1"
DRIVER_ARGUMENTS = ("conv", *DRIVER_SHAPE.split(), "-F", "0", "-V", "1", "-t", "1")
DRIVER_TIME = re.compile(r"^GPU Kernel Time .*Elapsed: ([0-9]+(?:\.[0-9]+)?) ms", re.MULTILINE)
RIGHT = "Verifies OK"
WRONG = re.compile(r"^.*(?:Convolution.*fail|verification failed).*$", re.MULTILINE | re.IGNORECASE)


@record(frozen=True)
class Spec:
    """What a child is to do."""

    variables: Variables
    strategy: str
    ops: tuple[str, ...]


Launch = Callable[[Spec], Ended]
Log = Callable[[], tuple[str, ...] | None]


@record(frozen=True)
class Tried:
    """A trial, whether its basics failed (then no strategy can help), and why all must stop."""

    trial: StrategyRun
    hopeless: bool = False
    stop: Stop | None = None


def try_one(variables: Variables, strategy: str, base: Variables, launch: Launch, log: Log) -> Tried:
    """Run the trial. Operations after one that ended its child get a new child, while the GPU still computes, which is
    asked with the variables ``base``."""
    results: dict[str, Result] = {}
    notes: list[str] = []
    seconds, stop, faults = 0.0, None, 0
    left = list(OPS)
    while left and stop is None and faults < FAULTS:
        before = log()
        ended = launch(Spec(variables, strategy, tuple(left)))
        seconds += ended.seconds
        reading = read(ended.report, left)
        results.update((r.op, r) for r in reading.results)
        if reading.done and ended.code == 0:
            break
        faults += 1
        at = reading.begun or next((op for op in left if op not in results), left[-1])  # under way, else the next
        raised = Result(at, OpOutcome.RAISED, note=reading.fatal or "")
        results[at] = fault_of(ended, at) if reading.fatal is None else raised
        notes += [f"{at}: {results[at].note}", *new_faults(before, log())]
        stop = _after_fault(ended, base, launch)
        left = [] if reading.fatal else [op for op in left if op not in results]
    rest = [Result(op, OpOutcome.NOT_TRIED) for op in OPS if op not in results]
    ordered = [results[op] for op in OPS if op in results]
    trial = StrategyRun(variables.name, strategy, (*ordered, *rest), tuple(notes), seconds)
    return Tried(trial, any(r.outcome is not OpOutcome.OK for r in ordered if r.op in DECIDING), stop)


def fault_of(ended: Ended, op: str) -> Result:
    """How ``op`` ended its process, or was ended with it."""
    if ended.how in HANGS:
        left = ", ".join(f"{pid} (state {state})" for pid, state in ended.left)
        note = REASONS.get(ended.how, f"process {left} cannot be ended")
        return Result(op, OpOutcome.HUNG, note=note)
    return Result(op, OpOutcome.ABORTED, note=REASONS.get(ended.how) or _ending(ended))


def _ending(ended: Ended) -> str:
    said = ended.err.decode("utf-8", "replace").strip().splitlines()
    last = "".join(c if c.isprintable() else "?" for c in said[-1])[:200] if said else "it said nothing"
    code = ended.code or 0
    if code < 0:
        known = {number.value: number.name for number in signal.Signals}
        return f"ended by {known.get(-code, f'signal {-code}')}: {last}"
    return f"ended with status {code}: {last}"


def _after_fault(ended: Ended, base: Variables, launch: Launch) -> Stop | None:
    """A copy and a product in a child of their own, before anything else touches the GPU.
    One that raises is no damage: this torch may have no kernels for the GPU at all."""
    if ended.how is How.UNKILLABLE:
        return Stop.UNKILLABLE
    sane = launch(Spec(base, "native", SANITY))
    if sane.how is How.UNKILLABLE:
        return Stop.UNKILLABLE
    reading = read(sane.report, SANITY)
    wrong = any(r.outcome is OpOutcome.WRONG for r in reading.results)
    well = sane.how is How.ENDED and (reading.done or reading.fatal is not None)
    return None if well and not wrong else Stop.SANITY


def run_campaign(start: Probed, launch: Launch, log: Log, begin: Begin, save: Save) -> Probed:
    """Try every set with every strategy; where basic operations fail, no strategy helps and the rest is left out.
    ``save`` is told before and after each, so that a machine that goes down in the middle leaves what it was doing."""
    probed, hopeless = start, set()
    done = {(t.variables, t.strategy) for t in start.trials}
    left = [(v, name) for v in start.sets for name in ORDER if name in v.strategies and (v.name, name) not in done]
    for variables, strategy in left:
        if variables.name in hopeless:
            continue
        begin(variables, strategy)
        probed = replace(probed, running=(variables.name, strategy))
        save(probed)
        tried = try_one(variables, strategy, start.sets[0], launch, log)
        trials = (*probed.trials, tried.trial)
        many = sum(trial.faults for trial in trials) >= RESETS
        stopped = tried.stop.value if tried.stop else TOO_MANY if many else None
        probed = replace(probed, trials=trials, running=None, stopped=stopped)
        save(probed)
        if tried.hopeless:
            hopeless.add(variables.name)
        if probed.stopped:
            return probed
    return probed


def read_log() -> tuple[str, ...] | None:
    """The kernel's lines of this boot, None where this user may not read them."""
    for command in READERS:
        try:
            finished = run(command, timeout=10)
        except RdnaError:
            continue
        if finished.code == 0 and finished.out.strip():
            return tuple(finished.text.splitlines())
    return None


def new_faults(before: Sequence[str] | None, after: Sequence[str] | None) -> tuple[str, ...]:
    """GPU faults among the lines that are new. Pure."""
    if before is None or after is None:
        return ()
    start = 0
    if before and before[-1] in after:  # the buffer may have dropped its oldest lines since
        start = len(after) - list(reversed(after)).index(before[-1])
    return tuple(line for line in after[start:] if FAULT.search(line))[:LINES_SHOWN]


def judge_driver(ended: Ended) -> Result:
    """How it went, by its exit status and what it printed."""
    if ended.how is not How.ENDED:
        return fault_of(ended, DRIVER)
    said = ended.out.decode("utf-8", "replace")
    failed = WRONG.search(said)
    if failed:
        return Result(DRIVER, OpOutcome.WRONG, note=text(failed.group().strip()))
    if ended.code != 0 or RIGHT not in said:
        last = " ".join((ended.err.decode("utf-8", "replace") or said).strip().splitlines()[-1:])
        return Result(DRIVER, OpOutcome.RAISED, note=text(f"status {ended.code}: {last or 'it said nothing'}"))
    times = [float(value) for value in DRIVER_TIME.findall(said)]
    return Result(DRIVER, OpOutcome.OK, sum(times) if times else None)
