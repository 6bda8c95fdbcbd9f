"""``rdna-installer rollback`` and ``uninstall``: showing, asking and going back."""

from __future__ import annotations

import click

from rdna_installer.cli import options
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import answer, consent, shown_first
from rdna_installer.errors import Exit
from rdna_installer.report.console import progress
from rdna_installer.workflow.recovering import recover_first
from rdna_installer.workflow.rolling_back import RollbackJob, check_rollback_rights, go_back, plan_rollback


@click.command("rollback")
@options.with_options(options.OWNER, options.CHANGE, options.OUTPUT)
@click.option(
    "--to", type=click.IntRange(min=0), help="The change to go back to (see history); 0: before rdna-installer."
)
def command(chosen: Chosen, to: int | None) -> int:
    """Undo the last change, or all since the one you name. Going back is a change too, and can be undone."""
    return _carry_out(options.rollback_job(chosen, to), chosen, "Go back")


@click.command("uninstall")
@options.with_options(options.OWNER, options.CHANGE, options.OUTPUT)
@click.option("--purge", "purge_state", is_flag=True, help="Remove the history too: no way back after that.")
def uninstall(chosen: Chosen, purge_state: bool) -> int:
    """Undo every change of rdna-installer."""
    job = options.rollback_job(chosen, 0, "uninstall")
    code = _carry_out(job, chosen, "Undo all", for_good=purge_state)
    if purge_state and not chosen.dry_run:
        from rdna_installer.workflow.purging import purge

        for line in purge(job.root, job.owner):
            progress(line)
    return code


def _carry_out(job: RollbackJob, chosen: Chosen, question: str, *, for_good: bool = False) -> int:
    """0 also when there is nothing to do, 6 where a user's part had to be left."""
    if not chosen.dry_run:
        recover_first(job.root, progress, initramfs=job.initramfs)
    planned = plan_rollback(job)
    if not chosen.dry_run and not planned.refusal:
        check_rollback_rights(job, planned)
    total = planned.total(for_good=for_good)

    def view(whole: bool, *, err: bool = False) -> None:
        parts = (planned.title, planned.changes, total, whole, planned.steps)
        answer(chosen, "rollback", *parts, text="plan_text.rollback", err=err)

    with shown_first():
        view(chosen.whole)
    for note in planned.notes:
        progress(f"note: {note}")
    for text in planned.left:
        progress(f"left: {text}")
    if planned.refusal:
        raise planned.refusal
    left = planned.left
    if not chosen.dry_run and planned.parts:
        consent(total.line, question, yes=chosen.yes, files=lambda: view(True, err=True))
        left = go_back(job, planned, progress)
    return int(Exit.INCOMPLETE if left else Exit.OK)
