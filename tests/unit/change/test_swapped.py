"""Directories that become others in the middle of a transaction: a venv's owner may do so at any moment.

tests/security/race.py does it at full speed; these are the moments in which it once found something wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
from small_machine import CONF, SHELL, Machine

from rdna_installer.change import staging, transaction
from rdna_installer.change.records import OPEN
from rdna_installer.change.recover import recover
from rdna_installer.change.store import Store
from rdna_installer.change.transaction import no_activation
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import FileState, regular


def swap(path: Path, target: str) -> Callable[[], None]:
    """Put a link in the path's place; what is returned puts it back."""
    aside = path.with_name("aside")
    path.rename(aside)
    path.symlink_to(target)

    def back() -> None:
        path.unlink()
        aside.rename(path)

    return back


@pytest.mark.parametrize("target", ["/etc/elsewhere", "/gone", "modprobe.d"])
def test_a_target_behind_a_new_link_waits_for_peace(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    """Not taken for gone: its staging files would stay for ever, and the old content with them."""
    machine.real("/etc/elsewhere").mkdir()
    machine.real(CONF).write_bytes(b"theirs\n")
    before, back, turn = machine.tree(), [], Store.turn

    def caught_in_the_middle(store: Store, old: str, new: str) -> None:
        if new != OPEN:
            return turn(store, old, new)
        back.append(swap(machine.real(CONF).parent, target))
        raise KeyboardInterrupt

    monkeypatch.setattr(Store, "turn", caught_in_the_middle)
    with pytest.raises(RdnaError) as caught:
        machine.apply(regular(CONF, b"new\n"))
    assert (caught.value.reference, caught.value.exit_code) == ("undo-incomplete", Exit.INCOMPLETE)
    with pytest.raises(RdnaError) as again:
        recover(machine.store, no_activation)
    assert (again.value.reference, again.value.exit_code) == ("path-swapped", Exit.INCOMPLETE)
    back[0]()
    done = recover(machine.store, no_activation)
    assert done and done.what == "undone"
    assert machine.tree() == before


def test_what_is_recorded_is_where_was_looked(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link is there for one look only: who may not go where it led could never undo a record that names it."""
    places = [machine.real("/etc/private")]
    places[0].mkdir()
    real = staging.resolve
    asked: list[object] = []

    def resolve(root: Sysroot, path: object) -> object:
        asked.append(path)
        return real(root, path) if asked.count(path) == 1 else places[0] / CONF.name  # type: ignore[arg-type]

    monkeypatch.setattr(staging, "resolve", resolve)
    machine.apply(regular(CONF, b"new\n"))
    assert machine.real(CONF).read_bytes() == b"new\n"
    assert not list(places[0].iterdir())


def test_a_state_directory_that_becomes_another(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """One transaction, one state directory: not the first number in one and the last step in the other."""
    machine.apply(regular(CONF, b"old\n"))
    back: list[Callable[[], None]] = []
    real = transaction.draft

    def draft(*args: object, **kwargs: object) -> object:
        machine.real("/var/other").mkdir()
        back.append(swap(machine.state, "../other"))
        return real(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(transaction, "draft", draft)
    try:
        machine.apply(regular(CONF, b"new\n"), regular(SHELL, b"x\n"))
    except RdnaError as err:
        assert err.exit_code in (Exit.FAILED, Exit.REFUSED)
    monkeypatch.undo()
    assert not list(machine.real("/var/other").iterdir())
    back[0]()
    assert recover(machine.store, no_activation) is None
    assert machine.real(CONF).read_bytes() == b"old\n"
    machine.apply(regular(CONF, b"new\n"), FileState(SHELL))
    assert machine.store.numbers() == (0, 1, 2)


def test_a_link_that_is_none_at_the_second_look(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked twice, it was a link and then could not be read: a bug's exit code for somebody else's timing."""
    machine.real(CONF).write_bytes(b"x\n")
    monkeypatch.setattr(Path, "is_symlink", lambda self: True)
    assert machine.root.read_bytes(CONF) == b"x\n"


def test_what_a_broken_bring_left_is_brought_anew(machine: Machine) -> None:
    """A copy of hundreds of megabytes is killed now and then; the next one does not stumble over half of it."""
    source = machine.real("/etc/lib.so.1")
    source.write_bytes(b"whole")
    look = regular(CONF, b"whole")
    staging.bring(machine.store, PurePosixPath("/etc/lib.so.1"), look)
    (held,) = (machine.state / "libraries").iterdir()
    held.write_bytes(b"who")
    staging.bring(machine.store, PurePosixPath("/etc/lib.so.1"), look)
    assert held.read_bytes() == b"whole"
    source.write_bytes(b"other")
    with pytest.raises(RdnaError) as caught:
        staging.bring(machine.store, PurePosixPath("/etc/lib.so.1"), look)
    assert (caught.value.reference, caught.value.exit_code) == ("changed-meanwhile", Exit.FAILED)
