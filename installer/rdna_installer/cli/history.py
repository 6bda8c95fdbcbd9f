"""``rdna-installer history``."""

from __future__ import annotations

import click

from rdna_installer.cli import options
from rdna_installer.cli.options import Chosen
from rdna_installer.report.console import show, show_json
from rdna_installer.workflow.inspecting import read_history


@click.command("history")
@options.with_options(options.OWNER, options.OUTPUT)
def command(chosen: Chosen) -> int:
    """The generations that can be gone back to."""
    owners = read_history(chosen.sysroot, chosen.owner)
    if chosen.as_json:
        from rdna_installer.report import asjson

        show_json(asjson.dump(asjson.history(owners)))
        return 0
    from rdna_installer.report import status_text

    show(status_text.histories, owners, colour=chosen.colour)
    return 0
