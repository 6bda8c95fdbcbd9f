"""``rdna-installer setup``: from a card to a PyTorch environment that is installed, proved, and can be taken back."""

from __future__ import annotations

import os

import click

from rdna_installer.cli import options
from rdna_installer.cli.helping import Command
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import answer, changed, consent, expected, shown_first, with_status
from rdna_installer.errors import Exit
from rdna_installer.model import Status
from rdna_installer.record import replace
from rdna_installer.report.console import progress
from rdna_installer.workflow.recovering import recover_first

SOURCE = (
    click.option("--wheels", type=options.AnyPath(), metavar="DIR", help="Take the packages from a folder: offline."),
    click.option("--python", "interpreter", type=options.AnyPath(), help="The Python to make the environment with."),
    options.offering("--gfx", metavar="NAME", help="The target (gfx1010), where it cannot be detected."),
    options.GPU,
    click.option("--uv", is_flag=True, help="Install with uv instead of pip."),
)


@click.command("setup", cls=Command)
@options.with_options(SOURCE, (options.YES, options.DRY_RUN), options.OUTPUT)
@click.option("--repair", is_flag=True, help="Install the packages of the environment in force anew, beside it.")
def command(chosen: Chosen, wheels: str | None, interpreter: str | None, uv: bool, repair: bool) -> int:
    """Install PyTorch for this card in an environment of its own. Asks first; rollback brings the one before back."""
    from rdna_installer.workflow import setting_up

    with_status(chosen)
    changed(None, reboot_required=False)
    if not chosen.dry_run:
        recover_first(chosen.sysroot, progress)
    job = setting_up.SetupJob(chosen.sysroot, chosen.ask, uv=uv)
    job = replace(job, python=os.path.abspath(interpreter) if interpreter else job.python)
    facts = setting_up.card_facts(job)
    owner = setting_up.owner_here(job.root, facts)
    source = setting_up.from_folder(job.root, os.path.abspath(wheels or "."))
    planned = setting_up.plan_setup(job, facts, owner, source)
    with shown_first():
        answer(chosen, "setup", planned.preview)
    if planned.refusal:
        raise planned.refusal
    expected(True)
    if chosen.dry_run:
        return int(Exit.OK)
    consent("", "Set it up", yes=chosen.yes)
    applied = setting_up.set_up(planned, progress)
    checks = setting_up.tried(planned)
    changed(applied, reboot_required=False)
    answer(chosen, "set_up", planned.python, checks, text="setup_text.done")
    bad = any(check.status in (Status.FAILED, Status.MISMATCH) for check in checks)
    return int(Exit.MISMATCH if bad else Exit.OK)
