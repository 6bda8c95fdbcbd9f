"""What was found in a log."""

from __future__ import annotations

from rdna_installer.knowledge.signatures import Context, Kind, Signature
from rdna_installer.record import record


@record(frozen=True)
class Hit:
    """The first match of a signature. ``line`` counts from 1; ``excerpt`` is what stands there, unwrapped."""

    signature: Signature
    line: int
    excerpt: str
    gfx: str | None


@record(frozen=True)
class Sighting:
    """The first match of a context. ``value``: what it names, a version or a card, where it names anything."""

    context: Context
    line: int
    excerpt: str
    value: str | None

    @property
    def text(self) -> str:
        """What was recognised, for people."""
        return " ".join(word for word in (self.context.says, self.value) if word)


@record(frozen=True)
class Suspect:
    """The solver that MIOpen's own log names last. ``switch``: the KEY=VALUE that takes away least beside it;
    ``effect``: what that does on the log's target, where MIOpen was asked about it."""

    solver: str
    line: int
    switch: str | None = None
    effect: str | None = None


@record(frozen=True)
class Scanned:
    """Everything a scan brings home."""

    hits: tuple[Hit, ...]
    sightings: tuple[Sighting, ...]
    lines: int
    suspect: Suspect | None = None

    @property
    def words(self) -> frozenset[str]:
        """What the log is about: contexts by id, and their groups."""
        return frozenset(word for s in self.sightings for word in (s.context.id, *s.context.groups))

    def best(self, kind: Kind) -> Sighting | None:
        """The sighting of a kind that counts."""
        return min(self.all(kind), key=lambda s: (s.context.rank, s.line), default=None)

    def all(self, kind: Kind) -> list[Sighting]:
        """Those of a kind."""
        return [sighting for sighting in self.sightings if sighting.context.kind is kind]


@record(frozen=True)
class Finding:
    """One class of failure or noise, with what to do. ``gfx`` None: the log does not say.
    ``next`` is one command, ``check`` shows whether it helped, ``source`` is who says so."""

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
    check: str | None
    source: str
    program: str | None
    platform: str | None


@record(frozen=True)
class Diagnosis:
    """All findings of one log: failures from cause to consequence, then noise. ``source`` names the log.

    ``others``: what is wrong, useless or unread of what others set on this machine, a line each. ``about``: what was
    recognised. ``elsewhere``: the log is of another machine. ``collect``, ``tracker``: what to do where no failure
    is known in it. ``suspect``: the solver MIOpen was at last.
    """

    source: str
    lines: int
    findings: tuple[Finding, ...]
    others: tuple[str, ...] = ()
    about: tuple[Sighting, ...] = ()
    elsewhere: bool = False
    collect: tuple[str, ...] = ()
    tracker: str | None = None
    suspect: Suspect | None = None
