"""What a tree is, to the last bit that a rollback has to bring back."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path

Entry = tuple[str, int, int, int, str]  # type, mode, owner, group, digest or link target


def snapshot(root: Path, folders: Iterable[str], without: Iterable[str] = ()) -> dict[str, Entry]:
    """Every path below ``folders`` (inside ``root``) with its type, mode, owner and digest; ``without`` is left out."""
    left_out = {root / path.lstrip("/") for path in without}
    found = {}
    for folder in folders:
        for here, directories, files in os.walk(root / folder.lstrip("/")):
            directories[:] = [name for name in directories if Path(here, name) not in left_out]
            for path in (Path(here, name) for name in [*directories, *files]):
                if path not in left_out:
                    found["/" + path.relative_to(root).as_posix()] = _entry(path)
    return found


def _entry(path: Path) -> Entry:
    status = path.lstat()
    kind = stat.filemode(status.st_mode)[0]
    content = ""
    if stat.S_ISLNK(status.st_mode):
        content = str(path.readlink())
    elif stat.S_ISREG(status.st_mode):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
    return kind, stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, content


def differences(before: dict[str, Entry], after: dict[str, Entry]) -> list[str]:
    """One line for each path that is not what it was; [] when all are."""
    lines = []
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) != after.get(path):
            lines.append(f"{path}: {before.get(path)} -> {after.get(path)}")
    return lines
