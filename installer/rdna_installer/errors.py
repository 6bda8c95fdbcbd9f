"""The one error type, the exit codes, and what the kernel refuses, said once. Every floor may import it."""

from __future__ import annotations

import enum
import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from rdna_installer.record import record

LIMITS = (errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM)  # whose reasons are at no place, but with us
NOT_ROOT = os.geteuid() != 0  # who asks, also in a child with another's rights: root is not told to be root
GONE = "mount it again, or unmount it, then run it again"
KNOWN: dict[int, tuple[str, str, str]] = {
    errno.ENOSPC: ("disk-full", "no space left", "free some space or inodes, then run it again"),
    errno.EDQUOT: ("disk-full", "the disk quota is used up", "free some space, then run it again"),
    errno.EROFS: ("read-only", "the filesystem is read-only", "mount it writable, then run it again"),
    errno.EACCES: (
        "no-permission",
        "permission denied",
        f"run it as the owner of that place{', or with sudo' * NOT_ROOT}",
    ),
    errno.EPERM: (
        "no-permission",
        "not permitted",
        f"{'run it with sudo; ' * NOT_ROOT}look whether it is immutable (lsattr)",
    ),
    errno.EIO: ("io-error", "the disk reported an error", "the disk may be failing; read the kernel log: sudo dmesg"),
    errno.ELOOP: ("path-swapped", "a link is where a directory was", "look at who owns that place"),
    errno.ENOTDIR: ("path-swapped", "a folder in this path is missing or is a link", "look at who owns that place"),
    errno.ESTALE: ("mount-gone", "the server of this mount has gone", GONE),
    errno.ENOTCONN: ("mount-gone", "the program behind this mount has gone", GONE),
    errno.ETIMEDOUT: ("mount-gone", "the server of this mount does not answer", GONE),
    errno.EHOSTDOWN: ("mount-gone", "the server of this mount does not answer", GONE),
    errno.EMFILE: ("limit", "too many open files (ulimit -n)", "give it more of them, then run it again"),
    errno.ENFILE: ("limit", "too many open files on this machine", "end what holds them, then run it again"),
    errno.EAGAIN: ("limit", "no more processes (ulimit -u)", "end some of yours, then run it again"),
    errno.ENOMEM: ("limit", "no memory left", "end what needs it, then run it again"),
    errno.EBUSY: ("path-busy", "it is in use (a mount point?)", "unmount it, then run it again"),
}


class Exit(enum.IntEnum):
    """Exit codes of every command (the table in docs/commands.md; a contract for scripts)."""

    OK = 0
    FAILED = 1  # everything undone
    USAGE = 2
    REFUSED = 3
    MISMATCH = 4
    DECLINED = 5
    INCOMPLETE = 6  # committed but not activated, or undo incomplete: `recover` finishes it
    CHANGES = 10  # `plan --detailed-exitcode` only
    BUG = 70
    INTERRUPTED = 130  # nothing was changed, or everything undone


UNTOUCHED = "nothing was changed"
UNTOUCHED_ELSE = "nothing else was changed"  # but the program installed, or an earlier run recovered
UNDONE = "everything was undone"
SPARED = (Exit.USAGE, Exit.REFUSED, Exit.DECLINED, Exit.INTERRUPTED)


@record(frozen=True)
class Problem:
    """What every error is printed from, on the screen and in JSON. ``reference`` is kebab-case and stable (scripts and
    tests key on it), ``context`` says where (a path, ``file:line`` or a command), ``hint`` says what to do next,
    ``consequence`` how the machine stands after it, where that is known."""

    reference: str
    message: str
    context: str | None = None
    hint: str | None = None
    exit_code: Exit = Exit.REFUSED
    consequence: str | None = None


class RdnaError(Exception):
    """A ``Problem`` on its way to the user."""

    def __init__(
        self,
        reference: str,
        message: str,
        *,
        context: str | None = None,
        hint: str | None = None,
        exit_code: Exit = Exit.REFUSED,
        consequence: str | None = None,
    ) -> None:
        super().__init__(message)
        self.reference = reference
        self.message = message
        self.context = context
        self.hint = hint
        self.exit_code = exit_code
        self.consequence = consequence or (UNTOUCHED if exit_code in SPARED else None)

    @property
    def problem(self) -> Problem:
        """What is printed of it."""
        return Problem(self.reference, self.message, self.context, self.hint, self.exit_code, self.consequence)


def explain(err: OSError, exit_code: Exit, *, note: str = "") -> RdnaError:
    """The RdnaError for ``err``; ``note`` says how the machine stands after it (``UNDONE``)."""
    reason = (err.strerror or str(err)).lower()
    reference, what, hint = KNOWN.get(err.errno or 0, ("os-error", reason, "look at that place, then run it again"))
    name = err.filename.decode(errors="replace") if isinstance(err.filename, bytes) else err.filename
    context = None if name is None else str(name)
    message = f"{what}{note and '; ' + note}"
    return RdnaError(reference, message, context=context, hint=hint, exit_code=exit_code, consequence=note or None)


def absent(err: OSError) -> None:
    """For who takes what cannot be read for absent. Raises ``err`` where it is we who cannot open anything more."""
    if err.errno in (errno.EMFILE, errno.ENFILE):
        raise err


@contextmanager
def explaining(exit_code: Exit, *, note: str = "") -> Iterator[None]:
    """Turn an OSError of the block into its RdnaError."""
    try:
        yield
    except OSError as err:
        raise explain(err, exit_code, note=note) from err


@contextmanager
def named(place: object) -> Iterator[None]:
    """Give an OSError of the block the whole path: calls relative to a directory know only the last name."""
    try:
        yield
    except OSError as err:
        err.filename, err.filename2 = str(place), None
        raise
