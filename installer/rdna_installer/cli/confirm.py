"""``rdna-installer confirm``."""

from __future__ import annotations

import click

from rdna_installer.cli import options
from rdna_installer.cli.options import Chosen
from rdna_installer.report.console import progress, show_json, show_lines
from rdna_installer.workflow.boot_confirm import confirm


@click.command("confirm")
@options.with_options(options.OUTPUT)
def command(chosen: Chosen) -> int:
    """Keep the new kernel options: the checks of a trial boot, and your word that the screen is not black."""
    applied = confirm(chosen.sysroot, progress)
    number = applied.generations[0][1].number if applied else None
    if chosen.as_json:
        from rdna_installer.report import asjson

        show_json(asjson.dump({"confirmed": applied is not None, "generation": number}))
    elif applied is None:
        show_lines("nothing is on trial: nothing to confirm")
    return 0
