"""What environments are made with, which of them are kept, and that nothing of one that goes stays."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest

from rdna_installer.change.store import ENVIRONMENTS, Store
from rdna_installer.change.transaction import commit
from rdna_installer.machine.folder import read_actual
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import FileState, Generation
from rdna_installer.plan.plan import make_change
from rdna_installer.workflow import environments
from rdna_installer.workflow.installing import WHEELS, pip_of

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
