"""``probe`` for people: what works on this card, how fast, and what to do with it; progress on stderr while it runs."""

from __future__ import annotations

import json
import shlex

from rdna_installer.probe.rows import judge, table
from rdna_installer.probe.types import (
    ANY,
    OpOutcome,
    Probed,
    Result,
    Soak,
    StrategyRun,
    Trouble,
    Verdict,
    choice,
    mean,
    why_not,
)
from rdna_installer.report.console import Style, passing

WORDS = {
    OpOutcome.OK: ("ok", "green"), OpOutcome.WRONG: ("WRONG", "red"), OpOutcome.RAISED: ("error", "yellow"),
    OpOutcome.ABORTED: ("CRASH", "red"), OpOutcome.HUNG: ("HANG", "red"), OpOutcome.NOT_OFFERED: ("not offered", "dim"),
    OpOutcome.NOT_TRIED: ("-", "dim"),
}  # fmt: skip
COLUMN, FIRST = 11, 20
BAR = 20  # characters
SHOWN = 8  # cells of one kind of trouble
OTHER = "earlier rows"  # of a result from before there was a table
HEADS = {
    Verdict.CAN: ("You can", "green"), Verdict.CANNOT: ("You cannot", "red"), Verdict.UNKNOWN: ("Not known", "yellow"),
}  # fmt: skip


