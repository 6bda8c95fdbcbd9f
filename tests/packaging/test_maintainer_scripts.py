"""The package's scripts by themselves, on a real root: quick, without a built package."""

from __future__ import annotations

import errno
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import debian_root
import pytest
import strange_fs
from debian_machine import CHECKOUT, ENVIRONMENT, Machine

pytestmark = pytest.mark.system

SCRIPTS = f"{CHECKOUT}/packaging/debian/rdna-installer"
STATE = "/var/lib/rdna-installer"
LAYER = ".local/state/rdna-installer/current.json"
MOST = 30.0  # seconds; one home that hangs is given two
EVIL = "\033]0;owned\007"


@pytest.fixture
def plain() -> Iterator[Machine]:
    if why := debian_root.missing():
        pytest.skip(why)
    with debian_root.scratch_root(debian_root.INITRAMFS_TOOLS) as root:
        machine = Machine(root)
        for name in ("user-a", "user-z"):
            with_layer(machine, name)
        yield machine


def account(machine: Machine, name: str, home: str) -> tuple[Path, int]:
    """A user, made by hand: useradd would refuse some of them."""
    with machine.path("/etc/passwd").open("a") as file:
        uid = 2000 + machine.path("/etc/passwd").read_text().count("\n")
        file.write(f"{name}:x:{uid}:{uid}::{home}:/bin/sh\n")
    return machine.path(home), uid


def with_layer(machine: Machine, name: str, home: str = "") -> None:
    folder, uid = account(machine, name, home or f"/home/{name}")
    (folder / LAYER).parent.mkdir(parents=True)
    (folder / LAYER).write_text("{}\n")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, uid, uid)
    folder.chmod(0o700)


def purge(machine: Machine) -> str:
    """What is said; it must end by itself, well, and soon."""
    script = subprocess.Popen(
        machine.argv("sh", f"{SCRIPTS}.postrm", "purge", cwd="/"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=ENVIRONMENT,
    )
    start = time.monotonic()
    try:
        said, _ = script.communicate(timeout=MOST)
    except subprocess.TimeoutExpired:
        script.kill()
        pytest.fail(f"still running after {time.monotonic() - start:.0f} s")
    assert script.returncode == 0, said
    return said.decode()


def named(said: str) -> list[str]:
    return [line.split(" of ")[1].split(" is ")[0] for line in said.splitlines() if "the Python layer of " in line]


def test_who_has_a_layer_is_named_with_a_command_that_works(plain: Machine) -> None:
    account(plain, "user-b", "/home/user-b")
    said = purge(plain)
    assert named(said) == ["user-a", "user-z"]
    assert "cd ~/.local/state/rdna-installer && n=$(ls generations" in said and 'rm -r "$PWD"' in said


@pytest.mark.parametrize("error", [0, errno.EIO, errno.EACCES, errno.ENOENT, errno.ELOOP, errno.ESTALE])
def test_a_home_that_hangs_or_fails_is_left_out_and_the_rest_done(plain: Machine, error: int) -> None:
    home, _ = account(plain, "user-h", "/net/user-h")
    plain.path(STATE).mkdir()
    with_layer(plain, "user-i")
    with strange_fs.mounted(home, error):
        said = purge(plain)
    assert named(said) == ["user-a", "user-z", "user-i"]
    assert not plain.path(STATE).exists()


def test_only_the_user_looks_into_his_home(plain: Machine) -> None:
    """Root would find out for him what is where he may not look."""
    home, uid = account(plain, "user-l", "/home/user-l")
    home.mkdir()
    plain.path("/root/state/rdna-installer").mkdir(parents=True)
    plain.path("/root/state/rdna-installer/current.json").touch()
    plain.path("/root").chmod(0o700)
    (home / ".local").symlink_to("/root")
    os.chown(home, uid, uid)
    assert named(purge(plain)) == ["user-a", "user-z"]


def test_no_name_or_home_can_speak_to_the_terminal(plain: Machine) -> None:
    with_layer(plain, "user-e", f"/home/{EVIL}")
    with_layer(plain, f"u{EVIL}\u202e", "/home/named")
    said = purge(plain)
    assert len(named(said)) == 4
    assert said.replace("\n", "").isprintable() and said.isascii()


FAKE = r"""#!/bin/sh
# rdna-installer of a machine whose trial has not been booted with
case $1 in
    confirm)
        echo 'error: the new kernel options have not been booted with yet [not-booted]' >&2
        echo '  do:    reboot first' >&2
        exit 3
        ;;
    rollback)
        echo 'next: then `sudo rdna-installer verify`' >&2
        [ ! -e /srv/stuck ] || { echo 'error: no space [disk-full]' >&2; exit 1; }
        rm -f /etc/modprobe.d/rdna-installer-trial.conf
        ;;
esac
"""


@pytest.fixture
def on_trial(plain: Machine) -> Machine:
    command = plain.path("/usr/bin/rdna-installer")
    command.write_text(FAKE)
    command.chmod(0o755)
    for number in (0, 1):
        plain.path(f"{STATE}/generations/{number}").mkdir(parents=True)
    plain.path("/etc/modprobe.d/rdna-installer-trial.conf").write_text("blacklist amdgpu\n")
    return plain


def test_removed_during_a_trial_it_says_what_it_does_and_no_more(on_trial: Machine) -> None:
    """No error that is none, and no advice to run what is being removed."""
    done = on_trial.run("sh", f"{SCRIPTS}.prerm", "remove")
    assert done.returncode == 0, done.stderr
    assert not on_trial.path("/etc/modprobe.d/rdna-installer-trial.conf").exists()
    assert "which ends now" in done.stderr and "rolled back" in done.stderr
    assert [words for words in ("error:", "next:", "reboot first", "sudo rdna-installer") if words in done.stderr] == []


def test_what_goes_wrong_then_is_said(on_trial: Machine) -> None:
    on_trial.path("/srv/stuck").touch()
    done = on_trial.run("sh", f"{SCRIPTS}.prerm", "remove")
    assert done.returncode == 1
    assert "no space [disk-full]" in done.stderr and "not removed, because" in done.stderr
