"""What the program says, as claims that a source can bear out or not: from its YAML and its table of PCI ids."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

# Kinds of facts that a variable's component is looked up in.
READ_IN = {
    "MIOpen": ("miopen_variables",),
    "ROCr": ("read_variables",),
    "HIP": ("hip_flags",),
    "PyTorch": ("torch_variables", "triton_knobs"),
}
ISSUE = re.compile(r"https://github\.com/[^/]+/[^/]+/(?:issues|pull)/\d+")
RANGES = ("rocm", "torch", "kernel", "triton")


@dataclass(frozen=True)
class Claim:
    """One thing the program says of one key. ``level``: E where a rule or profile sets it, W where only --set does or
    a route, wheel or target leans on it, I where it is prose. ``said``: what it says, by the name of the property."""

    level: str
    kinds: tuple[str, ...]
    key: str
    said: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """One piece of evidence. ``owner``: the rule, variable or target it is for; ``ranged``: a range leans on it."""

    owner: str
    url: str
    ranged: bool
    read: str | None
    watch: Mapping[str, str] | None


@dataclass(frozen=True)
class Product:
    """All data, as read."""

    env: list[dict[str, Any]]
    kernel: list[dict[str, Any]]
    targets: Mapping[str, dict[str, Any]]
    removes: Mapping[str, str]
    ids: Mapping[str, tuple[str, str]]  # target, and products by revision, of a device
    others: tuple[tuple[str, Any], ...]  # name and content of the files that are not above
    wheels: list[dict[str, Any]]

    @property
    def set_by_rules(self) -> frozenset[str]:
        """Keys that a rule or profile sets."""
        found: set[str] = set()
        for node in (n for _, data in self.others for n in _nodes(data) if isinstance(n.get("settings"), dict)):
            for layer, said in node["settings"].items():
                found.update(said if isinstance(said, dict) else [layer])
        return frozenset(found)


def load(data: Path, ids: Path) -> Product:
    """Everything below ``data``."""
    read = {str(path.relative_to(data)): yaml.safe_load(path.read_text()) for path in sorted(data.rglob("*.yaml"))}
    rows = (line.split("\t") for line in ids.read_text().splitlines() if not line.startswith("#"))
    devices = {row[0].upper(): (row[1], row[3] if len(row) > 3 else "") for row in rows if len(row) > 1}
    apart = ("env.yaml", "kernel.yaml", "targets.yaml", "solvers.yaml")
    return Product(
        read["env.yaml"]["entries"],
        read["kernel.yaml"]["entries"],
        read["targets.yaml"]["targets"],
        read["solvers.yaml"]["removes"],
        devices,
        tuple((name, said) for name, said in read.items() if name not in apart and "signatures" not in name),
        read["targets.yaml"]["wheels"],
    )


def claims(product: Product) -> Iterator[Claim]:
    """Everything that a source can bear out."""
    ruled = product.set_by_rules
    for entry in product.env:
        if kinds := READ_IN.get(entry["component"]):
            yield Claim(_level(entry, ruled), kinds, entry["key"], _properties(entry))
    for entry in product.kernel:
        if re.match(r"(?!\w+\.)|ttm\.", entry["key"]) and not entry["key"].startswith("amd_iommu"):
            yield Claim(_level(entry, ruled), ("kernel_parameters",), entry["key"], _properties(entry))
    for gfx, target in product.targets.items():
        runs = " ".join(sorted(name for name in target.get("runs", []) if "-" in name and "generic" not in name))
        yield Claim("W", ("therock_targets",), gfx, {"family": runs})
    for device, (gfx, revisions) in product.ids.items():
        yield Claim("W", ("driver_ids",), device, {"chip": gfx})
        for revision, _, name in (each.strip().partition(":") for each in revisions.split(";") if ":" in each):
            yield Claim("W", ("products",), f"{device}:{revision.lower()}", {"name": name.strip()})
    levels: dict[str, str] = {}
    for switch, names in product.removes.items():
        level = "E" if switch.partition("=")[0] in ruled else "I"
        for name in {name.partition("<")[0] for name in names.split()} - {"none"}:
            levels[name] = min(level, levels.get(name, "I"))
    yield from (Claim(level, ("solver_names",), name) for name, level in sorted(levels.items()))
    newest = " ".join(sorted(product.wheels[-1]["gfx"]))
    yield Claim("W", ("wheel_targets",), newest, {})


def _level(entry: Mapping[str, Any], ruled: frozenset[str]) -> str:
    if entry["emit"] == "rule" or entry["key"] in ruled:
        return "E"
    return "W" if entry["emit"] == "ask" else "I"


def _properties(entry: Mapping[str, Any]) -> dict[str, str]:
    said = {name: str(entry[name]) for name in ("since", "until", "type", "taints") if entry.get(name)}
    for opinion in entry.get("judged", []):
        if opinion["answer"] == "superfluous" and "when" not in opinion and "default" in opinion["says"]:
            said["default"] = " ".join(opinion.get("values", []))
    return said


def sources(product: Product) -> Iterator[Source]:
    """All evidence, with what it is for."""
    files = [("env", product.env), ("kernel", product.kernel), ("targets", product.targets), ("wheels", product.wheels)]
    for name, data in (*files, *product.others):
        for node in _nodes(data):
            # An opinion has its own range: a list of things with evidence is gone through node by node.
            asked = (node.get("when") or node) if isinstance(node.get("when") or node, dict) else {}
            ranged = any(asked.get(key) for key in RANGES)
            owner = str(node.get("id") or node.get("key") or node.get("chip") or name)
            for each in (*(node.get("evidence") or ()), *(node.get("counter") or ())):
                yield Source(owner, each["url"], ranged, each.get("read"), each.get("watch"))


def _nodes(data: Any) -> Iterator[dict[str, Any]]:
    if isinstance(data, dict):
        yield data
    for child in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _nodes(child)
