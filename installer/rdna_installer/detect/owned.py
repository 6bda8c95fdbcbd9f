"""Look at somebody's files with that person's rights: the one seam through which a person's folders are searched."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import User

T = TypeVar("T")


def as_owner(root: Sysroot, owner: User, look: Callable[[], T]) -> T:
    """``look`` as ``owner`` where we are root and they are not; below another root everything is read as ourselves.

    Raises what ``look`` raises, and RdnaError("child-died").
    """
    if not root.live or os.geteuid() != 0 or owner.uid == 0:
        return look()
    from rdna_installer.machine.process import as_user

    return as_user(owner, look)
