"""What one run answers with ``--json``: exactly one document, whatever comes of it."""

from __future__ import annotations

import enum
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from rdna_installer import codec
from rdna_installer.errors import Exit, Problem, RdnaError
from rdna_installer.report.console import show_json

FORMAT = 1


class Outcome(enum.Enum):
    """How a run ended, for a script; all but the last in the order of exit codes."""

    DONE = "done"
    FAILED = "failed"  # everything undone
    USAGE = "usage"
    REFUSED = "refused"
    ATTENTION = "attention"
    DECLINED = "declined"
    UNFINISHED = "unfinished"
    CHANGES = "changes"
    BUG = "bug"
    INTERRUPTED = "interrupted"  # nothing changed, or everything undone
    NOTHING = "nothing-to-do"


OF_CODE = dict(zip(Exit, Outcome, strict=False))


class Document:
    """The answer of one run as it comes together; click hands it to every command (``here``).
    ``state``: how ``status`` is found, for commands that tell it; ``apart``: it goes to stderr, stdout is another's."""

    def __init__(self, argv: Sequence[str] = ()) -> None:
        ours = list(argv)[: argv.index("--")] if "--" in argv else argv
        self.as_json = "--json" in ours and not {"-h", "--help", "--help-all", "--version"} & {*ours}
        self.root = "/"
        self.command: str | None = None
        self.data: dict[str, Any] = {}
        self.outcome: Outcome | None = None
        self.state: Callable[[], Mapping[str, Any]] | None = None
        self.apart = False
        self.begun = False  # something is done that no journal can undo
        self.before = bool(
            os.environ.get("RDNA_INSTALLER_INSTALLED")
        )  # by install.sh, or recovered from an earlier run
        self._opened = ""

    @staticmethod
    def here(context: click.Context | None = None) -> Document:
        """This run's."""
        context = context or click.get_current_context(silent=True)
        return Document() if context is None else context.ensure_object(Document)

    def open(self) -> None:
        """Show that somebody reads it, before anything is changed. Raises OSError where nobody does."""
        if self.as_json and not self._opened:
            show_json("{", err=self.apart)
            self._opened = "{\n"

    def write(self, code: int, problem: Problem | None) -> int:
        """All of it. Raises OSError where it cannot be written."""
        from rdna_installer.report import asjson

        outcome = self.outcome if self.outcome and code == Exit.OK else OF_CODE.get(code)  # type: ignore[call-overload]
        head = {"format": FORMAT, "command": self.command, "outcome": outcome and outcome.value}
        error = problem and codec.encode(problem)
        text = asjson.dump({**head, "error": error, **self.data, **self._status()})
        show_json(text.removeprefix(self._opened), err=self.apart)
        return code

    def _status(self) -> Mapping[str, Any]:
        if self.state is None:
            return {}
        try:
            return {"status": self.state()}
        except (RdnaError, OSError):  # the error of the command says what is wrong with it
            return {"status": None}
