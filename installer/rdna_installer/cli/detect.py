"""``rdna-installer detect``."""

from __future__ import annotations

import click

from rdna_installer.cli import options
from rdna_installer.cli.helping import Command
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import answer
from rdna_installer.detect.host import detect, find_distro
from rdna_installer.record import replace


@click.command("detect", cls=Command)
@options.with_options(options.FACTS, options.OUTPUT)
def command(chosen: Chosen) -> int:
    """What is in this machine: GPUs, ROCm, PyTorch, kernel. Changes nothing, runs nothing of anybody's."""
    facts = detect(chosen.sysroot, replace(chosen.ask, with_image=True))
    distro = find_distro(chosen.sysroot)
    answer(chosen, "detect", facts, distro)
    return 0
