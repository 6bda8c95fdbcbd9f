"""Measure and remove a directory tree of one owner: by open directories, never through a link, never across a mount."""

from __future__ import annotations

import os
import stat
from pathlib import PurePosixPath

from rdna_installer.errors import Exit, RdnaError, named
from rdna_installer.machine.durable import discard
from rdna_installer.machine.folder import Folder
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.record import record

DEPTH_LIMIT = 64  # directories; caches have fewer than ten


@record(frozen=True)
class Tree:
    """What is at a path: ``size`` is the sum of its files, in bytes. ``problem``: why it is left alone."""

    there: bool
    size: int = 0
    files: int = 0
    problem: str | None = None


def look(root: Sysroot, path: PurePosixPath, owner: int) -> Tree:
    """Measure the tree at ``path`` of user ``owner``. Raises OSError for what cannot be listed."""
    try:
        with Folder.open(root, path.parent) as parent:
            problem = _problem(parent.status(path.name), owner)
            if problem is not None:
                return Tree(True, problem=problem) if problem else Tree(False)
            with parent.child(path.name) as top:
                size, files = _measure(top, _device(top), 0)
    except (FileNotFoundError, NotADirectoryError):
        return Tree(False)
    return Tree(True, size, files)


def clear(root: Sysroot, path: PurePosixPath, owner: int) -> None:
    """Remove the tree at ``path`` of user ``owner``; what is mounted in it stays.

    Raises OSError; RdnaError("not-yours") where it is no directory of that user (any more).
    """
    with Folder.open(root, path.parent, writing=True) as parent:
        problem = _problem(parent.status(path.name), owner)
        if problem == "":
            return
        if problem is None:
            with parent.child(path.name) as top:
                status = os.fstat(top.fd)
                problem = _problem(status, owner)  # what was looked at may have been swapped for another
                empty = problem is None and _empty(top, status.st_dev, 0)
            if empty:
                with named(parent.place / path.name):
                    os.rmdir(path.name, dir_fd=parent.fd)
        if problem:
            raise RdnaError("not-yours", f"left alone: {problem}", context=str(path), exit_code=Exit.REFUSED)


def _problem(status: os.stat_result | None, owner: int) -> str | None:
    """Why a tree is not to be touched; "" where nothing is there, None where all is well."""
    if status is None:
        return ""
    if stat.S_ISLNK(status.st_mode):
        return "it is a link to another place"
    if not stat.S_ISDIR(status.st_mode):
        return "it is no directory"
    return None if status.st_uid == owner else f"it belongs to user {status.st_uid}"


def _device(folder: Folder) -> int:
    return os.fstat(folder.fd).st_dev


def _check(folder: Folder, depth: int) -> None:
    if depth > DEPTH_LIMIT:
        raise RdnaError(
            "tree-too-deep",
            f"more than {DEPTH_LIMIT} directories below each other: no cache",
            context=str(folder.place),
        )


def _measure(folder: Folder, device: int, depth: int) -> tuple[int, int]:
    _check(folder, depth)
    size = files = 0
    for name in folder.names():
        status = folder.status(name)
        if status is None:
            continue
        if not stat.S_ISDIR(status.st_mode):
            size, files = size + status.st_size, files + 1
        elif status.st_dev == device:
            with folder.child(name) as inner:
                below = _measure(inner, device, depth + 1)
            size, files = size + below[0], files + below[1]
    return size, files


def _empty(folder: Folder, device: int, depth: int) -> bool:
    """Remove all in a directory; False where something mounted had to stay."""
    _check(folder, depth)
    whole = True
    for name in folder.names():
        status = folder.status(name)
        if status is None:
            continue
        if not stat.S_ISDIR(status.st_mode):
            discard(folder, name)
        elif status.st_dev != device or not _remove(folder, name, device, depth):
            whole = False
    return whole


def _remove(folder: Folder, name: str, device: int, depth: int) -> bool:
    with folder.child(name) as inner:
        whole = _device(inner) == device and _empty(inner, device, depth + 1)
    if whole:
        with named(folder.place / name):
            os.rmdir(name, dir_fd=folder.fd)
    return whole
