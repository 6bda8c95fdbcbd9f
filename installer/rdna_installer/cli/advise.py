"""``rdna-installer advise``."""

from __future__ import annotations

import click

from rdna_installer.cli import options
from rdna_installer.model import Request, Use
from rdna_installer.report.console import show, show_json
from rdna_installer.workflow.advising import advise_machine


@click.command("advise")
@click.option("--use", type=click.Choice([u.value for u in Use]), default="both", help="What you do with it.")
@click.option("--gpu", metavar="ID", help="One GPU: PCI address, KFD node or index.")
@options.with_options(options.FACTS, options.OUTPUT)
def command(
    use: str,
    gpu: str | None,
    gfx: str | None,
    rocm: str | None,
    pythons: tuple[str, ...],
    as_json: bool,
    no_color: bool,
    root: str,
) -> int:
    """What to do with this GPU, best first: evidence, cost, risk and the exact commands. Changes nothing."""
    asked = Request(use=Use(use), gpu=gpu)
    found = advise_machine(options.sysroot(root), options.ask(gfx, rocm, pythons), asked)
    if as_json:
        from rdna_installer.report import asjson

        show_json(asjson.dump(asjson.advice(found)))
    else:
        from rdna_installer.report import advise_text

        show(advise_text.render, found, colour=not no_color)
    return 0
