"""``rdna-installer diagnose``."""

from __future__ import annotations

import click

from rdna_installer.cli import options
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import answer
from rdna_installer.errors import Exit, RdnaError


@click.command("diagnose")
@click.argument("log", required=False, metavar="[FILE|-]")
@click.option("--kernel-log", is_flag=True, help="The kernel log of this boot (journalctl, else dmesg).")
@options.with_options(options.FACTS, options.OUTPUT)
def command(chosen: Chosen, log: str | None, kernel_log: bool) -> int:
    """What a log's errors mean on this machine: the cause first, harmless noise named. Changes nothing."""
    from rdna_installer.workflow.diagnosing import diagnose_kernel, diagnose_log

    _check(log, kernel_log)
    place, ask = chosen.sysroot, chosen.ask
    found = diagnose_kernel(place, ask) if log is None else diagnose_log(place, ask, log)
    answer(chosen, "diagnose", found)
    return 0


def _check(log: str | None, kernel_log: bool) -> None:
    if (log is None) == (not kernel_log):
        raise RdnaError(
            "which-log",
            "diagnose wants one log: a file, - for standard input, or --kernel-log",
            hint="CMD 2>&1 | tee run.log; rdna-installer diagnose run.log",
            exit_code=Exit.USAGE,
        )
