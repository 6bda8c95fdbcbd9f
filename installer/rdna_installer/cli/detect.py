"""``rdna-installer detect``."""

from __future__ import annotations

from dataclasses import replace

import click

from rdna_installer.cli import options
from rdna_installer.detect.host import detect
from rdna_installer.detect.system import find_distro
from rdna_installer.report.console import show, show_json


@click.command("detect")
@options.with_options(options.FACTS, options.OUTPUT)
def command(
    gfx: str | None, rocm: str | None, pythons: tuple[str, ...], as_json: bool, no_color: bool, root: str
) -> int:
    """What is in this machine: GPUs, ROCm, PyTorch, kernel. Changes nothing, runs nothing of anybody's."""
    where = options.sysroot(root)
    facts = detect(where, replace(options.ask(gfx, rocm, pythons), with_image=True))
    distro = find_distro(where)
    if as_json:
        from rdna_installer.report import asjson

        show_json(asjson.dump(asjson.detect(facts, distro)))
    else:
        from rdna_installer.report import detect_text

        show(detect_text.render, facts, distro, colour=not no_color)
    return 0
