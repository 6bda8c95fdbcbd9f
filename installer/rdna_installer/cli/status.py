"""``rdna-installer status``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rdna_installer.cli import options
from rdna_installer.cli.options import Chosen
from rdna_installer.errors import RdnaError
from rdna_installer.report.console import show, show_json
from rdna_installer.workflow.boot_status import trial_status
from rdna_installer.workflow.inspecting import OwnerStatus, damage_lines, is_outdated, read_status

if TYPE_CHECKING:
    from rdna_installer.workflow.planning import Job
    from rdna_installer.workflow.upgraded import Upgrade


@click.command("status")
@options.with_options(options.OWNER, options.OUTPUT)
def command(chosen: Chosen) -> int:
    """What is applied, and what somebody changed since. After an upgrade: what the same apply would change now."""
    owners = read_status(chosen.sysroot, chosen.owner)
    upgrade = _upgrade(owners, chosen.root)
    trial = trial_status(chosen.sysroot, owners[0].current)
    damaged = damage_lines(chosen.sysroot, chosen.owner)
    if chosen.as_json:
        from rdna_installer.report import asjson

        shown = [asjson.owner(o.name, o.current, o.drift) for o in owners]
        show_json(
            asjson.dump(
                {
                    "owners": shown,
                    "damaged": list(damaged),
                    "upgrade": asjson.upgrade(upgrade) if upgrade else None,
                    **trial.data(),
                }
            )
        )
        return 0
    from rdna_installer.report import status_text

    show(status_text.render, owners, damaged, trial, upgrade, colour=chosen.colour)
    return 0


def _upgrade(owners: tuple[OwnerStatus, ...], root: str) -> Upgrade | None:
    stale = [o.current for o in owners if o.current and is_outdated(o.current)]
    if not stale:
        return None
    from rdna_installer.workflow.upgraded import look_again  # only then is a plan made

    return look_again(stale, lambda words: _job(words, root))


def _job(words: tuple[str, ...], root: str) -> Job:
    from rdna_installer.cli.plan import command as plan

    try:
        return options.job(options.chosen_of(plan.make_context("plan", [*words, "--root", root]).params))
    except click.UsageError as err:
        raise RdnaError("options-changed", err.format_message()) from err
