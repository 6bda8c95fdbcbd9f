"""Leave a small public file below /run: atomic, and through no link that somebody put there."""

from __future__ import annotations

import os
from pathlib import PurePosixPath

from rdna_installer.machine.sysroot import Sysroot

DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def publish(root: Sysroot, path: PurePosixPath, content: bytes) -> None:
    """Write ``path`` (``/run/<folder>/<name>``), readable by all; nothing is synced, /run is memory.

    Raises OSError: a link or file where the folder should be, a full or read-only /run.
    """
    above = os.open(root.path(path.parent.parent), DIRECTORY)
    try:
        folder = _open_folder(above, path.parent.name)
    finally:
        os.close(above)
    try:
        _replace(folder, path.name, content)
    finally:
        os.close(folder)


def withdraw(root: Sysroot, path: PurePosixPath) -> None:
    """Remove a file left by ``publish``, if it is there. Raises OSError."""
    try:
        folder = os.open(root.path(path.parent), DIRECTORY)
    except FileNotFoundError:
        return
    try:
        os.unlink(path.name, dir_fd=folder)
    except FileNotFoundError:
        pass
    finally:
        os.close(folder)


def _open_folder(above: int, name: str) -> int:
    try:
        os.mkdir(name, 0o755, dir_fd=above)
    except FileExistsError:
        pass
    folder = os.open(name, DIRECTORY, dir_fd=above)
    os.fchmod(folder, 0o755)
    return folder


def _replace(folder: int, name: str, content: bytes) -> None:
    staged = f".{name}.{os.getpid()}"
    fd = os.open(staged, NEW_FILE, 0o600, dir_fd=folder)
    try:
        with os.fdopen(fd, "wb") as stream:
            stream.write(content)
            os.fchmod(stream.fileno(), 0o644)
        os.rename(staged, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        os.unlink(staged, dir_fd=folder)
        raise
