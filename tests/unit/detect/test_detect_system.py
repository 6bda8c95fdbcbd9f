"""Distribution, init, memory, boot, and the invoking user."""

from __future__ import annotations

import os
from pathlib import PurePosixPath

import distro
import pytest

from rdna_installer.detect import host
from rdna_installer.detect.host import Ask, detect
from rdna_installer.detect.users import invoking_user, user_of
from rdna_installer.machine.sysroot import Sysroot

DEBIAN = (
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\nHOME_URL="https://www.debian.org/"\n'
)
FEDORA = "NAME='Fedora Linux'\nVERSION_ID=41\nID=fedora\nVARIANT_ID=silverblue\n"
OSTREE = {"/usr/lib/os-release": FEDORA, "/sysroot/ostree/x": ""}


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"/etc/os-release": DEBIAN}, ("debian", "12", None)),
        ({"/usr/lib/os-release": FEDORA}, ("fedora", "41", None)),
        ({**OSTREE, "/usr/bin/rpm-ostree": ""}, ("fedora", "41", "rpm-ostree")),
        (OSTREE, ("fedora", "41", "bootc")),
        ({"/etc/os-release": "ID=nixos\nVERSION_ID=25.05\n"}, ("nixos", "25.05", "nixos")),
        ({"/etc/os-release": "ID=arch\n"}, ("arch", "unknown", None)),
        ({"/etc/os-release": DEBIAN, "/etc/kernel/install.conf": "# x\nlayout=uki\n"}, ("debian", "12", "uki")),
        ({"/etc/os-release": DEBIAN, "/etc/kernel/install.conf": "layout=bls\n"}, ("debian", "12", None)),
        ({"/etc/os-release": "ID='steamos'\nVERSION_ID=3.7\n"}, ("steamos", "3.7", "steamos")),
        ({"/etc/os-release": "ID=holoiso\n"}, ("holoiso", "unknown", "steamos")),
        ({"/etc/os-release": 'ID="a\\"b"\nVERSION_ID=\'x y\'\n'}, ('a"b', "x y", None)),
        ({"/etc/os-release": 'ID="unclosed\n\0\n=\nID\n'}, ("unknown", "unknown", None)),
        ({}, ("unknown", "unknown", None)),
    ],
)  # fmt: skip
def test_distro(tree, files, wanted) -> None:
    for path, content in files.items():
        tree.file(path, content)
    found = host.find_distro(tree.root)
    assert (found.id, found.version, host.find_immutable(tree.root)) == wanted


@pytest.mark.parametrize(
    ("link", "target", "systemd"),
    [
        ("/sbin/init", "/lib/systemd/systemd", True),
        ("/usr/sbin/init", "../lib/systemd/systemd", True),
        ("/sbin/init", "openrc-init", False),
        ("/sbin/init", "/lib/systemd/systemd-shim", False),
        (None, "", False),
    ],
)
def test_what_an_image_would_boot_with(tree, link, target, systemd) -> None:
    if link:
        tree.link(link, target)
    assert host.boots_with_systemd(tree.root) is systemd


def test_what_runs_says_so_itself(tree) -> None:
    tree.file("/run/systemd/system/x")
    assert host.boots_with_systemd(tree.root)


