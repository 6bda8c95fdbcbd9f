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
@options.with_options(options.REQUEST, options.SERVICE, options.TRIAL, options.FACTS, options.DIFF, options.OUTPUT)
@click.option("--no-initramfs", is_flag=True, help="Plan without rebuilding the boot image.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 10 when there are changes.")
def command(chosen: Chosen, detailed_exitcode: bool) -> int:
    """Show what apply would change, and why. Changes nothing. Exits as apply would: 3 where it would refuse."""
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
@click.argument("way", type=click.IntRange(1), required=False)
@click.option("--errors", is_flag=True, help="The fixes of errors, each for who sees it.")
@click.option("-v", "--verbose", is_flag=True, help="Everything, with its sources.")
def advise(chosen: Chosen, way: int | None, errors: bool, verbose: bool) -> int:
    """Ways to get PyTorch running on this card, best first; of a WAY by its number the commands. Changes nothing."""
    from rdna_installer.plan import advise as ranked
    from rdna_installer.report.advise_text import Form

    request = options.request(chosen)
    here = decide(chosen.sysroot, gather(Job(chosen.sysroot, chosen.ask, request)), request)
    found = ranked.advise(here.facts, here.book, request, here.probed.measured, here.items)
    if way is not None and way > max(len(item.options) for item in found):
        raise click.UsageError(f"there is no way {way} here: they are numbered by `rdna-installer advise`")
    answer(chosen, "advise", found, Form(way, errors, verbose))
    return 0
