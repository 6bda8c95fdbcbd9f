"""The one error type and the exit codes; imported by every floor, imports nothing of ours."""

from __future__ import annotations

import enum


class Exit(enum.IntEnum):
    """Exit codes of every command (the table in README.md; a contract for scripts)."""

    OK = 0
    FAILED = 1  # everything undone
    USAGE = 2
    REFUSED = 3
    MISMATCH = 4
    DECLINED = 5
    INCOMPLETE = 6  # committed but not activated, or undo incomplete: `recover` finishes it
    CHANGES = 10  # `plan --detailed-exitcode` only
    BUG = 70


class RdnaError(Exception):
    """A problem explained to the user: what, where, what to do.

    ``reference`` is kebab-case and stable (scripts and tests key on it), ``context`` says where (a path,
    ``file:line`` or a command), ``hint`` says what to do next.
    """

    def __init__(
        self,
        reference: str,
        message: str,
        *,
        context: str | None = None,
        hint: str | None = None,
        exit_code: Exit = Exit.REFUSED,
    ) -> None:
        super().__init__(message)
        self.reference = reference
        self.message = message
        self.context = context
        self.hint = hint
        self.exit_code = exit_code

    def __reduce__(self) -> tuple[object, ...]:
        """Travels between processes whole (keyword arguments included)."""
        return _rebuild, (self.reference, self.message, self.context, self.hint, self.exit_code)


def _rebuild(reference: str, message: str, context: str | None, hint: str | None, exit_code: Exit) -> RdnaError:
    return RdnaError(reference, message, context=context, hint=hint, exit_code=exit_code)
