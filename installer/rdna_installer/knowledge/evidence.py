"""Evidence: who says so, where, how strong; every rule, variable and parameter carries some."""

from __future__ import annotations

import enum

from rdna_installer.knowledge.fields import READERS, Fields
from rdna_installer.knowledge.yamlfile import YamlNode, bad
from rdna_installer.record import record


class Strength(enum.Enum):
    """How much a statement can carry. MEASURED never stands in a file: only a probe of this machine gives it."""

    MEASURED = "measured-here"
    STRONG = "strong"  # AMD says so, or three independent users, or the source code
    MEDIUM = "medium"  # two users, or one with an analysis
    WEAK = "weak"  # one user, or unproven
    REFUTED = "refuted"

    @property
    def rank(self) -> int:
        """Higher outranks lower."""
        return _RANKS[self]


_RANKS = {strength: rank for rank, strength in enumerate(reversed(Strength))}


@record(frozen=True)
class Evidence:
    """One source. ``url`` is an address, or ``file:line`` in a named source tree."""

    url: str
    says: str
    who: str | None
    strength: Strength


def _read_evidence(node: YamlNode) -> Evidence:
    fields = Fields(node, "evidence")
    strength = fields.word("strength", Strength)
    if strength is Strength.MEASURED:
        raise fields.error("strength", "measured-here cannot be claimed in a file", "run rdna-installer probe")
    fields.seen |= {"read", "watch"}  # the day it was read, the function that was read: for tools/upstream-check
    return fields.record(Evidence, strength=strength)


def _read_all(fields: Fields, key: str) -> tuple[Evidence, ...]:
    found = fields.each(key, _read_evidence)
    if not found and key == "evidence":
        what = f"{fields.what} {fields.text('id')}" if "id" in fields.entries else fields.what
        raise bad(fields.node.where, f"{what} has no evidence", "name at least one url, what it says and its strength")
    return found


READERS["tuple[Evidence, ...]"] = _read_all


def strongest(evidence: tuple[Evidence, ...]) -> Strength:
    """The strength a rule has: that of its best source (REFUTED when it has none that holds)."""
    return max((e.strength for e in evidence), key=lambda s: s.rank, default=Strength.REFUTED)
