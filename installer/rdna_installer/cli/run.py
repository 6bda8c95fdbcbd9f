"""``rdna-installer run``."""

from __future__ import annotations

import os

import click

from rdna_installer.cli import options
from rdna_installer.cli.options import Chosen
from rdna_installer.machine.process import replace_with
from rdna_installer.report.console import progress
from rdna_installer.workflow.session import session


@click.command("run", context_settings={"allow_interspersed_args": False})
@options.with_options(options.REQUEST, options.FACTS)
@click.argument("argv", nargs=-1, required=True, metavar="-- COMMAND…", type=click.UNPROCESSED)
def command(chosen: Chosen, argv: tuple[str, ...]) -> int:
    """Run COMMAND with the variables of this machine's settings; its exit code is ours.

    What your session has set already wins, except over --set and --conv.
    """
    job = options.job(chosen)
    found = session(job.root, job.ask, job.request)
    for note in found.notes:
        progress(f"note: {note}")
    replace_with(argv, found.over(os.environ))
