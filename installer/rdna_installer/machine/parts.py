"""Read parts of one big file by position, within a budget of bytes: never the whole of it, never past its end."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator

from rdna_installer.machine.sysroot import Inside, Sysroot


class Parts:
    """One open regular file. ``size`` is its length in bytes, ``budget`` how many may still be read."""

    def __init__(self, fd: int, size: int, budget: int) -> None:
        self._fd = fd
        self.size = size
        self.budget = budget

    def at(self, offset: int, count: int) -> bytes:
        """Exactly ``count`` bytes. Raises EOFError where the file has fewer there, or the budget is spent."""
        if offset < 0 or count < 0 or offset + count > self.size:
            raise EOFError("outside the file")
        if count > self.budget:
            raise EOFError("the budget is spent")
        self.budget -= count
        data = os.pread(self._fd, count, offset)
        if len(data) != count:  # it was cut while we read
            raise EOFError("outside the file")
        return data

    def up_to(self, offset: int, count: int) -> bytes:
        """Like ``at``, with what is left where the file ends before ``count``."""
        return self.at(offset, min(count, max(self.size - offset, 0)))


@contextlib.contextmanager
def parts_of(root: Sysroot, inside: Inside, budget: int) -> Iterator[Parts]:
    """Open a regular file to read parts of it. Raises OSError where it is absent, unreadable or no regular file."""
    fd = os.open(root.path(inside), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(inside))
        yield Parts(fd, status.st_size, budget)
    finally:
        os.close(fd)
