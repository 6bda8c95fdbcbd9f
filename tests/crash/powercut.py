"""A power cut in the middle of a transaction: planted into the driver, which then pulls the plug of its own disk.

The disk is shut down by ioctl just before the chosen call that would change something, and the process ends there:
what was not on the disk is lost. "cut" loses everything since the last sync; "commit" has somebody else's fsync come
just before it, so that all names are on the disk but only such contents as were synced. "deaf" lets the chosen call
fail if it is a sync, which then has synced nothing, though all later ones succeed; the plug is pulled at the end.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable

SHUTDOWN = 0x8004587D  # FS_IOC_SHUTDOWN of ext4, XFS_IOC_GOINGDOWN
WITHOUT_LOG_FLUSH = (2).to_bytes(4, "little")
CUT = 77  # exit code of a driver whose disk has gone
CALLS = [
    "open",
    "write",
    "rename",
    "link",
    "symlink",
    "unlink",
    "rmdir",
    "mkdir",
    "fsync",
    "fchmod",
    "fchown",
    "chown",
    "utime",
    "setxattr",
    "ftruncate",
    "pwrite",
]
disk = ""  # a directory of the disk to be shut down
counted = 0
at_the_end = False


def plant(mode: str, number: str) -> None:
    """Cut before the ``number``th changing call of this process, or at its end."""
    global at_the_end  # noqa: PLW0603 - one driver, one disk
    at_the_end = mode == "deaf"
    for name in CALLS:
        setattr(os, name, _counting(getattr(os, name), name, mode, int(number)))


def _counting(real: Callable[..., object], name: str, mode: str, number: int) -> Callable[..., object]:
    def call(*args: object, **kwargs: object) -> object:
        global counted  # noqa: PLW0603 - one driver, one disk
        if name != "open" or int(str(args[1])) & os.O_CREAT:
            counted += 1
            if counted == number and mode != "deaf":
                cut(mode)
            elif counted == number and name == "fsync":
                raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(*args, **kwargs)

    return call


def cut(mode: str) -> None:
    """Pull the plug."""
    if mode == "commit":
        fd = _OPEN(disk + "/../neighbour", os.O_WRONLY | os.O_CREAT, 0o600)
        _WRITE(fd, b"x" * 100)
        _SYNC(fd)
    fcntl.ioctl(_OPEN(disk, os.O_RDONLY), SHUTDOWN, WITHOUT_LOG_FLUSH)
    os._exit(CUT)


_OPEN, _WRITE, _SYNC = os.open, os.write, os.fsync
