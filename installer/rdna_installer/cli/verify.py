"""``rdna-installer verify``."""

from __future__ import annotations

import click

from rdna_installer.cli import options
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import answer
from rdna_installer.errors import Exit
from rdna_installer.workflow.inspecting import verify_machine


@click.command("verify")
@options.with_options(options.FACTS, options.OWNER, options.OUTPUT)
@click.option(
    "--gpu", "compute", is_flag=True, help="Also compute on the GPU, in a process that may die, against the CPU."
)
@click.option("--running", is_flag=True, help="Also what each program that uses the GPU now has, and who set it.")
def command(chosen: Chosen, compute: bool, running: bool) -> int:
    """Check what is really in force: files, kernel parameters, environment, hook, device. 4 when something is off."""
    report = verify_machine(chosen.sysroot, chosen.ask, gpu=compute, running=running, chosen=chosen.owner)
    answer(chosen, "verify", report)
    return int(Exit.OK if report.ok else Exit.MISMATCH)
