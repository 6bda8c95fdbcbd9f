"""What environments are made with, which of them are kept, and that nothing of one that goes stays."""

from __future__ import annotations

import os
import shutil
from pathlib import Path, PurePosixPath

import pytest

from rdna_installer import codec
from rdna_installer.change.store import ENVIRONMENTS, Store
from rdna_installer.change.transaction import commit
from rdna_installer.environments.lock import FORMAT, Lock
from rdna_installer.errors import RdnaError
from rdna_installer.machine.folder import read_actual
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import FileState, Generation, regular
from rdna_installer.plan.plan import make_change
from rdna_installer.workflow import environments
from rdna_installer.workflow.installing import WHEELS, pip_of
from rdna_installer.workflow.owners import Owner

BUNDLED = "/usr/lib/python3.11/ensurepip/_bundled"


@pytest.fixture
def root(tmp_path: Path) -> Sysroot:
    for folder in ("usr/bin", "usr/lib/python3.11/site-packages", BUNDLED[1:], WHEELS[1:], "var/lib"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "usr/bin/python3.11").touch(0o755)
    return Sysroot(tmp_path)


@pytest.mark.parametrize(
    ("files", "chosen"),
    [
        ([f"{BUNDLED}/pip-9.0.3-py2.py3-none-any.whl", f"{BUNDLED}/pip-23.1-py3-none-any.whl"], 1),
        ([f"{WHEELS}/pip-23.0.1-py3-none-any.whl", f"{WHEELS}/pip-23.0-py3-none-any.whl"], 0),
        ([f"{WHEELS}/pip-99.0-py3-none-any.whl", f"{BUNDLED}/pip-23.1-py3-none-any.whl"], 1),
        ([f"{BUNDLED}/setuptools-65.5.0-py3-none-any.whl", f"{WHEELS}/pip-23.1-py3-none-any.whl"], 1),
        ([f"{WHEELS}/pip_tools-7.0-py3-none-any.whl", f"{WHEELS}/pip-23.1.tar.gz"], None),
    ],
)
def test_the_newest_pip_of_the_interpreter_else_of_the_system(
    root: Sysroot, files: list[str], chosen: int | None
) -> None:
    for file in files:
        root.path(PurePosixPath(file)).touch()
    found = pip_of(root, PurePosixPath("/usr/bin/python3.11"))
    assert found == (None if chosen is None else PurePosixPath(files[chosen]))


@pytest.fixture
def store(root: Sysroot) -> Store:
    """The system's, with environments of which changes had the second and the third in force; the first is rubbish."""
    store = Store.open(root)
    for number in (2, 3):
        put_in_force(store, number)
    for number in (1, 2, 3, 12):
        place = root.path(environments.prefix(store, number))
        (place / "lib/python3.11").mkdir(parents=True)
        (place / "lib/python3.11/x.py").touch()
        for more in (f"{number}.json", f"{number}.left.txt", f".{number}.txt.new"):
            (place.parent / more).touch()
    return store


def put_in_force(store: Store, number: int) -> None:
    path = environments.reference(store)
    store.root.path(path.parent).mkdir(parents=True, exist_ok=True)
    wanted = FileState(path, owner=os.geteuid(), group=os.getegid(), link=str(number))
    change = make_change(read_actual(store.root, path), wanted)
    assert change is not None
    commit(store, [change], Generation("setup"))


def record(store: Store, number: int) -> None:
    lock = Lock("2.14.0", None, "gfx1010", "cp311", "/wheels", "2026-11-28", ())
    place = store.root.path(environments.prefix(store, number))
    place.with_name(f"{number}.json").write_bytes(codec.write(lock, FORMAT))
    (place / "bin").mkdir()
    (place / "bin/python").symlink_to("/usr/bin/python3.11")  # below this root, too


@pytest.mark.parametrize(
    ("broken", "said", "way"),
    [
        ("3", "the Python of this environment is no longer there", "setup --repair"),
        ("3/bin/python", "the Python of this environment is no longer there", "setup --repair"),
        ("3.json", "this environment was removed", "setup"),
        ("/usr/bin/python3.11", "the Python of this environment is no longer there", "setup --repair"),
    ],
)
def test_one_is_there_when_its_record_and_its_python_are(store: Store, broken: str, said: str, way: str) -> None:
    for number in (2, 3):
        record(store, number)
    generations = store.generations()
    assert environments.lost(store, generations) == frozenset()
    place = store.base / ENVIRONMENTS / broken
    gone = store.root.path(place.parent) / place.name
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    with pytest.raises(RdnaError) as caught:
        environments.read(store, 3)
    assert (caught.value.reference, caught.value.message) == ("environment-gone", said)
    assert (caught.value.hint or "").endswith(f": sudo rdna-installer {way}")
    every = frozenset(g.number for g in generations if g.number)
    assert environments.lost(store, generations) == (every if broken.startswith("/") else frozenset({2}))


def test_nothing_may_name_or_be_written_into_one_that_is_gone(store: Store) -> None:
    owner = Owner("system", store)
    link, hook = environments.reference(store), environments.prefix(store, 2) / "lib/python3.11/rdna_hook.pth"
    named = make_change(FileState(link), FileState(link, link="2"))
    made = make_change(FileState(hook), regular(hook, b"import x"))
    taken = make_change(regular(hook, b"import x"), FileState(hook))
    elsewhere = make_change(FileState(hook), regular(PurePosixPath("/etc/profile.d/2"), b""))
    assert named and made and taken and elsewhere
    for change, refused in ((named, True), (made, True), (taken, False), (elsewhere, False)):
        assert bool(environments.refuse_gone(owner, [change])) is refused, change.path
    record(store, 2)
    assert environments.refuse_gone(owner, [named, made]) is None


def names(store: Store) -> set[str]:
    return {name for name in store.root.names(store.base / ENVIRONMENTS) if name != "lock"}


def of(*numbers: int) -> set[str]:
    return {name for n in numbers for name in (f"{n}", f"{n}.json", f"{n}.left.txt", f".{n}.txt.new")} | {"current"}


def test_what_no_kept_change_had_in_force_goes_with_all_that_belongs_to_it(store: Store) -> None:
    assert names(store) == of(1, 2, 3, 12)
    assert environments.collect(store) == tuple(f"removed: environment {n}, which nothing needs" for n in (1, 12))
    assert names(store) == of(2, 3)
    assert environments.collect(store) == ()


def test_first_goes_what_says_that_it_is_whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed at any point, a half one is never taken for an environment; and when it is gone, it stays gone."""
    seen = list[tuple[str, bool]]()
    remove, sync, folder = environments.durable.remove_tree, os.fsync, store.root.path(store.base / ENVIRONMENTS)
    monkeypatch.setattr(os, "fsync", lambda fd: (seen.append(("sync", (folder / "3").exists())), sync(fd)))
    monkeypatch.setattr(
        environments.durable, "remove_tree",
        lambda *a: (seen.append(("removes", (folder / "3.json").exists())), remove(*a))[1],
    )  # fmt: skip
    with store.folder(ENVIRONMENTS) as held:
        environments.remove(held, 3)
    assert [*dict.fromkeys(seen)] == [("sync", True), ("removes", False), ("sync", False)]
    assert names(store) == of(1, 2, 12)
