"""``rdna-installer uninstall``."""

from __future__ import annotations

from typing import Any

import click

from rdna_installer.cli import options
from rdna_installer.cli.undo import undo
from rdna_installer.report.console import progress
from rdna_installer.workflow.purging import purge


@click.command("uninstall")
@options.with_options(options.OWNER, options.CHANGE, options.OUTPUT)
@click.option("--purge", "purge_state", is_flag=True, help="Remove the generations too: no way back after that.")
def command(purge_state: bool, **chosen: Any) -> int:
    """Put everything back to what it was before us."""
    job, manner = options.undo_job(chosen, 0, "uninstall"), options.manner(chosen)
    code = undo(job, manner)
    if purge_state and not manner.dry_run:
        for line in purge(job.root, job.owner):
            progress(line)
    return code
