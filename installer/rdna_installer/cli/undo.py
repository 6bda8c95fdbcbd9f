"""Showing, asking and going back: the common part of rollback and uninstall."""

from __future__ import annotations

from rdna_installer.cli.options import Manner
from rdna_installer.cli.show import consent, shown_first
from rdna_installer.errors import Exit
from rdna_installer.report.console import progress, show, show_json
from rdna_installer.workflow.undoing import PlannedUndo, UndoJob, check_undo_rights, go_back, plan_undo, recover_first


def undo(job: UndoJob, manner: Manner) -> int:
    """Run one rollback or uninstall; 0 also when there is nothing to do."""
    if not manner.dry_run:
        recover_first(job.root, progress, initramfs=job.initramfs)
    planned = plan_undo(job)
    with shown_first():
        _show(planned, manner)
    if planned.refusal:
        raise planned.refusal
    if manner.dry_run or not planned.changes:
        return int(Exit.OK)
    check_undo_rights(job, planned)
    consent("Go back?", yes=manner.yes)
    go_back(job, planned, progress)
    return int(Exit.OK)


def _show(planned: PlannedUndo, manner: Manner) -> None:
    parts = (planned.title, planned.changes, planned.steps, planned.reboot_needed)
    if manner.as_json:
        from rdna_installer.report import asjson

        show_json(asjson.dump(asjson.undo(*parts)))
        return
    from rdna_installer.report import plan_text

    show(plan_text.undo, *parts, colour=manner.colour)
