"""``rdna-installer cache``: the caches that keep old decisions."""

from __future__ import annotations

import click

from rdna_installer.cli import options
from rdna_installer.cli.document import Document, Outcome
from rdna_installer.cli.helping import Command, Group
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import answer, consent, expected, shown_first
from rdna_installer.errors import Exit
from rdna_installer.report.console import progress
from rdna_installer.workflow.caches import clear, find_caches


@click.group("cache", cls=Group)
def command() -> None:
    """The caches of MIOpen, Triton and Inductor, which keep what an older setting decided."""


@command.command("clear", cls=Command)
@click.option("--all", "everything", is_flag=True, help="Also those that do not matter for the GPUs here.")
@options.with_options((options.YES, options.DRY_RUN), options.OUTPUT)
def clear_caches(chosen: Chosen, everything: bool) -> int:
    """Remove your own caches, after showing what and how large; they are filled again at the next run."""
    place = chosen.sysroot
    found = find_caches(place, everything)
    with shown_first():
        answer(chosen, "cache", found)
    expected(found.chosen)
    if chosen.dry_run or not found.chosen:
        return int(Exit.OK)
    from rdna_installer.report.cache_text import total

    consent(f"This removes {total(found.chosen)}.", "Remove", yes=chosen.yes)
    document = Document.here()
    document.begun = True
    clear(place, found.user, found.chosen)
    document.outcome = Outcome.DONE
    progress(f"done: {total(found.chosen)} removed; the next run compiles again and is slow once")
    return int(Exit.OK)
