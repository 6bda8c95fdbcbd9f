"""The gfx targets: family, names of kernels that run on them, official support, and the routes where nothing runs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rdna_installer.knowledge.evidence import Evidence, read_evidence
from rdna_installer.knowledge.fields import Fields, closest, text_of
from rdna_installer.knowledge.versions import Range
from rdna_installer.knowledge.when import When, read_when
from rdna_installer.knowledge.yamlfile import Node, bad
from rdna_installer.model import Verdict
from rdna_installer.record import record

GFX = r"gfx([0-9]{1,2})([0-9])([0-9a-f])\Z"


@record(frozen=True)
class Route:
    """One way out where nothing runs now. ``{gfx}`` in the texts is replaced by the target."""

    id: str
    when: When
    says: str
    command: str | None
    cost: str | None
    risk: str | None
    evidence: tuple[Evidence, ...]
    where: str


@record(frozen=True)
class Family:
    """Targets with one instruction set generation, and their routes, best first."""

    name: str
    summary: str
    routes: tuple[Route, ...]


@record(frozen=True)
class Target:
    """One gfx target. ``runs`` are names of kernels that run on it beside its own (generic targets, build families).

    ``reachable`` is the verdict with the best known software, ``support`` what AMD says about Linux.
    """

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
    """Targets in the wheels of download.pytorch.org for a range of torch (and ROCm) versions."""

    torch: Range
    rocm: Range | None
    gfx: tuple[str, ...]
    evidence: tuple[Evidence, ...]


@record(frozen=True)
class Targets:
    """The whole table."""

    families: Mapping[str, Family]
    targets: Mapping[str, Target]
    wheels: tuple[Wheels, ...]


def override_value(gfx: str) -> str:
    """The HSA_OVERRIDE_GFX_VERSION value that reports ``gfx``: gfx1030 -> 10.3.0, gfx90a -> 9.0.10."""
    match = re.match(GFX, gfx)
    if match is None:
        raise ValueError(gfx)
    return f"{match[1]}.{match[2]}.{int(match[3], 16)}"


def read_targets(root: Node) -> Targets:
    """targets.yaml. Raises RdnaError("bad-rule")."""
    fields = Fields(root, "target table")
    names = tuple(fields.mapping("targets"))
    families = {name: _read_family(name, node, names) for name, node in fields.mapping("families").items()}
    targets = {gfx: _read_target(gfx, node, families) for gfx, node in fields.mapping("targets").items()}
    wheels = fields.each("wheels", lambda node: _read_wheels(node, targets))
    fields.done()
    return Targets(families, targets, wheels)


def _read_family(name: str, node: Node, targets: tuple[str, ...]) -> Family:
    fields = Fields(node, f"family {name}")
    family = Family(name, fields.text("summary"), fields.each("routes", lambda route: _read_route(route, targets)))
    fields.done()
    return family


def _read_route(node: Node, targets: tuple[str, ...]) -> Route:
    fields = Fields(node, "route")
    route = Route(
        id=fields.name("id"),
        when=read_when(fields.get("when"), targets),
        says=fields.text("says"),
        command=fields.text_or_none("command"),
        cost=fields.text_or_none("cost"),
        risk=fields.text_or_none("risk"),
        evidence=fields.each("evidence", read_evidence),
        where=node.where,
    )
    fields.done()
    if not route.evidence:
        raise bad(node.where, f"route {route.id} has no evidence")
    return route


def _read_target(gfx: str, node: Node, families: Mapping[str, Family]) -> Target:
    if not re.match(GFX, gfx):
        raise bad(node.where, f"{gfx!r} is no gfx target")
    fields = Fields(node, gfx)
    family = fields.text("family")
    if family not in families:
        raise fields.error("family", f"unknown family {family!r}", closest(family, families))
    target = Target(
        gfx=gfx,
        family=families[family],
        chip=fields.text("chip"),
        products=fields.texts("products"),
        runs=fields.texts("runs"),
        reachable=fields.word("reachable", Verdict),
        support=fields.text("support"),
        evidence=fields.each("evidence", read_evidence),
        where=node.where,
    )
    fields.done()
    if not target.evidence:
        raise bad(node.where, f"{gfx} has no evidence")
    return target


def _read_wheels(node: Node, targets: Mapping[str, Target]) -> Wheels:
    fields = Fields(node, "wheel table")
    wheels = Wheels(
        torch=Range(fields.text("torch")),
        rocm=Range(rocm) if (rocm := fields.text_or_none("rocm")) else None,
        gfx=tuple(_known(item, targets) for item in fields.items("gfx")),
        evidence=fields.each("evidence", read_evidence),
    )
    fields.done()
    return wheels


def _known(node: Node, targets: Mapping[str, Target]) -> str:
    gfx = text_of(node, "gfx")
    if gfx not in targets:
        raise bad(node.where, f"unknown gfx target {gfx!r}", closest(gfx, targets))
    return gfx
