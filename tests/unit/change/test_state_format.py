"""State across releases: 0.1.0's is read, upgraded and rolled back; every spoilt record is refused or read right."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from small_machine import CONF, SHELL, STEP, Machine, rollback_changes

from rdna_installer import codec
from rdna_installer.change import boot_counting, records
from rdna_installer.change.chain import rollback_wish
from rdna_installer.change.records import Manifest, Undo, to_write
from rdna_installer.change.recover import recover
from rdna_installer.change.store import Store
from rdna_installer.change.transaction import commit, no_activation
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import FileState, Generation, Layer, Managed, Setting, regular

PACKAGE = Path(codec.__file__).parent
RELEASED = Path(__file__).with_name("state-0.1.0.tar.gz")  # made by the released 0.1.0 itself
LINK, NEW = PurePosixPath("/etc/profile.d/link.sh"), PurePosixPath("/etc/new/x.conf")


@pytest.fixture
def released(tmp_path: Path) -> Path:
    with tarfile.open(RELEASED) as archive:
        trusted = {"filter": "fully_trusted"} if hasattr(tarfile, "fully_trusted_filter") else {}  # Debian 12: 3.11.2
        archive.extractall(tmp_path, **trusted)  # type: ignore[arg-type]
    for place in tmp_path.rglob("*.json"):  # its records say root; whoever tests may be somebody else
        text = place.read_text().replace('"owner": 0', f'"owner": {os.geteuid()}')
        place.write_text(text.replace('"group": 0', f'"group": {os.getegid()}'))
    return tmp_path


def _machine(base: Path) -> Machine:
    machine = object.__new__(Machine)
    machine.base, machine.root = base, Sysroot(base)
    machine.store = Store.open(machine.root)
    return machine


def test_a_generation_of_the_first_release_is_read_whole(released: Path) -> None:
    machine = _machine(released / "settled")
    first = machine.store.load(1)
    rule_a = Setting(Layer.KERNEL, None, "noretry", "1", "rule-a")
    assert first.settings[0] == rule_a
    assert (first.change, first.parts, first.words) == ("0123456789abcdef", (1000,), ("--profile", "layered"))
    assert (first.booted, first.devices, first.before) == ((rule_a,), ("driver 0000:03:00.0",), (0,))
    managed = {m.path: m for m in first.managed}
    assert managed[CONF].origin.content == b"# theirs\n"
    assert managed[CONF].origin.xattrs == (("user.note", b"\0\xff7"),)
    assert managed[LINK].origin.link == "elsewhere.sh"
    assert not managed[NEW].origin.there
    assert boot_counting.read_result(machine.root) == boot_counting.BootResult(
        boot_counting.BootOutcome.OK, 2, "b00t", ("fine",), "2026-01-01T00:00:00Z"
    )


def test_the_first_write_raises_the_format_and_keeps_the_old_generations(released: Path) -> None:
    machine = _machine(released / "settled")
    made = machine.apply(regular(CONF, b"three\n"))
    assert (made.number, made.before) == (3, (2, 1, 0))
    assert (machine.state / "format").read_text() == "2\n"
    assert json.loads((machine.state / "current.json").read_text())["format"] == 2
    assert [g.number for g in machine.store.generations()] == [0, 1, 2, 3]


def test_the_users_of_a_command_of_its_are_known(released: Path) -> None:
    old = json.loads((_machine(released / "settled").state / "current.json").read_text())
    text = json.dumps({**old, "run": "ab12", "also": [1000]}).encode()
    read = records.parse(Generation, text, "current.json")
    assert (read.change, read.parts, read.users) == ("ab12", (1000,), ((1000, "ab12"),))


@pytest.mark.parametrize("to", [0, 1])
def test_it_is_rolled_back_byte_for_byte(released: Path, to: int) -> None:
    machine = _machine(released / "settled")
    commit(machine.store, rollback_changes(machine.store, to), rollback_wish(machine.store, to, None))
    assert machine.tree() == (
        {"etc/modprobe.d/rdna.conf": b"# theirs\n"}
        if to == 0
        else {"etc/modprobe.d/rdna.conf": b"one\n", "etc/profile.d/link.sh": b"l\n", "etc/new/x.conf": b"n\n"}
    )
    assert machine.real(LINK).is_symlink() == (to == 0)
    assert machine.real(NEW.parent).exists() == (to == 1)
    assert machine.real(CONF).stat().st_mode & 0o777 == (0o640 if to == 0 else 0o644)


def test_what_it_left_half_done_is_undone(released: Path) -> None:
    machine = _machine(released / "open")
    settled = _machine(released / "settled")
    assert recover(machine.store, no_activation) is not None
    assert machine.tree() == settled.tree()
    assert recover(machine.store, no_activation) is None


# --- a new field ------------------------------------------------------------------------------------------------------


ADDED = """
from small_machine import CONF, Machine
from rdna_installer.change.transaction import commit
from rdna_installer.model import Generation, regular
import pathlib, sys
machine = Machine(pathlib.Path(sys.argv[1]))
made = commit(machine.store, machine.plan(regular(CONF, b"x")), Generation("apply", mood="glad"))
print([g.mood for g in (made, machine.store.current(), machine.store.load(1), machine.store.public())])
print(machine.store.load(0).mood)
"""


@pytest.mark.processes
def test_a_new_field_is_one_edit(tmp_path: Path) -> None:
    """One line in the model, in a copy of the program: written, published and read again, in old generations too."""
    copy = tmp_path / "installer" / "rdna_installer"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "templates").symlink_to(PACKAGE.parents[1] / "templates")
    model = copy / "model.py"
    last = "    refused: tuple[str, ...] = ()"
    text = model.read_text()
    assert text.count(last) == 1
    model.write_text(text.replace(last, f'    mood: str = "calm"\n{last}'))
    (tmp_path / "machine").mkdir()
    places = f"{copy.parent}:{Path(__file__).parent}"
    command = [sys.executable, "-c", ADDED, str(tmp_path / "machine")]
    done = subprocess.run(command, env={"PYTHONPATH": places}, capture_output=True, text=True, check=False)
    assert done.stdout == "['glad', 'glad', 'glad', 'glad']\ncalm\n", done.stderr


def test_every_field_of_every_record_comes_back(machine: Machine) -> None:
    """Each field in turn is given another value; what is written and read again has it."""
    whole = to_write(_generation())
    for item in fields(Generation):  # type: ignore[arg-type]
        changed = replace(whole, **{item.name: _other(getattr(whole, item.name))})
        assert changed != whole, item.name
        assert records.parse(Generation, records.dump(changed), "x") == changed, item.name


def _other(value: object) -> object:
    if isinstance(value, tuple):
        return () if value else (1,)
    return {str: "other", int: 77}.get(type(value), "other")


# --- spoilt records ---------------------------------------------------------------------------------------------------


def _generation() -> Generation:
    before = FileState(CONF, b"theirs\n", 0o640, 1, 2, codec.digest(b"theirs\n"), None, (("user.x", b"\0"),))
    ours = Managed(CONF, regular(CONF, b"ours\n"), before, 2, "0.1.0")
    setting = Setting(Layer.PYTHON, "/v/bin/python", "A", "b", "r")
    return Generation(
        reason="apply", number=3, time="2026-01-01T00:00:00Z", profile="p", boot_id="b", confirmed_boot="c",
        managed=(ours, Managed(SHELL, FileState(SHELL), before, 3)),
        settings=(setting,), pending=(STEP,), gpus=("g",), change="7-ab", parts=(1000,), words=("--yes",),
        booted=(setting,), devices=("d",), before=(2, 0), stands_for="7-ab",
        users=((1000, "7-ab"),), left=("6-ab",), refused=("5-ab",),
    )  # fmt: skip


def _records() -> Iterator[tuple[type, object]]:
    generation = _generation()
    yield Generation, records.for_all_to_read(generation)
    yield Manifest, to_write(Manifest(generation, (generation.managed[0].origin,), (PurePosixPath("/etc/new"),)))
    ways = [(CONF, generation.managed[0].origin, generation.managed[0].after)]
    yield Undo, to_write(Undo(3, "apply", records.name_entries(ways), (), (), (STEP,), True, "7-ab"))
    yield boot_counting.BootResult, boot_counting.BootResult(boot_counting.BootOutcome.FAILED, 3, "b", ("line",), "t")


def _spoilt(data: Any, chance: random.Random) -> Any:
    """The data with one value, somewhere, that another hand put there."""
    places = list(_places(data))
    where = chance.choice(places)
    holder = data
    for step in where[:-1]:
        holder = holder[step]
    odd = [None, True, -1, 1 << 40, 1.5, "", "../x", "\0", [], {}, [[]], {"a": 1}, "sha256:00", "9" * 5000]
    if chance.random() < 0.2 and isinstance(holder, dict):
        holder["somebody's"] = 1
    elif chance.random() < 0.3:
        del holder[where[-1]]
    else:
        holder[where[-1]] = chance.choice(odd)
    return data


def _places(data: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*above, key)
        yield from _places(value, (*above, key))


@pytest.mark.parametrize("seed", range(4))
def test_two_hundred_spoilt_records(seed: int) -> None:
    """With a checksum that fits, as nobody's editor makes it: refused naming file and field, or read right."""
    chance, refused, read_right = random.Random(seed), 0, 0
    for kind, value in list(_records()) * 13:
        data = _spoilt(codec.encode(value), chance)
        text = json.dumps({"format": 2, **data}, indent=1).encode()
        whole = codec.CHECKSUM + codec.digest(text).encode() + b'",' + text[1:] + b"\n"
        try:
            got = records.parse(kind, whole, "/var/lib/rdna-installer/file.json")
        except RdnaError as err:
            refused += 1
            assert (err.reference, err.context) == ("state-corrupted", "/var/lib/rdna-installer/file.json")
            assert f"damaged: {kind.__name__.lower()}" in err.message
        else:
            read_right += 1
            assert codec.decode(kind, codec.encode(got)) == got
    assert refused + read_right == 52
    assert refused > 20


def test_a_changed_digit_is_no_longer_believed(machine: Machine) -> None:
    """What brought a 0640 file back as 0666 before records had checksums."""
    machine.real(CONF).write_bytes(b"theirs\n")
    machine.real(CONF).chmod(0o640)
    machine.apply(regular(CONF, b"ours\n"))
    manifest = machine.state / "generations/1/manifest.json"
    manifest.write_text(manifest.read_text().replace(f'"mode": {0o640}', f'"mode": {0o666}'))
    with pytest.raises(RdnaError, match="does not fit its checksum"):
        rollback_changes(machine.store, 0)


def test_a_format_that_cannot_be_read_is_refused(machine: Machine) -> None:
    (machine.base / "var/lib/rdna-installer/format").mkdir(parents=True)
    with pytest.raises(RdnaError) as caught:
        machine.store.check_format()
    assert caught.value.exit_code is Exit.REFUSED and str(caught.value.context).endswith("/format")
