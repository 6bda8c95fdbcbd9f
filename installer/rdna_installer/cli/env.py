"""``rdna-installer env``."""

from __future__ import annotations

from typing import Any

import click

from rdna_installer.cli import options
from rdna_installer.report import session_text
from rdna_installer.workflow.session import session_variables


@click.command("env")
@options.with_options(options.REQUEST, options.FACTS)
@click.option("--root", type=click.Path(exists=True, file_okay=False), default="/", help="Work on another root.")
@click.option("--format", "form", type=click.Choice(list(session_text.FORMATS)), default="sh", help="For whom.")
def command(form: str, **chosen: Any) -> int:
    """The variables of this machine's settings, for one session: eval "$(rdna-installer env)"."""
    job = options.job(chosen)
    text = session_text.render(session_variables(job.root, job.ask, job.request), form)
    if text:
        click.echo(text)
    return 0
