"""A large tree that a child without our rights has built: given to its owner, and made durable.

Whoever built it has ended, with all that it left (``machine.foreign``): nobody changes it while it is looked at.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from rdna_installer.errors import Exit, RdnaError, named
from rdna_installer.machine.folder import Folder, take

DEPTH = 128  # directories; the deepest package known has 20
LOCK = "lock"


@contextmanager
def held(folder: Folder) -> Iterator[bool]:
    """Hold the lock of a directory of trees: whether it was free. Who holds it is building. Raises OSError."""
    try:
        fd = take(folder, LOCK)
    except RdnaError:
        yield False
        return
    try:
        yield True
    finally:
        os.close(fd)


def give(folder: Folder, name: str, builder: int, depth: int = 0) -> None:
    """Make a tree of ``builder``'s our own, for everybody to read and run; nothing gets more than that.
    Raises OSError; RdnaError("tree-foreign") for what he did not make, or what no package holds."""
    mine = os.geteuid(), os.getegid()
    with folder.child(name) as inner, named(inner.place):
        _require(depth < DEPTH and os.fstat(inner.fd).st_uid == builder, inner, ".")
        for entry in inner.names():
            status = os.stat(entry, dir_fd=inner.fd, follow_symlinks=False)
            _require(status.st_uid == builder, inner, entry)
            if stat.S_ISDIR(status.st_mode):
                give(inner, entry, builder, depth + 1)
                continue
            _require(stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode), inner, entry)
            os.chown(entry, *mine, dir_fd=inner.fd, follow_symlinks=False)
            if stat.S_ISREG(status.st_mode):  # after chown, which clears set-id bits
                os.chmod(entry, 0o755 if status.st_mode & 0o100 else 0o644, dir_fd=inner.fd)
        os.fchown(inner.fd, *mine)
        os.fchmod(inner.fd, 0o755)


def _require(well: bool, folder: Folder, name: str) -> None:
    if not well:
        message = "the environment holds what no package brings (another's file, a device, a socket)"
        raise RdnaError("tree-foreign", message, context=str(folder.place / name), exit_code=Exit.FAILED)


def sync_filesystem(folder: Folder) -> None:
    """Everything of the file system a directory is in: faster than each of 20 000 files. Raises OSError."""
    import ctypes  # not for commands that only look

    with named(folder.place):
        if ctypes.CDLL(None, use_errno=True).syncfs(folder.fd) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
