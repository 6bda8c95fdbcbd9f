"""What a user may do to a path, answered by the kernel itself (ACLs, owner, others), not by reading mode bits."""

from __future__ import annotations

import os

from rdna_installer.machine.asuser import as_user
from rdna_installer.machine.sysroot import Inside, Sysroot
from rdna_installer.model import User


def may_use(root: Sysroot, inside: Inside, user: User) -> bool:
    """Whether ``user`` may read and write it.

    For ourselves that is this very session; for another user (we are root) with all groups the user has by now.
    Raises RdnaError("child-died") when the question could not be asked.
    """
    real = root.path(inside)
    return as_user(user, lambda: os.access(real, os.R_OK | os.W_OK, effective_ids=True), bool)
