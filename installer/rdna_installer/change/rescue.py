"""``restore.sh``: the way back to the machine before us from a rescue shell, without this program and without Python.

Each transaction writes one into its directory before it touches anything, and so each generation carries one. The
shell code is ``templates/rescue/restore.sh``; here it gets the paths it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import PurePosixPath

from rdna_installer import resources
from rdna_installer.change.records import RESTORE, blob_name
from rdna_installer.model import FileState, Managed, bulky
from rdna_installer.plan.quoting import sh_path
from rdna_installer.plan.trial import TRIAL_CONF
from rdna_installer.record import record, replace

Ways = Mapping[PurePosixPath, tuple[FileState, FileState]]


def renewed(previous: Iterable[Managed], changed: Ways) -> tuple[Managed, ...]:
    """What is managed, before ``changed`` puts a file of ours over one that is not. A library of other content came
    with its package, installed anew, and goes with the rest of it: that is what there is to go back to by now."""
    found = {path: before for path, (before, _) in changed.items() if bulky(path) and before.there}
    new = {m.path: found[m.path] for m in previous if found.get(m.path, m.after).digest != m.after.digest}
    return tuple(replace(m, origin=new.get(m.path, m.origin)) for m in previous)


@record(frozen=True)
class WayBack:
    """One path's way back. ``ours``: what may be there and be replaced without asking."""

    path: PurePosixPath
    origin: FileState
    ours: tuple[FileState, ...]


def ways_back(previous: Iterable[Managed], changed: Ways) -> tuple[WayBack, ...]:
    """The ways back of everything managed so far and everything that changes now (path -> before, after).
    Holds wherever a run is interrupted: what the generation before wrote is ours too."""
    ways = {m.path: WayBack(m.path, m.origin, (m.after,)) for m in previous}
    for path, (before, after) in changed.items():
        known = ways.get(path, WayBack(path, before, ()))
        ways[path] = WayBack(path, known.origin, (after, *known.ours))
    # Wherever the power fails: never options without the file that holds amdgpu back.
    return tuple(ways[path] for path in sorted(ways, key=lambda path: (path == TRIAL_CONF, path)))


def restore_script(number: int, user: int, ways: Iterable[WayBack], folders: Iterable[PurePosixPath]) -> bytes:
    """The script of generation ``number``, to be run by ``user`` (an id); ``folders`` are ours, innermost first."""
    ways = tuple(ways)
    lines = ["#!/bin/sh", shell_code().rstrip("\n"), ""]
    lines += _function("each", [_line('"$1"', way) for way in ways])
    xattrs = ((sh_path(str(way.path)), sh_path(name), value) for way in ways for name, value in way.origin.xattrs)
    lines += _function("attributes", [f"attribute {path} {name} 0x{value.hex()}" for path, name, value in xattrs])
    lines += _function("folders", [f"remove_folder {sh_path(str(path))}" for path in folders])
    return "\n".join([*lines, f'main {number} {user} "$@"', ""]).encode("utf-8", "surrogateescape")


@cache
def shell_code() -> str:
    """The code of all scripts, read once: a child with another's rights may not be able to."""
    return (resources.templates() / "rescue" / RESTORE).read_text(encoding="utf-8")


def _function(name: str, lines: Iterable[str]) -> list[str]:
    return [f"{name}() {{", "    :", *(f"    {line}" for line in lines), "}", ""]


def _line(command: str, way: WayBack) -> str:
    origin = way.origin
    words = [str(way.path), _word(origin), f"{origin.mode:04o}", str(origin.owner), str(origin.group)]
    return " ".join([command, *(sh_path(word) for word in [*words, *map(_word, way.ours)])])


def _word(actual: FileState) -> str:
    if actual.link is not None:
        return f"link:{actual.link}"
    return f"file:{blob_name(actual.digest)}" if actual.digest is not None else "none"
