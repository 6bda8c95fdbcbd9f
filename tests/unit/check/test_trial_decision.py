"""Where new kernel options are put on trial, and in which order the files of a trial come and go."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath

import pytest
from check_samples import facts, generation, managed

from rdna_installer.model import (
    Change,
    ChangeKind,
    FileState,
    Initramfs,
    InitramfsTool,
    ModprobeNote,
    TrialWish,
    regular,
)
from rdna_installer.plan.trial import OPTIONS_CONF, TRIAL_CONF, decide, notes, running, safe_order, touches

TOOLS = InitramfsTool
THEIRS = ModprobeNote("amdgpu", "blacklist", "blacklist amdgpu", "/etc/modprobe.d/vfio.conf:1")
OURS = replace(THEIRS, source=f"{TRIAL_CONF}:7")


@pytest.mark.parametrize(
    ("wish", "systemd", "tool", "note", "on", "refused"),
    [
        ("auto", True, TOOLS.INITRAMFS_TOOLS, None, True, False),
        ("on", True, TOOLS.INITRAMFS_TOOLS, OURS, True, False),
        ("auto", True, TOOLS.NONE, None, True, False),
        ("off", True, TOOLS.INITRAMFS_TOOLS, None, False, False),
        ("off", True, TOOLS.DRACUT, None, False, False),
        ("auto", False, TOOLS.INITRAMFS_TOOLS, None, False, False),
        ("auto", False, TOOLS.DRACUT, None, False, False),
        ("on", False, TOOLS.INITRAMFS_TOOLS, None, False, True),
        ("auto", True, TOOLS.DRACUT, None, False, True),
        ("auto", True, TOOLS.MKINITCPIO, None, False, True),
        ("auto", True, TOOLS.UNKNOWN, None, False, True),
        ("auto", True, TOOLS.INITRAMFS_TOOLS, THEIRS, False, False),
        ("on", True, TOOLS.INITRAMFS_TOOLS, THEIRS, False, True),
    ],
)
def test_where(
    wish: str, systemd: bool, tool: InitramfsTool, note: ModprobeNote | None, on: bool, refused: bool
) -> None:
    seen = facts(systemd=systemd, initramfs=Initramfs(tool), modprobe_notes=(note,) if note else ())
    found = decide(TrialWish(wish), seen, None)
    assert (found.on, found.refusal is not None) == (on, refused)
    assert found.on or found.why or found.refusal
    if found.refusal:
        assert "--trial off" in (found.refusal.hint or "")


def test_a_running_trial_goes_on_until_it_is_told_to_end() -> None:
    current = generation(managed=(managed(TRIAL_CONF),))
    assert running(current) and not running(generation(managed=(managed(TRIAL_CONF, None),))) and not running(None)
    away = facts(systemd=True, modprobe_notes=(replace(THEIRS, source="kernel command line"),))
    assert decide(TrialWish.AUTO, away, current).on
    assert not decide(TrialWish.OFF, away, current).on


def change(path: PurePosixPath, there: bool) -> Change:
    after = regular(path, b"x") if there else FileState(path)
    kind = ChangeKind.CREATE if there else ChangeKind.REMOVE
    return Change(path, kind, "", FileState(path), after)


def test_amdgpu_is_held_before_the_options_come_and_until_they_have_gone() -> None:
    other = PurePosixPath("/etc/profile.d/rdna-installer.sh")
    paths = (OPTIONS_CONF, other, TRIAL_CONF)
    coming = [c.path for c in safe_order(change(p, True) for p in paths)]
    going = [c.path for c in safe_order(change(p, False) for p in reversed(paths))]
    assert coming[0] == TRIAL_CONF and going[-1] == TRIAL_CONF and len(coming) == len(going) == 3


def test_only_what_comes_is_tried() -> None:
    assert touches([change(OPTIONS_CONF, True)]) and touches([change(TRIAL_CONF, True)])
    assert not touches([change(OPTIONS_CONF, False), change(PurePosixPath("/etc/x"), True)])


def test_the_switch_left_on_the_command_line_is_named() -> None:
    tried = decide(TrialWish.AUTO, facts(systemd=True), None)
    switched = facts(systemd=True, cmdline="quiet rdna_installer=off")
    assert notes(tried, facts(systemd=True), [change(OPTIONS_CONF, True)]) == ()
    assert "rdna_installer=off" in notes(tried, switched, [change(OPTIONS_CONF, True)])[0]