def test_nothing_of_the_running_system_is_taken_for_what_an_image_does_not_say(
    tree, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package looks through /etc for what os-release lacks."""
    here = tmp_path_factory.mktemp("etc")
    (here / "fedora-release").write_text("Fedora release 41 (Forty One)\n")
    monkeypatch.setattr(distro.distro, "_UNIXCONFDIR", str(here))
    tree.file("/etc/os-release", "NAME=x\n")
    found = host.find_distro(tree.root)
    assert (found.id, found.version) == ("unknown", "unknown")


def test_a_fifo_for_os_release_does_not_hang(tree) -> None:
    tree.file("/etc/x")
    os.mkfifo(tree.top / "etc/os-release")
    assert host.find_distro(tree.root).id == "unknown"


@pytest.mark.parametrize(
    ("link", "wanted"), [("/lib/systemd/systemd", "systemd"), ("openrc-init", "openrc-init"), (None, "unknown")]
)
def test_init_below_a_root(tree, link, wanted) -> None:
    if link:
        tree.link("/sbin/init", link)
    assert host.find_init(tree.root) == wanted


def test_memory_boot_and_command_line_below_a_root(tree) -> None:
    tree.file("/proc/meminfo", "MemTotal:       32768 kB\nMemFree: 1 kB\n")
    tree.file("/proc/cmdline", "quiet amdgpu.noretry=1\n")
    tree.file("/proc/sys/kernel/random/boot_id", "00000000-0000\n")
    assert host.ram_bytes(tree.root) == 32 * 1024 * 1024
    assert host.command_line(tree.root) == "quiet amdgpu.noretry=1"
    assert host.boot_id(tree.root) is None
    tree.file("/proc/self/x")
    assert host.command_line(tree.root) == "", "a mounted proc shows the machine we run on"


PASSWD = "root:x:0:0:root:/root:/bin/bash\nu:x:1000:1000:U,,,:/home/u:/usr/bin/zsh\nbad\nv:x:abc:1:::\nw:x:7:7::rel:\n"
GROUP = "root:x:0:\nu:x:1000:\nrender:x:105:v,u\nvideo:x:44:ux\n"


@pytest.fixture
def accounts(tree):
    tree.file("/etc/passwd", PASSWD)
    tree.file("/etc/group", GROUP)
    return tree.root


def test_a_user_as_the_files_describe_them(accounts) -> None:
    user = user_of(accounts, 1000)
    assert (user.gid, user.name, str(user.home), user.shell) == (1000, "u", "/home/u", "/usr/bin/zsh")
    assert user.groups == {"u", "render"}
    assert user.session_groups is None


def test_users_nobody_describes(accounts) -> None:
    assert user_of(accounts, 4242).home == PurePosixPath("/nonexistent")
    assert user_of(accounts, 7).home == PurePosixPath("/nonexistent"), "a relative home is none"


@pytest.mark.parametrize(
    ("euid", "sudo", "wanted"),
    [
        (0, "1000", 1000),
        (0, None, 0),
        (0, "0", 0),
        (0, "-1", 0),
        (0, "x" * 99, 0),
        (0, "٣", 0),
        (1000, "0", 1000),
        (1000, "7", 1000),
    ],
)
def test_sudo_counts_for_root_only(accounts, monkeypatch, euid, sudo, wanted) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: euid)
    if sudo is None:
        monkeypatch.delenv("SUDO_UID", raising=False)
    else:
        monkeypatch.setenv("SUDO_UID", sudo)
    assert invoking_user(accounts).uid == wanted


def test_the_session_knows_its_own_groups(monkeypatch) -> None:
    monkeypatch.delenv("SUDO_UID", raising=False)
    user = invoking_user(Sysroot("/"))
    assert user.session_groups is not None
    monkeypatch.setenv("SUDO_UID", "1000")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert invoking_user(Sysroot("/")).session_groups is None


def test_an_empty_root_has_facts_too(tree) -> None:
    tree.top.mkdir()
    facts = detect(tree.root, Ask(gfx="gfx1010", rocm="6.2"))
    assert [gpu.gfx for gpu in facts.gpus] == ["gfx1010"]
    assert [r.version for r in facts.rocm] == ["6.2"]
    assert (facts.sites, facts.kernels, facts.ram_bytes, facts.live) == ((), (), None, False)


def test_the_live_root_has_facts(monkeypatch) -> None:
    facts = detect(Sysroot("/"), Ask())
    assert facts.live
    assert facts.running_kernel == os.uname().release


def test_the_whole_answer_is_the_same_whatever_the_environment_says(tree, monkeypatch) -> None:
    tree.gpu_node(1, 100100, 0x731F, location_id=0x300, domain=0)
    before = detect(tree.root, Ask())
    for name in ("HSA_OVERRIDE_GFX_VERSION", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "ROCM_PATH"):
        monkeypatch.setenv(name, "10.3.0")
    assert detect(tree.root, Ask()) == before
