"""A private temporary directory that belongs to the user whose program is going to read it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from rdna_installer.machine.process import as_user
from rdna_installer.model import User

BELOW = "/tmp"  # noqa: S108 - the directory is made by mkdtemp; not $TMPDIR: root's may be closed to the user the files are for


@contextmanager
def scratch_tree(files: Mapping[PurePosixPath, bytes], owner: User) -> Iterator[Path]:
    """A directory (0700) holding ``files`` (relative paths), made, filled and removed with ``owner``'s rights.

    Raises OSError when it cannot be written (disk full).
    """
    import shutil
    import tempfile  # both are slow to load, and most commands never come here

    folder = as_user(owner, lambda: Path(tempfile.mkdtemp(prefix="rdna-installer-", dir=BELOW)))
    try:
        as_user(owner, lambda: _fill(folder, files))
        yield folder
    finally:
        as_user(owner, lambda: shutil.rmtree(folder, ignore_errors=True))


def _fill(folder: Path, files: Mapping[PurePosixPath, bytes]) -> None:
    for name, content in files.items():
        target = folder / name
        os.makedirs(target.parent, exist_ok=True)
        target.write_bytes(content)
