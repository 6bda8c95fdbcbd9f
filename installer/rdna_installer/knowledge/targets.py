"""The gfx targets: family, names of kernels that run on them, official support, and which wheels have their kernels."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rdna_installer.gfx import version_of
from rdna_installer.knowledge.evidence import Evidence
from rdna_installer.knowledge.fields import Fields, closest
from rdna_installer.knowledge.shipped import shipped
from rdna_installer.knowledge.when import Range
from rdna_installer.knowledge.when import read_targets as read_gfx
from rdna_installer.knowledge.yamlfile import YamlNode, bad
from rdna_installer.model import Verdict
from rdna_installer.record import record

if TYPE_CHECKING:
    from rdna_installer.knowledge.routes import Route, Routes


@record(frozen=True)
class Family:
    """Targets with one instruction set generation."""

    name: str
    summary: str


@record(frozen=True)
class Target:
    """One gfx target. ``runs`` are names of kernels that run on it beside its own (generic targets, build families).
    ``reachable`` is the verdict with the best known software, ``support`` what AMD says about Linux."""

    gfx: str
    family: Family
    chip: str
    products: tuple[str, ...]
    runs: tuple[str, ...]
    reachable: Verdict
    support: str
    evidence: tuple[Evidence, ...]
    where: str


@record(frozen=True)
class Wheels:
    """Targets in the wheels of download.pytorch.org for a range of torch (and ROCm) versions.
    ``gfx``: those torch has kernels for; ``without_rocblas``: those of them for which the rocBLAS inside has none."""

    torch: Range
    rocm: Range | None
    gfx: frozenset[str]
    without_rocblas: frozenset[str]
    evidence: tuple[Evidence, ...]


@record(frozen=True)
class Horizon:
    """The day of this knowledge (ISO), and the newest ROCm, torch and Linux it was checked against."""

    date: str
    rocm: str
    torch: str
    kernel: str


@record(frozen=True)
class Targets:
    """The whole table."""

    families: Mapping[str, Family]
    targets: Mapping[str, Target]
    wheels: tuple[Wheels, ...]
    horizon: Horizon

    @functools.cached_property
    def routes(self) -> Routes:
        """The ways out, read when they are first asked for: most plans need none."""
        found: Routes = shipped("routes")
        return found

    def routes_of(self, gfx: str) -> tuple[Route, ...]:
        """The routes of a target, best first; those for every GPU where the target is not known."""
        target = self.targets.get(gfx)
        return self.routes.of(target.family.name if target else None)


def read_targets(root: YamlNode) -> Targets:
    """targets.yaml. Raises RdnaError("bad-rule")."""
    fields = Fields(root, "target table")
    families = {
        name: Fields(node, f"family {name}").record(Family, name=name)
        for name, node in fields.mapping("families").items()
    }
    targets = {gfx: _read_target(gfx, node, families) for gfx, node in fields.mapping("targets").items()}
    wheels = fields.each("wheels", lambda node: _read_wheels(node, targets))
    return fields.record(Targets, families=families, targets=targets, wheels=wheels)


def _read_target(gfx: str, node: YamlNode, families: Mapping[str, Family]) -> Target:
    if version_of(gfx) is None:
        raise bad(node.where, f"{gfx!r} is no gfx target")
    fields = Fields(node, gfx)
    family = fields.text("family")
    if family not in families:
        raise fields.error("family", f"unknown family {family!r}", closest(family, families))
    return fields.record(Target, gfx=gfx, family=families[family])


def _read_wheels(node: YamlNode, targets: Mapping[str, Target]) -> Wheels:
    fields = Fields(node, "wheel table")
    gfx, without = read_gfx(fields, targets), read_gfx(fields, targets, "without_rocblas")
    return fields.record(Wheels, torch=Range(fields.text("torch")), gfx=gfx, without_rocblas=without)
