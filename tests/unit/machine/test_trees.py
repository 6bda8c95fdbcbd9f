"""Removing a user's cache: all of it, nothing beside it, whatever stands in the way."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest

from rdna_installer.errors import RdnaError
from rdna_installer.machine.durable import DEPTH_LIMIT, Tree, clear, look, replace
from rdna_installer.machine.folder import Folder
from rdna_installer.machine.sysroot import Sysroot

CACHE = PurePosixPath("/home/sam/.cache/miopen")
ME = os.getuid()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    cache = tmp_path / "home/sam/.cache/miopen/3.2.0"
    cache.mkdir(parents=True)
    (cache / "gfx1030.ukdb").write_bytes(b"x" * 5000)
    (cache / ".hidden").write_bytes(b"y")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/precious").write_text("keep")
    return tmp_path


def test_measured_and_removed(home: Path) -> None:
    root = Sysroot(home)
    tree = look(root, CACHE, ME)
    assert tree.there
    assert tree.problem is None
    assert (tree.files, tree.size >= 5000) == (2, True)
    clear(root, CACHE, ME)
    assert look(root, CACHE, ME) == Tree(False)
    assert (home / "home/sam/.cache").is_dir()
    clear(root, CACHE, ME)  # nothing there is no error


def test_links_inside_are_removed_and_not_followed(home: Path) -> None:
    cache = home / "home/sam/.cache/miopen"
    (cache / "file").symlink_to("/outside/precious")
    (cache / "folder").symlink_to(home / "outside")
    assert look(Sysroot(home), CACHE, ME).files == 4
    clear(Sysroot(home), CACHE, ME)
    assert (home / "outside/precious").read_text() == "keep"
    assert not cache.exists()


@pytest.mark.parametrize("kind", ["link", "file", "foreign"])
def test_what_is_no_directory_of_the_user_is_left_alone(home: Path, kind: str) -> None:
    cache = home / "home/sam/.cache/miopen"
    owner = ME
    if kind == "link":
        cache.rename(home / "elsewhere")
        cache.symlink_to(home / "elsewhere")
    elif kind == "file":
        cache.rename(home / "elsewhere")
        cache.write_text("not a cache")
    else:
        owner = ME + 1
    tree = look(Sysroot(home), CACHE, owner)
    assert tree.there
    assert tree.problem
    with pytest.raises(RdnaError) as caught:
        clear(Sysroot(home), CACHE, owner)
    assert caught.value.reference == "not-yours"
    assert list(home.rglob("gfx1030.ukdb"))


def test_a_way_that_leads_through_a_link_stays_below_the_root(home: Path) -> None:
    (home / "home/sam/.cache").rename(home / "data")
    (home / "home/sam/.cache").symlink_to("/data")
    clear(Sysroot(home), CACHE, ME)
    assert not (home / "data/miopen").exists()


def test_no_cache_is_that_deep(home: Path) -> None:
    deep = home / "home/sam/.cache/miopen"
    for _ in range(DEPTH_LIMIT + 2):
        deep = deep / "d"
    deep.mkdir(parents=True)
    with pytest.raises(RdnaError, match="no cache"):
        look(Sysroot(home), CACHE, ME)


def test_nothing_there(tmp_path: Path) -> None:
    assert look(Sysroot(tmp_path), CACHE, ME) == Tree(False)
    (tmp_path / "home").write_text("a file")
    assert look(Sysroot(tmp_path), CACHE, ME) == Tree(False)


def test_links_lead_below_the_root_wherever_they_stand(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("ours")
    (tmp_path / "last").symlink_to("/etc/passwd")
    (tmp_path / "way").symlink_to("/etc")
    root = Sysroot(tmp_path)
    assert [str(root.path(name)) for name in ("/last", "/way/passwd", "/etc/passwd", "/etc/../last")] == [
        f"{tmp_path}/etc/passwd"
    ] * 4
    assert root.path("/last", follow=False) == tmp_path / "last"
    assert root.path("/way/gone") == tmp_path / "etc/gone"


def test_what_could_not_be_replaced_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "record").mkdir()
    with Folder.open(Sysroot(tmp_path), PurePosixPath("/")) as folder, pytest.raises(OSError, match="directory"):
        replace(folder, "record", b"new", 0o600)
    assert [*tmp_path.iterdir()] == [tmp_path / "record"]
