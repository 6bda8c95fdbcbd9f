"""What was found in a log."""

from __future__ import annotations

from rdna_installer.knowledge.signatures import Signature
from rdna_installer.record import record


@record(frozen=True)
class Hit:
    """The first match of a signature. ``line`` counts from 1; ``excerpt`` is what stands there, unwrapped."""

    signature: Signature
    line: int
    excerpt: str
    gfx: str | None


@record(frozen=True)
class Scanned:
    """Everything a scan brings home. ``contexts`` are the ids of those met; ``gfx`` the first target a log names."""

    hits: tuple[Hit, ...]
    contexts: frozenset[str]
    gfx: str | None
    lines: int


@record(frozen=True)
class Finding:
    """One class of failure or noise, with what to do. ``gfx`` None: the log does not say."""

    name: str
    line: int
    excerpt: str
    gfx: str | None
    fatal: bool
    means: str
    advice: tuple[str, ...]
    rule: str | None
    next: str | None
    signature: str


@record(frozen=True)
class Diagnosis:
    """All findings of one log: failures from cause to consequence, then noise. ``source`` names the log.

    ``others``: what is wrong, useless or unread of what others set on this machine, a line each.
    """

    source: str
    lines: int
    findings: tuple[Finding, ...]
    others: tuple[str, ...] = ()
