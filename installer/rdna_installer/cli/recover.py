"""``rdna-installer recover``."""

from __future__ import annotations

import click

from rdna_installer.cli import options
from rdna_installer.report.console import progress
from rdna_installer.workflow.recovering import decide_own, recover_all


@click.command("recover")
@options.with_options(options.OUTPUT)
@click.option(
    "--decide",
    type=click.Choice(["undo", "finish"]),
    help="Your own part of a change of root's that nobody decides: back, or forward. Root's part stays as it is.",
)
def command(as_json: bool, no_color: bool, root: str, decide: str | None) -> int:
    """Finish or undo what an interrupted run left. Harmless when there is nothing."""
    if decide is not None:
        done: tuple[str, ...] = (decide_own(options.sysroot(root), forward=decide == "finish"),)
    else:
        done = recover_all(options.sysroot(root), progress)
    if as_json:
        from rdna_installer.report import asjson

        click.echo(asjson.dump({"recovered": list(done)}))
        return 0
    click.echo("\n".join(done) or "nothing to recover")
    return 0
