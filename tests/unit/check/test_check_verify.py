"""The whole report: which families speak when, unique ids, nothing started for nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from check_samples import BOOT, CONF, NAVI10, asker, facts, generation, kernel, managed, option, put

from rdna_installer.check.verify import SetByOthers, verify
from rdna_installer.detect.dotfiles import scan
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import GfxSource, InitramfsTool, ModuleState, Report, Status, Step, StepKind

CONTENT = b"options amdgpu noretry=1\n"


def look(root: Path, host: object = None, made: object = None, session: dict[str, str] | None = None) -> Report:
    host = host or facts()
    seen = SetByOthers(scan(Sysroot(root), host.user, []), session or {}, asker(host, made))  # type: ignore[arg-type,attr-defined]
    return verify(host, made, Sysroot(root), host.user, seen)  # type: ignore[arg-type,attr-defined]


def machine(root: Path, noretry: str = "1") -> None:
    put(root, "/dev/kfd", "")
    put(root, "/dev/dri/renderD128", "")
    put(root, CONF, CONTENT)
    put(root, "/sys/module/amdgpu/parameters/noretry", f"{noretry}\n", 0o444)


def test_nothing_applied(tmp_path: Path) -> None:
    machine(tmp_path)
    put(tmp_path, "/home/ann/.bashrc", "export HSA_OVERRIDE_GFX_VERSION=\n")
    report = look(tmp_path)
    assert (report.generation, report.ok, report.reboot_pending) == (None, False, False)
    assert {c.id: c.status.value for c in report.checks} == {
        "generation": "not-applicable",
        "device:gpu:0000:03:00.0": "ok",
        "device:kfd": "ok",
        "device:render:renderD128": "ok",
        "user-env:~/.bashrc:1": "failed",
    }


def test_all_good(tmp_path: Path) -> None:
    machine(tmp_path)
    made = generation(kernel("noretry", "1"), managed=(managed(content=CONTENT),))
    report = look(tmp_path, facts(modprobe=(option("noretry", "1"),)), made)
    assert (report.generation, report.ok, report.reboot_pending) == (3, True, False)
    assert [c.id for c in report.checks if c.status is Status.OK][:2] == [f"file:{CONF}", "kernel:noretry"]


@pytest.mark.parametrize(("theirs", "lines"), [("1", 0), ("0x1", 0), ("0", 1)])
def test_an_option_that_others_set_as_we_do_has_one_line(tmp_path: Path, theirs: str, lines: int) -> None:
    machine(tmp_path)
    made = generation(kernel("noretry", "1"), managed=(managed(content=CONTENT),))
    both = (option("noretry", "1"), option("noretry", theirs, "/etc/modprobe.d/a.conf:1"))
    report = look(tmp_path, facts(modprobe=both), made)
    assert [c.id for c in report.checks].count("kernel:noretry") == 1
    assert len([c for c in report.checks if c.id.startswith("others:")]) == lines


def test_reboot_pending_is_not_wrong(tmp_path: Path) -> None:
    machine(tmp_path, noretry="-1")
    made = generation(kernel("noretry", "1"), managed=(managed(content=CONTENT),), boot_id=BOOT)
    report = look(tmp_path, facts(modprobe=(option("noretry", "1"),)), made)
    assert (report.ok, report.reboot_pending) == (True, True)


def test_activation_left_over(tmp_path: Path) -> None:
    machine(tmp_path)
    step = Step(StepKind.INITRAMFS, InitramfsTool.INITRAMFS_TOOLS, ("6.1.0",), "rebuild the initramfs of 6.1.0")
    report = look(tmp_path, made=generation(pending=(step,)))
    [check] = [c for c in report.checks if c.id == "activation:initramfs"]
    assert (check.status, "recover" in str(check.hint)) == (Status.FAILED, True)


def test_below_a_root_the_live_machine_does_not_matter(tmp_path: Path) -> None:
    put(tmp_path, CONF, CONTENT)
    given = NAVI10.__class__("gfx1010", None, None, "1002", None, None, GfxSource.GIVEN, False)
    host = facts(live=False, boot_id=None, gpus=(given,), amdgpu=ModuleState(False, False, None, {}))
    made = generation(kernel("noretry", "1"), managed=(managed(content=CONTENT),))
    report = look(tmp_path, host, made, {"HSA_OVERRIDE_GFX_VERSION": ""})
    assert report.ok
    assert {c.status for c in report.checks} == {Status.OK, Status.NOT_APPLICABLE}


def test_nothing_is_written(tmp_path: Path) -> None:
    machine(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    look(tmp_path, made=generation(kernel("noretry", "1"), managed=(managed(content=CONTENT),)))
    assert sorted(tmp_path.rglob("*")) == before
