"""What a probe asks and what it finds, row by row (rows.yaml)."""

from __future__ import annotations

import enum
import math
from collections.abc import Iterable

from rdna_installer.record import record

ANY = "any"  # in place of a strategy: rows that no strategy touches, measured once
STRATEGIES = ("native", "no-miopen", "gemm", "cpu")  # by number of operations replaced
BARE = "without variables"  # the set that shows what the planned ones are good for
AS_FAST = 1.1  # within this factor the strategy that replaces fewer operations is preferred


class OpOutcome(enum.Enum):
    """How one operation went."""

    OK = "ok"
    WRONG = "wrong"  # another result than the CPU's
    RAISED = "raised"  # an exception: the process lives
    ABORTED = "aborted"
    HUNG = "hung"
    NOT_OFFERED = "not offered"  # this torch has no such kernel for this card, and says so: no failure
    NOT_TRIED = "not tried"


class Trouble(enum.Enum):
    """What kind of trouble it was: the first pattern of ``rows.yaml`` that fits what was said, or how it ended."""

    MEMORY_FAULT = "memory-fault"
    NO_CODE = "no-code-for-this-card"
    OUT_OF_MEMORY = "out-of-memory"
    MIOPEN = "miopen"
    BLAS = "blas"
    TRITON = "triton"
    RUNTIME = "gpu-runtime"
    OTHER_VALUES = "other-values"
    NOT_FALLING = "loss-does-not-fall"
    HANG = "hang"
    ENDED = "process-ended"
    MACHINE_DOWN = "machine-down"
    REFUSED = "refused-by-torch"
    LIKE_OTHERS = "like-others"  # two of its kind had ended their process
    OUT_OF_TIME = "out-of-time"  # the budget of compiling was spent
    TOO_LARGE = "needs-more-memory"
    OTHER = "other"


@record(frozen=True)
class Result:
    """One row in one type. ``ms``: the median, ``fastest``, ``low`` and ``high`` (10th and 90th percentile) of
    ``repeats`` runs in milliseconds; ``worst``: the largest error as the row compares, ``of_limit``: the same in units
    of the row's own limit, wrong above 1; ``bytes``: taken on the card beside the inputs, at the peak; ``gbs``: what
    was moved, in GB/s. ``required``: where it fails, the strategy is no use."""

    op: str
    outcome: OpOutcome
    ms: float | None = None
    worst: float | None = None
    note: str = ""
    type: str = "f32"
    trouble: Trouble | None = None
    of_limit: float | None = None
    fastest: float | None = None
    low: float | None = None
    high: float | None = None
    repeats: int = 0
    bytes: int | None = None
    gbs: float | None = None
    required: bool = False

    @property
    def cell(self) -> str:
        """Its name where it is unique: "conv2d-backward/f16"."""
        return f"{self.op}/{self.type}"


@record(frozen=True)
class Sample:
    """The card after some seconds of a soak, as far as it can be read."""

    second: int
    rounds: int
    celsius: float | None = None
    mhz: int | None = None
    mib: int | None = None


@record(frozen=True)
class Soak:
    """The same work for minutes. ``wrong``: rounds with another result than the first; ``faults``: the kernel's lines;
    ``first`` and ``last``: milliseconds of a round (median) in the first and last tenth."""

    strategy: str
    minutes: int
    outcome: OpOutcome
    seconds: float = 0.0
    rounds: int = 0
    wrong: int = 0
    first: float | None = None
    last: float | None = None
    samples: tuple[Sample, ...] = ()
    faults: tuple[str, ...] = ()
    trouble: Trouble | None = None
    note: str = ""


class Verdict(enum.Enum):
    """Whether something can be done on this card."""

    CAN = "can"
    CANNOT = "cannot"
    UNKNOWN = "unknown"  # a row it needs was not tried, or is not offered


@record(frozen=True)
class Use:
    """A use case and what its rows say of it. ``strategies``: those in which all of them passed (empty where no
    strategy is needed: ``any``); ``types`` it works in; ``missing``: the cells that failed or were not tried."""

    id: str
    name: str
    verdict: Verdict
    strategies: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@record(frozen=True)
class Variables:
    """A set of variables to try strategies with. ``rule``: the experiment it is of, None for what is set anyway."""

    name: str
    values: tuple[tuple[str, str], ...] = ()
    rule: str | None = None
    strategies: tuple[str, ...] = STRATEGIES


