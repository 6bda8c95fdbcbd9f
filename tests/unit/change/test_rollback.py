"""Drift, and going back: where to, over what, and what is kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import PurePosixPath

import pytest
from small_machine import CONF, SHELL, Machine, rollback_changes

from rdna_installer.change import chain
from rdna_installer.change.chain import kept, rollback_wish, step_back
from rdna_installer.change.soundness import drift
from rdna_installer.change.staging import booted_with
from rdna_installer.change.transaction import commit
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.model import DriftKind, FileState, Generation, Layer, OnDrift, Setting, regular

HOOK = PurePosixPath("/usr/lib/python3/_rdna_hook/__init__.py")


def go_back(machine: Machine, to: int, foreign: OnDrift = OnDrift.REFUSE) -> Generation:
    changes = rollback_changes(machine.store, to, foreign)
    return commit(machine.store, changes, rollback_wish(machine.store, to, None), replace_links=True)


@pytest.fixture
def used(machine: Machine) -> Machine:
    """Generation 1 replaces, removes and creates; generation 2 does it the other way round."""
    machine.real(CONF).write_bytes(b"theirs\n")
    machine.real(CONF).chmod(0o640)
    machine.real(SHELL).symlink_to("theirs.sh")
    changes = machine.plan(regular(CONF, b"one\n"), FileState(SHELL), regular(HOOK, b"x = 1\n"))
    commit(machine.store, changes, Generation("apply"), replace_links=True)
    machine.apply(FileState(CONF), regular(SHELL, b"two\n"), FileState(HOOK))
    return machine


def test_every_generation_can_be_gone_back_to(used: Machine) -> None:
    def look() -> tuple[dict[str, bytes], bool, bool]:
        return used.tree(), used.real(SHELL).is_symlink(), used.real(HOOK.parent).exists()

    two = look()
    assert two == ({"etc/profile.d/rdna.sh": b"two\n"}, False, False)
    history = kept(used.store)
    back = step_back(history[2], history, users=False)
    assert back and back.files.number == 1
    assert go_back(used, 1).reason == "rollback to 1"
    assert look() == ({"etc/modprobe.d/rdna.conf": b"one\n", str(HOOK)[1:]: b"x = 1\n"}, False, True)
    zero = go_back(used, 0)
    assert (zero.number, zero.managed) == (4, ())
    assert look() == ({"etc/modprobe.d/rdna.conf": b"theirs\n"}, True, False)
    assert used.real(CONF).stat().st_mode & 0o777 == 0o640
    assert os.readlink(used.real(SHELL)) == "theirs.sh"
    go_back(used, 2)
    assert look() == two
    assert rollback_changes(used.store, 2) == ()


def test_what_is_no_longer_there_is_passed_over(used: Machine) -> None:
    used.apply(regular(CONF, b"three\n"))
    history = kept(used.store)
    back = step_back(history[3], history, users=False, lost=frozenset({2}))
    assert back and back.files.number == 1
    assert back.undone == {chain.stands_for(history[n]) for n in (2, 3)}
    back = step_back(history[3], history, users=False, lost=frozenset({1, 2, 3}))
    assert back and back.files.number == 0


def test_directories_we_made_go_with_the_last_file_and_python_cache(used: Machine) -> None:
    go_back(used, 1)
    cache = used.real(HOOK.parent / "__pycache__")
    cache.mkdir()
    (cache / "__init__.cpython-311.pyc").write_bytes(b"compiled")
    go_back(used, 0)
    assert not used.real("/usr").exists()


def test_a_directory_somebody_uses_stays(used: Machine) -> None:
    go_back(used, 1)
    used.real(HOOK.with_name("theirs.py")).write_bytes(b"1")
    go_back(used, 0)
    assert used.tree()["usr/lib/python3/_rdna_hook/theirs.py"] == b"1"


def _edit(machine: Machine) -> None:
    machine.real(SHELL).write_bytes(b"edited\n")


def _chmod(machine: Machine) -> None:
    machine.real(SHELL).chmod(0o600)


def _delete(machine: Machine) -> None:
    machine.real(SHELL).unlink()


def _link(machine: Machine) -> None:
    _delete(machine)
    machine.real(SHELL).symlink_to("/etc/passwd")


def _directory(machine: Machine) -> None:
    _delete(machine)
    machine.real(SHELL).mkdir()


def _appear(machine: Machine) -> None:
    machine.real(CONF).write_bytes(b"appeared\n")


DRIFTS = [
    (_edit, SHELL, DriftKind.EDITED, "its content was changed"),
    (_chmod, SHELL, DriftKind.MODE, "0644 0:0 became 0600 0:0"),
    (_delete, SHELL, DriftKind.DELETED, "it is gone"),
    (_link, SHELL, DriftKind.REPLACED, "replaced by a link to /etc/passwd"),
    (_directory, SHELL, DriftKind.REPLACED, "replaced by a directory"),
    (_appear, CONF, DriftKind.EDITED, "it is new: another program or person made it"),
]


@pytest.mark.parametrize(("meddle", "path", "kind", "detail"), DRIFTS)
def test_drift_is_seen_and_refused(
    used: Machine, meddle: Callable[[Machine], None], path: PurePosixPath, kind: DriftKind, detail: str
) -> None:
    current = used.store.current()
    assert current
    assert drift(used.root, current) == ()
    meddle(used)
    ids = f"{os.geteuid()}:{os.getegid()}"
    assert [(d.path, d.kind, d.detail) for d in drift(used.root, current)] == [(path, kind, detail.replace("0:0", ids))]
    if kind is DriftKind.DELETED:  # generation 1 had nothing there either: nothing to refuse
        (same,) = (change for change in rollback_changes(used.store, 1) if change.path == SHELL)
        assert not same.before.there and not same.after.there
        return
    with pytest.raises(RdnaError) as caught:
        rollback_changes(used.store, 1)
    assert (caught.value.reference, caught.value.exit_code) == ("drift", Exit.REFUSED)
    assert str(path) in (caught.value.context or "")
    assert "--keep" in (caught.value.hint or "")


@pytest.mark.parametrize("answer", list(OnDrift))
def test_what_another_run_wrote_meanwhile_is_no_drift(
    used: Machine, monkeypatch: pytest.MonkeyPatch, answer: OnDrift
) -> None:
    older = used.store.load(1)
    monkeypatch.setattr(chain, "_current", lambda store: older)
    with pytest.raises(RdnaError) as caught:
        rollback_changes(used.store, 0, answer)
    assert (caught.value.reference, str(SHELL) in (caught.value.context or "")) == ("changed-meanwhile", True)


@pytest.mark.parametrize("meddle", [_edit, _chmod, _link])
def test_keep_leaves_theirs_and_does_the_rest(used: Machine, meddle: Callable[[Machine], None]) -> None:
    meddle(used)
    before = used.real(SHELL).lstat()
    made = go_back(used, 1, OnDrift.KEEP)
    assert os.path.samestat(used.real(SHELL).lstat(), before)
    assert used.real(CONF).read_bytes() == b"one\n"
    assert [d.path for d in drift(used.root, made)] == [SHELL], "it stays recorded as ours and drifted"


def test_overwrite_keeps_theirs_in_the_generation(used: Machine) -> None:
    _edit(used)
    made = go_back(used, 1, OnDrift.OVERWRITE)
    assert not used.real(SHELL).exists()
    blobs = [p.read_bytes() for p in (used.state / f"generations/{made.number}/blobs").iterdir()]
    assert b"edited\n" in blobs
    found = {a.path: a.digest for a in used.store.manifest(made.number).found}
    assert found[SHELL] and found[SHELL].startswith("sha256:")


def test_overwrite_does_not_remove_a_directory(used: Machine) -> None:
    _directory(used)
    with pytest.raises(RdnaError, match="a directory is where"):
        rollback_changes(used.store, 1, OnDrift.OVERWRITE)


def test_a_file_made_where_a_generation_had_one_is_drift_too(used: Machine) -> None:
    go_back(used, 0)
    used.real(HOOK.parent).mkdir(parents=True)
    used.real(HOOK).write_bytes(b"theirs\n")
    with pytest.raises(RdnaError, match="were changed after"):
        rollback_changes(used.store, 1)


def test_no_such_generation(used: Machine) -> None:
    with pytest.raises(RdnaError) as caught:
        rollback_changes(used.store, 9)
    assert (caught.value.reference, caught.value.hint) == ("no-such-generation", "name: 0, 1, 2")


def test_nothing_was_ever_applied(machine: Machine) -> None:
    with pytest.raises(RdnaError, match="nothing to undo"):
        rollback_changes(machine.store, 0)


@pytest.mark.parametrize(
    ("made_in", "booted", "now", "expected"),
    [
        ("b1", (), "b2", ["noretry"]),  # a new boot began with what was in force
        ("b1", (), "b1", []),  # still the boot it was made in: nothing of it runs yet
        ("b1", ("cwsr_enable",), "b1", ["cwsr_enable"]),  # … but what that boot began with does
        ("b1", (), None, []),  # unknown boots are not the same
    ],
)
def test_the_options_a_boot_began_with(
    made_in: str, booted: tuple[str, ...], now: str | None, expected: list[str]
) -> None:
    def options(*names: str) -> tuple[Setting, ...]:
        return tuple(Setting(Layer.KERNEL, None, name, "1", "a-rule") for name in names)

    env = Setting(Layer.ENV, None, "HSA_XNACK", "0", "a-rule")
    current = Generation("apply", 1, "t", None, made_in, None, (), (*options("noretry"), env), booted=options(*booted))
    assert [s.key for s in booted_with(current, now)] == expected
    assert booted_with(None, now) == ()
