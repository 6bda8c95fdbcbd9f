"""Which strategies work, and which is best. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable

from rdna_installer.probe.types import OPS, STRATEGIES, OpKind, OpOutcome, Probed, StrategyRun, Variables

BARE = "without variables"  # the set that shows what the planned ones are good for
AS_FAST = 1.1  # within this factor the strategy that replaces fewer operations is preferred
REQUIRED = frozenset(op.name for op in OPS if op.required)
TIMED = frozenset(op.name for op in OPS if op.required and op.group is not OpKind.BASIC)
FATAL = (OpOutcome.ABORTED, OpOutcome.HUNG, OpOutcome.WRONG)


def why_not(trial: StrategyRun) -> str | None:
    """Why a strategy is no use here, or None: an abort, a hang, a wrong result, or a required operation missing."""
    for result in trial.results:
        if result.outcome in FATAL:
            return f"{result.op}: {result.outcome.value}"
    good = {r.op for r in trial.results if r.outcome is OpOutcome.OK}
    missing = [op.name for op in OPS if op.name in REQUIRED - good]
    if not missing:
        return None
    failed = next((r for r in trial.results if r.op == missing[0]), None)
    return f"{missing[0]}: {failed.outcome.value if failed else OpOutcome.NOT_TRIED.value}"


def best(trials: Iterable[StrategyRun]) -> StrategyRun | None:
    """The fastest by geometric mean of those that work; within 10 % the one with fewer overrides."""
    working = [trial for trial in trials if why_not(trial) is None]
    if not working:
        return None
    times = {id(trial): mean(trial) for trial in working}
    fastest = min(times.values())
    near = [trial for trial in working if times[id(trial)] <= fastest * AS_FAST]
    return min(near, key=lambda trial: (STRATEGIES.index(trial.strategy), times[id(trial)]))


def mean(trial: StrategyRun) -> float:
    """Geometric mean of the milliseconds of the required operations that convolve or hold a layer."""
    times = [r.ms for r in trial.results if r.ms and r.op in TIMED]
    return math.exp(sum(map(math.log, times)) / len(times)) if times else math.inf


def choice(probed: Probed) -> StrategyRun | None:
    """The best with the variables that are set anyway; else, with those of an experiment."""
    ordinary = {s.name for s in probed.sets if s.rule is None and s.name != BARE}
    return best(t for t in probed.trials if t.variables in ordinary) or best(
        t for t in probed.trials if t.variables not in ordinary and t.variables != BARE
    )


def passed(probed: Probed, variables: Variables) -> bool | None:
    """Whether an experiment makes a strategy work that does not without it.

    None where nothing follows: it was not tried, or even native works without it.
    """
    ordinary = {s.name for s in probed.sets if s.rule is None and s.name != BARE}
    before = {t.strategy for t in probed.trials if t.variables in ordinary and why_not(t) is None}
    tried = [t for t in probed.trials if t.variables == variables.name]
    if "native" in before or not tried:
        return None
    return any(t.strategy not in before and why_not(t) is None for t in tried)
