"""``rdna-installer plan`` (alias ``diff``) and ``advise``."""

from __future__ import annotations

import click

from rdna_installer.cli import options
from rdna_installer.cli.helping import Command
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import answer, expected, with_status
from rdna_installer.errors import Exit
from rdna_installer.workflow.planning import Job, decide, gather, make_plan


@click.command("plan", cls=Command)
@options.with_options(options.REQUEST, options.TRIAL, options.FACTS, options.DIFF, options.OUTPUT)
@click.option("--no-initramfs", is_flag=True, help="Plan without rebuilding the boot image.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 10 when there are changes.")
def command(chosen: Chosen, detailed_exitcode: bool) -> int:
    """What apply would change, why, and what it will not do. Exits as apply would: 3 where it would refuse."""
    with_status(chosen)
    planned = make_plan(options.job(chosen))
    todo = chosen.command("apply", options.words(click.get_current_context()))
    answer(chosen, "plan", planned.plan, planned.total, todo, chosen.whole, planned.refusal is not None)
    if planned.refusal:
        raise planned.refusal
    expected(planned.plan.changes)
    return int(Exit.CHANGES) if detailed_exitcode and planned.plan.changes else int(Exit.OK)


@click.command("advise", cls=Command)
@options.with_options((options.USE, options.GPU), options.FACTS, options.OUTPUT)
def advise(chosen: Chosen) -> int:
    """What to do with this GPU, best first: evidence, cost, risk and the exact commands. Changes nothing."""
    from rdna_installer.plan import advise as ranked

    request = options.request(chosen)
    here = decide(chosen.sysroot, gather(Job(chosen.sysroot, chosen.ask, request)), request)
    answer(chosen, "advise", ranked.advise(here.facts, here.book, request, here.probed.measured, here.items))
    return 0
