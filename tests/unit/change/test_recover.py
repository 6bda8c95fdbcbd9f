"""Recover after a death in process at every effect; damaged state; somebody else's work in between."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

import pytest
from small_machine import CONF, SHELL, STEP, Machine

from rdna_installer.change import finish, transaction
from rdna_installer.change.recover import Recovered, purge, recover
from rdna_installer.change.store import Store
from rdna_installer.change.together import commit_together, vote
from rdna_installer.change.transaction import commit, no_activation
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine import durable
from rdna_installer.model import Change, FileState, Generation, Step, regular
from rdna_installer.plan.trial import OPTIONS_CONF, TRIAL_CONF

NEW = PurePosixPath("/etc/environment.d/60-rdna.conf")


class Died(BaseException):
    """Stands for SIGKILL: nothing may catch it and clean up."""


def _die_after_swapping(monkeypatch: pytest.MonkeyPatch, machine: Machine, *resources: FileState | FileState) -> None:
    """Leave an open transaction behind whose files are all in place."""
    with monkeypatch.context() as patch:
        patch.setattr(transaction, "_undo", lambda store, activate, err: err)
        real = durable.move

        def die_at_the_seal(folder: object, old: str, new: str, into: object = None) -> None:
            if old == "tx":
                raise Died
            real(folder, old, new, into)  # type: ignore[arg-type]

        patch.setattr(durable, "move", die_at_the_seal)
        with pytest.raises(Died):
            machine.apply(*resources)
    assert (machine.state / "tx").exists()


def _seed(machine: Machine) -> dict[str, bytes]:
    machine.real(CONF).write_bytes(b"old\n")
    machine.real(SHELL).write_bytes(b"theirs\n")
    return machine.tree()


def test_an_open_transaction_is_undone(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _seed(machine)
    inode = machine.real(CONF).stat().st_ino
    _die_after_swapping(monkeypatch, machine, regular(CONF, b"new\n"), FileState(SHELL), regular(NEW, b"x\n"))
    assert machine.store.needs_recovery()
    assert recover(machine.store, no_activation) == Recovered("undone", 1, "apply")
    assert machine.tree() == before
    assert not machine.real(NEW.parent).exists()
    assert machine.real(CONF).stat().st_ino == inode, "the very file comes back, not a copy"
    assert recover(machine.store, no_activation) is None


@pytest.mark.parametrize("killed", [False, True], ids=["at once", "in recovery"])
def test_what_all_may_read_is_of_the_change_before_again(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, killed: bool
) -> None:
    """``status`` of who may not read the history says what is in force, after a way back as well."""
    machine.apply(regular(CONF, b"one\n"))
    public = machine.state / "current.json"
    before, errors = public.read_bytes(), [*([Died()] if killed else []), RdnaError("initramfs-failed", "no")]

    def fails(step: Step, wanted: Mapping[PurePosixPath, bytes | None]) -> None:
        if wanted[CONF] == b"two\n":
            raise errors.pop(0)

    with monkeypatch.context() as patch, pytest.raises((Died, RdnaError)):
        if killed:
            patch.setattr(finish, "take_back", lambda store, undo, activate, err: err)
        machine.apply(regular(CONF, b"two\n"), steps=[STEP], activate=fails)
    if killed:
        assert public.read_bytes() != before
        with pytest.raises(RdnaError, match="no"):
            recover(machine.store, fails)
    assert (machine.real(CONF).read_bytes(), errors) == (b"one\n", [])
    assert public.read_bytes() == before


def test_what_came_first_goes_last_wherever_the_recovery_dies(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Options are never there without the file that holds amdgpu back until its boot is counted."""
    _die_after_swapping(monkeypatch, machine, regular(TRIAL_CONF, b"hold\n"), regular(OPTIONS_CONF, b"options\n"))
    options, hold = machine.real(OPTIONS_CONF), machine.real(TRIAL_CONF)
    assert options.exists() and hold.exists()
    deaths = 0
    while not _recover_until(monkeypatch, machine, deaths + 1):
        assert hold.exists() or not options.exists(), f"dead before effect {deaths + 1}"
        deaths += 1
    assert deaths >= 4 and not options.exists() and not hold.exists()