@record(frozen=True)
class StrategyRun:
    """One strategy with one set of variables; ``notes`` are faults and what the kernel said of them."""

    variables: str
    strategy: str
    results: tuple[Result, ...]
    notes: tuple[str, ...] = ()
    seconds: float = 0.0


@record(frozen=True)
class Identity:
    """The machine and software a result holds for; anything else makes it stale."""

    gpus: tuple[str, ...]  # "gfx1010 0000:03:00.0"; () for a probe of the CPU
    kernel: str
    torch: str
    rocm: str | None
    python: str  # the interpreter's path
    version: str  # of this program: strategies change


@record(frozen=True)
class Costs:
    """The cost model of ``gemm`` fitted to this card, the text of a file; ``note``: how well, or why there is none."""

    model: str | None
    note: str


@record(frozen=True)
class Probed:
    """All that was found, in the order tried. ``stopped``: why not all of it was tried; ``at`` and ``boot``: the row
    under way and the boot it was begun in; ``edition``: of the rows (1: before there was a table)."""

    identity: Identity
    time: str
    sets: tuple[Variables, ...]
    trials: tuple[StrategyRun, ...]
    stopped: str | None = None
    running: tuple[str, str] | None = None  # set and strategy under way: what a machine that went down was doing
    costs: Costs | None = None  # None: not tried
    driver: Result | None = None  # of MIOpen's own test program; None: there is none, or it was not tried
    at: str | None = None
    boot: str | None = None
    edition: int = 1
    depth: str = "default"  # quick | default | all
    soak: Soak | None = None


class Stop(enum.Enum):
    """Why nothing more may be tried."""

    UNKILLABLE = "a child cannot be ended, not even by SIGKILL: the GPU hangs. Reboot before anything else"
    SANITY = "after a fault the GPU no longer copies and multiplies right: reboot, then probe again"


SANITY = ("copy/f32", "mm/f32")  # whether the GPU still computes after a fault
FATAL = (OpOutcome.ABORTED, OpOutcome.HUNG, OpOutcome.WRONG)


def why_not(trial: StrategyRun) -> str | None:
    """Why a strategy is no use here, or None: an abort, a hang, a wrong result, or a required row that did not pass."""
    for result in trial.results:
        if result.outcome in FATAL:
            return f"{result.cell}: {result.outcome.value}"
    missing = (r for r in trial.results if r.required and r.outcome is not OpOutcome.OK)
    return next((f"{r.cell}: {r.outcome.value}" for r in missing), None if trial.results else "nothing was tried")


def best(trials: Iterable[StrategyRun]) -> StrategyRun | None:
    """The fastest by geometric mean of those that work; within 10 % the one with fewer overrides."""
    working = [trial for trial in trials if trial.strategy in STRATEGIES and why_not(trial) is None]
    if not working:
        return None
    times = {id(trial): mean(trial) for trial in working}
    fastest = min(times.values())
    near = [trial for trial in working if times[id(trial)] <= fastest * AS_FAST]
    return min(near, key=lambda trial: (STRATEGIES.index(trial.strategy), times[id(trial)]))


def mean(trial: StrategyRun) -> float:
    """Geometric mean of the milliseconds (medians) of the required rows."""
    times = [r.ms for r in trial.results if r.ms and r.required]
    return math.exp(sum(map(math.log, times)) / len(times)) if times else math.inf


def choice(probed: Probed) -> StrategyRun | None:
    """The best with the variables that are set anyway; else, with those of an experiment."""
    ordinary = {s.name for s in probed.sets if s.rule is None and s.name != BARE}
    return best(t for t in probed.trials if t.variables in ordinary) or best(
        t for t in probed.trials if t.variables not in ordinary and t.variables != BARE
    )


def passed(probed: Probed, variables: Variables) -> bool | None:
    """Whether an experiment makes a strategy work that does not without it.
    None where nothing follows: it was not tried, or even native works without it."""
    ordinary = {s.name for s in probed.sets if s.rule is None and s.name != BARE}
    before = {t.strategy for t in probed.trials if t.variables in ordinary and t.strategy != ANY and why_not(t) is None}
    tried = [t for t in probed.trials if t.variables == variables.name and t.strategy != ANY]
    if "native" in before or not tried:
        return None
    return any(t.strategy not in before and why_not(t) is None for t in tried)
