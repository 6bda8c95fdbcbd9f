"""Showing a plan and asking for consent: shared by plan, apply, rollback and uninstall."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rdna_installer.errors import Exit, RdnaError
from rdna_installer.model import Plan
from rdna_installer.report.console import agreed, output_lost, show, show_json


def show_plan(plan: Plan, *, as_json: bool, colour: bool, err: bool = False) -> None:
    """The plan on stdout (``err``: on stderr, where stdout is for another result)."""
    if as_json:
        from rdna_installer.report import asjson

        show_json(asjson.dump(asjson.plan(plan)), err=err)
        return
    from rdna_installer.report import plan_text

    show(plan_text.render, plan, colour=colour, err=err)


@contextmanager
def shown_first() -> Iterator[None]:
    """What is about to be done must have been said. Raises RdnaError("output-lost") where nobody could read it."""
    try:
        yield
    except OSError as err:
        raise output_lost(err, "nothing was changed") from err


def consent(question: str, *, yes: bool) -> None:
    """Ask on the terminal. Raises RdnaError (exit 5) when declined, or when there is nobody to ask."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise RdnaError(
            "consent-needed",
            "this changes the machine and there is no terminal to ask on; nothing was changed",
            hint="add --yes, or look first with --dry-run",
            exit_code=Exit.DECLINED,
        )
    if not agreed(question):
        raise RdnaError("declined", "declined; nothing was changed", exit_code=Exit.DECLINED)
