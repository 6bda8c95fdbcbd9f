"""``rdna-installer recover``."""

from __future__ import annotations

import click

from rdna_installer.cli import options
from rdna_installer.report.console import Style, progress, show, show_json
from rdna_installer.workflow.undoing import recover_all


@click.command("recover")
@options.with_options(options.OUTPUT)
@options.NO_INITRAMFS
def command(as_json: bool, no_color: bool, root: str, no_initramfs: bool) -> int:
    """Finish or undo what an interrupted run left. Harmless when there is nothing."""
    done = recover_all(options.sysroot(root), progress, initramfs=not no_initramfs)
    if as_json:
        from rdna_installer.report import asjson

        show_json(asjson.dump({"recovered": list(done)}))
        return 0
    show(_text, done, colour=not no_color)
    return 0


def _text(done: tuple[str, ...], _: Style) -> str:
    return "\n".join(done) or "nothing to recover"
