"""``rdna-installer confirm``, and ``boot-check``, which is not for people: a unit of ours runs it in every boot."""

from __future__ import annotations

import os
import time

import click

from rdna_installer.cli import options
from rdna_installer.cli.helping import Command
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import answer, expected
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.report.console import progress, show_lines


@click.command("confirm", cls=Command)
@options.with_options(options.OUTPUT)
def command(chosen: Chosen) -> int:
    """Keep the new kernel options, because the screen works; checked once more first."""
    from rdna_installer.workflow.boot_confirm import confirm

    applied = confirm(chosen.sysroot, progress)
    if applied is None:
        expected(None)
    if chosen.as_json:
        answer(chosen, "confirmed", applied)
    elif applied is None:
        show_lines("nothing is on trial: nothing to confirm")
    return 0


@click.command("boot-check", cls=Command, hidden=True)
def boot_check() -> int:
    """Recover, take back, check and confirm: once after each boot."""
    from rdna_installer.workflow import boot_check as job
    from rdna_installer.workflow.boot_status import tell

    if os.geteuid() != 0:
        raise RdnaError("not-root", "this is for rdna-installer-boot.service", exit_code=Exit.REFUSED)
    root, good = Sysroot(), True
    for result in job.boot_check(root, progress, time.sleep):
        if lost := tell(root, result):
            progress(f"note: {lost}")
        for line in result.lines:
            progress(f"rdna-installer: {line}")
        progress(f"rdna-installer: boot check: {result.outcome.value}")
        good = result.outcome.good
    return int(Exit.OK if good else Exit.MISMATCH)
