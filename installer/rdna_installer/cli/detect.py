"""``rdna-installer detect``."""

from __future__ import annotations

from dataclasses import replace

import click

from rdna_installer.cli import options
from rdna_installer.cli.options import Chosen
from rdna_installer.detect.host import detect
from rdna_installer.detect.system import find_distro
from rdna_installer.report.console import show, show_json


@click.command("detect")
@options.with_options(options.FACTS, options.OUTPUT)
def command(chosen: Chosen) -> int:
    """What is in this machine: GPUs, ROCm, PyTorch, kernel. Changes nothing, runs nothing of anybody's."""
    facts = detect(chosen.sysroot, replace(chosen.ask, with_image=True))
    distro = find_distro(chosen.sysroot)
    if chosen.as_json:
        from rdna_installer.report import asjson

        show_json(asjson.dump(asjson.detect(facts, distro)))
    else:
        from rdna_installer.report import detect_text

        show(detect_text.render, facts, distro, colour=chosen.colour)
    return 0
