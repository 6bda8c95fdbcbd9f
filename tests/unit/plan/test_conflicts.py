"""Who else sets our options."""

from __future__ import annotations

import pytest
from kernel_samples import facts, option

from rdna_installer.model import ModprobeNote, ModprobeOption
from rdna_installer.plan.conflicts import find_conflicts

WANTED = [option("noretry", "1"), option("gttsize", "8192")]


def set_by(source: str, value: str, module: str = "amdgpu", key: str = "noretry") -> ModprobeOption:
    return ModprobeOption(module, key, value, source)


@pytest.mark.parametrize(
    ("foreign", "hint"),
    [
        (set_by("/etc/modprobe.d/zz.conf:3", "0"),
         "/etc/modprobe.d/zz.conf:3 overrides this setting: remove `noretry=0` there, "
         "or keep it with --unset noretry"),
        (set_by("/usr/lib/modprobe.d/amdgpu.conf:1", "0"),
         "rdna-installer's value would replace the one in /usr/lib/modprobe.d/amdgpu.conf:1: remove `noretry=0` there, "
         "or keep it with --unset noretry"),
        (set_by("kernel command line", "-1"),
         "kernel command line overrides this setting: remove `amdgpu.noretry=-1` there, "
         "or keep it with --unset noretry"),
    ],
)  # fmt: skip
def test_conflict(foreign: ModprobeOption, hint: str) -> None:
    (conflict,) = find_conflicts(facts(modprobe=(foreign,)), WANTED).conflicts
    assert (conflict.key, conflict.wanted, conflict.found) == ("noretry", "1", foreign.value)
    assert (conflict.source, conflict.hint) == (foreign.source, hint)


@pytest.mark.parametrize(
    "harmless",
    [
        set_by("/etc/modprobe.d/rdna-installer.conf:9", "0"),
        set_by("/etc/modprobe.d/x.conf:9", "0", key="dc"),
        set_by("/etc/modprobe.d/x.conf:9", "0", module="radeon"),
    ],
)
def test_no_conflict(harmless: ModprobeOption) -> None:
    others = find_conflicts(facts(modprobe=(harmless,)), WANTED)
    assert (others.conflicts, others.warnings) == ((), ())


def test_the_same_value_is_a_note() -> None:
    others = find_conflicts(facts(modprobe=(set_by("/etc/modprobe.d/x.conf:2", "0x1"),)), WANTED)
    assert others.conflicts == ()
    assert others.warnings == ("/etc/modprobe.d/x.conf:2 sets noretry=0x1 as well: it stays after a rollback",)


def test_lines_that_keep_options_from_acting() -> None:
    found = (
        ModprobeNote("amdgpu", "blacklist", "modprobe.blacklist=amdgpu", "kernel command line"),
        ModprobeNote("amdgpu", "install", "install amdgpu /bin/true", "/etc/modprobe.d/x.conf:1"),
        ModprobeNote("amdgpu", "dotted", "options amdgpu.dc=1", "/etc/modprobe.d/x.conf:2"),
        ModprobeNote("amdgpu", "softdep", "softdep amdgpu pre: vfio", "/etc/modprobe.d/x.conf:3"),
        ModprobeNote("radeon", "blacklist", "blacklist radeon", "/etc/modprobe.d/x.conf:4"),
        ModprobeNote("", "unreadable", "Permission denied", "/etc/modprobe.d/y.conf"),
        ModprobeNote("amdgpu", "blacklist", "blacklist amdgpu", "/etc/modprobe.d/rdna-installer-trial.conf:1"),
    )
    warnings = find_conflicts(facts(modprobe_notes=found), WANTED).warnings
    assert [w.partition(":")[0] for w in warnings] == [
        "kernel command line",
        "/etc/modprobe.d/x.conf",
        "/etc/modprobe.d/x.conf",
        "/etc/modprobe.d/y.conf cannot be read (Permission denied)",
    ]
