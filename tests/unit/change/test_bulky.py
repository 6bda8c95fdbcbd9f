"""A library too large for memory: what the history keeps of it is no name of the file that stands in the package."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path, PurePosixPath

import pytest
from small_machine import Machine, rollback_changes

from rdna_installer.change import staging, transaction
from rdna_installer.change.recover import recover
from rdna_installer.change.transaction import commit, no_activation
from rdna_installer.errors import RdnaError
from rdna_installer.machine import durable
from rdna_installer.machine.folder import Folder
from rdna_installer.model import Generation, OnDrift, regular
from rdna_installer.record import replace

PLACE = PurePosixPath("/etc/profile.d/libMIOpen.so.1")
BUILT = PurePosixPath("/etc/built")


def put(machine: Machine, content: bytes) -> Generation:
    """Bring a library and put it in place, as ``apply --miopen`` does."""
    machine.real(BUILT).write_bytes(content)
    shall = replace(regular(PLACE, content), mode=0o644, content=None)
    staging.bring(machine.store, BUILT, shall)
    return machine.apply(shall)


@pytest.fixture
def place(machine: Machine) -> Path:
    """Where the package has its own."""
    machine.real(PLACE).write_bytes(b"stock")
    return machine.real(PLACE)


def held(machine: Machine) -> set[int]:
    """The inodes of the history's contents."""
    return {path.stat().st_ino for path in machine.state.glob("generations/*/blobs/*")}


def test_no_file_in_place_is_ever_one_of_the_history(machine: Machine, place: Path) -> None:
    stock = place.stat().st_ino
    put(machine, b"ours")
    assert place.stat().st_ino not in held(machine) and stock not in held(machine)
    for to in (0, 1, 0):
        commit(machine.store, rollback_changes(machine.store, to), Generation("rollback", before=()))
        assert (place.read_bytes(), place.stat().st_nlink) == (b"ours" if to else b"stock", 1)
        assert place.stat().st_ino not in held(machine)


def test_what_an_undo_makes_again_is_no_file_of_the_history(
    machine: Machine, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody removes the kept file in the middle: the old content comes from the transaction's own copy, which may
    be a link of an earlier generation's."""
    put(machine, b"ours")

    def broken_off(*args: object) -> None:
        for kept in place.parent.glob(".rdna-installer.*"):
            kept.unlink()
        raise KeyboardInterrupt

    monkeypatch.setattr(transaction, "seal", broken_off)
    with pytest.raises(RdnaError):
        put(machine, b"second")
    assert (place.read_bytes(), place.stat().st_nlink) == (b"ours", 1)
    assert place.stat().st_ino not in held(machine)
    recover(machine.store, no_activation)
    assert not (machine.state / "libraries").exists()


def test_a_copy_is_a_reflink_where_there_are_any(
    machine: Machine, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shared blocks are the file system's: here it is asked for them, and the rest is not written once more."""
    asked = []

    def clone(fd: int, request: int, source: int) -> int:
        asked.append(request)
        os.write(fd, os.pread(source, 100, 0))
        return 0

    monkeypatch.setattr(fcntl, "ioctl", clone)
    os.utime(place, ns=(5, 7))
    with Folder.open(machine.root, PLACE.parent) as folder:
        durable.copy(folder, place.name, folder, "copy", durable.ourselves(0o640))
    made = place.with_name("copy").stat()
    assert asked == [0x40049409]
    assert (place.with_name("copy").read_bytes(), made.st_mode & 0o777, made.st_mtime_ns) == (b"stock", 0o640, 7)


@pytest.mark.parametrize("theirs", [b"theirs", None])
def test_only_what_is_put_over_a_new_library_takes_it_for_the_original(
    machine: Machine, place: Path, theirs: bytes | None
) -> None:
    """A way back over somebody's edit goes to what there was, whatever stood there in between."""
    put(machine, b"ours")
    put(machine, b"second")
    place.unlink()
    if theirs is not None:
        place.write_bytes(theirs)
    back = rollback_changes(machine.store, 1, OnDrift.OVERWRITE)
    made = commit(machine.store, back, Generation("rollback", before=()))
    origins = [m.origin.digest for m in made.managed]
    assert (place.read_bytes(), origins) == (b"ours", [regular(PLACE, b"stock").digest])
    script = (machine.state / "generations/3/restore.sh").read_text()
    assert str(regular(PLACE, b"stock").digest).removeprefix("sha256:") in script
    place.write_bytes(b"upgraded")
    assert [m.origin.digest for m in put(machine, b"second").managed] == [regular(PLACE, b"upgraded").digest]


def test_one_that_was_damaged_is_refused_before_anything_is_staged(machine: Machine, place: Path) -> None:
    put(machine, b"ours")
    for path in machine.state.glob("generations/1/blobs/*"):
        if path.read_bytes() == b"stock":
            path.write_bytes(b"spoilt")
    with pytest.raises(RdnaError) as caught:
        put(machine, b"second")
    assert caught.value.reference == "state-corrupted"
    assert (place.read_bytes(), machine.store.numbers()) == (b"ours", (0, 1))
