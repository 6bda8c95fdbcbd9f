"""``--gtt-size``: the right module, unit and machine, or a refusal that says why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from policy_samples import gpu, host, torch

from rdna_installer.errors import RdnaError
from rdna_installer.knowledge.load import load_book
from rdna_installer.model import HostFacts, KernelImage, Layer, ModprobeOption, Request
from rdna_installer.plan.policy import resolve

BOOK = load_book()
HALO = gpu("gfx1151", integrated=True)
TORCH = torch("2.12.0+rocm7.2", "7.2", ("gfx1151",))
STOCK = KernelImage("6.18.9", "module")
DKMS = KernelImage("6.18.9", "module", amdttm=True)


def apu(**changes: Any) -> HostFacts:
    base = host((HALO,), TORCH, kernel="6.18.9")
    return replace(base, **{"kernels": (STOCK,), "ram_bytes": (128 << 30) - 1, **changes})


def settings(facts: HostFacts, request: Request) -> list[tuple[str, str, str]]:
    found = resolve(facts, BOOK, request).settings
    return [(s.key, s.value, s.rule) for s in found if s.layer is Layer.KERNEL]


@pytest.mark.parametrize(
    ("kernels", "key"),
    [
        ((STOCK,), "ttm.pages_limit"),
        ((DKMS,), "amdttm.pages_limit"),
        ((replace(DKMS, release="6.1.0-1"), STOCK), "ttm.pages_limit"),  # the running kernel decides
        ((), "ttm.pages_limit"),
    ],
)
def test_module_and_unit(kernels: tuple[KernelImage, ...], key: str) -> None:
    asked = Request(gtt_gib=96)
    assert settings(apu(kernels=kernels), asked) == [(key, str(96 * 262144), "--gtt-size")]
    entry = BOOK.entry(key)
    assert entry is not None
    assert entry.problem(str(96 * 262144)) is None


def test_only_by_request() -> None:
    assert settings(apu(), Request()) == []


def test_an_integrated_gpu_beside_a_card_must_be_named() -> None:
    both = replace(apu(), gpus=(gpu("gfx1032", 1), gpu("gfx1036", 2, integrated=True)))
    with pytest.raises(RdnaError, match="memory of its own"):
        resolve(both, BOOK, Request(gtt_gib=8))
    assert settings(both, Request(gtt_gib=8, gpu="2"))[0][0] == "ttm.pages_limit"


@pytest.mark.parametrize(
    ("facts", "request_", "reference"),
    [
        (apu(ram_bytes=16 << 30), Request(gtt_gib=15), "gtt-size"),
        (apu(ram_bytes=2 << 30), Request(gtt_gib=1), "gtt-size"),
        (
            apu(modprobe=(ModprobeOption("amdgpu", "gttsize", "8192", "/etc/modprobe.d/x.conf:3"),)),
            Request(gtt_gib=8),
            "gtt-size",
        ),
        (apu(), Request(gtt_gib=8, set=(("gttsize", "8192"),)), "contradiction"),
        (apu(), Request(gtt_gib=8, set=(("ttm.pages_limit", "2097152"),)), "contradiction"),
        (apu(), Request(set=(("ttm.pages_limit", "2097152"), ("gttsize", "8192"))), "contradiction"),
        (apu(), Request(gtt_gib=8, layers=frozenset({Layer.PYTHON})), "setting-has-no-place"),
    ],
)
def test_refused(facts: HostFacts, request_: Request, reference: str) -> None:
    with pytest.raises(RdnaError) as caught:
        resolve(facts, BOOK, request_)
    assert caught.value.reference == reference
    if facts.modprobe:
        assert "/etc/modprobe.d/x.conf:3" in caught.value.message


def test_unknown_memory_is_said() -> None:
    assert any("leave enough" in w for w in resolve(apu(ram_bytes=None), BOOK, Request(gtt_gib=8)).warnings)
