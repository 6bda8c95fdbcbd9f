"""``rdna-installer probe``."""

from __future__ import annotations

from itertools import count

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


@click.command("probe", cls=Command)
@options.with_options(options.FACTS, (options.GPU, options.YES), options.FORM)
@click.option("--cpu", is_flag=True, help="Test the methods on the CPU only.")
def command(chosen: Chosen, cpu: bool) -> int:
    """Test each method of convolution on this card, and compare the results with the CPU's.

    Exits 4 when no method worked.
    """
    task = prepare(options.job(chosen), cpu)
    _introduce(task)
    if task.risky:
        consent(WARNING, "Probe now", yes=chosen.yes)
    from rdna_installer.report.probe_text import tick

    total, numbers = sum(len(each.strategies) for each in task.start.sets), count(1)

    def begin(tried: Variables, strategy: str) -> None:
        done = f"[{number}/{total}] " if (number := next(numbers)) <= total else ""
        progress(f"{done}trying {strategy} ({tried.name})")

    found = probe(task, begin, tick)
    answer(chosen, "probe", found)
    return int(Exit.OK if choice(found) else Exit.MISMATCH)


def _introduce(task: Task) -> None:
    for note in task.notes:
        progress(f"note: {note}")
    progress(f"probing {task.site.python}: {len(task.start.sets)} set(s) of variables, a few minutes each")
