"""``rdna-installer apply``."""

from __future__ import annotations

import click

from rdna_installer.cli import options
from rdna_installer.cli.helping import Command
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import answer, changed, consent, expected, recovered_first, shown_first, with_status
from rdna_installer.errors import Exit
from rdna_installer.machine.sysroot import from_here
from rdna_installer.record import replace
from rdna_installer.report.console import progress
from rdna_installer.workflow.applying import apply
from rdna_installer.workflow.committing import check_boot_files, check_rights
from rdna_installer.workflow.planning import make_plan


@click.command("apply", cls=Command)
@options.with_options(
    options.REQUEST, options.SERVICE, options.TRIAL, options.FACTS, options.OWNER, options.CHANGE, options.OUTPUT
)
@click.option("--miopen", type=options.AnyPath(), metavar="FILE", help="Put this libMIOpen into the torch of --python.")
@click.option("--ask-only", is_flag=True, hidden=True)  # install.sh: it installs the program only then
def command(chosen: Chosen, ask_only: bool, miopen: str | None) -> int:
    """Make the change: all of it or nothing. Asks first, and can be undone."""
    with_status(chosen)
    changed(None, reboot_required=False)
    job = replace(options.job(chosen), words=options.words(click.get_current_context()))
    if not (chosen.dry_run or ask_only):
        recovered_first(job.root, initramfs=job.initramfs)
    if miopen is None:
        planned = make_plan(job)
    else:
        from rdna_installer.workflow.swapping import bring_in, plan_swap

        job, planned = plan_swap(job, from_here(miopen))
    changing = not (chosen.dry_run or ask_only or planned.refusal)
    if changing:  # who may not is told so before he reads on
        instead = ", or change your own Python only, with --layer python --python VENV"
        check_rights(job.root, [owner for owner in planned.owners if planned.changes_of(owner)], instead)
        check_boot_files(job.root, planned.plan.changes)
    words = options.words(click.get_current_context())
    todo = chosen.command("apply", words if miopen is None else ("--miopen", miopen, *words)) if chosen.dry_run else ""
    shown = ("plan", planned.plan, planned.total, todo)
    with shown_first():
        answer(chosen, *shown, chosen.whole, planned.refusal is not None)
    if planned.refusal:
        raise planned.refusal
    expected(planned.plan.changes)
    if not (changing or ask_only) or not planned.plan.changes:
        return int(Exit.OK)
    consent(planned.total.line, "Apply", yes=chosen.yes, files=lambda: answer(chosen, *shown, True, False, err=True))
    if ask_only:
        return int(Exit.CHANGES)
    if miopen is not None:
        progress(f"Copying {miopen} into the history")
        bring_in(job, planned, from_here(miopen))
    changed(apply(job, planned, progress), reboot_required=planned.plan.reboot_needed)
    return int(Exit.OK)
