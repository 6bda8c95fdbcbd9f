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
from rdna_installer.plan.trial import OPTIONS_CONF, TRIAL_CONF

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


def test_no_path_can_speak_to_the_terminal(machine: Machine, shell: list[str]) -> None:
    evil = PurePosixPath("/opt/a\033]0;owned\007\ndone\u202e\\033/x.pth")
    machine.apply(regular(evil, b"x\n"))
    machine.real(evil).write_bytes(b"changed\n")
    refused = restore(machine, shell)
    assert refused.returncode == 3 and "somebody changed since" in refused.stderr
    forced = restore(machine, shell, "--force")
    assert forced.returncode == 0
    for said in (refused.stderr, forced.stderr, forced.stdout):
        assert len(said.splitlines()) == 1
        assert said.isascii() and said.rstrip("\n").isprintable()


def test_amdgpu_is_held_back_until_its_options_have_gone(machine: Machine, shell: list[str]) -> None:
    machine.apply(regular(TRIAL_CONF, b"hold\n"), regular(OPTIONS_CONF, b"options\n"), regular(SHELL, b"x\n"))
    removed = restore(machine, shell, "--dry-run").stdout.splitlines()
    assert removed[-1].endswith(str(TRIAL_CONF)) and len(removed) == 3


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
        patch.setattr(transaction, "_undo", lambda store, activate, err: err)
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


HOSTILE = PurePosixPath("/opt/v\n\x1b[2Jdone: forged\\033[31m\x9b\u202e/x.pth")


def test_names_are_printed_on_one_line_of_plain_ascii(machine: Machine, shell: list[str]) -> None:
    machine.apply(regular(HOSTILE, b"import x\n"))
    for options in (("--dry-run",), ()):
        done = restore(machine, shell, *options)
        assert done.returncode == 0, done
        lines = (done.stdout + done.stderr).split("\n")
        assert lines[0].startswith(f"remove {machine.base}/opt/v??[2Jdone: forged\\033[31m?"), lines
        assert all(line.isascii() and line.isprintable() for line in lines), lines


@pytest.mark.skipif(os.geteuid() != 0, reason="not root: nothing would be run as root")
@pytest.mark.parametrize("spoilt", ["usr/sbin/update-initramfs", "usr/sbin", "usr", "."])
def test_nothing_of_another_root_runs_that_others_can_change(
    machine: Machine, shell: list[str], before: dict[str, object], spoilt: str
) -> None:
    tool = machine.base / "usr/sbin/update-initramfs"
    tool.parent.mkdir(parents=True, exist_ok=True)
    tool.write_text("#!/bin/sh\ntouch /ran\n")
    tool.chmod(0o755)
    machine.apply(regular(CONF, b"ours\n"))
    command = [*shell, str(machine.state / "generations/1/restore.sh"), "--root", str(machine.base)]
    os.chown(machine.base / spoilt, 61234, 0)
    looked = subprocess.run([*command, "--dry-run"], check=False, capture_output=True, text=True)
    assert looked.returncode == 0 and "run update-initramfs -u -k all" in looked.stdout, looked
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 3 and "--no-images" in done.stderr, done
    assert machine.real(CONF).read_bytes() != b"theirs\n"
    assert restore(machine, shell).returncode == 0 and machine.real(CONF).read_bytes() == b"theirs\n"
