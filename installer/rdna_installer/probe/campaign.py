"""All trials in order, from harmless to risky, and when to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rdna_installer.probe.trial import Launch, Log, Stop, try_one
from rdna_installer.probe.types import Probed, StrategyRun, Variables
from rdna_installer.record import replace

RESETS = 6  # faults over all trials, then the rest is not tried
ORDER = ("cpu", "no-miopen", "gemm", "native")  # native last: MIOpen's kernels are what faults

Begin = Callable[[Variables, str], None]
Save = Callable[[Probed], None]


def run_campaign(start: Probed, launch: Launch, log: Log, begin: Begin, save: Save) -> Probed:
    """Try every set with every strategy; where basic operations fail, no strategy helps and the rest is left out.

    ``save`` is told before and after each, so that a machine that goes down in the middle leaves what it was doing.
    """
    probed, hopeless = start, set()
    for variables, strategy in _left(start):
        if variables.name in hopeless:
            continue
        begin(variables, strategy)
        probed = replace(probed, running=(variables.name, strategy))
        save(probed)
        tried = try_one(variables, strategy, start.sets[0], launch, log)
        trials = (*probed.trials, tried.trial)
        probed = replace(probed, trials=trials, running=None, stopped=_stop(trials, tried.stop))
        save(probed)
        if tried.hopeless:
            hopeless.add(variables.name)
        if probed.stopped:
            return probed
    return probed


def _left(start: Probed) -> Iterator[tuple[Variables, str]]:
    done = {(t.variables, t.strategy) for t in start.trials}
    for variables in start.sets:
        for strategy in (s for s in ORDER if s in variables.strategies):
            if (variables.name, strategy) not in done:
                yield variables, strategy


def _stop(trials: Sequence[StrategyRun], stop: Stop | None) -> str | None:
    if stop is not None:
        return stop.value
    if faults(trials) >= RESETS:
        return f"{RESETS} faults: the rest would risk more resets than it is worth"
    return None


def faults(trials: Sequence[StrategyRun]) -> int:
    """How often a child was ended by an operation."""
    return sum(trial.faults for trial in trials)
