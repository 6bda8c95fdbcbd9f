"""Whoever sets a variable in thousands of places, or to megabytes, hides nothing that others set, and it is said."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest
from place_samples import KEY

from rdna_installer.detect import dotfiles
from rdna_installer.detect.dotfiles import LONG, MOST, Scan, scan
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import User
from rdna_installer.record import replace
from rdna_installer.workflow import adopting, checkouts, foreign

SAM, EVE = (
    User(os.geteuid(), os.getegid(), name, PurePosixPath(f"/home/{name}"), "/bin/bash", frozenset())
    for name in ("sam", "eve")
)
FLOODS = {
    "scripts": {f".local/bin/s{number}": f"#!/bin/sh\n{KEY}=10.3.0 exec python\n" for number in range(300)},
    "images": {
        f".local/share/containers/storage/overlay-images/{number:064x}/=bWFuaWZlc3Q=": f'{{"Env":["{KEY}=10.3.0"]}}'
        for number in range(300)
    },
    "one-file": {"a/docker-compose.yml": "services:\n" + "".join(
        f"  s{number}:\n    environment:\n      - {KEY}=10.3.0\n" for number in range(300))},
}  # fmt: skip


def _scan(top: Path, home: dict[str, str]) -> Scan:
    for path, text in {"home/sam/.bashrc": f"export {KEY}=11.0.0\n", "etc/environment": f"{KEY}=9.0.0\n"}.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(text)
    for path, text in home.items():
        (top / "home/eve" / path).parent.mkdir(parents=True, exist_ok=True)
        (top / "home/eve" / path).write_text(text)
    return scan(Sysroot(top), SAM, (), (KEY,), [(EVE, []), (SAM, [])])


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_is_cut_and_said(name: str, tmp_path: Path) -> None:
    found = _scan(tmp_path, {**FLOODS[name], ".zshrc": f"export {KEY}=8.0.3\n"})
    values = [f.assignment.value for f in found.found]
    assert {"11.0.0", "9.0.0", "8.0.3"} <= set(values)
    assert len(values) == MOST + 2
    assert [text for text in found.unreadable if f"the first {MOST} lines" in text]


def test_an_endless_value_is_left_out(tmp_path: Path) -> None:
    found = _scan(tmp_path, {".zshrc": f"export {KEY}={'A' * (LONG + 1)}\n", ".profile": f"export {KEY}=8.0.3\n"})
    assert sorted(str(f.assignment.value) for f in found.found) == ["11.0.0", "8.0.3", "9.0.0"]


def test_nobody_else_is_cut(tmp_path: Path) -> None:
    found = _scan(tmp_path, {".zshrc": f"export {KEY}=8.0.3\n"})
    assert (len(found.found), found.unreadable) == (3, ())


def test_too_many_places_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders that link to themselves, say: what is beyond is not looked at, and nobody else's is cut."""
    monkeypatch.setattr(dotfiles, "PATHS", 20)
    found = _scan(tmp_path, {f"d{number}/docker-compose.yml": "a: 1\n" for number in range(30)})
    assert found.unreadable == ("~ (of a kind of file only the first 20 places)",)
    assert {f.assignment.value for f in found.found} == {"11.0.0", "9.0.0"}


@pytest.mark.parametrize(
    "home",
    [
        {f"../../etc/default/d{number}": "A=1\n" for number in range(30)}
        | {"../../etc/systemd/system/x.service": "[Service]\nEnvironmentFile=/etc/default/*\n"},
        {f"../../etc/ssh/d/{number}.conf": "A 1\n" for number in range(30)}
        | {"../../etc/ssh/sshd_config": "Include d/*\n"},
    ],
    ids=["EnvironmentFile", "sshd"],
)
def test_too_many_files_of_one_file_are_said(
    home: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dotfiles, "PATHS", 20)
    found = _scan(tmp_path, home)
    assert found.unreadable == ("the system's own files (of a kind of file only the first 20 places)",)


def test_too_many_places_of_programs_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dotfiles, "PATHS", 20)
    for number in range(30):
        (tmp_path / f"opt/blender{number}").mkdir(parents=True)
    root = Sysroot(tmp_path)
    assert foreign.programs(root, SAM) == ()
    assert dotfiles.cut(root) == ["of a kind of file only the first 20 places"]
    assert dotfiles.cut(root) == []


def test_too_many_launchers_of_a_checkout_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dotfiles, "PATHS", 20)
    known = next(c for c in checkouts.checkouts() if any("*" in name for name in (*c.launchers, *c.requirements)))
    globs = [name for name in (*known.launchers, *known.requirements) if "*" in name]
    for name in known.marks:
        (tmp_path / "a" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "a" / name).touch()
    for number in range(30):
        (tmp_path / "a" / globs[0].replace("*", f"x{number}")).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "a" / globs[0].replace("*", f"x{number}")).touch()
    found = checkouts._found(Sysroot(tmp_path), PurePosixPath("/a"), PurePosixPath("/v"))
    assert found.overriding == ("/a: of a kind of file only the first 20 places",)


def test_too_many_leftovers_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As what is to be looked at by hand: nobody knows that nothing is left."""
    monkeypatch.setattr(dotfiles, "PATHS", 20)
    monkeypatch.setattr(adopting, "PATHS", 20)
    (tmp_path / "etc").mkdir()
    known = replace(adopting.known_files()[0], path="/opt/*/x")
    monkeypatch.setattr(adopting, "known_files", lambda: (known,))
    for number in range(30):
        (tmp_path / f"opt/{number}").mkdir(parents=True)
    (found,) = adopting.plan_adoption(Sysroot(tmp_path)).leftovers
    assert (found.path, found.done, found.command) == ("/opt/*/x", "", "ls -d /opt/*/x")
    assert found.lines == (("/opt/*/x", "only the first 20 places that fit were looked at"),)
