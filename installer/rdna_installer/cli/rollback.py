"""``rdna-installer rollback``."""

from __future__ import annotations

import click

from rdna_installer.cli import options
from rdna_installer.cli.undo import undo


@click.command("rollback")
@options.with_options(options.CHANGE, options.OUTPUT)
@click.option("--to", type=click.IntRange(min=0), help="A generation of `history`; 0 is the machine before us.")
@click.option("-n", "--dry-run", is_flag=True, help="Show what would change and stop.")
def command(
    to: int | None,
    dry_run: bool,
    yes: bool,
    keep: bool,
    overwrite: bool,
    no_initramfs: bool,
    as_json: bool,
    no_color: bool,
    root: str,
) -> int:
    """Go back to an earlier generation (default: the one before). Going back makes a new generation."""
    job = options.undo_job(root, to, initramfs=not no_initramfs, foreign=options.foreign(keep, overwrite))
    return undo(job, dry_run=dry_run, yes=yes, as_json=as_json, colour=not no_color)
