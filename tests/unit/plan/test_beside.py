"""An integrated GPU beside the card is named, with the way to hide it for one program; a typo beside --gtt-size too."""

from __future__ import annotations

import dataclasses

from policy_samples import gpu, host, torch

from rdna_installer.knowledge.load import load_book
from rdna_installer.model import HostFacts, ModprobeOption, Request
from rdna_installer.plan.policy import resolve

BOOK = load_book()
CARD = gpu("gfx1201", 1, unique_id=0xABC)
IGPU = gpu("gfx1036", 2, integrated=True)
ROCM64 = torch("2.9.1+rocm6.4", "6.4", ("gfx1030", "gfx1201"))


def _said(facts: HostFacts, request: Request | None = None) -> str:
    return "\n".join(resolve(facts, BOOK, request or Request()).warnings)


def test_without_kernels_it_is_named_with_the_way_to_hide_it() -> None:
    text = _said(host((CARD, IGPU), ROCM64))
    assert "gfx1036 at PCI" in text
    assert (
        "has no kernels in the PyTorch here: hide it for one program: ROCR_VISIBLE_DEVICES=GPU-0000000000000abc" in text
    )


def test_with_kernels_one_of_the_two_can_be_picked() -> None:
    both = torch("2.10.0+rocm7.1", "7.1", ("gfx1151", "gfx1201"))
    strix = gpu("gfx1151", 1, integrated=True)
    text = _said(host((strix, gpu("gfx1201", 2)), both, kernel="6.19.10"))
    assert "is seen by programs too: hide it for one program: ROCR_VISIBLE_DEVICES=1 PROGRAM, or plan for it" in text


def test_who_named_a_gpu_or_has_one_hears_nothing_of_it() -> None:
    assert "hide it" not in _said(host((CARD, IGPU), ROCM64), Request(gpu="1"))
    assert "hide it" not in _said(host((IGPU,), ROCM64))


def test_the_misspelt_limit_beside_gtt_size() -> None:
    facts = dataclasses.replace(
        host((gpu("gfx1151", integrated=True),)),
        modprobe=(ModprobeOption("amdgpu", "gtt_size", "8192", "/etc/modprobe.d/x.conf:3"),),
    )
    text = _said(facts, Request(gtt_gib=24))
    assert "/etc/modprobe.d/x.conf:3 sets amdgpu.gtt_size=8192, which no kernel reads" in text
