"""``rdna-installer uninstall``."""

from __future__ import annotations

import click

from rdna_installer.cli import options
from rdna_installer.cli.undo import undo
from rdna_installer.report.console import progress
from rdna_installer.workflow.undoing import purge


@click.command("uninstall")
@options.with_options(options.CHANGE, options.OUTPUT)
@click.option("--purge", "purge_state", is_flag=True, help="Remove the generations too: no way back after that.")
@click.option("-n", "--dry-run", is_flag=True, help="Show what would change and stop.")
def command(
    purge_state: bool,
    dry_run: bool,
    yes: bool,
    keep: bool,
    overwrite: bool,
    no_initramfs: bool,
    as_json: bool,
    no_color: bool,
    root: str,
) -> int:
    """Put everything back to what it was before us."""
    job = options.undo_job(
        root, 0, initramfs=not no_initramfs, foreign=options.foreign(keep, overwrite), reason="uninstall"
    )
    code = undo(job, dry_run=dry_run, yes=yes, as_json=as_json, colour=not no_color)
    if purge_state and not dry_run:
        for line in purge(job.root):
            progress(line)
    return code
