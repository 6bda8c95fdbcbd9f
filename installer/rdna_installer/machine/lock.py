"""One writer at a time: flock on a file that says who holds it."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rdna_installer.errors import RdnaError, named
from rdna_installer.machine.folder import Folder

FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def exclusive(folder: Folder, name: str) -> Iterator[None]:
    """Hold the lock for the block. Raises RdnaError("busy") naming the holder; OSError."""
    fd = take(folder, name)
    try:
        _sign(fd)
        yield
    finally:
        os.close(fd)  # gives the lock back


def take(folder: Folder, name: str) -> int:
    """Lock a file, made where it is missing: its descriptor, held until it is closed. Raises as ``exclusive``."""
    while True:
        with named(folder.place / name):
            fd = os.open(name, FLAGS, 0o600, dir_fd=folder.fd)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            status = folder.status(name)
            if status is not None and os.path.samestat(os.fstat(fd), status):
                return fd
        except BlockingIOError:
            raise _busy(fd, folder, name) from None
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)  # removed while we waited: that lock guards nothing any more


def _busy(fd: int, folder: Folder, name: str) -> RdnaError:
    holder = os.pread(fd, 400, 0).decode("utf-8", "replace").strip() or "another run"
    os.close(fd)
    return RdnaError(
        "busy",
        f"another run is changing this machine: {holder}",
        context=str(folder.place / name),
        hint="wait until it has ended, then run it again",
    )


def _sign(fd: int) -> None:
    try:
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"process {os.getpid()}: {' '.join(sys.argv)}"[:400].encode("utf-8", "replace"), 0)
    except OSError:
        pass  # the name is a courtesy; a full disk must not keep `recover` from working
