"""What a real reboot shows: options in force and confirmed; a stale image; somebody else's options."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from guest import Guest
from stages import CONF, IMAGE, OPTIONS, TRIAL_CONF, Stage, Stages, checks, image_names, parameters

pytestmark = [pytest.mark.vm, pytest.mark.system]
FOREIGN = "options amdgpu noretry=0\n"


def test_a_applied_rebooted_confirmed(stages: Stages, new_guest: Callable[[Stage], Guest]) -> None:
    """The stages assert what the trial boot has in force and its status; here: what came before and after."""
    applied, confirmed = stages.applied(), stages.confirmed()
    for words in ("on trial", "rdna_installer=off", "modprobe.blacklist=amdgpu"):
        assert words in applied.said
    assert "rdna-installer: trial boot 1 of 2: loading amdgpu with the new options" in confirmed.said
    guest = new_guest(confirmed)
    guest.boot()
    guest.wait_console("rdna-installer: boot check: ok")
    assert parameters(guest) == OPTIONS
    assert guest.run(f"test -e {TRIAL_CONF}")[0] == 1
    assert image_names(guest) == [CONF]
    status = json.loads(guest.must("rdna-installer status --json 2>/dev/null"))
    assert status["trial"] is None and status["boot"]["outcome"] == "ok", status
    guest.must("rdna-installer verify")
    assert "trial boot" not in guest.console()


def test_b_stale_initramfs_is_named(stages: Stages, new_guest: Callable[[Stage], Guest]) -> None:
    """amdgpu is loaded from an image that was not rebuilt after the options changed."""
    guest = new_guest(stages.confirmed())
    guest.boot()
    guest.must("echo amdgpu >>/etc/initramfs-tools/modules && update-initramfs -u", IMAGE)
    change = "rdna-installer apply --profile layered --layer kernel --layer env --set vm_fragment_size=8"
    guest.must(f"{change} --trial off --no-initramfs --yes", IMAGE)
    guest.reboot()
    guest.wait_console("rdna-installer: boot check: failed")
    assert parameters(guest) == OPTIONS
    found = checks(guest)["kernel:vm_fragment_size"]
    assert (found["status"], found["wanted"], found["running"]) == ("failed", "8", "9")
    assert found["source"] == "stale initramfs"


def test_c_foreign_options_are_named(stages: Stages, new_guest: Callable[[Stage], Guest], tmp_path: Path) -> None:
    guest = new_guest(stages.confirmed())
    theirs = tmp_path / "zz-theirs.conf"
    theirs.write_text(FOREIGN)
    guest.disk.write(theirs, f"/etc/modprobe.d/{theirs.name}")
    guest.boot("amdgpu.vm_fragment_size=5")
    guest.wait_console("rdna-installer: boot check: failed")
    assert parameters(guest) == {**OPTIONS, "noretry": "0", "vm_fragment_size": "5"}
    found = checks(guest)
    file, line = found["kernel:noretry"], found["kernel:vm_fragment_size"]
    assert (file["status"], file["source"]) == ("mismatch", f"/etc/modprobe.d/{theirs.name}:1")
    assert (line["status"], line["running"]) == ("mismatch", "5")
    assert "command line" in line["source"] or "cmdline" in line["source"], line
    assert found["kernel:vm_update_mode"]["status"] == "ok"
