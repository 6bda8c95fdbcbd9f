"""Managed files against their generation."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from check_samples import CONF, generation, managed, put

from rdna_installer.check import files
from rdna_installer.check.files import check_files
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, FileState, Status
from rdna_installer.record import replace

CONTENT = b"options amdgpu noretry=1\n"


def look(root: Path, content: bytes | None = CONTENT) -> Check:
    [check] = check_files(generation(managed=(managed(content=content),)), Sysroot(root))
    assert check.id == "file:/etc/modprobe.d/rdna-installer.conf"
    return check


def replaced_by_link(path: Path) -> None:
    path.rename(path.with_suffix(".real"))
    path.symlink_to(path.with_suffix(".real"))


def replaced_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def replaced_by_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("damage", "status", "running"),
    [
        (lambda path: None, Status.OK, "0644"),
        (lambda path: path.write_bytes(b"options amdgpu noretry=0\n"), Status.MISMATCH, "sha256:"),
        (lambda path: path.chmod(0o666), Status.MISMATCH, "0666"),
        (lambda path: path.unlink(), Status.FAILED, "absent"),
        (replaced_by_link, Status.FAILED, "a link to"),
        (replaced_by_folder, Status.FAILED, "a directory"),
        (replaced_by_fifo, Status.FAILED, "a special file"),
    ],
)
def test_damage(tmp_path: Path, damage: Any, status: Status, running: str) -> None:
    path = put(tmp_path, CONF, CONTENT)
    damage(path)
    check = look(tmp_path)
    assert (check.status, running in str(check.running), check.hint is None) == (status, True, status is Status.OK)


def test_owner(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    os.chown(put(tmp_path, CONF, CONTENT), 1234, 0)
    assert look(tmp_path).status is Status.MISMATCH


def test_unseen_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, CONF, CONTENT)

    def refuse(*_: Any) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files, "digest_of", refuse)
    check = look(tmp_path)
    assert (check.status, check.running) == (Status.UNKNOWN, None)


@pytest.mark.parametrize(("there", "status"), [(False, Status.OK), (True, Status.MISMATCH)])
def test_what_must_be_gone(tmp_path: Path, there: bool, status: Status) -> None:
    if there:
        put(tmp_path, CONF, CONTENT)
    assert look(tmp_path, content=None).status is status


@pytest.mark.parametrize(
    ("now", "status", "running"),
    [
        ("environment-2", Status.OK, "a link to environment-2"),
        ("environment-1", Status.MISMATCH, "a link to environment-1"),
        (None, Status.FAILED, "absent"),
    ],
)
def test_a_link_of_ours(tmp_path: Path, now: str | None, status: Status, running: str) -> None:
    """What an environment's generations are switched by."""
    place = PurePosixPath("/srv/current")
    (tmp_path / "srv").mkdir()
    if now is not None:
        (tmp_path / "srv/current").symlink_to(now)
    ours = replace(managed(), path=place, after=FileState(place, link="environment-2"))
    (check,) = check_files(generation(managed=(ours,)), Sysroot(tmp_path))
    assert (check.status, check.wanted, check.running) == (status, "a link to environment-2", running)
