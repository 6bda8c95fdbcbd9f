"""A private temporary directory that belongs to whose program is going to read or fill it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from rdna_installer.machine.asuser import with_rights
from rdna_installer.machine.bounds import Rights

BELOW = "/tmp"  # noqa: S108 - the directory is made by mkdtemp; not $TMPDIR: root's may be closed to the user the files are for


@contextmanager
def scratch_tree(files: Mapping[PurePosixPath, bytes], rights: Rights, who: str) -> Iterator[Path]:
    """A directory (0700) holding ``files`` (relative paths), made, filled and removed with these rights.

    Raises OSError when it cannot be written (disk full).
    """
    import shutil
    import tempfile  # both are slow to load, and most commands never come here

    def make() -> PurePosixPath:
        folder = tempfile.mkdtemp(prefix="rdna-installer-", dir=BELOW)
        try:
            _fill(Path(folder), files)
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return PurePosixPath(folder)

    folder = Path(with_rights(rights, make, PurePosixPath, who=who))
    try:
        yield folder
    finally:
        with_rights(rights, lambda: shutil.rmtree(folder, ignore_errors=True), None, who=who)


def _fill(folder: Path, files: Mapping[PurePosixPath, bytes]) -> None:
    for name, content in files.items():
        target = folder / name
        os.makedirs(target.parent, exist_ok=True)
        target.write_bytes(content)
