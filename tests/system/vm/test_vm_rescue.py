"""Options that must not stay: they keep amdgpu from loading, crash the machine, or are switched off by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from guest import Guest
from stages import APPLY, CONF, DEFAULTS, IMAGE, OPTIONS, TRIAL_CONF, Stage, Stages, image_names, parameters

pytestmark = [pytest.mark.vm, pytest.mark.system]
BAD = "options amdgpu noretry=banana\n"


def force(guest: Guest, folder: Path) -> None:
    """Put a value into our file that the proof would have refused: a driver that does not load."""
    bad = folder / "bad.conf"
    bad.write_text(BAD)
    guest.disk.write(bad, CONF)


def crash_at_load(guest: Guest) -> None:
    """amdgpu into the initramfs, and with it the panic that an option brings."""
    guest.must("cp /lab/crash.rules /etc/udev/rules.d/ && echo amdgpu >>/etc/initramfs-tools/modules")
    guest.must("install -m 755 /lab/crash-hook /etc/initramfs-tools/hooks/lab-crash")


def assert_rolled_back(guest: Guest) -> None:
    """Nothing of ours sets an option any more, here or in the image; and that lasts over the next boot."""
    assert guest.run(f"ls {CONF} {CONF.replace('.conf', '-trial.conf')} 2>/dev/null")[1] == ""
    assert image_names(guest) == []
    guest.reboot()
    guest.wait_console("rdna-installer: boot check: ok")
    assert parameters(guest) == DEFAULTS
    assert "trial boot" not in guest.console()
    status = json.loads(guest.must("rdna-installer status --json 2>/dev/null"))
    assert status["trial"] is None, status


def assert_rollback_keeps_them_out(guest: Guest) -> None:
    """What was taken out does not come back by the command that people type next: nor typed twice, nor at a boot."""
    guest.must("rdna-installer rollback --yes", IMAGE)  # the rest of that change: the environment
    assert guest.run("test -e /etc/environment.d/60-rdna-installer.conf")[0] == 1
    said = guest.must("rdna-installer rollback --yes", IMAGE)
    assert "nothing to go back to" in said, said
    assert guest.run(f"ls {CONF} {TRIAL_CONF} 2>/dev/null")[1] == ""
    assert image_names(guest) == []
    guest.reboot()
    guest.wait_console("rdna-installer: boot check: ok")
    assert parameters(guest) == DEFAULTS
    assert "trial boot" not in guest.console()


def test_d_driver_that_does_not_load(stages: Stages, new_guest: Callable[[Stage], Guest], tmp_path: Path) -> None:
    guest = new_guest(stages.applied())
    force(guest, tmp_path)
    for number in (1, 2):
        guest.boot()
        guest.wait_console(f"rdna-installer: trial boot {number} of 2")
        guest.wait_console("rdna-installer: amdgpu did not load")
        guest.wait_console("rdna-installer: boot check: failed")
        assert parameters(guest) == {}
        guest.shut_down()
    guest.boot()
    guest.wait_console("rdna-installer: 2 boots were not confirmed: the new options are taken out")
    assert parameters(guest) == DEFAULTS
    guest.wait_console("rdna-installer: boot check: rolled-back", IMAGE)
    assert_rolled_back(guest)
    assert_rollback_keeps_them_out(guest)


def test_d1_load_whose_end_nobody_saw(stages: Stages, new_guest: Callable[[Stage], Guest], tmp_path: Path) -> None:
    """modprobe is killed after the module has come up: all options are in force, and that proves nothing."""
    guest = new_guest(stages.applied())
    modprobe = tmp_path / "modprobe"
    modprobe.write_text('#!/bin/sh\n/sbin/modprobe "$@" || exit\n[ "$1" != --ignore-install ] || kill -9 $$\n')
    modprobe.chmod(0o755)
    guest.disk.write(modprobe, "/usr/local/sbin/modprobe")
    guest.boot()
    guest.wait_console("rdna-installer: boot check: failed")
    assert parameters(guest) == OPTIONS
    assert "modprobe signal 9" in guest.console()
    status = json.loads(guest.must("rdna-installer status --json 2>/dev/null"))
    assert status["trial"]["boots"] == 1 and status["boot"]["outcome"] == "failed", status


@pytest.mark.parametrize("end", ["reboots", "hangs"])
def test_d2_crash_at_load_before_root(stages: Stages, new_guest: Callable[[Stage], Guest], end: str) -> None:
    """amdgpu is in the initramfs; the machine panics as soon as amdgpu runs with vm_fragment_size=9.

    Without the trial that would be before root is mounted, in every boot. With panic=0 it stays as it is until somebody
    switches it off.
    """
    guest = new_guest(stages.installed())
    guest.boot()
    crash_at_load(guest)
    guest.must(APPLY, IMAGE)
    guest.shut_down()
    words = ["panic=0"] if end == "hangs" else []
    for number in (1, 2):
        guest.start(*words)
        guest.wait_console(f"rdna-installer: trial boot {number} of 2")
        if end == "hangs":
            guest.wait_console("Kernel panic")
            guest.cut()
        else:
            guest.wait_off()
        assert "sysrq triggered crash" in guest.console()
    guest.boot(*words)
    guest.wait_console("rdna-installer: 2 boots were not confirmed: the new options are taken out")
    assert parameters(guest) == DEFAULTS
    guest.wait_console("rdna-installer: boot check: rolled-back", IMAGE)
    assert_rolled_back(guest)


def test_d3_the_crash_is_one_without_a_trial(stages: Stages, new_guest: Callable[[Stage], Guest]) -> None:
    """What d2 rests on: without the trial this machine panics before root is mounted; rdna_installer=off saves it."""
    guest = new_guest(stages.installed())
    guest.boot()
    crash_at_load(guest)
    guest.must(f"{APPLY} --trial off", IMAGE)
    guest.shut_down()
    guest.start()
    guest.wait_off()
    assert "sysrq triggered crash" in guest.console() and "systemd[1]" not in guest.console()
    guest.boot("rdna_installer=off")
    assert parameters(guest) == DEFAULTS
    guest.wait_console("rdna-installer: boot check: rescued", IMAGE)
    assert_rolled_back(guest)


@pytest.mark.parametrize("state", ["confirmed", "confirmed, bad value", "on trial", "on trial, bad value"])
def test_e_switched_off_in_the_boot_menu(
    stages: Stages, new_guest: Callable[[Stage], Guest], tmp_path: Path, state: str
) -> None:
    guest = new_guest(stages.applied() if "trial" in state else stages.confirmed())
    if "bad" in state:
        force(guest, tmp_path)
    guest.boot("rdna_installer=off")
    assert parameters(guest) == DEFAULTS
    guest.wait_console("rdna-installer: boot check: rescued", IMAGE)
    assert_rolled_back(guest)
    assert_rollback_keeps_them_out(guest)