def test_folders_in_folders_are_taken_away_innermost_first(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = PurePosixPath("/etc/new/newer/newest/file.conf")
    _die_after_swapping(monkeypatch, machine, regular(deep, b"x\n"))
    assert recover(machine.store, no_activation) == Recovered("undone", 1, "apply")
    assert not machine.real("/etc/new").exists()


def _recover_until(monkeypatch: pytest.MonkeyPatch, machine: Machine, number: int) -> bool:
    """Recover, and die before the effect of this number; whether it had fewer."""
    left = number

    def mortal(effect: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **words: object) -> object:
            nonlocal left
            left -= 1
            if left == 0:
                raise Died
            return effect(*args, **words)

        return call

    with monkeypatch.context() as patch:
        for name in ("move", "discard", "sync"):
            patch.setattr(durable, name, mortal(getattr(durable, name)))
        try:
            recover(machine.store, no_activation)
        except Died:
            return False
    return True


@pytest.mark.parametrize(
    "way",
    [
        lambda store, changes: commit(store, changes, Generation("apply")),
        lambda store, changes: commit_together(store, changes, Generation("apply"), (), no_activation, ()),
        lambda store, changes: vote(store, changes, Generation("apply"), frozenset(), replace_links=False),
    ],
    ids=["commit", "together", "vote"],
)
def test_every_change_recovers_first(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, way: Callable[[Store, list[Change]], object]
) -> None:
    _seed(machine)
    _die_after_swapping(monkeypatch, machine, regular(CONF, b"new\n"))
    changes = machine.plan(regular(SHELL, b"mine\n"))
    with pytest.raises(RdnaError) as err:  # that plan was of half a change
        way(machine.store, changes)
    assert (err.value.reference, err.value.exit_code) == ("recovered-first", Exit.REFUSED)
    made = machine.apply(regular(SHELL, b"mine\n"))
    assert made.number == 1
    assert machine.tree() == {"etc/modprobe.d/rdna.conf": b"old\n", "etc/profile.d/rdna.sh": b"mine\n"}


def _edit(machine: Machine, path: PurePosixPath) -> None:
    machine.real(path).write_bytes(b"later\n")


def _replace(machine: Machine, path: PurePosixPath) -> None:
    machine.real(path).unlink(missing_ok=True)
    machine.real(path).symlink_to("/nowhere")


@pytest.mark.parametrize("meddle", [_edit, _replace])
@pytest.mark.parametrize(("path", "old"), [(CONF, b"old\n"), (SHELL, b"theirs\n"), (NEW, None)])
def test_later_work_of_others_stays_and_the_old_is_saved_beside_it(
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
    meddle: Callable[[Machine, PurePosixPath], None],
    path: PurePosixPath,
    old: bytes | None,
) -> None:
    _seed(machine)
    _die_after_swapping(monkeypatch, machine, regular(CONF, b"new\n"), FileState(SHELL), regular(NEW, b"x\n"))
    meddle(machine, path)
    theirs = os.readlink(machine.real(path)) if machine.real(path).is_symlink() else machine.real(path).read_bytes()
    done = recover(machine.store, no_activation)
    now = os.readlink(machine.real(path)) if machine.real(path).is_symlink() else machine.real(path).read_bytes()
    assert now == theirs
    saved = path.with_name(path.name + ".rdna-installer-saved")
    assert done and done.saved == ((saved,) if old else ())
    assert old is None or machine.real(saved).read_bytes() == old
    assert not list(machine.real("/etc").rglob(".rdna-installer.*"))


def test_a_kept_file_that_somebody_removed_is_made_again_from_the_backup(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _seed(machine)
    machine.real(CONF).chmod(0o640)
    _die_after_swapping(monkeypatch, machine, regular(CONF, b"new\n"), FileState(SHELL))
    for left in machine.real("/etc").rglob(".rdna-installer.*"):
        left.unlink()
    recover(machine.store, no_activation)
    assert machine.tree() == before
    assert machine.real(CONF).stat().st_mode & 0o777 == 0o640


def test_without_hard_links_a_copy_is_kept(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _seed(machine)

    def no_links(*args: object, **kwargs: object) -> None:
        raise PermissionError(1, "not here")

    monkeypatch.setattr(os, "link", no_links)
    _die_after_swapping(monkeypatch, machine, regular(CONF, b"new\n"))
    recover(machine.store, no_activation)
    assert machine.tree() == before


def test_a_generation_whose_cleaning_died_is_finished_not_undone(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Part of what undo needs is gone by then: even a failing disk must not lead back."""
    _seed(machine)

    def half(store: object, record: object) -> None:
        for left in machine.real("/etc/modprobe.d").glob(".rdna-installer.*"):
            left.unlink()
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(finish, "clean", half)
        with pytest.raises(Died):
            machine.apply(regular(CONF, b"new\n"), FileState(SHELL), steps=[STEP], activate=lambda step, wanted: None)

    def failing(store: object) -> None:
        raise OSError(5, "EIO")

    with monkeypatch.context() as patch:
        patch.setattr(finish, "prune", failing)
        with pytest.raises(RdnaError) as caught:
            recover(machine.store, no_activation)
    assert caught.value.exit_code == Exit.INCOMPLETE
    recover(machine.store, no_activation)
    assert machine.tree() == {"etc/modprobe.d/rdna.conf": b"new\n"}
    assert not list(machine.real("/etc").rglob(".rdna-installer.*"))


def test_a_public_record_that_is_behind_or_damaged_is_repaired(machine: Machine) -> None:
    machine.apply(regular(CONF, b"one\n"))
    first = (machine.state / "current.json").read_bytes()
    machine.apply(regular(CONF, b"two\n"))
    second = (machine.state / "current.json").read_bytes()
    for damage in (first, b"", b"[]", b"\xff", second[:40]):
        (machine.state / "current.json").write_bytes(damage)
        assert recover(machine.store, no_activation) == Recovered("repaired", 2, "apply")
        assert (machine.state / "current.json").read_bytes() == second


DAMAGE = [b"", b"{", b"[]", b"null", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"format": 1, "number": 1e999}']


@pytest.mark.parametrize("content", DAMAGE, ids=lambda content: repr(content[:12]))
@pytest.mark.parametrize("name", ["tx/undo.json", "generations/1/manifest.json"])
def test_damaged_state_is_explained_and_nothing_is_changed(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes
) -> None:
    machine.apply(regular(SHELL, b"x\n"))
    _die_after_swapping(monkeypatch, machine, regular(CONF, b"new\n"))
    before = machine.tree()
    (machine.state / name).write_bytes(content)
    if name.startswith("generations"):
        recover(machine.store, no_activation)
        before = machine.tree()
    with pytest.raises(RdnaError) as caught:
        machine.apply(regular(CONF, b"newer\n"))
    assert (caught.value.reference, caught.value.exit_code) == ("state-corrupted", Exit.REFUSED)
    assert name in (caught.value.context or "")
    assert machine.tree() == before


def test_a_missing_or_altered_blob_is_damage(machine: Machine) -> None:
    machine.real(CONF).write_bytes(b"theirs\n")
    machine.apply(regular(CONF, b"one\n"))
    blob = next(p for p in (machine.state / "generations/1/blobs").iterdir() if p.read_bytes() == b"theirs\n")
    blob.write_bytes(b"forged\n")
    with pytest.raises(RdnaError, match="does not fit its name"):
        machine.store.load(1)
    blob.unlink()
    with pytest.raises(RdnaError, match="it is missing"):
        machine.apply(regular(CONF, b"two\n"))
    assert machine.real(CONF).read_bytes() == b"one\n"


def test_recover_without_state_makes_none(machine: Machine) -> None:
    assert recover(machine.store, no_activation) is None
    assert not machine.state.exists()


def test_purge_only_what_is_ours_and_only_after_going_back(machine: Machine) -> None:
    machine.apply(regular(CONF, b"one\n"))
    with pytest.raises(RdnaError, match="still active"):
        purge(machine.store)
    machine.apply(FileState(CONF))
    outside = machine.real("/precious")
    outside.mkdir()
    (outside / "file").write_bytes(b"1")
    (machine.state / "generations" / "7").symlink_to(outside)
    (machine.state / "foreign").write_bytes(b"theirs")
    (machine.state / "generations" / "7").unlink()
    (machine.state / "generations" / "1" / "blobs" / "link").symlink_to(outside)
    assert purge(machine.store) == ("foreign",)
    assert [p.name for p in machine.state.iterdir()] == ["foreign"]
    assert (outside / "file").read_bytes() == b"1"
    (machine.state / "foreign").unlink()
    assert purge(machine.store) == ()
    assert not machine.state.exists()


@pytest.mark.parametrize(
    ("number", "reference"),
    [(errno.EACCES, "no-permission"), (errno.EPERM, "no-permission"), (errno.EIO, "io-error"), (errno.EBUSY, None)],
)
def test_an_empty_directory_of_ours_that_will_not_go_is_no_success(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, number: int, reference: str | None
) -> None:
    """Only one that somebody uses (what is mounted there, too) may stay without a word."""
    machine.apply(regular(NEW, b"x\n"))
    folder = machine.real(NEW.parent)
    real = os.rmdir

    def refuse(name: str, *, dir_fd: int | None = None) -> None:
        if name == folder.name:
            raise OSError(number, os.strerror(number))
        real(name, dir_fd=dir_fd)

    with monkeypatch.context() as patch:
        patch.setattr(os, "rmdir", refuse)
        if reference is None:
            machine.apply(FileState(NEW))
            assert folder.is_dir() and not machine.store.needs_recovery()
            return
        with pytest.raises(RdnaError) as caught:
            machine.apply(FileState(NEW))
    assert (caught.value.reference, caught.value.exit_code) == (reference, Exit.INCOMPLETE)
    assert str(NEW.parent) in f"{caught.value.context}"
    assert not machine.real(NEW).exists() and folder.is_dir()
    recover(machine.store, no_activation)
    assert not folder.exists() and not machine.store.needs_recovery()
