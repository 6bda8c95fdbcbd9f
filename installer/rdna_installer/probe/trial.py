"""One strategy with one set of variables: children until every operation was tried, or enough of them ended badly."""

from __future__ import annotations

import enum
import signal
from collections.abc import Callable, Iterable, Sequence

from rdna_installer.machine.bounds import Ended, How
from rdna_installer.probe.kernellog import new_faults
from rdna_installer.probe.reading import Reading, read
from rdna_installer.probe.types import OPS, SANITY, OpKind, OpOutcome, Result, StrategyRun, Variables
from rdna_installer.record import record

FAULTS = 3  # of one trial, then the rest is not tried: each may cost a reset of the GPU
BASIC = frozenset(op.name for op in OPS if op.group is OpKind.BASIC and op.required)
HANGS = (How.LATE, How.SILENT, How.UNKILLABLE)
REASONS = {
    How.FLOODED: "it wrote megabytes of something and was ended",
    How.MEMORY: "it took too much memory and was ended",
    How.LATE: "it ran past its time and was ended",
    How.SILENT: "no operation ended for too long, and it was ended",
}


@record(frozen=True)
class Spec:
    """What a child is to do."""

    variables: Variables
    strategy: str
    ops: tuple[str, ...]


class Stop(enum.Enum):
    """Why nothing more may be tried."""

    UNKILLABLE = "a child cannot be ended, not even by SIGKILL: the GPU hangs. Reboot before anything else"
    SANITY = "after a fault the GPU no longer copies and multiplies right: reboot, then probe again"


Launch = Callable[[Spec], Ended]
Log = Callable[[], tuple[str, ...] | None]


@record(frozen=True)
class Tried:
    """A trial, whether its basics failed (then no strategy can help), and why all must stop."""

    trial: StrategyRun
    hopeless: bool = False
    stop: Stop | None = None


def try_one(variables: Variables, strategy: str, base: Variables, launch: Launch, log: Log) -> Tried:
    """Run the trial. Operations after one that ended its child get a new child, while the GPU still computes, which
    is asked with the variables ``base``.
    """
    results: dict[str, Result] = {}
    notes: list[str] = []
    seconds, stop, faults = 0.0, None, 0
    left = [op.name for op in OPS]
    while left and stop is None and faults < FAULTS:
        before = log()
        ended = launch(Spec(variables, strategy, tuple(left)))
        seconds += ended.seconds
        reading = read(ended.report, left)
        results.update((r.op, r) for r in reading.results)
        if reading.done and ended.code == 0:
            break
        faults += 1
        at = _place_of_fault(ended, reading, left)
        results[at] = _fault(ended, reading, at)
        notes += [f"{at}: {results[at].note}", *new_faults(before, log())]
        stop = _after_fault(ended, base, launch)
        left = [] if reading.fatal else [op for op in left if op not in results]
    rest = [Result(op.name, OpOutcome.NOT_TRIED) for op in OPS if op.name not in results]
    ordered = [results[op.name] for op in OPS if op.name in results]
    trial = StrategyRun(variables.name, strategy, (*ordered, *rest), tuple(notes), seconds)
    return Tried(trial, _hopeless(results.values()), stop)


def _hopeless(results: Iterable[Result]) -> bool:
    return any(r.op in BASIC and r.outcome is not OpOutcome.OK for r in results)


def _place_of_fault(ended: Ended, reading: Reading, left: Sequence[str]) -> str:
    """The operation that was under way, else the next one."""
    if reading.begun is not None:
        return reading.begun
    done = {r.op for r in reading.results}
    return next((op for op in left if op not in done), left[-1])


def _fault(ended: Ended, reading: Reading, op: str) -> Result:
    if reading.fatal is not None:
        return Result(op, OpOutcome.RAISED, note=reading.fatal)
    return fault_of(ended, op)


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
        try:
            return f"ended by {signal.Signals(-code).name}: {last}"
        except ValueError:
            return f"ended by signal {-code}: {last}"
    return f"ended with status {code}: {last}"


def _after_fault(ended: Ended, base: Variables, launch: Launch) -> Stop | None:
    """A copy and a product in a child of their own, before anything else touches the GPU.

    One that raises is no damage: this torch may have no kernels for the GPU at all.
    """
    if ended.how is How.UNKILLABLE:
        return Stop.UNKILLABLE
    sane = launch(Spec(base, "native", SANITY))
    if sane.how is How.UNKILLABLE:
        return Stop.UNKILLABLE
    reading = read(sane.report, SANITY)
    wrong = any(r.outcome is OpOutcome.WRONG for r in reading.results)
    well = sane.how is How.ENDED and (reading.done or reading.fatal is not None)
    return None if well and not wrong else Stop.SANITY
