"""``probe`` for people: what works on this card, how fast, and what to do with it; progress on stderr while it runs."""

from __future__ import annotations

import json

from rdna_installer.probe.types import OPS, REQUIRED, OpOutcome, Probed, Result, StrategyRun, choice, mean, why_not
from rdna_installer.report.console import Style, passing

WORDS = {
    OpOutcome.OK: ("ok", "green"), OpOutcome.WRONG: ("WRONG", "red"), OpOutcome.RAISED: ("error", "yellow"),
    OpOutcome.ABORTED: ("CRASH", "red"), OpOutcome.HUNG: ("HANG", "red"), OpOutcome.NOT_TRIED: ("-", "dim"),
}  # fmt: skip
COLUMN = 12


def tick(new: bytes) -> None:
    """Shows the latest operation begun in what the child has just reported."""
    for line in new.splitlines():
        try:
            name = json.loads(line).get("start")
        except (ValueError, AttributeError):
            continue
        if name:
            passing(str(name))


def render(probed: Probed, style: Style) -> str:
    """A table for each set of variables, faults, and what follows."""
    lines: list[str] = []
    for variables in probed.sets:
        trials = [t for t in probed.trials if t.variables == variables.name]
        if trials:
            shown = " ".join(f"{key}={value}" for key, value in variables.values) or "no variables"
            title = style.paint(f"With {shown} ({variables.name})", "bold")
            driver = probed.driver if variables == probed.sets[0] else None
            lines += [title, *_table(trials, driver, style), ""]
    lines += [style.wrap(note, 0, "note: ") for t in probed.trials for note in _notes(t)]
    if probed.driver and probed.driver.note:
        lines.append(style.wrap(f"{probed.driver.op}: {probed.driver.note}", 0, "note: "))
    if probed.stopped:
        lines.append(style.wrap(probed.stopped, 0, "stopped: "))
    if probed.costs:
        lines.append(style.wrap(probed.costs.note, 0, "cost model of gemm: "))
    return "\n".join([*lines, *_advice(probed, style)])


def _table(trials: list[StrategyRun], driver: Result | None, style: Style) -> list[str]:
    lines = ["  " + " " * 34 + "".join(f"{t.strategy:>{COLUMN}}" for t in trials)]
    for op in OPS:
        cells = [next((r for r in t.results if r.op == op), Result(op, OpOutcome.NOT_TRIED)) for t in trials]
        optional = "" if op in REQUIRED else " (optional)"
        lines.append(f"  {op + optional:<34}" + "".join(_cell(cell, style) for cell in cells))
    if driver:  # it is MIOpen without torch, so it stands with what leaves MIOpen in
        cells = [driver if t.strategy == "native" else Result(driver.op, OpOutcome.NOT_TRIED) for t in trials]
        lines.append(f"  {driver.op:<34}" + "".join(_cell(cell, style) for cell in cells))
    means = [f"{mean(t):.3f} ms" if why_not(t) is None else "no use" for t in trials]
    return [*lines, f"  {'geometric mean':<34}" + "".join(f"{text:>{COLUMN}}" for text in means)]


def _cell(result: Result, style: Style) -> str:
    word, colour = WORDS[result.outcome]
    text = f"{result.ms:.3f} ms" if result.outcome is OpOutcome.OK and result.ms is not None else word
    return style.paint(f"{text:>{COLUMN}}", colour)


def _notes(trial: StrategyRun) -> list[str]:
    raised = [f"{r.op}: {r.note}" for r in trial.results if r.outcome is OpOutcome.RAISED and r.note]
    return [f"{trial.strategy}, {trial.variables}: {text}" for text in dict.fromkeys([*trial.notes, *raised[:3]])]


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
    return f"rdna-installer apply --layer python --python {probed.identity.python} --conv probe"
