"""Every target with every generation of wheels, one line each: what is set and what to expect."""

from __future__ import annotations

import os
from pathlib import Path

from policy_samples import gpu, host, torch

from rdna_installer.knowledge.load import load_book
from rdna_installer.model import Request, Torch
from rdna_installer.plan.policy import resolve

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "policy" / "matrix.txt"
STOCK = {  # kernels unknown: the wheel table is asked
    "rocm5.2": torch("1.13.1+rocm5.2", "5.2", ()),
    "rocm6.2": torch("2.5.1+rocm6.2", "6.2", ()),
    "rocm6.4": torch("2.9.1+rocm6.4", "6.4", ()),
    "rocm7.2": torch("2.12.0+rocm7.2", "7.2", ()),
}


def native(stock: Torch, gfx: str) -> Torch:
    return torch(stock.version, stock.rocm, (gfx,), "self-built")


def test_every_target_with_every_wheel() -> None:
    book = load_book()
    lines = []
    for gfx in book.targets.targets:
        for name, stock in STOCK.items():
            for kind, found in (("stock", stock), ("native", native(stock, gfx))):
                policy = resolve(host((gpu(gfx),), found), book, Request())
                keys = " ".join(f"{s.key}={s.value}" for s in policy.settings) or "-"
                lines.append(f"{gfx} {name} {kind}: {policy.verdict.value} {keys}")
    text = "\n".join(lines) + "\n"
    if os.environ.get("RDNA_UPDATE_GOLDEN") == "1":
        GOLDEN.write_text(text)
    assert GOLDEN.read_text() == text
