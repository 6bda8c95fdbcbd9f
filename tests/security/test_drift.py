"""What somebody did to our files between two commands: in place as they left it, or in a generation. Never lost."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile import APPLY, Machine, sample

pytestmark = pytest.mark.processes

THEIRS = b"# somebody's own words\n"
SITE = "home/sam/venv/lib/python3.11/site-packages"
FILES = ("etc/modprobe.d/rdna-installer.conf", f"{SITE}/rdna_hook.pth")
LATER = {
    "apply": (*APPLY, "--unset", "noretry", "--set", "MIOPEN_LOG_LEVEL=3"),
    "rollback": ("rollback", "--yes"),
    "uninstall": ("uninstall", "--yes"),
}
ANSWERS = ((), ("--keep",), ("--overwrite",))


def edit(path: Path) -> None:
    path.write_bytes(path.read_bytes() + THEIRS)


def replace(path: Path) -> None:
    path.unlink()
    path.write_bytes(THEIRS)
    os.chown(path, path.parent.stat().st_uid, path.parent.stat().st_gid)


def link(path: Path) -> None:
    theirs = path.with_name("theirs")
    theirs.write_bytes(THEIRS)
    path.unlink()
    path.symlink_to("theirs")


def mode(path: Path) -> None:
    path.chmod(0o604)


WAYS: dict[str, Callable[[Path], None]] = {
    "edit": edit,
    "replace": replace,
    "link": link,
    "mode": mode,
    "delete": Path.unlink,
}


def look(path: Path) -> tuple[object, ...] | None:
    if not os.path.lexists(path):
        return None
    status = path.lstat()
    return (path.readlink() if path.is_symlink() else path.read_bytes(), status.st_mode, status.st_uid)


CASES = [(file, later, way) for file in FILES for later in LATER for way in WAYS]


@pytest.mark.parametrize(("file", "later", "way"), sample(CASES, 8))
def test_nothing_of_theirs_is_lost(machine: Machine, file: str, later: str, way: str) -> None:
    path = machine.root / file
    assert machine.run(*APPLY).code == 0
    WAYS[way](path)
    theirs = look(path)
    shown = [d["path"] for owner in machine.status() for d in owner["drift"]]
    assert shown == [f"/{file}"]
    for answer in ANSWERS:
        done = machine.run(*LATER[later], *answer)
        now = look(path)
        if not answer:
            # A file that is gone already where it is to go is no conflict.
            assert done.code == 3 or (way == "delete" and later != "apply"), done
        if now != theirs and theirs is not None:
            assert answer == ("--overwrite",), f"{answer} did not leave it alone: {done}"
            said = theirs[0] if isinstance(theirs[0], bytes) else THEIRS
            kept = [*machine.kept(), *(p.read_bytes() for p in path.parent.glob("theirs"))]
            assert said in kept, f"lost: {done}"
    assert machine.run("recover").code == 0


def test_what_was_overwritten_can_be_had_again(machine: Machine) -> None:
    """Through the program itself: the generation that overwrote it gives it back."""
    path = machine.root / FILES[0]
    assert machine.run(*APPLY).code == 0
    path.write_bytes(THEIRS)
    path.chmod(0o640)
    assert machine.run(*LATER["apply"], "--overwrite").code == 0
    assert path.read_bytes() != THEIRS
    assert THEIRS in machine.kept()
