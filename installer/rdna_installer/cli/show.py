"""Showing a result and asking for consent: shared by all commands."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from rdna_installer.cli.document import Document, Outcome
from rdna_installer.cli.options import Chosen
from rdna_installer.errors import UNTOUCHED, Exit, RdnaError
from rdna_installer.report.console import agreed, output_lost, progress, show

if TYPE_CHECKING:
    from rdna_installer.machine.sysroot import Sysroot
    from rdna_installer.workflow.committing import Applied


def answer(chosen: Chosen, view: str, *values: Any, text: str = "", err: bool = False) -> None:
    """The result of a command as ``asjson.VIEW``, or as ``VIEW_text.render`` (``text``: another renderer) makes it.
    Only what is used is loaded. ``err``: on stderr, where stdout is somebody else's."""
    if chosen.as_json:
        document = Document.here()
        document.data |= getattr(import_module("rdna_installer.report.asjson"), view)(*values)
        for change in document.data.get("changes", ()) if chosen.diff == "short" else ():
            change["diff"] = ""
        document.apart = err
        return
    module, _, render = (text or f"{view}_text.render").partition(".")
    asks = "yes" in click.get_current_context().params and not chosen.dry_run
    paged = not chosen.no_pager and asks is err  # never a question, but the files that were asked for at one
    renderer = getattr(import_module(f"rdna_installer.report.{module}"), render)
    show(renderer, *values, colour=chosen.colour, err=err, paged=paged)


@contextmanager
def shown_first() -> Iterator[None]:
    """What is about to be done must have been said. Raises RdnaError("output-lost") where nobody could read it."""
    try:
        yield
        Document.here().open()
    except OSError as err:
        raise output_lost(err, UNTOUCHED) from err


def consent(total: str, question: str, *, yes: bool, files: Callable[[], None] | None = None) -> None:
    """Ask on the terminal, below what it comes to; ``files`` shows them, where there are some to show.
    Raises RdnaError (exit 5) when declined, or when there is nobody to ask."""
    if yes:
        return
    if Document.here().as_json or not sys.stdin.isatty():
        if files is None:  # it was not said above
            progress(total)
        hint = "add --yes to the command" + "; --dry-run only looks" * ("dry_run" in click.get_current_context().params)
        message = "there is no terminal to ask on, so nothing was changed"
        raise RdnaError("consent-needed", message, hint=hint, exit_code=Exit.DECLINED)
    if not agreed(total, question, files):
        raise RdnaError("declined", "declined; nothing was changed", exit_code=Exit.DECLINED)


def with_status(chosen: Chosen) -> None:
    """The document is to end with what ``status`` says then."""
    Document.here().state = lambda: import_module("rdna_installer.cli.status").state(chosen)


def recovered_first(root: Sysroot, *, initramfs: bool = True) -> None:
    """``recover_first``: from then on something was changed, whatever is refused later."""
    from rdna_installer.workflow.recovering import recover_first

    Document.here().before |= recover_first(root, progress, initramfs=initramfs)


def expected(changes: object) -> None:
    """Whether there is anything to change, for a script."""
    Document.here().outcome = Outcome.CHANGES if changes else Outcome.NOTHING


def stayed(left: Sequence[str]) -> int:
    """What users' parts or states had to be left, for a script; returns the exit code."""
    document = Document.here()
    if document.as_json and left:
        document.data["left"] = [*document.data.get("left", ()), *left]
    return int(Exit.INCOMPLETE if left else Exit.OK)


def changed(applied: Applied | None, **more: object) -> None:
    """What a change came to, for a script; None: nothing was done."""
    document = Document.here()
    if applied is not None:
        document.outcome = Outcome.DONE
    if document.as_json:
        document.data |= {**import_module("rdna_installer.report.asjson").applied(applied), **more}
