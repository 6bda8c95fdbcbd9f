"""What somebody may do to a path, answered by the kernel itself: it is opened.

Mode bits do not tell of ACLs, nor access(2) of a device cgroup, which refuses only who opens.
"""

from __future__ import annotations

import os

from rdna_installer.machine.asuser import rights_of, with_rights
from rdna_installer.machine.bounds import Rights
from rdna_installer.machine.sysroot import Inside, Sysroot
from rdna_installer.model import User


def may_use(root: Sysroot, inside: Inside, user: User) -> bool:
    """Whether ``user`` may open it for reading and writing.

    For ourselves that is this very session; for another user (we are root) with all groups the user has by now.
    Raises RdnaError("child-died") when the question could not be asked.
    """
    return refusal(root, inside, rights_of(user), user.name) == 0


def refusal(root: Sysroot, inside: Inside, rights: Rights, who: str) -> int:
    """The error with which it cannot be opened with these rights (``who``'s), 0 where it can. Raises as ``may_use``."""
    real = root.path(inside)

    def opened() -> int:
        try:
            os.close(os.open(real, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC))
        except OSError as err:
            return err.errno or -1
        return 0

    return with_rights(rights, opened, int, who=who)
