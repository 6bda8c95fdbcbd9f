"""Commit, activation, refusals: what is written, and that a refusal writes nothing."""

from __future__ import annotations

import errno
import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath

import pytest
from small_machine import CONF, SHELL, STEP, Machine

from rdna_installer.change import finish, records
from rdna_installer.change.recover import Recovered, recover
from rdna_installer.change.store import Store, lock
from rdna_installer.change.transaction import commit, no_activation
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine import durable
from rdna_installer.machine.folder import Folder
from rdna_installer.model import FileState, Generation, Step, regular

HOOK = PurePosixPath("/usr/lib/python3/dist-packages/_rdna_hook/__init__.py")


def test_create_replace_remove_in_one_generation(machine: Machine) -> None:
    machine.real(CONF).write_bytes(b"old\n")
    machine.real(SHELL).write_bytes(b"gone\n")
    made = machine.apply(regular(CONF, b"new\n", 0o640), FileState(SHELL), regular(HOOK, b"x = 1\n"))
    assert machine.tree() == {"etc/modprobe.d/rdna.conf": b"new\n", str(HOOK)[1:]: b"x = 1\n"}
    assert machine.real(CONF).stat().st_mode & 0o7777 == 0o640
    assert (made.number, made.reason, made.pending) == (1, "apply", ())
    assert machine.store.current() == made
    assert [(m.path, m.origin.content, m.generation) for m in made.managed] == [
        (CONF, b"old\n", 1),
        (SHELL, b"gone\n", 1),
        (HOOK, None, 1),
    ]


def test_state_is_private_but_for_the_public_record(machine: Machine) -> None:
    machine.apply(regular(CONF, b"new\n"))
    modes = {p.name: p.stat().st_mode & 0o777 for p in [machine.state, *machine.state.iterdir()]}
    assert modes == {
        "rdna-installer": 0o755,
        "current.json": 0o644,
        "format": 0o644,
        "generations": 0o700,
        "lock": 0o600,
        "log": 0o600,
    }
    inner = {oct(p.stat().st_mode & 0o777) for p in (machine.state / "generations").rglob("*")}
    assert inner <= {"0o700", "0o600"}


def test_public_record_holds_what_all_may_read_and_no_more(machine: Machine) -> None:
    for path, mode in ((CONF, 0o600), (SHELL, 0o644)):
        machine.real(path).write_bytes(b"theirs\n")
        machine.real(path).chmod(mode)
    machine.apply(regular(CONF, b"a\n"), regular(SHELL, b"b\n"))
    record = json.loads((machine.state / "current.json").read_text())
    assert [m["origin"].get("content") for m in record["managed"]] == [None, "theirs\n"]


def test_second_generation_inherits_the_origin(machine: Machine) -> None:
    machine.real(CONF).write_bytes(b"theirs\n")
    machine.apply(regular(CONF, b"one\n"))
    second = machine.apply(regular(CONF, b"two\n"))
    assert [(m.after.content, m.origin.content) for m in second.managed] == [(b"two\n", b"theirs\n")]


def test_a_path_that_is_again_as_before_us_is_managed_no_longer(machine: Machine) -> None:
    machine.real(CONF).write_bytes(b"theirs\n")
    machine.apply(regular(CONF, b"one\n"))
    assert machine.apply(regular(CONF, b"theirs\n")).managed == ()


def test_hard_links_of_the_target_keep_their_content(machine: Machine) -> None:
    machine.real(CONF).write_bytes(b"old\n")
    other = machine.real("/etc/other")
    os.link(machine.real(CONF), other)
    machine.apply(regular(CONF, b"new\n"))
    assert (other.read_bytes(), other.stat().st_nlink) == (b"old\n", 1)


def test_a_replaced_file_is_newer_to_python(machine: Machine) -> None:
    """Same size within the same second: the compiled old one would be taken for current."""
    machine.apply(regular(HOOK, b"x = 1\n"))
    before = int(machine.real(HOOK).stat().st_mtime)
    machine.apply(regular(HOOK, b"x = 2\n"))
    assert int(machine.real(HOOK).stat().st_mtime) > before


def test_xattrs_of_a_restored_file_are_set(machine: Machine) -> None:
    try:
        os.setxattr(machine.base, "user.probe", b"1")
    except OSError:
        pytest.skip("this filesystem has no user xattrs")
    machine.apply(regular(CONF, b"new\n", xattrs=(("user.note", b"7"),)))
    assert os.getxattr(machine.real(CONF), "user.note") == b"7"


