"""``rdna-installer advise``."""

from __future__ import annotations

import click

from rdna_installer.cli import options
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import answer
from rdna_installer.plan.advise import advise
from rdna_installer.workflow.planning import Job, decide, gather


@click.command("advise")
@options.with_options((options.USE, options.GPU), options.FACTS, options.OUTPUT)
def command(chosen: Chosen) -> int:
    """What to do with this GPU, best first: evidence, cost, risk and the exact commands. Changes nothing."""
    request = options.request(chosen)
    here = decide(chosen.sysroot, gather(Job(chosen.sysroot, chosen.ask, request)), request)
    found = advise(here.facts, here.book, request, here.probed.measured, here.items)
    answer(chosen, "advise", found)
    return 0
