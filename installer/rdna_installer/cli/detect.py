"""``rdna-installer detect``, ``doctor`` and ``demo``."""

from __future__ import annotations

import os
import sys

import click

from rdna_installer.cli import options
from rdna_installer.cli.helping import Command
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import answer
from rdna_installer.detect.host import detect, find_distro
from rdna_installer.errors import Exit
from rdna_installer.machine.process import replace_with
from rdna_installer.record import replace
from rdna_installer.resources import PACKAGE


@click.command("detect", cls=Command)
@options.with_options(options.FACTS, options.OUTPUT)
def command(chosen: Chosen) -> int:
    """What is in this machine: GPUs, ROCm, PyTorch, kernel. Changes nothing, runs nothing of anybody's."""
    facts = detect(chosen.sysroot, replace(chosen.ask, with_image=True))
    distro = find_distro(chosen.sysroot)
    answer(chosen, "detect", facts, distro)
    return 0


@click.command("doctor", cls=Command)
@options.with_options(options.FACTS, options.OUTPUT)
def doctor(chosen: Chosen) -> int:
    """What works, what does not, what to do next, on one screen. Changes nothing. 4: something needs attention."""
    from rdna_installer.workflow.doctor import examine

    distro = find_distro(chosen.sysroot)
    health = examine(chosen.sysroot, replace(chosen.ask, lenient=True), f"{distro.id} {distro.version}".strip())
    answer(chosen, "doctor", health)
    return int(Exit.MISMATCH if health.open else Exit.OK)


@click.command("demo", cls=Command)
@options.with_options()
@click.option("--no-pause", is_flag=True, help="Do not wait between the scenes.")
def demo(chosen: Chosen, no_pause: bool) -> int:
    """Two minutes on a sample machine in a scratch folder. Changes nothing of yours."""
    words = ["--no-pause"] if no_pause else []
    replace_with([sys.executable, "-I", "-B", str(PACKAGE / "demo/demo.py"), *words], os.environ)