class Bar:
    """Rows done of all, on one line of the terminal. ``done``: those of trials that have ended; ``trial``: the rows of
    the one under way, of which a second pass or a new child may begin some again."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.trial = total, 0, 0
        self.seen: set[str] = set()

    def begin(self, trial: int) -> None:
        """Another trial, of so many rows."""
        self.done, self.trial, self.seen = self.done + self.trial, trial, set()

    def tick(self, new: bytes) -> None:
        """Counts and shows what a child has just reported."""
        for line in new.splitlines():
            try:
                said = json.loads(line)
                begun, soaked = said.get("start"), said.get("soak")
            except (ValueError, AttributeError):
                continue
            if begun:
                self.seen.add(begun)
                done = self.done + min(len(self.seen), self.trial)
                full = min(BAR, BAR * done // max(self.total, 1))
                passing(f"[{'#' * full:<{BAR}}] {done}/{self.total} {begun}")
            elif soaked:
                passing(f"{float(soaked):.0f} s, round {said.get('rounds')}")


def render(probed: Probed, style: Style) -> str:
    """Passed of tried by group and strategy for each set of variables, what failed, and what follows."""
    lines: list[str] = []
    for variables in probed.sets:
        trials = [t for t in probed.trials if t.variables == variables.name]
        if trials:
            shown = " ".join(f"{key}={value}" for key, value in variables.values) or "no variables"
            title = style.paint(style.wrap(f"With {shown} ({variables.name}), rows passed of tried:", 0), "bold")
            lines += [title, *_table(trials, style), *_failures(trials, style), ""]
    lines += [style.wrap(note, 0, "note: ") for t in probed.trials for note in _notes(t)]
    lines += _beside(probed, style)
    return "\n".join([*lines, *_uses(probed, style), *_advice(probed, style)])


def _beside(probed: Probed, style: Style) -> list[str]:
    lines = []
    if probed.driver:
        word, time = WORDS[probed.driver.outcome][0], probed.driver.ms
        said = probed.driver.note or (f"{time:.3f} ms" if time is not None else "")
        lines.append(style.wrap(f"{probed.driver.op}: {word} {said}".rstrip(), 2))
    if probed.stopped:
        lines.append(style.wrap(probed.stopped, 0, "stopped: "))
    if probed.costs:
        lines.append(style.wrap(probed.costs.note, 0, "cost model of gemm: "))
    return [*lines, *([style.wrap(_soaked(probed.soak), 2)] if probed.soak else [])]


def _soaked(soak: Soak) -> str:
    heat = [s.celsius for s in soak.samples if s.celsius is not None]
    slower = f", a round {soak.first:.1f} ms at first, {soak.last:.1f} at last" if soak.first and soak.last else ""
    hottest = f", at most {max(heat):.0f} degrees" if heat else ""
    what = f"{soak.seconds / 60:.1f} of {soak.minutes} minutes with {soak.strategy}: {soak.rounds} rounds"
    seen = f", {soak.wrong} wrong, {len(soak.faults)} GPU faults in the kernel's log"
    return f"{what}{seen}{hottest}{slower}. {WORDS[soak.outcome][0]} {soak.note}".rstrip()


def _table(trials: list[StrategyRun], style: Style) -> list[str]:
    groups = {row.id: row.group for row in table()}
    by = [(t, _grouped(t, groups)) for t in trials]
    names = list(dict.fromkeys([*groups.values(), *(g for _, found in by for g in found)]))
    lines = [" " * (FIRST + 2) + "".join(f"{t.strategy:>{COLUMN}}" for t in trials)]
    for name in names:
        if any(name in found for _, found in by):
            cells = (_count(found.get(name, []), style) for _, found in by)
            lines.append(f"  {name:<{FIRST}}" + "".join(cells))
    means = ["" if t.strategy == ANY else f"{mean(t):.3f} ms" if why_not(t) is None else "no use" for t in trials]
    return [*lines, f"  {'geometric mean':<{FIRST}}" + "".join(f"{text:>{COLUMN}}" for text in means)]


def _grouped(trial: StrategyRun, groups: dict[str, str]) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = {}
    for result in trial.results:
        found.setdefault(groups.get(result.op, OTHER), []).append(result)
    return found


def _count(results: list[Result], style: Style) -> str:
    asked = [r for r in results if r.outcome is not OpOutcome.NOT_OFFERED]
    good = sum(r.outcome is OpOutcome.OK for r in asked)
    if not asked:
        return style.paint(f"{'not offered' if results else '':>{COLUMN}}", "dim")
    return style.paint(f"{f'{good}/{len(asked)}':>{COLUMN}}", "green" if good == len(asked) else "red")


def _failures(trials: list[StrategyRun], style: Style) -> list[str]:
    """Each outcome but a pass once, with the rows it is of."""
    found: dict[tuple[str, str], list[str]] = {}
    for trial in trials:
        for r in trial.results:
            if r.outcome is not OpOutcome.OK:
                why = f" ({r.trouble.value})" if r.trouble not in (None, Trouble.REFUSED) else ""
                found.setdefault((trial.strategy, WORDS[r.outcome][0] + why), []).append(r.cell)
    return [style.wrap(f"{strategy}, {what}: {_some(cells)}", 2) for (strategy, what), cells in found.items()]


def _some(cells: list[str]) -> str:
    more = f" and {len(cells) - SHOWN} more" if len(cells) > SHOWN else ""
    return ", ".join(cells[:SHOWN]) + more


def _notes(trial: StrategyRun) -> list[str]:
    raised = [f"{r.cell}: {r.note}" for r in trial.results if r.outcome is OpOutcome.RAISED and r.note]
    return [f"{trial.strategy}, {trial.variables}: {text}" for text in dict.fromkeys([*trial.notes, *raised[:3]])]


def _uses(probed: Probed, style: Style) -> list[str]:
    """What can and cannot be done, with the strategy that makes it work."""
    lines, uses = [], judge(probed)
    for verdict, (head, colour) in HEADS.items():
        some = [use for use in uses if use.verdict is verdict]
        if some:
            lines.append(style.paint(f"{head}:", colour))
        for use in some:
            which = "" if ANY in use.strategies else f" ({', '.join(use.strategies)})"
            why = which if verdict is Verdict.CAN else f": {', '.join(use.missing[:3])}"
            lines.append(style.wrap(f"{use.name}{why}", 2))
    return [*lines, ""] if lines else []


def _advice(probed: Probed, style: Style) -> list[str]:
    best = choice(probed)
    if best is None:
        text = "no method worked on this card; see what would: rdna-installer advise"
        return [style.paint("best: none", "red"), style.wrap(text, 2)]
    lines = [style.paint(f"best: {best.strategy}", "green") + f" ({best.variables})"]
    if not probed.identity.gpus:
        return [*lines, style.wrap("nothing follows for a GPU: only the CPU was probed", 2)]
    return [*lines, f"  {command(probed)}"]


def command(probed: Probed) -> str | None:
    """The command that puts the best in force; None where nothing follows."""
    best = choice(probed)
    if best is None or not probed.identity.gpus:
        return None
    return f"rdna-installer apply --layer python --python {shlex.quote(probed.identity.python)} --conv probe"
