"""``rdna-installer probe``."""

from __future__ import annotations

import click

from rdna_installer.cli import options
from rdna_installer.cli.helping import Command
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import answer, consent
from rdna_installer.errors import Exit
from rdna_installer.probe.types import Variables, choice
from rdna_installer.report.console import progress
from rdna_installer.workflow.probing import Task, prepare, probe

WARNING = "Save your work first: a kernel that faults may reset the GPU, and with it the desktop."


QUICK = "Under a minute: a few rows, torch's own way and the best of an earlier probe."
ALL = "Try each row, also after crashes of its kind and long compiling."
MINUTES = "Then the same work for so long, watching heat, clocks and the kernel's log."


@click.command("probe", cls=Command)
@options.with_options(options.FACTS, (options.GPU, options.YES), options.FORM)
@click.option("--cpu", is_flag=True, help="Test the methods on the CPU only.")
@click.option("--quick", is_flag=True, help=QUICK)
@click.option("--all", "whole", is_flag=True, help=ALL)
@click.option("--minutes", type=click.IntRange(1, 240), metavar="N", help=MINUTES)
def command(chosen: Chosen, cpu: bool, quick: bool, whole: bool, minutes: int | None) -> int:
    """Test what works on this card, and compare the results with the CPU's.

    Rows of operations in each type, each method of convolution, memory. Exits 4 when no method worked.
    """
    if quick and (whole or minutes):
        raise click.UsageError("--quick goes with neither --all nor --minutes")
    task = prepare(options.job(chosen), cpu, "quick" if quick else "all" if whole else "default", minutes or 0)
    _introduce(task)
    if task.risky:
        consent(WARNING, "Probe now", yes=chosen.yes)
    from rdna_installer.report.probe_text import Bar

    rows = task.plan.rows(task.start.sets)
    bar, total = Bar(sum(rows.values())), len(rows)
    for ended in task.start.trials:
        bar.begin(rows.pop((ended.variables, ended.strategy), 0))

    def begin(tried: Variables, strategy: str) -> None:
        known = (tried.name, strategy) in rows
        bar.begin(rows.pop((tried.name, strategy), 0))
        done = f"[{total - len(rows)}/{total}] " if known else ""
        progress(f"{done}trying {strategy} ({tried.name})")

    found = probe(task, begin, bar.tick)
    answer(chosen, "probe", found)
    return int(Exit.OK if choice(found) else Exit.MISMATCH)


def _introduce(task: Task) -> None:
    for note in task.notes:
        progress(f"note: {note}")
    takes = "under a minute" if task.start.depth == "quick" else "a few minutes each"
    progress(f"probing {task.site.python}: {len(task.start.sets)} set(s) of variables, {takes}")
