"""``rdna-installer status``."""

from __future__ import annotations

import sys

import click

from rdna_installer.cli import options
from rdna_installer.report.console import Style
from rdna_installer.workflow.looking import read_status


@click.command("status")
@options.with_options(options.OUTPUT)
def command(as_json: bool, no_color: bool, root: str) -> int:
    """What is applied, and what somebody changed since."""
    owners = read_status(options.sysroot(root))
    if as_json:
        from rdna_installer.report import asjson

        click.echo(asjson.dump({"owners": [asjson.owner(o.name, o.current, o.drift) for o in owners]}))
        return 0
    from rdna_installer.report import status_text

    style = Style(sys.stdout, allowed=not no_color)
    click.echo("\n".join(status_text.status(o.name, o.current, o.drift, style) for o in owners))
    return 0
