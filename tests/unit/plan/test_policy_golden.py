"""Facts in, policy out, as whole texts (RDNA_UPDATE_GOLDEN=1 writes them anew: read the difference)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from policy_samples import given, gpu, host, text, torch

from rdna_installer.knowledge.load import Book, load_book
from rdna_installer.model import HostFacts, Layer, Request, Use
from rdna_installer.plan.policy import resolve

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "policy"
UUID = 0x5E1B_2C3D_4E5F_6071
TRAINING = Request(use=Use.TRAINING)

THEROCK_1010 = torch("2.11.0+rocm7.15.0a20260919", "7.15.0", ("gfx1010",), "therock")
SELF_BUILT = torch("2.5.0a0+gita1b2c3d", "6.2", ("gfx1010",), "self-built")
OLD = torch("1.13.1+rocm5.2", "5.2", ("gfx900", "gfx906", "gfx908", "gfx90a", "gfx1030"))
ROCM62 = torch("2.5.1+rocm6.2", "6.2")
ROCM64 = torch("2.9.1+rocm6.4", "6.4", ("gfx1030", "gfx1100", "gfx1101", "gfx1102", "gfx1200", "gfx1201"))
ROCM72 = torch("2.12.0+rocm7.2", "7.2", ("gfx1030", "gfx1100", "gfx1101", "gfx1102", "gfx1150", "gfx1151", "gfx1201"))
ROCM10 = torch("2.14.0+rocm10.0.0", "10.0.0", ("gfx1151",), "therock")
RX6600_RAPHAEL = (gpu("gfx1032", 1, unique_id=UUID), gpu("gfx1036", 2, integrated=True))
NO_ID = (gpu("gfx1032", 1), gpu("gfx1036", 2, integrated=True))
SET_VISIBLE = (("ROCR_VISIBLE_DEVICES", f"GPU-{UUID:016x}"),)

CASES: dict[str, tuple[HostFacts, Request]] = {
    # the ten users
    "user-1-rx5600xt-stock": (host((gpu("gfx1010"),), ROCM62), Request()),
    "user-2-rx5600xt-therock": (host((gpu("gfx1010"),), THEROCK_1010), Request()),
    "user-3-rx6700xt-training": (host((gpu("gfx1031"),), ROCM62), TRAINING),
    "user-3-rx6700xt-inference": (host((gpu("gfx1031"),), ROCM62), Request(use=Use.INFERENCE)),
    "user-4-rx6600-raphael-rocm64": (host(RX6600_RAPHAEL, ROCM64), Request()),
    "user-4-rx6600-raphael-rocm62": (host(RX6600_RAPHAEL, ROCM62), Request()),
    "user-4-rx6600-raphael-rocm62-consent": (host(RX6600_RAPHAEL, ROCM62), Request(set=SET_VISIBLE)),
    "user-4-rx6600-raphael-rocm62-no-id": (host(NO_ID, ROCM62), Request()),
    "user-5-rx6900xt": (host((gpu("gfx1030"),), ROCM62), Request()),
    "user-6-rx7600": (host((gpu("gfx1102"),), ROCM64), Request()),
    "user-6-rx7600-old": (host((gpu("gfx1102"),), ROCM62), Request()),
    "user-7-780m-therock": (
        host((gpu("gfx1103", integrated=True),), torch("2.11.0", "7.15", ("gfx1103",), "therock")),
        Request(),
    ),
    "user-7-780m-old": (host((gpu("gfx1103", integrated=True),), ROCM62), Request()),
    "user-8-strix-halo": (host((gpu("gfx1151", integrated=True),), ROCM72, kernel="6.17.4-arch1-1"), Request()),
    "user-8-strix-halo-new-kernel": (host((gpu("gfx1151", integrated=True),), ROCM72, kernel="6.18.9"), Request()),
    "user-8-strix-halo-rocm10": (host((gpu("gfx1151", integrated=True),), ROCM10, kernel="6.18.9"), Request()),
    "user-9-rx9070xt": (host((gpu("gfx1201"),), ROCM64), Request()),
    "user-10-rx580": (host((gpu("gfx803"),), ROCM62), Request()),
    # other software on the same cards
    "rx5600xt-self-built": (host((gpu("gfx1010"),), SELF_BUILT), Request()),
    "rx5600xt-rocm52": (host((gpu("gfx1010"),), OLD), Request()),
    "rx5600xt-rocm52-profile": (host((gpu("gfx1010"),), OLD), Request(profile="rocm52-spoof")),
    "rx5600xt-rocm62-rocm52-profile": (host((gpu("gfx1010"),), ROCM62), Request(profile="rocm52-spoof")),
    "rx5600xt-unknown-torch": (host((gpu("gfx1010"),), torch("unknown", "6.2", (), "unknown")), Request()),
    "rx5500xt-gfx1010-wheel": (host((gpu("gfx1012"),), torch("2.11.0", "7.15", ("gfx1010",), "therock")), Request()),
    "steam-deck": (host((gpu("gfx1033", integrated=True),), ROCM62), Request()),
    "steam-deck-inference": (host((gpu("gfx1033", integrated=True),), ROCM62), Request(use=Use.INFERENCE)),
    "rx6700xt-therock": (host((gpu("gfx1031"),), torch("2.11.0", "7.15", ("gfx1031",), "therock")), TRAINING),
    "two-sites": (host((gpu("gfx1031"),), ROCM62, torch("2.11.0", "7.15", ("gfx1031",), "therock")), Request()),
    "two-cards-rocm64": (host((gpu("gfx1031", 1), gpu("gfx1010", 2)), ROCM64), Request()),
    "two-cards-rocm64-one": (host((gpu("gfx1031", 1), gpu("gfx1010", 2)), ROCM64), Request(gpu="1")),
    "rx6700xt-cpu-torch": (host((gpu("gfx1031"),), torch("2.9.0+cpu", None, ())), Request()),
    "rx6700xt-no-torch": (host((gpu("gfx1031"),)), Request()),
    "rx5600xt-no-torch": (host((gpu("gfx1010"),)), Request()),
    # profiles
    "given-gfx1010-layered": (host((given("gfx1010"),), kernel=None), Request(profile="layered")),
    "rx5600xt-layered": (host((gpu("gfx1010"),), ROCM62), Request(profile="layered")),
    "rx6600-raphael-layered": (host(RX6600_RAPHAEL, ROCM64), Request(profile="layered")),
    "rx6600-and-mi100-layered": (host((gpu("gfx1032", 1), gpu("gfx908", 2)), ROCM64), Request(profile="layered")),
    "rx580-layered": (host((gpu("gfx803"),), ROCM62), Request(profile="layered")),
    "rx6700xt-miopen-solvers": (host((gpu("gfx1031"),), ROCM62), Request(profile="miopen-solvers")),
    "rx5600xt-miopen-solvers-no-torch": (host((gpu("gfx1010"),)), Request(profile="miopen-solvers")),
    "rx6950xt-miopen-strict": (host((gpu("gfx1030"),), ROCM64), Request(profile="miopen-strict")),
    "kernel-layer-only": (host((gpu("gfx1010"),)), Request(profile="layered", layers=frozenset({Layer.KERNEL}))),
}  # fmt: skip


@pytest.fixture(scope="module")
def book() -> Book:
    return load_book()


@pytest.mark.parametrize("name", CASES)
def test_policy_is_as_reviewed(name: str, book: Book) -> None:
    facts, request = CASES[name]
    found = text(resolve(facts, book, request))
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("RDNA_UPDATE_GOLDEN") == "1":
        path.write_text(found)
    assert path.read_text() == found


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == {*CASES, "matrix"}
