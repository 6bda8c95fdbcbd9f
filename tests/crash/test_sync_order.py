"""What kills cannot show: that everything is on the disk before what relies on it.

Read off one traced run: a file is synced after its last write and before its rename, a directory after the names in
it changed and before the transaction takes its next step. Directories that the transaction made may wait until its
swap is sealed: before that they are only there to be removed, and nothing in them can be lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import driver
import pytest
from harness import STATE, needs_strace, start

pytestmark = [pytest.mark.processes, needs_strace]

AT = re.compile(r'\d+<([^>]*)>, "([^"]*)"')
STEPS = ("tx.new", "tx")  # renaming these is what makes earlier work count
OURS = ("rdna-installer/log", "rdna-installer/lock", "/boot/")  # advisory, and the test's own image


def _events(trace: Path, root: Path) -> Iterator[tuple[str, list[PurePosixPath]]]:
    """(call, paths) of the calls that matter, paths below the root."""
    for line in trace.read_text(errors="replace").splitlines():
        call, _, rest = re.sub(r"^\d+ +", "", line).partition("(")
        if " = -1 " in rest or str(root) not in rest:
            continue
        named = [PurePosixPath(folder, name) for folder, name in AT.findall(rest) if call.endswith("at")]
        plain = [PurePosixPath(path) for path in re.findall(r"^\d+<([^>]*)>", rest)]
        paths = [path for path in named or plain if not any(ours in str(path) for ours in OURS)]
        if paths and (call != "openat" or "O_CREAT" in rest):
            yield call, paths


def unsynced(trace: Path, root: Path) -> list[str]:
    """Every place where something was relied upon before it was on the disk."""
    files: set[PurePosixPath] = set()
    folders: set[PurePosixPath] = set()
    made: set[PurePosixPath] = set()
    late: set[PurePosixPath] = set()  # what is made, and where, and what is in it
    wrong = []
    for call, paths in _events(trace, root):
        if call in ("openat", "write", "fchmod", "fchown", "fsetxattr"):
            files.add(paths[0])
        if call == "fsync":
            files.discard(paths[0])
            folders.discard(paths[0])
            late.discard(paths[0])
        if call.startswith("rename"):
            if paths[0] in files:
                wrong.append(f"{paths[0].name} renamed before it was synced")
            waits = files - made | folders if paths[0].name == "tx.new" else files | folders | late
            if paths[0].name in STEPS and (left := {f for f in waits if paths[0].parent != f}):
                wrong.append(f"{paths[0].name} renamed before a sync of {sorted(map(str, left))}")
        if call == "mkdirat" and not paths[0].is_relative_to(root / STATE):
            made.add(paths[0])
            late |= {paths[0], paths[0].parent}
        elif call in ("openat", "mkdirat", "linkat", "unlinkat") or call.startswith("rename"):
            for parent in {path.parent for path in paths}:
                (late if parent in made else folders).add(parent)
    return wrong + [f"{path} never synced" for path in sorted(files)]


def _trace(tmp_path: Path, defect: str = "") -> list[str]:
    root, trace = tmp_path / "root", tmp_path / "trace"
    driver.seed(root)
    assert start(root, "apply", trace=trace, defect=defect).code == 0
    return unsynced(trace, root)


def test_everything_is_synced_before_it_is_relied_upon(tmp_path: Path) -> None:
    assert _trace(tmp_path) == []


@pytest.mark.parametrize(
    ("defect", "seen"),
    [
        ("no-file-sync", "renamed before it was synced"),
        ("no-folder-sync", "tx.new renamed before a sync of"),
        ("no-swap-sync", "tx renamed before a sync of"),
    ],
)
def test_a_missing_sync_is_seen(defect: str, seen: str, tmp_path: Path) -> None:
    assert any(seen in line for line in _trace(tmp_path, defect))
