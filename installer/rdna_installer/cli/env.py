"""``rdna-installer env``."""

from __future__ import annotations

import click

from rdna_installer.cli import options
from rdna_installer.cli.options import Chosen
from rdna_installer.report import session_text
from rdna_installer.report.console import progress, show_lines
from rdna_installer.workflow.session import session


@click.command("env")
@options.with_options(options.REQUEST, options.FACTS, (options.ROOT,))
@click.option("--format", "form", type=click.Choice(list(session_text.FORMATS)), default="sh", help="For whom.")
def command(chosen: Chosen, form: str) -> int:
    """The variables of this machine's settings, for one session: eval "$(rdna-installer env)"."""
    job = options.job(chosen)
    found = session(job.root, job.ask, job.request)
    text = session_text.render(found.variables, form)
    if text:
        show_lines(text)
    for note in found.notes:
        progress(f"note: {note}")
    return 0
