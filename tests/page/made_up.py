"""Reports that no machine made: a card with a whole probe, one whose children died, one without a card. By seed.

And with probes that were measured (measured.json.xz, each as `report` shares it): ``card``, an accelerator under every
strategy with torch 2.11.0+cu130, ``died``, the same card with children of native killed, and ``soak``, an earlier run
with a minute's soak and four wrong rows; ``processor``, one without a GPU or Triton in its place, children of native
killed. All by tests/gpu/probing.py on 2026-11-28.
"""

from __future__ import annotations

import json
import lzma
import random
from pathlib import Path
from typing import Any

from rdna_installer import codec
from rdna_installer.probe.types import ANY, STRATEGIES, Trouble
from rdna_installer.share.schema import Shared, rounded, rows, uses

TYPES = ("f32", "f16", "bf16")
TOUCHED = ("conv", "model", "train", "recurrent")  # groups that strategies touch


MEASURED = ("card", "died", "soak", "processor")


def report(kind: str, seed: int = 1) -> Shared:
    """``kind``: gpu, dead or nogpu, or one of MEASURED."""
    chance = random.Random(f"{kind} {seed}")
    data: dict[str, Any] = {"version": "0.1.0", "day": "2026-11-28", "verdict": None if kind == "nogpu" else "works"}
    card = {
        "target": "gfx1010",
        "known_by": "kfd",
        "device": "731f",
        "name": "AMD Radeon RX 5600 XT",
        "vram_gib": 6,
        "compute_units": 36,
    }
    python = {
        "number": 1, "python": "3.13", "torch": "2.11.0+rocm7.15", "rocm": "7.15", "kind": "rocm", "origin": "therock",
        "targets": ["gfx1010"], "known_from": "binary", "verdict": "works", "rule": "rdna1-wave-count",
    }  # fmt: skip
    data["machine"] = {
        "cards": [] if kind == "nogpu" else [card], "distro": "ubuntu", "distro_version": "26.04", "kernel": "6.14.0",
        "flavour": "generic", "memory_gib": 32, "driver": "loaded", "initramfs": "initramfs-tools", "pythons": [python],
    }  # fmt: skip
    marks = {"GPU": "ok", "driver": "ok", "access": "problem", "PyTorch": "attention", "settings": "attention"}
    steps = {"access": "groups", "PyTorch": "advise", "settings": "adopt"}
    data["topics"] = [{"subject": s, "mark": m, "next": steps.get(s)} for s, m in marks.items()]
    data["in_force"] = [
        {"key": "HSA_OVERRIDE_GFX_VERSION", "by": "shell", "layer": "env", "value": "11.0.0", "status": "mismatch"},
        {"key": "noretry", "by": "ours", "layer": "kernel", "value": "0", "wanted": "1", "status": "pending-reboot"},
        {"key": "MIOPEN_USER_DB_PATH", "by": "session", "layer": "env", "value": "other", "status": "ok"},
    ]
    data["made"] = [
        {"number": 1, "reason": "apply", "system": True, "day": "2026-11-20", "settings": 5, "kernel_settings": 3,
         "files": 4, "boot": "confirmed"},
        {"number": 2, "reason": "rollback", "system": True, "day": "2026-11-21", "to": 0, "current": True},
    ]  # fmt: skip
    finding = {"signature": "l2-page-fault", "name": "gcvm-l2-page-fault", "line": 812, "fatal": True}
    data["log"] = {"source": "kernel", "lines": 2381, "findings": [finding]}
    data["probes"] = [_measured(kind) if kind in MEASURED else _probe(kind, chance)]
    return codec.decode(Shared, data)


def _measured(kind: str) -> dict[str, Any]:
    kept = json.loads(lzma.decompress(Path(__file__).with_name("measured.json.xz").read_bytes()))
    found: dict[str, Any] = kept[kind]
    return found


def _probe(kind: str, chance: random.Random) -> dict[str, Any]:
    cells = [cell for op, (_, group) in rows().items() for cell in _row(kind, op, group, chance)]
    samples = [{"second": 10 * n, "celsius": 42.0 + min(n, 30), "mhz": 1750 - 5 * n, "mib": 5000} for n in range(60)]
    can = "can" if kind != "dead" else "cannot"
    return {
        "day": "2026-11-28", "version": "0.1.0", "edition": 2, "python": 1, "gpu": kind != "nogpu", "kernel": "6.14.0",
        "torch": "2.11.0+rocm7.15", "rocm": "7.15", "best": None if kind == "dead" else "gemm",
        "tried": [{"cells": cells, "values": [["HSA_XNACK", "0"]]}],
        "uses": [
            {"id": use, "verdict": chance.choice([can, "unknown", "cannot"]), "strategies": ["gemm"], "types": ["f32"]}
            for use in uses()
        ],
        "soak": {"strategy": "gemm", "minutes": 10, "outcome": "ok", "rounds": 900, "samples": samples},
    }  # fmt: skip


def _row(kind: str, op: str, group: str, chance: random.Random) -> list[dict[str, Any]]:
    found = []
    for type_ in TYPES if group != "memory" else TYPES[:1]:
        for strategy in (ANY,) if group not in TOUCHED else STRATEGIES:
            cell: dict[str, Any] = {"op": op, "type": type_, "strategy": strategy}
            bad = strategy == "native" or (kind == "dead" and chance.random() < 0.5)
            if kind == "nogpu" and (strategy != "cpu" or type_ != "f32"):
                continue
            if bad and group in ("conv", "model", "train"):
                outcome = chance.choice(["aborted", "hung", "wrong", "raised", "not tried"])
                cell |= {"outcome": outcome, "trouble": chance.choice([*Trouble]).value}
            elif op.startswith("sdpa-flash"):
                cell |= {"outcome": "not offered", "trouble": "refused-by-torch"}
            else:
                ms = rounded(chance.lognormvariate(0, 1.6))
                cell |= {"outcome": "ok", "ms": ms, "low": rounded(ms * 0.9), "high": rounded(ms * 1.3), "repeats": 30}
                cell |= {
                    "worst": 1.1e-07,
                    "of_limit": 0.05,
                    "mib": rounded(chance.choice([97300, chance.uniform(1, 4096)])),
                }
            found.append(cell)
    return found
