"""``rdna-installer rollback``."""

from __future__ import annotations

import click

from rdna_installer.cli import options
from rdna_installer.cli.go_back import carry_out
from rdna_installer.cli.options import Chosen


@click.command("rollback")
@options.with_options(options.OWNER, options.CHANGE, options.OUTPUT)
@click.option("--to", type=click.IntRange(min=0), help="A generation of `history`; 0 is the machine before us.")
def command(chosen: Chosen, to: int | None) -> int:
    """Go back to an earlier generation (default: the one before). Going back makes a new generation."""
    return carry_out(options.rollback_job(chosen, to), chosen)
