"""What is at a path now, without following a link and without opening what is no regular file."""

from __future__ import annotations

from pathlib import PurePosixPath

from rdna_installer.errors import Exit
from rdna_installer.machine.folder import Folder, resolve
from rdna_installer.machine.oserrors import explaining
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import FileState


def read_actual(root: Sysroot, path: PurePosixPath) -> FileState:
    """What is at ``path``; nothing is there where its directory is missing.

    Raises RdnaError("no-permission", "path-swapped", "io-error", …; exit 3).
    """
    with explaining(Exit.REFUSED):
        try:
            folder = Folder.open(root, resolve(root, path).parent)
        except FileNotFoundError:
            return FileState(path)
        with folder:
            return folder.actual(path)
