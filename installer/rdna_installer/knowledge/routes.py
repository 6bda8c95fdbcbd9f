"""The ways out where something does not run, best first, and the claims about these cards that are not so."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from functools import partial
from typing import TypeVar

from rdna_installer.knowledge.evidence import Evidence
from rdna_installer.knowledge.fields import Fields, closest
from rdna_installer.knowledge.when import When, read_when
from rdna_installer.knowledge.yamlfile import YamlNode, bad
from rdna_installer.model import TorchOrigin, Use
from rdna_installer.record import record

R = TypeVar("R", "Route", "Note")


class Kind(enum.Enum):
    """What a route changes."""

    WHEEL = "wheel"
    UPGRADE = "upgrade"
    BUILD = "build"
    DISTRIBUTION = "distribution"
    OLDER = "older"
    SETTINGS = "settings"
    SWITCHES = "switches"
    BYPASS = "bypass"
    CPU = "cpu"
    HARDWARE = "hardware"
    OTHER = "other"


@record(frozen=True)
class Gives:
    """The torch a route ends with, to be planned for before it is shown. ``kernels`` (): by the table of wheels.
    ``use``: what the route is meant for, where it is not for everything."""

    torch: str
    rocm: str
    origin: TorchOrigin
    kernels: tuple[str, ...]
    use: Use | None


@record(frozen=True)
class Route:
    """One way out. ``{gfx}`` in the texts is replaced by the target.
    ``symptom``: what must have been seen for it to make sense; None = it is a way wherever nothing runs."""

    id: str
    kind: Kind
    when: When
    symptom: str | None
    says: str
    commands: tuple[str, ...]
    cost: str | None
    risk: str | None
    evidence: tuple[Evidence, ...]
    where: str
    gives: Gives | None = None


@record(frozen=True)
class Note:
    """A claim in circulation, and what was really tested."""

    id: str
    when: When
    says: str
    evidence: tuple[Evidence, ...]
    where: str


@record(frozen=True)
class Routes:
    """Routes by family, those for every GPU (after the family's), notes, and what was tried and failed."""

    families: Mapping[str, tuple[Route, ...]]
    everywhere: tuple[Route, ...]
    notes: tuple[Note, ...]
    failed: tuple[Note, ...] = ()

    def of(self, family: str | None) -> tuple[Route, ...]:
        """The routes of a family and those for every GPU, best first."""
        return (*self.families.get(family or "", ()), *self.everywhere)


def read_routes(root: YamlNode, families: Collection[str], targets: Collection[str]) -> Routes:
    """routes.yaml. Raises RdnaError("bad-rule")."""
    fields = Fields(root, "routes")
    route, note = partial(_read, Route, targets), partial(_read, Note, targets)
    found: dict[str, tuple[Route, ...]] = {}
    for name, node in fields.mapping("families").items():
        if name not in families:
            raise bad(node.where, f"unknown family {name!r}", closest(name, families))
        found[name] = tuple(map(route, node.value if isinstance(node.value, list) else [node]))
    routes = Routes(found, fields.each("everywhere", route), fields.each("notes", note), fields.each("failed", note))
    fields.done()
    return routes


def _read(kind: type[R], targets: Collection[str], node: YamlNode) -> R:
    fields = Fields(node, kind.__name__.lower())
    return fields.record(kind, when=read_when(fields.get("when"), targets))
