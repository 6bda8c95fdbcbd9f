"""A user id that nobody has: for programs that belong to no single user, or to root, and are run all the same.

Not ``nobody``: whatever else runs with that id could write into the child's memory, and be written into by it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

from rdna_installer.errors import RdnaError
from rdna_installer.machine.durable import discard, make_folders
from rdna_installer.machine.folder import Folder
from rdna_installer.machine.lock import take
from rdna_installer.machine.sysroot import Sysroot

RANGE = range(61184, 65520)  # systemd's for users that come and go; nobody gives these to people
LOCKS = PurePosixPath("/run/rdna-installer")
TRIES = 50


@contextmanager
def free_uid() -> Iterator[int]:
    """Hold a uid (and the gid of the same number) that has no name, no process and no other run of ours.

    Root only. Raises RdnaError("no-free-uid"), OSError.
    """
    make_folders(Sysroot(), LOCKS, 0o755)
    with Folder.open(Sysroot(), LOCKS, writing=True) as folder:
        busy = _in_use()
        start = int.from_bytes(os.urandom(4), "big")
        for number in range(TRIES):
            uid = RANGE[(start + number) % len(RANGE)]
            if uid in busy or _has_name(uid):
                continue
            try:
                fd = take(folder, f"uid-{uid}")
            except RdnaError:  # another run holds it
                continue
            try:
                yield uid
                return
            finally:
                discard(folder, f"uid-{uid}")
                os.close(fd)
    raise RdnaError("no-free-uid", f"none of the user ids {RANGE.start} to {RANGE.stop - 1} is free")


def _has_name(uid: int) -> bool:
    import grp
    import pwd

    for look in (pwd.getpwuid, grp.getgrgid):
        try:
            look(uid)
        except KeyError:
            continue
        return True
    return False


def _in_use() -> set[int]:
    """The ids of all processes."""
    found = set()
    for name in os.listdir("/proc"):
        if name.isdigit():
            text = Sysroot().read_optional(f"/proc/{name}/status") or ""
            line = next((line for line in text.splitlines() if line.startswith("Uid:")), "")
            found |= {int(number) for number in line.split()[1:]}
    return found
