"""Showing, asking and going back: the common part of rollback and uninstall."""

from __future__ import annotations

from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import consent, shown_first
from rdna_installer.errors import Exit
from rdna_installer.report.console import progress, show, show_json
from rdna_installer.workflow.recovering import recover_first
from rdna_installer.workflow.rolling_back import (
    PlannedRollback,
    RollbackJob,
    check_rollback_rights,
    go_back,
    plan_rollback,
)


def carry_out(job: RollbackJob, chosen: Chosen) -> int:
    """Run one rollback or uninstall; 0 also when there is nothing to do, 6 where a user's part had to be left."""
    if not chosen.dry_run:
        recover_first(job.root, progress, initramfs=job.initramfs)
    planned = plan_rollback(job)
    with shown_first():
        _show(planned, chosen)
    for note in planned.notes:
        progress(f"note: {note}")
    for text in planned.left:
        progress(f"left: {text}")
    if planned.refusal:
        raise planned.refusal
    if chosen.dry_run or not planned.parts:
        return _left(planned.left)
    check_rollback_rights(job, planned)
    consent("Go back?", yes=chosen.yes)
    return _left(go_back(job, planned, progress))


def _left(left: tuple[str, ...]) -> int:
    return int(Exit.INCOMPLETE if left else Exit.OK)


def _show(planned: PlannedRollback, chosen: Chosen) -> None:
    parts = (planned.title, planned.changes, planned.steps, planned.reboot_needed)
    if chosen.as_json:
        from rdna_installer.report import asjson

        show_json(asjson.dump(asjson.rollback(*parts)))
        return
    from rdna_installer.report import plan_text

    show(plan_text.rollback, *parts, colour=chosen.colour)
