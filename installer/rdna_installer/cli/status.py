"""``rdna-installer status``, ``history`` and ``verify``: what is there, and what is really in force."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from rdna_installer.cli import options
from rdna_installer.cli.helping import Command
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import answer
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.report.console import progress
from rdna_installer.workflow.boot_status import TrialStatus, trial_status
from rdna_installer.workflow.inspecting import is_outdated, read_history, read_status, state_faults, verify_machine

if TYPE_CHECKING:
    from rdna_installer.workflow.inspecting import OwnerStatus
    from rdna_installer.workflow.planning import Job, Upgrade

WAIT = "Wait until a trial and the check of this boot have ended. Exits 4 when not by then, or not well."


@click.command("status", cls=Command)
@options.with_options(options.OWNER, options.OUTPUT)
@click.option("-v", "--verbose", is_flag=True, help="With the name of each file.")
@click.option("--wait", type=click.IntRange(0, 86400), metavar="SECONDS", help=WAIT)
def command(chosen: Chosen, verbose: bool, wait: int | None) -> int:
    """What is applied, and which files were changed since. After an upgrade: what the same apply would change now."""
    ends = time.monotonic() + (wait or 0)
    found = _read(chosen, upgrade=True)
    while not found[2].settled and (left := ends - time.monotonic()) > 0:
        time.sleep(min(left, 1.0))
        found = _read(chosen, upgrade=True)
    answer(chosen, "status", *found, verbose)
    return int(Exit.OK if wait is None or found[2].good else Exit.MISMATCH)


def state(chosen: Chosen) -> Mapping[str, Any]:
    """The same for the document of another command."""
    from rdna_installer.report.asjson import status

    return status(*_read(chosen, upgrade=False))


def _read(
    chosen: Chosen, *, upgrade: bool
) -> tuple[tuple[OwnerStatus, ...], tuple[str, ...], TrialStatus, Upgrade | None]:
    owners = read_status(chosen.sysroot, chosen.owner)
    found = _upgrade(owners, chosen.root) if upgrade else None
    trial = trial_status(chosen.sysroot, owners[0].current)
    return owners, tuple(line for _, line in state_faults(chosen.sysroot, chosen.owner)), trial, found


@click.command("history", cls=Command)
@options.with_options(options.OWNER, options.OUTPUT)
def history(chosen: Chosen) -> int:
    """List the changes you can go back to."""
    answer(chosen, "history", read_history(chosen.sysroot, chosen.owner), text="status_text.histories")
    return 0


@click.command("verify", cls=Command)
@options.with_options(options.FACTS, options.OWNER, options.OUTPUT)
@click.option(
    "--gpu", "compute", is_flag=True, help="Also compute on the GPU, in a process that may die, against the CPU."
)
@click.option("--running", is_flag=True, help="Also what each program that uses the GPU now has, and who set it.")
@click.option("-v", "--verbose", is_flag=True, help="What is right too, one by one.")
def verify(chosen: Chosen, compute: bool, running: bool, verbose: bool) -> int:
    """Check that the settings work: files, kernel parameters, environment, hook, device. 4 when something is off."""
    report, lost = verify_machine(chosen.sysroot, chosen.ask, gpu=compute, running=running, chosen=chosen.owner)
    answer(chosen, "verify", report, verbose)
    if lost is not None:
        progress(f"note: {lost}")
    return int(Exit.OK if report.ok else Exit.MISMATCH)


def _upgrade(owners: tuple[OwnerStatus, ...], root: str) -> Upgrade | None:
    stale = [o.current for o in owners if o.current and is_outdated(o.current)]
    if not stale:
        return None
    from rdna_installer.workflow.planning import look_again  # only then is a plan made

    return look_again(stale, lambda words: _job(words, root))


def _job(words: tuple[str, ...], root: str) -> Job:
    from rdna_installer.cli.plan import command as plan

    try:
        return options.job(options.chosen_of(plan.make_context("plan", [*words, "--root", root]).params))
    except click.UsageError as err:
        raise RdnaError("options-changed", err.format_message()) from err
