"""leftovers.yaml: files that guides and other tools leave behind, and what each does."""

from __future__ import annotations

from rdna_installer.knowledge.evidence import Evidence
from rdna_installer.knowledge.fields import Fields
from rdna_installer.knowledge.shipped import shipped
from rdna_installer.record import record


@record(frozen=True)
class KnownFile:
    """One of them; ``command``: how to put it right by hand, where this program does not remove it."""

    path: str
    says: str
    command: str | None
    evidence: tuple[Evidence, ...]


def known_files() -> tuple[KnownFile, ...]:
    """All of them. Raises RdnaError("bad-rule")."""
    fields = Fields(shipped("leftovers"), "leftovers")
    found = fields.each("leftovers", lambda node: Fields(node, "leftover").record(KnownFile))
    fields.done()
    return found
