"""A plan is for the machine it was made on: each fact that it rests on, changed alone, makes it another machine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from policy_samples import given, gpu, host, torch

from rdna_installer.model import HostFacts, Initramfs, InitramfsTool, KernelImage, ModprobeOption, RocmInstall
from rdna_installer.plan.plan import facts_digest

HERE: HostFacts = host((gpu("gfx1010"),), torch("2.5.1+rocm6.2", "6.2"))


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("gpus", (gpu("gfx1010", unique_id=7),)),
        ("gpus", (gpu("gfx1010", 2),)),
        ("gpus", (given("gfx1010"),)),
        ("hidden_nodes", 5),
        ("rocm", (RocmInstall("9.9", "/opt/rocm-9.9", "a file"),)),
        ("sites", ()),
        ("running_kernel", "9.9.9"),
        ("kernels", (KernelImage("9.9.9", "absent"),)),
        ("modprobe", (ModprobeOption("amdgpu", "noretry", "0", "/etc/modprobe.d/zz.conf:1"),)),
        ("cmdline", "quiet amdgpu.noretry=0"),
        ("initramfs", Initramfs(InitramfsTool.DRACUT)),
        ("immutable", "steamos"),
    ],
)
def test_moved(fact: str, value: Any) -> None:
    assert getattr(HERE, fact) != value
    assert facts_digest(replace(HERE, **{fact: value})) != facts_digest(HERE)


def test_what_moves_by_itself_or_by_us_is_no_other_machine() -> None:
    ours = (*HERE.modprobe, ModprobeOption("amdgpu", "noretry", "1", "/etc/modprobe.d/rdna-installer.conf:3"))
    moved = replace(HERE, boot_id="another", modprobe=ours)
    assert facts_digest(moved) == facts_digest(HERE)