def test_activation_gets_the_bytes_and_is_recorded_as_pending(machine: Machine) -> None:
    machine.real(SHELL).write_bytes(b"old\n")
    seen: list[object] = []

    def activate(step: Step, wanted: Mapping[PurePosixPath, bytes | None]) -> None:
        public = machine.store.public()
        seen.append((step, dict(wanted), public and public.pending, machine.store.needs_recovery()))

    made = machine.apply(regular(CONF, b"new\n"), FileState(SHELL), steps=[STEP], activate=activate)
    assert seen == [(STEP, {CONF: b"new\n", SHELL: None}, (STEP,), True)]
    assert (made.pending, machine.store.needs_recovery()) == ((), False)


def test_failed_activation_takes_all_back_and_activates_the_old(machine: Machine) -> None:
    machine.real(CONF).write_bytes(b"old\n")
    before, seen = machine.tree(), []

    def activate(step: Step, wanted: Mapping[PurePosixPath, bytes | None]) -> None:
        seen.append(dict(wanted))
        if wanted[CONF] == b"new\n":
            raise RdnaError("initramfs-failed", "no", hint="look")

    with pytest.raises(RdnaError) as caught:
        machine.apply(regular(CONF, b"new\n"), regular(SHELL, b"x\n"), steps=[STEP], activate=activate)
    assert (caught.value.reference, caught.value.exit_code) == ("initramfs-failed", Exit.FAILED)
    assert seen == [{CONF: b"new\n", SHELL: b"x\n"}, {CONF: b"old\n", SHELL: None}]
    assert machine.tree() == before
    assert machine.store.current() is None
    assert not machine.store.needs_recovery()


