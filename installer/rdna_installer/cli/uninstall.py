"""``rdna-installer uninstall``."""

from __future__ import annotations

import click

from rdna_installer.cli import options
from rdna_installer.cli.go_back import carry_out
from rdna_installer.cli.options import Chosen
from rdna_installer.report.console import progress
from rdna_installer.workflow.purging import purge


@click.command("uninstall")
@options.with_options(options.OWNER, options.CHANGE, options.OUTPUT)
@click.option("--purge", "purge_state", is_flag=True, help="Remove the generations too: no way back after that.")
def command(chosen: Chosen, purge_state: bool) -> int:
    """Put everything back to what it was before us."""
    job = options.rollback_job(chosen, 0, "uninstall")
    code = carry_out(job, chosen)
    if purge_state and not chosen.dry_run:
        for line in purge(job.root, job.owner):
            progress(line)
    return code
