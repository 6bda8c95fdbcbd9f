"""``rdna-installer plan`` (alias ``diff``)."""

from __future__ import annotations

import click

from rdna_installer.cli import options
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import answer
from rdna_installer.errors import Exit
from rdna_installer.workflow.planning import make_plan


@click.command("plan")
@options.with_options(options.REQUEST, options.TRIAL, options.FACTS, options.OUTPUT)
@click.option("--no-initramfs", is_flag=True, help="Plan without rebuilding the boot image.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 10 when there are changes.")
def command(chosen: Chosen, detailed_exitcode: bool) -> int:
    """What apply would change, why, and what it will not do. Exits as apply would: 3 where it would refuse."""
    planned = make_plan(options.job(chosen))
    answer(chosen, "plan", planned.plan)
    if planned.refusal:
        raise planned.refusal
    return int(Exit.CHANGES) if detailed_exitcode and planned.plan.changes else int(Exit.OK)
