"""Every managed file against its generation: content, mode, owner, and that it is a file at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath

from rdna_installer.detect.users import user_of
from rdna_installer.errors import RdnaError
from rdna_installer.machine.asuser import look
from rdna_installer.machine.sysroot import Sysroot, digest_of
from rdna_installer.model import Check, FileState, Generation, Managed, Status, bulky

REPAIR = "write it again: rdna-installer rollback --to {} --owner {} --overwrite"  # its number now
WHOLE = "a whole environment"  # wanted of each in force


def repair(number: int, owner: str, *, root: bool) -> str:
    """How an owner's file gets back what its change, of this number, gave it."""
    hint = REPAIR.format(number, owner)
    return hint.replace("rdna-", "sudo rdna-", 1) if root else hint


UPGRADED = "an upgrade of torch brings its own; let that be: rdna-installer rollback --keep"


def check_files(generation: Generation, root: Sysroot) -> Iterator[Check]:
    """One line for each managed path; what belongs to a user is looked at with that user's rights."""
    ours = [m for m in generation.managed if m.ours]
    for owner in dict.fromkeys(m.after.owner or m.origin.owner for m in ours):
        theirs = [m for m in ours if (m.after.owner or m.origin.owner) == owner]
        if owner == 0:
            yield from (_check(managed, root) for managed in theirs)
        else:
            yield from _of_user(theirs, root, owner)


def _of_user(managed: list[Managed], root: Sysroot, owner: int) -> tuple[Check, ...]:
    try:
        return look(lambda: tuple(_check(m, root) for m in managed), tuple[Check, ...], user_of(root, owner))
    except RdnaError as err:  # it hangs: all else is checked
        unknown = partial(Check, status=Status.UNKNOWN, hint=err.message)
        return tuple(unknown(f"file:{m.path}", wanted=_wanted(m.after)) for m in managed)


def _check(managed: Managed, root: Sysroot) -> Check:
    line, source = f"file:{managed.path}", f"generation {managed.generation}"
    wanted = _wanted(managed.after)
    try:
        status, running = _compare(managed.path, managed.after, root)
    except OSError as err:
        # Permission denied is the usual one: a file of another user, seen without root.
        hint = f"it cannot be read ({err.strerror}); look as root: sudo rdna-installer verify"
        return Check(line, Status.UNKNOWN, wanted, None, source, hint)
    hint = UPGRADED if bulky(managed.path) else REPAIR
    return Check(line, status, wanted, running, source, None if status is Status.OK else hint)


def _wanted(after: FileState) -> str:
    if after.link is not None:
        return f"a link to {after.link}"
    if after.digest is None:
        return "absent"
    return f"{after.digest} {_rights(after.mode, after.owner, after.group)}"


def _rights(mode: int, owner: int, group: int) -> str:
    return f"{stat.S_IMODE(mode):04o} {owner}:{group}"


def _compare(path: PurePosixPath, after: FileState, root: Sysroot) -> tuple[Status, str]:
    """What is there, and whether it is what was written. Raises OSError when that cannot be seen."""
    try:
        found = root.path(path, follow=False).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return (Status.FAILED if after.there else Status.OK), "absent"
    if after.link is not None and stat.S_ISLNK(found.st_mode):
        return (Status.OK if root.readlink(path) == after.link else Status.MISMATCH), _kind(path, found, root)
    if not stat.S_ISREG(found.st_mode):
        return Status.FAILED, _kind(path, found, root)
    rights = _rights(found.st_mode, found.st_uid, found.st_gid)
    if after.digest is None:
        return Status.MISMATCH, f"a file, {rights}"
    digest = digest_of(root, path)
    same = digest == after.digest and rights == _rights(after.mode, after.owner, after.group)
    return (Status.OK if same else Status.MISMATCH), f"{digest} {rights}"


def _kind(path: PurePosixPath, found: os.stat_result, root: Sysroot) -> str:
    if stat.S_ISLNK(found.st_mode):
        return f"a link to {root.readlink(path)}"
    return "a directory" if stat.S_ISDIR(found.st_mode) else "a special file"
