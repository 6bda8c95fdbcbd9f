"""restore.sh of a generation: back to the machine before us without Python, in dash and in busybox."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path, PurePosixPath

import pytest
from small_machine import CONF, SHELL, Machine

from rdna_installer.change import transaction
from rdna_installer.change.transaction import commit
from rdna_installer.machine import durable
from rdna_installer.model import FileState, Generation, regular

pytestmark = pytest.mark.processes

HOOK = PurePosixPath("/usr/lib/python3/_rdna_hook/__init__.py")
ODD = PurePosixPath("/opt/it's a\nve\udcffnv/x.pth")
SHELLS = [["sh"], ["busybox", "sh"]]


@pytest.fixture(params=SHELLS, ids=" ".join)
def shell(request: pytest.FixtureRequest) -> list[str]:
    if shutil.which(request.param[0]) is None:
        pytest.skip(f"{request.param[0]} is not installed: restore.sh is not tried in it")
    return list(request.param)


def restore(machine: Machine, shell: list[str], *options: str, where: str = "") -> subprocess.CompletedProcess[str]:
    place = where or f"generations/{machine.store.numbers()[-1]}"
    command = [*shell, str(machine.state / place / "restore.sh"), "--root", str(machine.base), "--no-images"]
    return subprocess.run([*command, *options], check=False, capture_output=True, text=True, errors="replace")


def look(machine: Machine) -> dict[str, object]:
    """Everything but our state: kind, mode, content."""
    found: dict[str, object] = {}
    for path in machine.base.rglob("*"):
        if machine.state in (path, *path.parents):
            continue
        status = path.lstat()
        content = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None
        found[str(path)] = (status.st_mode, status.st_uid, content)
    return found


@pytest.fixture
def before(machine: Machine) -> dict[str, object]:
    machine.real(CONF).write_bytes(b"theirs\n")
    machine.real(CONF).chmod(0o640)
    machine.real(SHELL).symlink_to("the irs.sh")
    machine.real("/opt").mkdir()
    return look(machine)


@pytest.fixture
def used(machine: Machine, before: dict[str, object]) -> Machine:
    """Generation 1 replaces, removes and creates (also below an odd name); generation 2 changes some of it again."""
    first = machine.plan(regular(CONF, b"one\n"), FileState(SHELL), regular(HOOK, b"x = 1\n"), regular(ODD, b"odd\n"))
    commit(machine.store, first, Generation("apply"), replace_links=True)
    machine.apply(regular(CONF, b"two\n"), regular(SHELL, b"two\n"))
    return machine


def test_everything_is_as_before_us(used: Machine, before: dict[str, object], shell: list[str]) -> None:
    cache = used.real(HOOK.parent / "__pycache__")
    cache.mkdir()
    (cache / "__init__.cpython-311.pyc").write_bytes(b"compiled")
    done = restore(used, shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert look(used) == before
    assert f"put back {used.base}{CONF}\n" in done.stdout and f"remove {used.base}{HOOK}\n" in done.stdout
    again = restore(used, shell)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert look(used) == before


def test_a_dry_run_changes_nothing(used: Machine, shell: list[str]) -> None:
    now = look(used)
    done = restore(used, shell, "--dry-run")
    assert done.returncode == 0 and len(done.stdout.replace("\nve", "").splitlines()) == 4
    assert look(used) == now


def test_after_a_rollback_there_is_nothing_to_do(machine: Machine, before: dict[str, object], shell: list[str]) -> None:
    machine.apply(regular(HOOK, b"x = 1\n"))
    machine.apply(FileState(HOOK))
    done = restore(machine, shell)
    assert (done.returncode, done.stdout) == (0, "")
    assert look(machine) == before


def test_without_sha256sum_contents_are_compared(used: Machine, before: dict[str, object]) -> None:
    script = used.state / "generations/2/restore.sh"
    text = script.read_text(errors="surrogateescape")
    assert "command -v sha256sum" in text
    script.write_text(text.replace("command -v sha256sum", "false"), errors="surrogateescape")
    assert restore(used, ["sh"]).returncode == 0
    assert look(used) == before


def test_what_somebody_changed_is_refused_and_kept(used: Machine, before: dict[str, object], shell: list[str]) -> None:
    used.real(CONF).write_bytes(b"an edit\n")
    used.real(SHELL).unlink()
    used.real(SHELL).mkdir()
    now = look(used)
    refused = restore(used, shell)
    assert refused.returncode == 3
    assert f"{CONF} {SHELL}; --force" in refused.stderr
    assert look(used) == now
    done = restore(used, shell, "--force")
    assert done.returncode == 0
    saved = used.real(f"{CONF}.rdna-installer-saved")
    assert saved.read_bytes() == b"an edit\n"
    assert used.real(f"{SHELL}.rdna-installer-saved").is_dir()
    saved.unlink()
    used.real(f"{SHELL}.rdna-installer-saved").rmdir()
    assert look(used) == before


def test_a_damaged_copy_stops_it_before_anything_is_touched(used: Machine, shell: list[str]) -> None:
    for blob in (used.state / "generations/2/blobs").iterdir():
        if blob.read_bytes() == b"theirs\n":
            blob.write_bytes(b"their5\n")
    now = look(used)
    done = restore(used, shell)
    assert done.returncode == 1 and f"{CONF} is missing or damaged" in done.stderr
    assert look(used) == now


def test_an_older_generation_sends_to_the_newest(used: Machine, shell: list[str]) -> None:
    now = look(used)
    done = restore(used, shell, where="generations/1")
    assert done.returncode == 3 and "generations/2/restore.sh" in done.stderr
    assert look(used) == now


def test_a_link_that_leads_out_of_the_root_is_not_followed(used: Machine, shell: list[str], tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    shutil.move(used.real("/etc/modprobe.d"), outside)
    used.real("/etc/modprobe.d").symlink_to(outside)
    done = restore(used, shell, "--force")
    assert done.returncode == 3 and "leads out of" in done.stderr
    assert (outside / CONF.name).read_bytes() == b"two\n"


def test_the_wrong_user_is_refused(used: Machine, shell: list[str]) -> None:
    script = used.state / "generations/2/restore.sh"
    text = script.read_text(errors="surrogateescape")
    script.write_text(text.replace(f"main 2 {os.geteuid()} ", "main 2 4242 "), errors="surrogateescape")
    done = restore(used, shell)
    assert done.returncode == 3 and "as user 4242" in done.stderr


class Died(BaseException):
    """Stands for SIGKILL."""


@pytest.mark.parametrize("at", range(8))
def test_a_run_interrupted_anywhere_has_its_own(
    used: Machine, before: dict[str, object], monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """Staged, half swapped, or all in place: the transaction's directory carries a script for exactly that."""
    left = at
    with monkeypatch.context() as patch:
        patch.setattr(transaction, "_undo", lambda store, activate, err, code: err)
        real = durable.move

        def move(folder: object, old: str, new: str, into: object = None) -> None:
            nonlocal left
            # Those before it, of the state's own files, are no places to die at here: nothing is staged yet.
            if (used.state / "tx.new/undo.json").exists() or (used.state / "tx").exists():
                left -= 1
            if left < 0:
                raise Died
            real(folder, old, new, into)  # type: ignore[arg-type]

        patch.setattr(durable, "move", move)
        try:
            new = regular(PurePosixPath("/etc/new/x"), b"x\n")
            used.apply(regular(CONF, b"three\n"), FileState(HOOK), FileState(SHELL), new)
        except Died:
            pass
    (place,) = [name for name in ("tx", "tx.new") if (used.state / name).exists()] or ["generations/3"]
    done = restore(used, ["sh"], where=place)
    assert (done.returncode, done.stderr) == (0, "")
    assert look(used) == before


def test_an_empty_directory_that_will_not_go_is_named(used: Machine) -> None:
    script = used.state / f"generations/{used.store.numbers()[-1]}/restore.sh"
    text = script.read_text(errors="surrogateescape")
    assert text.count('rmdir "$folder" ') == 1
    script.write_text(text.replace('rmdir "$folder" ', 'false "$folder" '), errors="surrogateescape")
    done = restore(used, ["sh"])
    assert done.returncode == 0 and not used.real(HOOK).exists()
    assert f"not removed, though empty: {used.real(HOOK.parent)}" in done.stderr
