"""The private directory for programs of other users."""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath

import pytest

from rdna_installer.errors import RdnaError
from rdna_installer.machine import runner
from rdna_installer.machine.bounds import Rights
from rdna_installer.machine.runner import scratch_tree

FILES = {PurePosixPath("a.pth"): b"# one\n", PurePosixPath("pkg/sub/x.py"): b"x = 1\n"}


def of(uid: int) -> tuple[Rights, str]:
    return Rights(uid, uid), f"user {uid}"


def owners() -> list[int]:
    return [os.geteuid(), 65534] if os.geteuid() == 0 else [os.geteuid()]


@pytest.mark.parametrize("uid", owners())
def test_files_are_there_private_and_gone_afterwards(uid: int) -> None:
    with scratch_tree(FILES, *of(uid)) as folder:
        status = folder.lstat()
        assert (stat.S_IMODE(status.st_mode), status.st_uid) == (0o700, uid)
        assert {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} == set(map(str, FILES))
        for name, content in FILES.items():
            assert (folder / name).read_bytes() == content
            assert (folder / name).lstat().st_uid == uid
        (folder / "left by a program").write_text("x")
    assert not folder.exists()


def test_a_closed_umask_closes_nothing_to_ourselves() -> None:
    """The hook of a user with umask 177 was said not to work."""
    ours = os.umask(0o177)
    try:
        with scratch_tree(FILES, *of(os.geteuid())) as folder:
            assert [stat.S_IMODE(p.lstat().st_mode) for p in (folder, folder / "pkg/sub")] == [0o700] * 2
            assert os.umask(0o177) == 0o177
    finally:
        os.umask(ours)


def test_what_a_killed_run_left_goes_with_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not what may be in use still, nor what is only named alike."""
    monkeypatch.setattr(runner, "BELOW", str(tmp_path))
    old, young, other = (tmp_path / name for name in (f"{runner.SCRATCH}a", f"{runner.SCRATCH}b", "rdna-installer-1.0"))
    for place in (old, young, other):
        (place / "pkg").mkdir(parents=True)
    for place in (old, other):
        os.utime(place, (0, 0))
    with scratch_tree(FILES, *of(os.geteuid())) as folder:
        assert {*tmp_path.iterdir()} == {young, other, folder}


def test_removed_when_the_work_fails() -> None:
    seen: list[Path] = []
    with pytest.raises(RdnaError), scratch_tree(FILES, *of(os.geteuid())) as folder:
        seen.append(folder)
        raise RdnaError("x", "x")
    assert seen and not seen[0].exists()


def test_removed_when_it_cannot_be_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "BELOW", str(tmp_path))
    with pytest.raises(OSError), scratch_tree({PurePosixPath("x" * 300): b""}, *of(os.geteuid())):
        pass
    assert list(tmp_path.iterdir()) == []
