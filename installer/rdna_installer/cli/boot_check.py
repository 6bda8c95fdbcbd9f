"""``rdna-installer boot-check``: not for people; rdna-installer-boot.service runs it in every boot."""

from __future__ import annotations

import os
import time

import click

from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.report.console import progress
from rdna_installer.workflow.boot_check import boot_check
from rdna_installer.workflow.boot_status import tell


@click.command("boot-check", hidden=True)
def command() -> int:
    """Recover, take back, check and confirm: once after each boot."""
    if os.geteuid() != 0:
        raise RdnaError("not-root", "this is for rdna-installer-boot.service", exit_code=Exit.REFUSED)
    root, good = Sysroot(), True
    for result in boot_check(root, progress, time.sleep):
        tell(root, result)
        for line in result.lines:
            progress(f"rdna-installer: {line}")
        progress(f"rdna-installer: boot check: {result.outcome.value}")
        good = result.outcome.good
    return int(Exit.OK if good else Exit.MISMATCH)
