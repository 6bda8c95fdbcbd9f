"""``rdna-installer rollback`` and ``uninstall``: showing, asking and going back."""

from __future__ import annotations

import click

from rdna_installer.cli import options
from rdna_installer.cli.helping import Command
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import answer, changed, consent, expected, shown_first, with_status
from rdna_installer.errors import Exit
from rdna_installer.plan.trial import begins
from rdna_installer.report.console import progress
from rdna_installer.workflow.recovering import recover_first
from rdna_installer.workflow.rolling_back import RollbackJob, check_rollback_rights, go_back, plan_rollback


@click.command("rollback", cls=Command)
@options.with_options(options.OWNER, options.CHANGE, options.OUTPUT)
@click.option(
    "--to",
    type=click.IntRange(min=0),
    shell_complete=options.offered_changes,
    help="A generation of `history`; 0 is the machine before us.",
)
def command(chosen: Chosen, to: int | None) -> int:
    """Go back to an earlier generation (default: the one before). Going back makes a new generation."""
    return _carry_out(options.rollback_job(chosen, to), chosen)


@click.command("uninstall", cls=Command)
@options.with_options(options.OWNER, options.CHANGE, options.OUTPUT)
@click.option("--purge", "purge_state", is_flag=True, help="Remove the generations too: no way back after that.")
def uninstall(chosen: Chosen, purge_state: bool) -> int:
    """Put everything back to what it was before us."""
    job = options.rollback_job(chosen, 0, "uninstall")
    code = _carry_out(job, chosen)
    if purge_state and not chosen.dry_run:
        from rdna_installer.workflow.purging import purge

        for line in purge(job.root, job.owner):
            progress(line)
    return code


def _carry_out(job: RollbackJob, chosen: Chosen) -> int:
    """0 also when there is nothing to do, 6 where a user's part had to be left."""
    with_status(chosen)
    changed(None, reboot_required=False, trial=False)
    if not chosen.dry_run:
        recover_first(job.root, progress, initramfs=job.initramfs)
    planned = plan_rollback(job)
    parts = (planned.title, planned.changes, planned.steps, planned.reboot_needed)
    with shown_first():
        answer(chosen, "rollback", *parts, text="plan_text.rollback")
    for note in planned.notes:
        progress(f"note: {note}")
    for text in planned.left:
        progress(f"left: {text}")
    if planned.refusal:
        raise planned.refusal
    expected(planned.parts)
    left = planned.left
    if not chosen.dry_run and planned.parts:
        check_rollback_rights(job, planned)
        consent("Go back?", yes=chosen.yes)
        applied = go_back(job, planned, progress)
        left = applied.left
        changed(applied, reboot_required=planned.reboot_needed, trial=begins(planned.changes))
    return int(Exit.INCOMPLETE if left else Exit.OK)
