"""``rdna-installer status``, ``history`` and ``verify``: what is there, and what is really in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rdna_installer.cli import options
from rdna_installer.cli.options import Chosen
from rdna_installer.cli.show import answer
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.workflow.boot_status import trial_status
from rdna_installer.workflow.inspecting import (
    OwnerStatus,
    damage_lines,
    is_outdated,
    read_history,
    read_status,
    verify_machine,
)

if TYPE_CHECKING:
    from rdna_installer.workflow.planning import Job, Upgrade


@click.command("status")
@options.with_options(options.OWNER, options.OUTPUT)
@click.option("-v", "--verbose", is_flag=True, help="With the name of each file.")
def command(chosen: Chosen, verbose: bool) -> int:
    """What is applied, and which files were changed since. After an upgrade: what the same apply would change now."""
    owners = read_status(chosen.sysroot, chosen.owner)
    upgrade = _upgrade(owners, chosen.root)
    trial = trial_status(chosen.sysroot, owners[0].current)
    damaged = damage_lines(chosen.sysroot, chosen.owner)
    answer(chosen, "status", owners, damaged, trial, upgrade, verbose)
    return 0


@click.command("history")
@options.with_options(options.OWNER, options.OUTPUT)
def history(chosen: Chosen) -> int:
    """List the changes you can go back to."""
    answer(chosen, "history", read_history(chosen.sysroot, chosen.owner), text="status_text.histories")
    return 0


@click.command("verify")
@options.with_options(options.FACTS, options.OWNER, options.OUTPUT)
@click.option(
    "--gpu", "compute", is_flag=True, help="Also compute on the GPU, in a process that may die, against the CPU."
)
@click.option("--running", is_flag=True, help="Also what each program that uses the GPU now has, and who set it.")
def verify(chosen: Chosen, compute: bool, running: bool) -> int:
    """Check that the settings work: files, kernel parameters, environment, hook, device. 4 when something is off."""
    report = verify_machine(chosen.sysroot, chosen.ask, gpu=compute, running=running, chosen=chosen.owner)
    answer(chosen, "verify", report)
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
