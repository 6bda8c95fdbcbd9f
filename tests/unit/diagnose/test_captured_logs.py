"""Logs of real machines: each failing one gives its class first, benign ones nothing fatal, others nothing."""

from __future__ import annotations

from pathlib import Path

import yaml

from rdna_installer.diagnose.diagnose import order
from rdna_installer.diagnose.scan import scan
from rdna_installer.knowledge.load import load_book
from rdna_installer.knowledge.signatures import BENIGN, load_signatures

KNOWN = load_signatures(load_book().targets.targets)
HARMLESS = ("benign", "warning", "non-fatal")


def first_classes(log: Path) -> list[tuple[str, bool]]:
    hits = order(scan([log.read_bytes()], KNOWN))
    return [(hit.signature.name or "", hit.signature.fatal) for hit in hits]


def agrees(symptom: str, found: list[tuple[str, bool]]) -> bool:
    """Whether the first finding is what the capture's description says ("hw-exception/gpu-reset": either)."""
    if symptom.startswith("NEGATIVE"):
        return not found
    if not found or (any(word in symptom for word in HARMLESS) and found[0][1]):
        return False
    said = symptom.partition(" (")[0].removesuffix(" dmesg").removesuffix(" warning").removeprefix("amdgpu-")
    name = found[0][0].removesuffix(BENIGN)
    return name in {said, said.replace("/", "-"), *said.split("/")}


def test_every_captured_log(captures: Path) -> None:
    described = {path: yaml.safe_load(path.read_text()) for path in sorted((captures / "logs").glob("*.yaml"))}
    wrong = {
        path.stem: found
        for path, about in described.items()
        if not agrees(about["symptom"], found := first_classes(path.with_suffix(".log")))
    }
    assert len(described) >= 46
    assert wrong == {}
