"""Small public files below /run, left and taken away through no link that somebody put there; mounts over a file."""

from __future__ import annotations

import os
import stat
from pathlib import PurePosixPath

from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.process import run
from rdna_installer.machine.sysroot import Inside, Sysroot

DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
TIMES = 4  # the rescue unit and the trial script may both have hidden it


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


def uncover(root: Sysroot, path: Inside) -> None:
    """Bring back the file that /dev/null was mounted over. Raises RdnaError("still-hidden")."""
    for _ in range(TIMES):
        status = root.status(path, follow=False)
        if status is None or not stat.S_ISCHR(status.st_mode) or not root.live:
            return
        done = run(["umount", str(path)])
        if done.code != 0:
            break
    said = done.err.decode("utf-8", "replace").strip()
    raise RdnaError("still-hidden", f"the mount over our file cannot be taken away: {said}", exit_code=Exit.FAILED)
