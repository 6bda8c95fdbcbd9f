"""A file system that answers nothing, or the same error to everything: what a lost server makes of a home directory.

FUSE without libfuse. As a script: ``strange_fs.py MOUNT_POINT ERRNO`` (0: no answer at all) serves until it is ended,
and prints "up" when it is mounted. Needs root and /dev/fuse.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

INIT, BUFFER = 26, 1 << 20
NOSUID_NODEV = 6


@contextlib.contextmanager
def mounted(folder: Path, error: int = 0) -> Iterator[None]:
    """The file system at ``folder``; when it ends, who waits for an answer gets an error."""
    folder.mkdir(parents=True, exist_ok=True)
    argv = [sys.executable, __file__, str(folder), str(error)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        try:
            assert server.stdout.readline() == b"up\n"
            yield
        finally:
            server.kill()
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _mount(fd: int, folder: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    options = f"fd={fd},rootmode=40000,user_id=0,group_id=0,allow_other"
    if libc.mount(b"strange", folder.encode(), b"fuse.strange", NOSUID_NODEV, options.encode()) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), folder)


def _serve(fd: int, error: int) -> None:
    while True:
        try:
            request = os.read(fd, BUFFER)
        except OSError as err:
            if err.errno == errno.ENODEV:
                return
            continue  # a request was interrupted
        operation, unique = struct.unpack_from("<4xIQ", request)
        if operation == INIT:
            body = struct.pack("<IIIIHHII32x", 7, 31, 65536, 0, 12, 9, 65536, 1)[:64]
            os.write(fd, struct.pack("<IiQ", 16 + len(body), 0, unique) + body)
            print("up", flush=True)
        elif error:
            with contextlib.suppress(OSError):  # nobody waits for it
                os.write(fd, struct.pack("<IiQ", 16, -error, unique))


if __name__ == "__main__":
    device = os.open("/dev/fuse", os.O_RDWR)
    _mount(device, sys.argv[1])
    _serve(device, int(sys.argv[2]))
