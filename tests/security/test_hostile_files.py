"""A venv owner who puts everything but files where root looks: nothing of root's is read, written or given away."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile import APPLY, Machine, mount, own_mounts, remove, sample, squashed

pytestmark = pytest.mark.processes

SITE = "venv/lib/python3.11/site-packages"
STATE = ".local/state/rdna-installer"


def link(target: str) -> Callable[[Machine, Path], None]:
    def make(machine: Machine, path: Path) -> None:
        path.symlink_to(target)
        machine.as_sam(path)

    return make


def link_inside(target: str) -> Callable[[Machine, Path], None]:
    return lambda machine, path: link(str(machine.root) + target)(machine, path)


def hard_link(machine: Machine, path: Path) -> None:
    os.link(machine.shadow, path)


def fifo(machine: Machine, path: Path) -> None:
    os.mkfifo(path, 0o666)
    machine.as_sam(path)


def device(machine: Machine, path: Path) -> None:
    os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 5))
    machine.as_sam(path)


def huge(machine: Machine, path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(1 << 40)
    machine.as_sam(path)


def folder(machine: Machine, path: Path) -> None:
    path.mkdir()
    (path / "mine").write_bytes(b"sam's")
    machine.as_sam(path / "mine")
    machine.as_sam(path)


def garbage(machine: Machine, path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00{" * 500)
    machine.as_sam(path)


THINGS = {
    "link to shadow": link("/etc/shadow"),
    "link to the real root's shadow": link_inside("/etc/shadow"),
    "link to a private folder": link("/etc/private"),
    "link up and out": link("../../../../../../../../../../etc/shadow"),
    "circle": lambda machine, path: link(path.name)(machine, path),
    "hard link": hard_link,
    "fifo": fifo,
    "device": device,
    "huge file": huge,
    "folder": folder,
    "garbage": garbage,
}
PLACES = (
    f"{SITE}/rdna_hook.pth",
    f"{SITE}/_rdna_hook",
    f"{SITE}/torch/version.py",
    "venv/pyvenv.cfg",
    f"{STATE}/format",
    f"{STATE}/current.json",
    f"{STATE}/lock",
    f"{STATE}/log",
    f"{STATE}/generations",
    STATE,
)


@pytest.mark.parametrize(("thing", "place"), sample([(t, p) for t in THINGS for p in PLACES], 22))
def test_whatever_lies_there(machine: Machine, thing: str, place: str) -> None:
    path = machine.root / "home/sam" / place
    if place.startswith(STATE):
        made = machine.run(*APPLY)
        assert made.code == 0, made
        machine.system = machine.outside()
    remove(path)
    THINGS[thing](machine, path)
    for command in (("status",), (*APPLY, "--overwrite"), ("rollback", "--yes", "--overwrite"), ("recover",)):
        machine.run(*command)
        machine.unharmed()
    assert machine.rootless() == []


@pytest.mark.parametrize("folder_of", ["venv/lib", SITE, "venv", ".local"])
def test_a_folder_swapped_for_a_link_between_two_commands(machine: Machine, folder_of: str) -> None:
    assert machine.run(*APPLY).code == 0
    path = machine.root / "home/sam" / folder_of
    path.rename(path.with_name("aside"))
    path.symlink_to("/etc/private")
    machine.as_sam(path)
    applied = machine.outside()
    for command in (("rollback", "--yes"), ("uninstall", "--yes"), (*APPLY, "--overwrite"), ("recover",), ("verify",)):
        done = machine.run(*command)
        machine.unharmed()
        assert machine.outside() in (applied, machine.system), done
    assert machine.rootless() == []


CONF = "etc/modprobe.d/rdna-installer.conf"


def test_an_immutable_file_undoes_all(machine: Machine) -> None:
    conf = machine.root / CONF
    conf.write_bytes(b"# theirs\n")
    if subprocess.run(["chattr", "+i", conf], capture_output=True, check=False).returncode:
        pytest.skip("this file system has no immutable files")
    try:
        before = machine.outside()
        done = machine.run(*APPLY, "--overwrite")
        assert done.code in (1, 3) and "lsattr" in done.said, done
        assert machine.outside() == before
        assert machine.run("recover").code == 0
    finally:
        subprocess.run(["chattr", "-i", conf], check=True)


def test_a_file_that_became_immutable_later(machine: Machine) -> None:
    assert machine.run(*APPLY).code == 0
    conf = machine.root / CONF
    if subprocess.run(["chattr", "+i", conf], capture_output=True, check=False).returncode:
        pytest.skip("this file system has no immutable files")
    try:
        before = machine.outside()
        done = machine.run("rollback", "--yes")
        assert done.code in (1, 3) and "lsattr" in done.said, done
        assert machine.outside() == before
    finally:
        subprocess.run(["chattr", "-i", conf], check=True)
    assert machine.run("rollback", "--yes").code == 0
    assert machine.outside() == machine.system


def test_a_bind_mount_over_a_target(machine: Machine) -> None:
    assert machine.run(*APPLY).code == 0
    conf, before = machine.root / CONF, machine.outside()
    other = machine.root / "var/other"
    other.write_bytes(conf.read_bytes())

    def bind() -> None:
        own_mounts()
        mount("--bind", other, conf)

    done = machine.run("rollback", "--yes", before=bind)
    assert done.code in (1, 3), done
    other.unlink()
    assert machine.outside() == before
    assert machine.run("rollback", "--yes").code == 0
    assert machine.outside() == machine.system


def test_state_and_targets_on_different_file_systems(machine: Machine) -> None:
    def work() -> None:
        own_mounts()
        for place in ("var/lib", "etc/profile.d", "home/sam/.local"):
            target = machine.root / place
            target.mkdir(exist_ok=True)
            mount("-t", "tmpfs", "none", target)
            if place.startswith("home"):
                machine.as_sam(target)
        first = machine.run(*APPLY)
        assert first.code == 0, first
        assert (machine.root / CONF).exists()
        again = machine.run("rollback", "--yes")
        assert again.code == 0, again
        assert not (machine.root / CONF).exists()

    machine.run("status", before=work)
    assert not (machine.root / CONF).exists()


@pytest.mark.parametrize("name", [b"a\nb", b"\xff\xfe", b"\x1b[2Jx", b"--root", b"a b'\"$(id)"])
def test_names_that_are_no_text(machine: Machine, name: bytes) -> None:
    """In every directory we list, and as a venv."""
    for place in ("etc/modprobe.d", "home/sam", f"home/sam/{SITE}", "lib/modules", "etc/environment.d", "opt"):
        made = Path(os.fsdecode(os.fsencode(machine.root / place) + b"/" + name))
        made.parent.mkdir(exist_ok=True)
        made.mkdir() if place in ("home/sam", "lib/modules") else made.write_bytes(b"options amdgpu dc=1\n")
    conf = os.fsencode(machine.root / "etc/modprobe.d") + b"/" + name + b".conf"
    Path(os.fsdecode(conf)).write_bytes(b"options amdgpu noretry=0 x=\xff\n")
    venv = Path(os.fsdecode(os.fsencode(machine.root / "home/sam") + b"/v" + name))
    (machine.root / "home/sam/venv").rename(venv)
    for command in ("detect", "plan", "apply", "status", "recover"):
        options = ("--python", "/home/sam/" + venv.name) if command in ("plan", "apply") else ()
        done = machine.run(command, *options, *(("--yes",) if command == "apply" else ()))
        assert "\x1b" not in done.said
    machine.unharmed()


def test_nothing_but_the_file_is_taken_from_a_hard_link(machine: Machine) -> None:
    """Root's own file that is a hard link of another: replaced by name, the other name keeps all it had."""
    other = machine.root / "etc/other"
    other.write_bytes(b"theirs\n")
    other.chmod(0o640)
    os.link(other, machine.root / CONF)
    assert machine.run(*APPLY, "--overwrite").code == 0
    assert (other.read_bytes(), other.stat().st_mode & 0o777) == (b"theirs\n", 0o640)
    assert machine.run("rollback", "--yes").code == 0
    assert other.read_bytes() == (machine.root / CONF).read_bytes() == b"theirs\n"


def test_a_home_that_is_gone(machine: Machine) -> None:
    """Not mounted: what is root's still goes back, and the message says what does not."""
    assert machine.run(*APPLY).code == 0
    home = machine.root / "home/sam"
    home.rename(home.with_name("elsewhere"))
    applied = machine.outside()
    for command in (("status",), ("rollback", "--yes"), ("recover",)):
        machine.run(*command)
    assert machine.outside() in (applied, machine.system)


def test_a_home_where_root_may_do_nothing(machine: Machine) -> None:
    """Root-squashed NFS: nothing is begun there, and what was done goes back by the rights of its owner."""
    (machine.root / "home/sam").chmod(0o700)
    refused = machine.run(*APPLY, before=squashed)
    assert refused.code == 3 and "[no-permission]" in refused.said, refused
    assert machine.outside() == machine.system
    assert machine.run(*APPLY).code == 0
    for command in (("status",), ("rollback", "--yes"), ("recover",)):
        done = machine.run(*command, before=squashed)
        assert done.code == 0, done
    assert machine.outside() == machine.system
    assert not (machine.site / "rdna_hook.pth").exists()
