"""``rdna-installer recover``."""

from __future__ import annotations

import click

from rdna_installer.cli import options
from rdna_installer.report.console import progress
from rdna_installer.workflow.undoing import recover_all


@click.command("recover")
@options.with_options(options.OUTPUT)
@options.NO_INITRAMFS
def command(as_json: bool, no_color: bool, root: str, no_initramfs: bool) -> int:
    """Finish or undo what an interrupted run left. Harmless when there is nothing."""
    done = recover_all(options.sysroot(root), progress, initramfs=not no_initramfs)
    if as_json:
        from rdna_installer.report import asjson

        click.echo(asjson.dump({"recovered": list(done)}))
        return 0
    click.echo("\n".join(done) or "nothing to recover")
    return 0
