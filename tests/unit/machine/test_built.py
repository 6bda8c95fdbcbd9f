"""A tree that somebody without rights built: only what is his becomes root's, and nothing in it gets more than that."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path, PurePosixPath

import pytest

from rdna_installer.errors import RdnaError
from rdna_installer.machine.built import give, held
from rdna_installer.machine.folder import Folder
from rdna_installer.machine.sysroot import Sysroot, digested

BUILDER = 61200
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="not root: no tree changes hands")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "1"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/tool").write_text("x")
    (folder / "bin/tool").chmod(0o4700)
    (folder / "module.py").write_text("x")
    (folder / "module.py").chmod(0o666)
    (folder / "python").symlink_to("/usr/bin/python3")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, BUILDER, BUILDER, follow_symlinks=False)
    (folder / "bin/tool").chmod(0o4700)
    return folder


@root_only
def test_it_becomes_roots(tree: Path) -> None:
    with Folder.open(Sysroot(tree.parent), PurePosixPath("/")) as folder:
        give(folder, "1", BUILDER)
    assert {path.lstat().st_uid for path in (tree, *tree.rglob("*"))} == {0}
    modes = {path.name: stat.S_IMODE(path.lstat().st_mode) for path in tree.rglob("*") if not path.is_symlink()}
    assert modes == {"bin": 0o755, "tool": 0o755, "module.py": 0o644}
    assert os.stat("/usr/bin/python3").st_uid == 0


def anothers(tree: Path) -> None:
    os.link(tree.parent / "theirs", tree / "linked")


def fifo(tree: Path) -> None:
    os.mkfifo(tree / "pipe")
    os.chown(tree / "pipe", BUILDER, BUILDER)


def anothers_folder(tree: Path) -> None:
    (tree / "lib").mkdir()


@root_only
@pytest.mark.parametrize("plant", [anothers, fifo, anothers_folder])
def test_what_no_package_brings_is_refused(tree: Path, plant: object) -> None:
    (tree.parent / "theirs").write_text("secret")
    (tree.parent / "theirs").chmod(0o600)
    plant(tree)  # type: ignore[operator]
    with Folder.open(Sysroot(tree.parent), PurePosixPath("/")) as folder, pytest.raises(RdnaError) as caught:
        give(folder, "1", BUILDER)
    assert caught.value.reference == "tree-foreign"
    assert stat.S_IMODE((tree.parent / "theirs").stat().st_mode) == 0o600


def test_digests_of_files_only(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * (3 << 20))
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("a")
    root = Sysroot(tmp_path)
    assert digested(root, PurePosixPath("/a"), follow=False) == hashlib.sha256(b"x" * (3 << 20)).digest()
    for name in ("pipe", "link", "none"):
        with pytest.raises(OSError):
            digested(root, PurePosixPath(f"/{name}"), follow=False)


def test_one_builds_at_a_time(tmp_path: Path) -> None:
    with Folder.open(Sysroot(tmp_path), PurePosixPath("/")) as folder:
        with held(folder) as first, held(folder) as second:
            assert (first, second) == (True, False)
        with held(folder) as again:
            assert again
