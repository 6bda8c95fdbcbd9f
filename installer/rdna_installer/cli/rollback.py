"""``rdna-installer rollback``, ``uninstall`` and ``adopt``: showing, asking, and taking away."""

from __future__ import annotations

import sys
from functools import partial

import click

from rdna_installer.cli import options
from rdna_installer.cli.document import Document, Outcome
from rdna_installer.cli.helping import Command
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import (
    answer,
    changed,
    consent,
    expected,
    recovered_first,
    shown_first,
    stayed,
    with_status,
)
from rdna_installer.errors import Exit
from rdna_installer.plan.trial import begins
from rdna_installer.report.console import agreed, progress
from rdna_installer.workflow.rolling_back import RollbackJob, bulk, check_rollback_rights, go_back, plan_rollback, purge

TO = "The change to go back to (see history); 0: before rdna-installer."


@click.command("rollback", cls=Command)
@options.with_options(options.OWNER, options.CHANGE, options.OUTPUT)
@click.option("--to", type=click.IntRange(min=0), shell_complete=options.offered_changes, help=TO)
def command(chosen: Chosen, to: int | None) -> int:
    """Undo the last change, or all since the one you name. Going back is a change too, and can be undone."""
    return _carry_out(options.rollback_job(chosen, to), chosen, "Go back")


@click.command("uninstall", cls=Command)
@options.with_options(options.OWNER, options.CHANGE, options.OUTPUT)
@click.option("--purge", "purge_state", is_flag=True, help="Remove the history too: no way back after that.")
def uninstall(chosen: Chosen, purge_state: bool) -> int:
    """Undo every change of rdna-installer."""
    job = options.rollback_job(chosen, 0, "uninstall")
    code = _carry_out(job, chosen, "Undo all", for_good=purge_state)
    if purge_state:
        _system_steps(chosen)
    done, left = purge(job.root, job.owner, keep=chosen.keep) if purge_state and not chosen.dry_run else ((), ())
    for line in (*done, *(f"left: {text}" for text in left)):
        Document.here().outcome = Outcome.DONE
        progress(line)
    return stayed(left) or code


def _system_steps(chosen: Chosen) -> None:
    """What `setup` added to the system goes only if that is said of it."""
    import shlex

    from rdna_installer.workflow.system_steps import take_away, to_take_away

    commands, kept = to_take_away(chosen.sysroot)
    if kept:
        progress(f"setup had added {', '.join(kept)}: kept, because something that came since needs it")
    for line in map(shlex.join, commands):
        progress(f"setup had added to the system; to take it away: {line}")
    asks = sys.stdin.isatty() and not (chosen.yes or chosen.as_json or chosen.dry_run)
    if commands and asks and agreed("", "Take away what setup added to the system", None):
        take_away(commands)


def _carry_out(job: RollbackJob, chosen: Chosen, question: str, *, for_good: bool = False) -> int:
    """0 also when there is nothing to do, 6 where a user's part had to be left."""
    with_status(chosen)
    changed(None, reboot_required=False, trial=False)
    if not chosen.dry_run:
        recovered_first(job.root, initramfs=job.initramfs)
    planned = plan_rollback(job)
    if not chosen.dry_run and not planned.refusal:
        check_rollback_rights(job, planned)
    total = planned.total(for_good=for_good)
    removes = bulk(job.root, job.owner) if for_good else {}

    def view(whole: bool, *, err: bool = False) -> None:
        parts = (planned.title, planned.changes, total, whole, planned.steps, removes)
        answer(chosen, "rollback", *parts, text="plan_text.rollback", err=err)

    with shown_first():
        view(chosen.whole)
    for note in planned.notes:
        progress(f"note: {note}")
    for text in planned.left:
        progress(f"left: {text}")
    if planned.refusal:
        raise planned.refusal
    expected(planned.parts or removes)
    code = stayed(planned.left)
    if not chosen.dry_run and planned.parts:
        consent(total.line, question, yes=chosen.yes, files=lambda: view(True, err=True))
        applied = go_back(job, planned, progress)
        changed(applied, reboot_required=planned.reboot_needed, trial=begins(planned.changes))
        code = int(Exit.INCOMPLETE if applied.left else Exit.OK)
    return code


@click.command("adopt", cls=Command)
@options.with_options((options.YES, options.DRY_RUN), options.OUTPUT)
def adopt(chosen: Chosen) -> int:
    """Remove wrong settings left by other tools and guides. Asks first; rollback brings them back. 4: some stay."""
    from rdna_installer.workflow.adopting import plan_adoption, take_away

    with_status(chosen)
    root = chosen.sysroot
    if not chosen.dry_run:
        recovered_first(root)
    planned = plan_adoption(root)
    with shown_first():
        answer(chosen, "adopt", planned.leftovers, planned.total, text="doctor_text.leftovers")
    if planned.refusal:
        raise planned.refusal
    expected(planned.changes)
    if planned.changes and not chosen.dry_run:
        view = partial(answer, chosen, "rollback", "What changes", planned.changes, planned.total)
        show_files = partial(view, True, (), {}, text="plan_text.rollback", err=True)
        consent(planned.total.line, "Take them away", yes=chosen.yes, files=show_files)
        changed(take_away(root, planned, progress), reboot_required=planned.total.reboot)
    return int(Exit.MISMATCH if any(not item.done for item in planned.leftovers) else Exit.OK)