def test_what_leaves_or_joins_the_generations_is_on_the_disk_before_the_next_step(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a rename that was not synced in both directories, a power cut may leave the half."""
    kept, moves, waiting, late = str(machine.state / "generations"), list[str](), set[str](), list[str]()
    move, remove, sync = durable.move, durable.remove_tree, os.fsync

    def moved(folder: Folder, old: str, new: str, into: Folder | None = None) -> None:
        late.extend(f"{place} when {old} became {new}" for place in waiting)
        move(folder, old, new, into)
        places = [os.readlink(f"/proc/self/fd/{each.fd}") for each in (folder, into) if each]
        if kept in places:
            moves.append(new)
            waiting.update(places)

    def removed(folder: Folder, name: str, *more: int) -> bool:
        late.extend(f"{place} when {name} was removed" for place in waiting)
        return remove(folder, name, *more)

    def synced(fd: int) -> None:
        waiting.discard(os.readlink(f"/proc/self/fd/{fd}"))
        sync(fd)

    def fails_once(step: Step, wanted: Mapping[PurePosixPath, bytes | None]) -> None:
        if wanted[CONF] == b"bad\n":
            raise RdnaError("initramfs-failed", "no")

    monkeypatch.setattr(durable, "move", moved)
    monkeypatch.setattr(durable, "remove_tree", removed)
    monkeypatch.setattr(os, "fsync", synced)
    for turn in range(finish.KEPT + 2):  # the last of them throws old ones away
        machine.apply(regular(CONF, b"%d\n" % turn), steps=[STEP], activate=fails_once)
    with pytest.raises(RdnaError):
        machine.apply(regular(CONF, b"bad\n"), steps=[STEP], activate=fails_once)
    assert {records.BACK, records.RUBBISH, "1"} <= {*moves}
    assert (late, waiting) == ([], set())


def test_activation_that_fails_both_ways_is_left_to_recover(machine: Machine) -> None:
    before = machine.tree()

    def broken(step: Step, wanted: Mapping[PurePosixPath, bytes | None]) -> None:
        raise RdnaError("initramfs-failed", "no")

    with pytest.raises(RdnaError) as caught:
        machine.apply(regular(CONF, b"new\n"), steps=[STEP], activate=broken)
    assert (caught.value.reference, caught.value.exit_code) == ("undo-incomplete", Exit.INCOMPLETE)
    assert machine.tree() == before
    assert machine.store.needs_recovery()
    with pytest.raises(RdnaError) as again:
        recover(machine.store, broken)
    assert again.value.exit_code == Exit.INCOMPLETE
    assert recover(machine.store, lambda step, wanted: None) == Recovered("undone", 1, "apply")
    assert recover(machine.store, no_activation) is None


def test_ctrl_c_in_activation_is_undone(machine: Machine) -> None:
    calls: list[object] = []

    def activate(step: Step, wanted: Mapping[PurePosixPath, bytes | None]) -> None:
        calls.append(wanted)
        if len(calls) == 1:
            os.kill(os.getpid(), signal.SIGTERM)
            raise AssertionError("the signal should have broken this off")

    handler = signal.getsignal(signal.SIGTERM)
    with pytest.raises(RdnaError) as caught:
        machine.apply(regular(CONF, b"new\n"), steps=[STEP], activate=activate)
    assert (caught.value.reference, caught.value.exit_code, len(calls)) == ("interrupted", Exit.INTERRUPTED, 2)
    assert machine.tree() == {}
    assert signal.getsignal(signal.SIGTERM) is handler


@pytest.fixture(params=[signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def number(request: pytest.FixtureRequest) -> Iterator[signal.Signals]:
    """A signal that stops us, also where these tests run under nohup, which we would respect."""
    before = signal.signal(request.param, signal.default_int_handler)
    yield request.param
    signal.signal(request.param, before)


def test_signal_while_writing_is_undone(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    machine.real(CONF).write_bytes(b"old\n")
    before, move = machine.tree(), durable.move

    def move_and_kill(*args: object, **kwargs: object) -> None:
        move(*args, **kwargs)  # type: ignore[arg-type]
        os.kill(os.getpid(), number)

    monkeypatch.setattr(durable, "move", move_and_kill)
    with pytest.raises(RdnaError) as caught:
        machine.apply(regular(CONF, b"new\n"), regular(SHELL, b"x\n"))
    assert (caught.value.reference, caught.value.exit_code) == ("interrupted", Exit.INTERRUPTED)
    assert machine.tree() == before


def test_ctrl_c_before_the_first_file_touches_no_directory(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """None is made that would have to be removed again."""
    machine.real(HOOK.parents[1]).mkdir(parents=True)
    before, dump = machine.real(HOOK.parents[1]).stat().st_mtime_ns, records.dump

    def stopped(record: object) -> bytes:
        os.kill(os.getpid(), signal.SIGTERM)
        return dump(record)  # type: ignore[arg-type]

    monkeypatch.setattr(records, "dump", stopped)
    with pytest.raises(RdnaError, match="interrupted"):
        machine.apply(regular(HOOK, b"x = 1\n"))
    assert machine.real(HOOK.parents[1]).stat().st_mtime_ns == before


def _edit(machine: Machine) -> None:
    machine.real(CONF).write_bytes(b"edited\n")


def _chmod(machine: Machine) -> None:
    machine.real(CONF).chmod(0o600)


def _delete(machine: Machine) -> None:
    machine.real(CONF).unlink()


def _link(machine: Machine) -> None:
    _delete(machine)
    machine.real(CONF).symlink_to("/etc/passwd")


def _directory(machine: Machine) -> None:
    _delete(machine)
    machine.real(CONF).mkdir()


def _fifo(machine: Machine) -> None:
    _delete(machine)
    os.mkfifo(machine.real(CONF))


@pytest.mark.parametrize(
    ("meddle", "reference"),
    [
        (_edit, "changed-meanwhile"),
        (_chmod, "changed-meanwhile"),
        (_delete, "changed-meanwhile"),
        (_link, "not-a-file"),
        (_directory, "not-a-file"),
        (_fifo, "not-a-file"),
    ],
)
def test_what_changed_since_the_plan_is_refused(
    machine: Machine, meddle: Callable[[Machine], None], reference: str
) -> None:
    machine.real(CONF).write_bytes(b"old\n")
    changes = machine.plan(regular(CONF, b"new\n"), regular(SHELL, b"x\n"))
    meddle(machine)
    before = sorted((str(p), p.lstat().st_mode) for p in machine.real("/etc").rglob("*"))
    with pytest.raises(RdnaError) as caught:
        commit(machine.store, changes, Generation("apply"))
    assert (caught.value.reference, caught.value.exit_code) == (reference, Exit.REFUSED)
    assert str(CONF) in (caught.value.context or "")
    assert sorted((str(p), p.lstat().st_mode) for p in machine.real("/etc").rglob("*")) == before
    assert not machine.store.needs_recovery()


def test_a_link_is_replaced_only_when_told_and_kept(machine: Machine) -> None:
    machine.real(CONF).symlink_to("../theirs.conf")
    machine.real("/etc/theirs.conf").write_bytes(b"theirs\n")
    with pytest.raises(RdnaError, match="a link is where"):
        machine.apply(regular(CONF, b"new\n"))
    made = machine.apply(regular(CONF, b"new\n"), replace_links=True)
    assert (machine.real(CONF).is_symlink(), machine.real(CONF).read_bytes()) == (False, b"new\n")
    assert machine.real("/etc/theirs.conf").read_bytes() == b"theirs\n"
    assert [m.origin.link for m in made.managed] == ["../theirs.conf"]


def test_links_on_the_way_stay_inside_the_root(machine: Machine) -> None:
    machine.real("/etc/profile.d").rmdir()
    machine.real("/usr").mkdir()
    machine.real("/usr/profile.d").mkdir()
    machine.real("/etc/profile.d").symlink_to("/usr/profile.d")
    machine.apply(regular(SHELL, b"x\n"))
    assert machine.real("/usr/profile.d/rdna.sh").read_bytes() == b"x\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be made to write for others")
@pytest.mark.parametrize(
    ("owner", "mode", "refused"), [(0, 0o755, False), (0, 0o777, True), (0, 0o1777, False), (1, 0o755, True)]
)
def test_directories_that_others_could_bend_are_refused(machine: Machine, owner: int, mode: int, refused: bool) -> None:
    folder = machine.real(CONF).parent
    os.chown(folder, owner, 0)
    folder.chmod(mode)
    changes = machine.plan(regular(CONF, b"new\n"))
    if not refused:
        assert commit(machine.store, changes, Generation("apply")).number == 1
        return
    with pytest.raises(RdnaError) as caught:
        commit(machine.store, changes, Generation("apply"))
    assert (caught.value.reference, caught.value.exit_code, machine.tree()) == ("unsafe-directory", Exit.REFUSED, {})


@pytest.mark.parametrize(
    ("number", "reference"),
    [
        (errno.ENOSPC, "disk-full"),
        (errno.EDQUOT, "disk-full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "no-permission"),
        (errno.EIO, "io-error"),
    ],
)
@pytest.mark.parametrize(("function", "code"), [("create", Exit.FAILED), ("move", Exit.FAILED)])
def test_disk_errors_are_explained_and_undone(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, number: int, reference: str, function: str, code: Exit
) -> None:
    machine.real(CONF).write_bytes(b"old\n")
    machine.apply(regular(SHELL, b"x\n"))
    before, real, calls = machine.tree(), getattr(durable, function), []

    def fail(folder: object, name: str, *more: object, **kwargs: object) -> None:
        if name.startswith(".rdna-installer.") and not calls:
            calls.append(name)
            raise OSError(number, os.strerror(number), str(machine.real(CONF)))
        real(folder, name, *more, **kwargs)

    monkeypatch.setattr(durable, function, fail)
    with pytest.raises(RdnaError) as caught:
        machine.apply(regular(CONF, b"new\n"), FileState(SHELL))
    assert (caught.value.reference, caught.value.exit_code) == (reference, code)
    assert "everything was undone" in caught.value.message
    assert caught.value.context == str(machine.real(CONF))
    assert machine.tree() == before
    current = machine.store.current()
    assert current and current.number == 1


def test_one_writer_at_a_time(machine: Machine) -> None:
    machine.apply(regular(SHELL, b"x\n"))
    with lock(machine.store), pytest.raises(RdnaError) as caught:
        machine.apply(regular(CONF, b"new\n"))
    assert (caught.value.reference, caught.value.exit_code) == ("busy", Exit.REFUSED)
    assert f"process {os.getpid()}" in caught.value.message
    assert not machine.real(CONF).exists()


def test_state_of_a_newer_program_is_refused(machine: Machine) -> None:
    machine.apply(regular(SHELL, b"x\n"))
    (machine.state / "format").write_text("3\n")
    with pytest.raises(RdnaError) as caught:
        Store.open(machine.root)
    assert (caught.value.reference, caught.value.exit_code) == ("state-newer", Exit.REFUSED)


def test_the_last_ten_generations_and_the_first_are_kept(machine: Machine) -> None:
    machine.real(CONF).write_bytes(b"theirs\n")
    for number in range(14):
        machine.apply(regular(CONF, f"{number}\n".encode()))
    assert machine.store.numbers() == (0, *range(4, 15)), "the current one and ten that it comes from"
    assert [m.origin.content for g in machine.store.generations()[1:] for m in g.managed] == [b"theirs\n"] * 11


def test_a_user_has_state_of_their_own(machine: Machine, tmp_path: Path) -> None:
    from rdna_installer.model import User

    machine.real("/home/u").mkdir(parents=True)
    user = User(os.geteuid(), os.getegid(), "u", PurePosixPath("/home/u"), "/bin/sh", frozenset())
    store = Store.open(machine.root, user, {})
    commit(store, machine.plan(regular(HOOK, b"x\n", owner=user.uid, group=user.gid)), Generation("apply"))
    state = machine.real("/home/u/.local/state/rdna-installer")
    assert (state.stat().st_mode & 0o777, machine.state.exists()) == (0o700, False)
    given = {"XDG_STATE_HOME": "/home/u/elsewhere"}
    other = PurePosixPath("/home/u/elsewhere/rdna-installer")
    assert Store.open(machine.root, user, given).base == store.base, "root has no such variable"
    machine.real(other).mkdir(parents=True)
    assert Store.open(machine.root, user, given).base == store.base
    state.rename(state.with_name("gone"))
    assert Store.open(machine.root, user, given).base == other, "an earlier version's is found as it was"
    assert Store.open(machine.root, user, given | {"SUDO_UID": "1"}).base == store.base
    machine.real("/home/u").rename(machine.real("/home/v"))
    assert Store.open(machine.root, user, given).base == other, "who has no home has nothing else"
