"""Our own records spoilt: said in words, refused, and nobody's file touched; what can be repaired is repaired."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import commands
import injector
import pytest
from harness import STATE, Fault, Outcome, copy, needs_faults, snapshot
from table import APPLY

pytestmark = [pytest.mark.processes, needs_faults]

SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "cut": lambda data: data[: len(data) // 2],
    "zeros": lambda data: b"\0" * len(data),
    "other": lambda data: b'{"number": "1"}',
    "number": lambda data: data.replace(b'"number": 1', b'"number": 7'),
    "way out": lambda data: data.replace(b"/etc/", b"/etc/../../"),
    "path": lambda data: data.replace(b"/etc/profile.d/rdna-installer.sh", b"/etc/os-release"),
    "deep": lambda data: b"[" * 200000,
}
FILES = ("format", "current.json", "generations/1/manifest.json", "generations/1/undo.json", "tx/undo.json", "blob")
LATER = (("status",), ("plan", "--profile", "layered"), ("rollback", "--yes"), ("recover",), APPLY)


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Applied; killed half way; killed in activation."""
    commands.prepare()
    work = tmp_path_factory.mktemp("states")
    commands.seed(work / "before")
    found = {"before": work / "before"}
    for name, fault in (("done", None), ("open", Fault("renameat", 8)), ("committed", Fault("unlinkat", 4))):
        found[name] = copy(work / "before", work / name)
        call(found[name], *APPLY, fault=fault)
    return found


def call(root: Path, *argv: str, fault: Fault | None = None) -> Outcome:
    def work() -> int:
        commands.stand_in()
        return commands.call(root, argv)

    return injector.run(work, fault)


def cases() -> Iterator[tuple[str, str, str]]:
    for file in FILES:
        for way in SPOILT:
            for state in ("done", "open", "committed"):
                yield state, file, way


def place(root: Path, file: str) -> Path | None:
    if file != "blob":
        found = root / STATE / file
        return found if found.exists() else None
    return next((p for p in sorted((root / STATE).rglob("blobs/*")) if p.stat().st_size), None)


def test_spoilt_records_are_explained_and_nothing_else_happens(states: dict[str, Path], tmp_path: Path) -> None:
    ends = [{n: h for n, h in snapshot(states[s]).items() if n != commands.IMAGE} for s in ("before", "done")]
    tried = 0
    for state, file, way in cases():
        spoilt = place(states[state], file)
        if spoilt is None or SPOILT[way](spoilt.read_bytes()) == spoilt.read_bytes():
            continue
        tried += 1
        command = LATER[tried % len(LATER)]
        root = copy(states[state], tmp_path / "root")
        target = root / spoilt.relative_to(states[state])
        target.write_bytes(SPOILT[way](target.read_bytes()))
        before = snapshot(root)
        done = call(root, *command)
        what = f"{state}, {file} {way}, {command[0]}: {done}"
        assert done.code in (0, 1, 3, 6) and "Traceback" not in done.said, what
        after = {n: h for n, h in snapshot(root).items() if n != commands.IMAGE and "/.rdna-installer." not in n}
        # A sound record of something else cannot be told from a true one; but what it names is not ours, and stays.
        assert after["etc/os-release"] == ends[0]["etc/os-release"], what
        assert way == "path" or snapshot(root) == before or after in ends, what
        shutil.rmtree(root)
    assert tried > 60


def test_salvage_by_hand(states: dict[str, Path], tmp_path: Path) -> None:
    """As README says: manifest.json names the blobs, and moving the state away starts afresh."""
    root = copy(states["done"], tmp_path / "root")
    state = root / STATE
    (state / "generations/1/manifest.json").write_bytes(b"{")
    refused = call(root, "rollback", "--yes")
    assert refused.code == 3 and "[state-corrupted]" in refused.said and "manifest.json" in refused.said, refused
    state.rename(state.with_name("aside"))
    for path in ("etc/modprobe.d/rdna-installer.conf", "etc/profile.d/rdna-installer.sh"):
        (root / path).unlink()
    shutil.rmtree(root / "etc/environment.d")
    assert call(root, *APPLY).code == 0
    assert call(root, "rollback", "--yes").code == 0
