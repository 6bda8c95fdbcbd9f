"""Trials: one strategy with one set of variables, in children until every row was tried; one that ends its child costs
itself, and two of a kind the rest of their kind.

And all of them in order, from harmless to risky, with what the kernel says of each; MIOpen's own test program last.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Sequence

from rdna_installer.errors import RdnaError
from rdna_installer.machine.bounds import Ended, How, OnReport
from rdna_installer.machine.process import run
from rdna_installer.probe.reading import Reading, read, text
from rdna_installer.probe.rows import Cell, cells, data, named, trouble_in
from rdna_installer.probe.types import ANY, SANITY, OpOutcome, Probed, Result, Stop, StrategyRun, Trouble, Variables
from rdna_installer.record import record, replace

CRASHES = (OpOutcome.ABORTED, OpOutcome.HUNG)
HANGS = (How.LATE, How.SILENT, How.UNKILLABLE)
REASONS = {
    How.FLOODED: "it wrote megabytes of something and was ended",
    How.MEMORY: "it took too much memory and was ended",
    How.LATE: "it ran past its time and was ended",
    How.SILENT: "no operation ended for too long, and it was ended",
}
ORDER = (ANY, "cpu", "no-miopen", "gemm", "native")  # native last: MIOpen's kernels are what faults

Begin = Callable[[Variables, str], None]
Save = Callable[[Probed], None]
Tell = Callable[[dict[str, Result], "str | None"], None]  # results so far, and the row begun
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
    """What a child is to do. ``timed``: with repetitions, and kernels that do not wait for each other; ``compiling``:
    seconds left for compilers, None for as long as it takes."""

    variables: Variables
    strategy: str
    cells: tuple[Cell, ...]
    timed: bool = True
    compiling: float | None = None


Launch = Callable[[Spec, OnReport], Ended]
Log = Callable[[], tuple[str, ...] | None]


@record(frozen=True)
class Tried:
    """A trial, whether its basics failed (then no strategy can help), and why all must stop."""

    trial: StrategyRun
    hopeless: bool = False
    stop: Stop | None = None


@record(frozen=True)
class Plan:
    """What a campaign does. ``known``: results by cell of the trial under way when an earlier run ended."""

    depth: str
    gpu: bool
    known: dict[str, Result]

    def passes(self, strategy: str) -> tuple[bool, ...]:
        """Of each: whether it is timed. Only the kernels of MIOpen are first run one by one."""
        return (False, True) if self.gpu and self.depth != "quick" and strategy == "native" else (True,)

    def cells(self, variables: Variables, strategy: str, first: Variables) -> tuple[Cell, ...]:
        """What one strategy is asked; all of it with the first set of variables only."""
        least = variables != first and self.depth != "all"
        return cells(strategy, self.depth, gpu=self.gpu, least=least)

    def rows(self, sets: Sequence[Variables]) -> dict[tuple[str, str], int]:
        """How many each trial has, by its variables and strategy."""
        return {(v.name, s): len(self.cells(v, s, sets[0])) for v in sets for s in (ANY, *v.strategies)}


class _Trial:
    """One strategy under way: results, and what crashed of which kind."""

    def __init__(self, asked: Sequence[Cell], plan: Plan) -> None:
        self.asked, self.plan, self.results, known = asked, plan, dict(plan.known), plan.known
        self.notes: list[str] = []
        self.seconds, self.compiled = 0.0, 0.0
        self.crashed: dict[str, list[str]] = {}
        for cell in asked:
            if cell.name in known and known[cell.name].outcome in CRASHES:
                self.crashed.setdefault(cell.kind, []).append(cell.name)

    def left(self, again: bool) -> list[Cell]:
        """What is still to do (``again``: in a second pass), without kinds of which enough have crashed."""
        for cell in self.asked:
            like = self.crashed.get(cell.kind, ())
            if cell.name not in self.results and len(like) >= self.limit:
                note = f"like {' and '.join(like)}"
                self.results[cell.name] = cell.result(OpOutcome.NOT_TRIED, note=note, trouble=Trouble.LIKE_OTHERS)
        return [cell for cell in self.asked if self._open(cell, again)]

    def _open(self, cell: Cell, again: bool) -> bool:
        known = self.results.get(cell.name)
        if not again:
            return known is None
        untimed = known is not None and known.outcome is OpOutcome.OK and known.ms is None
        return untimed and len(self.crashed.get(cell.kind, ())) < self.limit

    @property
    def limit(self) -> int:
        """Crashes of a kind, then the rest is left out."""
        return len(self.asked) if self.plan.depth == "all" else int(data()["kinds"])

    @property
    def compiling(self) -> float | None:
        """Seconds left for compilers."""
        return None if self.plan.depth == "all" else max(0.0, data()["compiling"] - self.compiled)

    def took(self, left: Sequence[Cell], ended: Ended) -> Reading:
        """What a child has said and how it ended."""
        reading = read(ended.report, left)
        self.seconds += ended.seconds
        self.compiled += reading.compiled
        self.results.update(reading.results)
        if reading.again and reading.results:  # an error that ended it as surely as a signal
            last = next(c for c in left if c.name == [*reading.results][-1])
            self.crashed.setdefault(last.kind, []).append(last.name)
            return reading
        if reading.done and ended.code == 0:
            return reading
        unread = [c for c in left if c.name not in reading.results]
        at = next((c for c in left if c.name == reading.begun), (unread or left[-1:])[0])
        self.results[at.name] = result = (
            fault_of(ended, at)
            if reading.fatal is None
            else at.result(OpOutcome.RAISED, note=reading.fatal, trouble=trouble_in(reading.fatal))
        )
        self.notes.append(f"{at.name}: {result.note}")
        if result.outcome in CRASHES:
            self.crashed.setdefault(at.kind, []).append(at.name)
        return reading


def try_one(
    plan: Plan, variables: Variables, strategy: str, base: Variables, launch: Launch, log: Log, tell: Tell
) -> Tried:
    """Run the trial. What comes after a row that ended its child gets a new child, while the GPU still computes, which
    is asked with the variables ``base``."""
    asked = plan.cells(variables, strategy, base)
    trial, stop, fatal, passes = _Trial(asked, plan), None, False, plan.passes(strategy)
    for timed in passes:
        while (left := trial.left(timed and len(passes) > 1)) and stop is None and not fatal:
            before, heard = log(), bytearray()

            def on_report(new: bytes, left: Sequence[Cell] = left, heard: bytearray = heard) -> None:
                heard.extend(new)
                if b"start" in new or b"end" in new:
                    reading = read(bytes(heard), left)
                    tell({**trial.results, **reading.results}, reading.begun)

            spec = Spec(variables, strategy, tuple(left), timed, trial.compiling)
            ended = launch(spec, on_report)
            reading = trial.took(left, ended)
            if reading.done and ended.code == 0:
                break
            trial.notes += new_faults(before, log())
            stop = _after_fault(ended, base, launch)
            fatal = reading.fatal is not None
    rest = {c.name: c.result(OpOutcome.NOT_TRIED) for c in asked if c.name not in trial.results}
    whole = tuple((trial.results | rest)[c.name] for c in asked)
    hopeless = strategy == ANY and any(r.required and r.outcome is not OpOutcome.OK for r in whole)
    return Tried(StrategyRun(variables.name, strategy, whole, tuple(trial.notes), trial.seconds), hopeless, stop)


def fault_of(ended: Ended, cell: Cell) -> Result:
    """How a row ended its process, or was ended with it."""
    if ended.how in HANGS:
        left = ", ".join(f"{pid} (state {state})" for pid, state in ended.left)
        note = REASONS.get(ended.how, f"process {left} cannot be ended")
        return cell.result(OpOutcome.HUNG, note=note, trouble=Trouble.HANG)
    if ended.how is How.MEMORY:
        return cell.result(OpOutcome.ABORTED, note=REASONS[ended.how], trouble=Trouble.OUT_OF_MEMORY)
    said = trouble_in(ended.err.decode("utf-8", "replace"))
    trouble = Trouble.ENDED if said is Trouble.OTHER else said
    return cell.result(OpOutcome.ABORTED, note=REASONS.get(ended.how) or _ending(ended), trouble=trouble)


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
    asked = named(SANITY)
    sane = launch(Spec(base, "native", asked, timed=False), lambda new: None)
    if sane.how is How.UNKILLABLE:
        return Stop.UNKILLABLE
    reading = read(sane.report, asked)
    wrong = any(r.outcome is OpOutcome.WRONG for r in reading.results.values())
    well = sane.how is How.ENDED and (reading.done or reading.fatal is not None)
    return None if well and not wrong else Stop.SANITY


def run_campaign(plan: Plan, start: Probed, launch: Launch, log: Log, begin: Begin, save: Save) -> Probed:
    """Try every set with every strategy; where basic rows fail, no strategy helps and the rest is left out.
    ``save`` is told at each row begun, so that a machine that goes down in the middle leaves what it was doing."""
    probed, hopeless = start, set()
    done = {(t.variables, t.strategy) for t in start.trials}
    names = [(v, name) for v in start.sets for name in ORDER if name == ANY or name in v.strategies]
    for variables, strategy in (each for each in names if (each[0].name, each[1]) not in done):
        if variables.name in hopeless:
            continue
        begin(variables, strategy)
        before = replace(probed, running=(variables.name, strategy), at=None)

        def tell(
            results: dict[str, Result], begun: str | None, before: Probed = before, of: Variables = variables
        ) -> None:
            if begun is not None:
                so_far = StrategyRun(of.name, (before.running or ("", ""))[1], tuple(results.values()))
                save(replace(before, trials=(*before.trials, so_far), at=begun))

        tried = try_one(plan, variables, strategy, start.sets[0], launch, log, tell)
        plan = replace(plan, known={})
        stopped = tried.stop.value if tried.stop else None
        probed = replace(probed, trials=(*probed.trials, tried.trial), stopped=stopped)
        if tried.hopeless:
            hopeless.add(variables.name)
        if probed.stopped:
            break
    probed = replace(probed, running=None, at=None)
    save(probed)
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
        return replace(fault_of(ended, named(SANITY)[0]), op=DRIVER, required=False)
    said = ended.out.decode("utf-8", "replace")
    failed = WRONG.search(said)
    if failed:
        return Result(DRIVER, OpOutcome.WRONG, note=text(failed.group().strip()))
    if ended.code != 0 or RIGHT not in said:
        last = " ".join((ended.err.decode("utf-8", "replace") or said).strip().splitlines()[-1:])
        return Result(DRIVER, OpOutcome.RAISED, note=text(f"status {ended.code}: {last or 'it said nothing'}"))
    times = [float(value) for value in DRIVER_TIME.findall(said)]
    return Result(DRIVER, OpOutcome.OK, sum(times) if times else None)
