"""/dev/kfd, render nodes, KFD nodes and groups, on made-up /dev and /proc."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest
from check_samples import ME, NAVI10, facts, put

from rdna_installer.check import device
from rdna_installer.check.device import check_device, session_groups
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, HostFacts, ModuleState, Status, User

RENDER = 993
GROUPS = f"root:x:0:\nvideo:x:44:\nrender:x:{RENDER}:ann\n"
NOBODY = replace(ME, uid=65534, gid=65534, groups=frozenset({"nogroup"}))
KFD, NODE = "device:kfd", "device:render:renderD128"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to groups")


def look(root: Path, user: User, host: HostFacts | None = None) -> dict[str, Check]:
    checks = list(check_device(host or facts(), Sysroot(root), user))
    assert len({c.id for c in checks}) == len(checks)
    return {c.id: c for c in checks}


def devices(root: Path, mode: int = 0o660, group: int = RENDER) -> None:
    """/dev as udev makes it, plain files in place of devices."""
    put(root, "/etc/group", GROUPS)
    for path in ("/dev/kfd", "/dev/dri/renderD128"):
        os.chown(put(root, path, "", mode), 0, group)


def session(root: Path, uid: int, *groups: int) -> None:
    """sudo's process chain: ourselves as root, below a shell of the user."""
    put(root, "/proc/self/status", "Name:\trdna\nPPid:\t20\nUid:\t0\t0\t0\t0\nGroups:\t0\n")
    put(root, "/proc/20/status", "Name:\tsudo\nPPid:\t10\nUid:\t0\t0\t0\t0\nGroups:\t0\n")
    numbers = " ".join(map(str, groups))
    put(
        root,
        "/proc/10/status",
        f"Name:\tbash\nPPid:\t1\nUid:\t{uid}\t0\t0\t0\nGid:\t{uid}\t0\t0\t0\nGroups:\t{numbers}\n",
    )


@needs_root
@pytest.mark.parametrize(
    ("mode", "group", "member", "in_session", "status", "hint"),
    [
        (0o660, RENDER, True, (65534, RENDER), Status.OK, ""),
        (0o660, RENDER, True, (65534,), Status.FAILED, "log out and in again"),
        (0o660, RENDER, False, (65534,), Status.FAILED, ": sudo usermod -aG render,video ann"),
        (0o666, RENDER, False, (65534,), Status.OK, ""),
        (0o600, 0, True, (65534,), Status.FAILED, "udev rule"),
        (0o660, 0, True, (0,), Status.FAILED, "udev rule"),
        (0o660, 4242, True, (65534,), Status.FAILED, "--group-add 4242"),
        (0o660, 44, False, (65534,), Status.FAILED, ": sudo usermod -aG render,video ann"),
    ],
)
def test_access(
    public_tmp: Path, mode: int, group: int, member: bool, in_session: tuple[int, ...], status: Status, hint: str
) -> None:
    devices(public_tmp, mode, group)
    session(public_tmp, NOBODY.uid, *in_session)
    user = replace(NOBODY, groups=frozenset({"render"} if member else ()))
    checks = look(public_tmp, user)
    assert {checks[KFD].status, checks[NODE].status} == {status}
    assert hint in str(checks[KFD].hint)


@needs_root
def test_session_unknown_means_the_group_file_counts(public_tmp: Path) -> None:
    devices(public_tmp)
    assert look(public_tmp, replace(NOBODY, groups=frozenset({"render"})))[KFD].status is Status.OK


@pytest.mark.parametrize(
    ("error", "words"),
    [(errno.ENXIO, "no driver answers (No such device or address)"), (errno.EPERM, "--device /dev/kfd")],
)
def test_what_is_no_matter_of_modes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int, words: str) -> None:
    devices(tmp_path)
    monkeypatch.setattr("rdna_installer.machine.asuser.refusal", lambda *_: error)
    checks = look(tmp_path, replace(NOBODY, groups=frozenset({"render"})))
    assert {checks[KFD].status, checks[NODE].status} == {Status.FAILED}
    assert words in str(checks[NODE].hint)


def test_asking_as_the_user_can_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "/dev/kfd", "")

    def refuse(*args: object) -> bool:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("rdna_installer.machine.asuser.refusal", refuse)
    assert look(tmp_path, NOBODY)[KFD].status is Status.UNKNOWN


@pytest.mark.parametrize(("loaded", "words"), [(True, "--device /dev/kfd"), (False, "amdgpu is not loaded")])
def test_no_device(tmp_path: Path, loaded: bool, words: str) -> None:
    checks = look(tmp_path, ME, facts(amdgpu=ModuleState(loaded, False, None, {})))
    assert (checks[KFD].status, checks[NODE].status) == (Status.FAILED, Status.FAILED)
    assert words in str(checks[KFD].hint)


def test_kfd_alone_proves_nothing(tmp_path: Path) -> None:
    put(tmp_path, "/dev/kfd", "")
    host = facts(gpus=(replace(NAVI10, kfd_node=None),))
    checks = look(tmp_path, ME, host)
    assert (checks[KFD].status, checks["device:gpu:0000:03:00.0"].status) == (Status.OK, Status.FAILED)


def test_integrated_gpu_without_a_node_is_no_failure_beside_a_usable_one(tmp_path: Path) -> None:
    beside = replace(NAVI10, gfx="gfx1036", pci="0000:0e:00.0", kfd_node=None, integrated=True, render_minor=None)
    assert look(tmp_path, ME, facts(gpus=(NAVI10, beside)))["device:gpu:0000:0e:00.0"].status is Status.NOT_APPLICABLE
    assert look(tmp_path, ME, facts(gpus=(beside,)))["device:gpu:0000:0e:00.0"].status is Status.FAILED


def test_hidden_nodes_are_named(tmp_path: Path) -> None:
    check = look(tmp_path, ME, facts(gpus=(), hidden_nodes=8))["device:gpu"]
    assert (check.status, "8 KFD nodes cannot be read" in str(check.hint)) == (Status.FAILED, True)


def test_no_render_node(tmp_path: Path) -> None:
    checks = look(tmp_path, ME, facts(gpus=(replace(NAVI10, render_minor=None),)))
    assert checks["device:render"].status is Status.FAILED


def test_below_a_root(tmp_path: Path) -> None:
    assert [(i, c.status) for i, c in look(tmp_path, ME, facts(live=False)).items()] == [(KFD, Status.NOT_APPLICABLE)]


class TestSessionGroups:
    def test_through_sudo(self, tmp_path: Path) -> None:
        session(tmp_path, 1000, 44, 1000)
        assert session_groups(Sysroot(tmp_path), 1000) == {44, 1000}

    def test_nobody_of_that_user_above(self, tmp_path: Path) -> None:
        session(tmp_path, 1000)
        put(tmp_path, "/proc/1/status", "PPid:\t0\nUid:\t0\t0\t0\t0\n")
        assert session_groups(Sysroot(tmp_path), 1001) is None

    @pytest.mark.parametrize("text", ["", "PPid:\n", "Uid:\n", "PPid:\tself\n", "PPid:\t../../etc\n"])
    def test_rubbish_ends(self, tmp_path: Path, text: str) -> None:
        put(tmp_path, "/proc/self/status", text)
        assert session_groups(Sysroot(tmp_path), 1000) is None

    def test_ourselves(self) -> None:
        assert session_groups(Sysroot(), os.getuid()) == {*os.getgroups(), os.getgid()}


def test_the_rule_is_what_udev_reads() -> None:
    assert {rule.count('"') for rule in device.RULES.values()} == {8}
