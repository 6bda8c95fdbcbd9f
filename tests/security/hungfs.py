"""A FUSE file system without libfuse that never answers: `hungfs.py MOUNTPOINT dead|deaf`, as root.

dead: reads no request (what waits for it ends on SIGKILL); deaf: reads them and is silent, as a lost NFS server
(what waits for it is in state D until this process ends).
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
import time

SIZE = 1 << 20


def main(place: str, mode: str) -> None:
    fd = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={fd},rootmode=40000,user_id=0,group_id=0,allow_other"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"hung", place.encode(), b"fuse.hung", 6, options.encode()) != 0:
        sys.exit(os.strerror(ctypes.get_errno()))
    if mode == "deaf":
        unique = struct.unpack_from("<IIQ", os.read(fd, SIZE))[2]
        body = struct.pack("<IIIIHHIIHHI7I", 7, 31, 65536, 0, 12, 9, 65536, 1, 0, 0, 0, *[0] * 7)[:64]
        os.write(fd, struct.pack("<IiQ", 16 + len(body), 0, unique) + body)
    print("up", flush=True)
    while mode == "deaf":
        os.read(fd, SIZE)
    time.sleep(600)


if __name__ == "__main__":
    main(*sys.argv[1:])
