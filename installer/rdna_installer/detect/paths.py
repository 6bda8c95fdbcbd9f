"""Paths with their links resolved, as one key for one place."""

from __future__ import annotations

import os
from pathlib import PurePosixPath

from rdna_installer.machine.sysroot import Inside, Sysroot


def real(root: Sysroot, inside: Inside) -> PurePosixPath:
    """``inside`` with every link resolved below the root; unchanged where that cannot be done."""
    try:
        return PurePosixPath(os.path.realpath(inside)) if root.live else root.inside(root.path(inside))
    except OSError:
        return PurePosixPath(inside)
