"""Showing, asking and going back: the common part of rollback and uninstall."""

from __future__ import annotations

import sys

import click

from rdna_installer.cli.options import Manner
from rdna_installer.cli.show import consent
from rdna_installer.errors import Exit
from rdna_installer.report.console import Style, progress
from rdna_installer.workflow.undoing import UndoJob, check_undo_rights, go_back, plan_undo


def undo(job: UndoJob, manner: Manner) -> int:
    """Run one rollback or uninstall; 0 also when there is nothing to do."""
    planned = plan_undo(job)
    if manner.as_json:
        from rdna_installer.report import asjson

        click.echo(asjson.dump(asjson.undo(planned.title, planned.changes, planned.steps, planned.reboot_needed)))
    else:
        from rdna_installer.report import plan_text

        style = Style(sys.stdout, allowed=manner.colour)
        click.echo(plan_text.undo(planned.title, planned.changes, planned.steps, planned.reboot_needed, style))
    if manner.dry_run or not planned.changes:
        return int(Exit.OK)
    check_undo_rights(job, planned)
    consent("Go back?", yes=manner.yes)
    for line in go_back(job, planned, progress).lines():
        progress(line)
    return int(Exit.OK)
