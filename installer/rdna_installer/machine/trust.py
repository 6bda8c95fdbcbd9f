"""Whether what stands at a path is root's alone: owned by uid 0, in directories that nobody else can write.

Asked before root runs a program of another root (``--root``), where any part of the tree may belong to anybody.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from rdna_installer.machine.sysroot import Inside, Sysroot

OTHERS = stat.S_IWGRP | stat.S_IWOTH


def not_roots(root: Sysroot, inside: Inside) -> str | None:
    """What somebody else may change on the way to a path, or at its end, and how; None where all is root's."""
    try:
        way = root.way(inside)
    except OSError as err:
        return f"{inside}: {os.strerror(err.errno or 0)}"
    return next((why for path in way if (why := _others_may(path))), None)


def not_roots_below(root: Sysroot, inside: Inside, *, deep: bool) -> str | None:
    """``not_roots`` for a directory and what is in it (``deep``: at any depth); it need not exist."""
    return not_roots(root, inside) or next((why for why in _below(root, inside, deep) if why), None)


def _below(root: Sysroot, inside: Inside, deep: bool) -> Iterator[str | None]:
    top = root.path(inside)
    for folder, folders, files in os.walk(top):
        for name in (*folders, *files):
            path = Path(folder, name)
            if path.is_symlink():
                # Its directory is root's, so nobody else can point it elsewhere; where it leads is another matter.
                yield not_roots(root, root.inside(path))
            else:
                yield _others_may(path)
        if not deep:
            return


def _others_may(path: Path) -> str | None:
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return None  # nobody else can put anything there, for its directory was looked at before it
    except OSError as err:
        return f"{path}: {err.strerror}"
    if status.st_uid != 0:
        return f"{path} belongs to uid {status.st_uid}"
    # In a sticky directory (/tmp) nobody else can replace what is root's, and that it is comes next.
    if stat.S_ISLNK(status.st_mode) or (stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX):
        return None
    return f"{path} can be written by others than root" if status.st_mode & OTHERS else None
