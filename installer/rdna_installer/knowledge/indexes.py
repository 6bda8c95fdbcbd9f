"""Where torch for ROCm is, what goes together, what is known of a target before a byte is fetched (indexes.yaml)."""

from __future__ import annotations

import enum
import functools
from collections.abc import Collection
from typing import TypeVar

from rdna_installer.knowledge.evidence import Evidence
from rdna_installer.knowledge.fields import Fields
from rdna_installer.knowledge.load import load_book
from rdna_installer.knowledge.shipped import shipped
from rdna_installer.knowledge.when import read_targets
from rdna_installer.knowledge.yamlfile import YamlNode
from rdna_installer.record import record

T = TypeVar("T")


class Asked(enum.Enum):
    """When an index is tried."""

    ASKED = "asked"
    NAMED = "named"


class WordKind(enum.Enum):
    """Who says it: AMD (by what is built and tested), a user who ran it, or a fault that was found."""

    AMD = "amd"
    REPORT = "report"
    FAULT = "fault"


@record(frozen=True)
class Channel:
    """One index. ``layout`` is a word of ``environments.lock.Layout``; ``targets``: those it served when last seen."""

    id: str
    says: str
    url: str
    kind: Asked
    layout: str
    early: bool | None
    targets: frozenset[str]
    evidence: tuple[Evidence, ...]


@record(frozen=True)
class Pair:
    """The torchvision and torchaudio of a torch, by their first two numbers; with ``rocm`` by all of them, as AMD lists
    them, which decides between several."""

    torch: str
    vision: str | None
    audio: str
    rocm: str | None
    source: str


@record(frozen=True)
class Reported:
    """A torch that runs on ``targets`` by the code of another, with a profile; ``needs`` is a requirement."""

    torch: str
    rocm: str
    targets: frozenset[str]
    code: str
    profile: str
    needs: str
    evidence: tuple[Evidence, ...]


@record(frozen=True)
class Word:
    """Something to know about a target before it is installed for."""

    kind: WordKind
    targets: frozenset[str]
    says: str
    evidence: tuple[Evidence, ...]


@record(frozen=True)
class Indexes:
    """The whole file; channels in the order in which they are tried."""

    channels: tuple[Channel, ...]
    pairs: tuple[Pair, ...]
    words: tuple[Word, ...]
    reported: tuple[Reported, ...]

    def about(self, gfx: str) -> tuple[Word, ...]:
        """What is known of a target."""
        return tuple(word for word in self.words if gfx in word.targets)


@functools.cache
def indexes() -> Indexes:
    """indexes.yaml, read when ``setup`` first asks. Raises RdnaError("bad-rule")."""
    return read_indexes(shipped("indexes"), load_book().targets.targets)


def read_indexes(root: YamlNode, targets: Collection[str]) -> Indexes:
    """The records of the file. Raises RdnaError("bad-rule")."""
    fields = Fields(root, "table of indexes")
    found = Indexes(
        fields.each("channels", lambda node: _about(Channel, targets, node)),
        fields.each("pairs", lambda node: Fields(node, "pair").record(Pair)),
        fields.each("words", lambda node: _about(Word, targets, node)),
        fields.each("reported", lambda node: _about(Reported, targets, node)),
    )
    fields.done()
    return found


def _about(kind: type[T], targets: Collection[str], node: YamlNode) -> T:
    fields = Fields(node, kind.__name__.lower())
    return fields.record(kind, targets=read_targets(fields, targets, "targets"))
