"""``rdna-installer history``."""

from __future__ import annotations

import sys

import click

from rdna_installer.cli import options
from rdna_installer.report.console import Style
from rdna_installer.workflow.looking import read_history


@click.command("history")
@options.with_options(options.OWNER, options.OUTPUT)
def command(owner: str | None, as_json: bool, no_color: bool, root: str) -> int:
    """The generations that can be gone back to."""
    owners = read_history(options.sysroot(root), owner)
    if as_json:
        from rdna_installer.report import asjson

        click.echo(asjson.dump(asjson.history(owners)))
        return 0
    from rdna_installer.report import status_text

    style = Style(sys.stdout, allowed=not no_color)
    click.echo("\n".join(status_text.history(name, items, style) for name, items in owners))
    return 0
