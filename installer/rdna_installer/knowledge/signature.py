"""A signature: what a component prints when something goes wrong, what it means, what to do, by whose word.

A pattern is compiled when its fixed words were met in a log.
"""

from __future__ import annotations

import enum
import functools
import re

from rdna_installer.knowledge.evidence import Evidence
from rdna_installer.knowledge.versions import Range
from rdna_installer.knowledge.yamlfile import bad
from rdna_installer.record import record

BENIGN = "-benign"

# White space, the marks of quoted or commented lines, and the soft line breaks of quoted-printable mail.
GAP = r"(?:[\s>#|*]|=\r?\n)"
LONGEST = 100  # of a gap
UNBOUNDED = re.compile(r"(?<!\\)(?:[*+]|\{[0-9]*,\})")


class Fact(enum.Enum):
    """What advice may depend on; judged for one finding on this machine."""

    NOT_IN_GROUP = "not-in-group"  # the user database has the user in neither render nor video
    STALE_SESSION = "stale-session"  # it has, but this session is older
    IN_GROUP = "in-group"
    NO_GPU = "no-gpu"
    SEVERAL_GPUS = "several-gpus"
    SAME_GPU = "same-gpu"  # the log's target is in this machine, or the log names none
    OTHER_GPU = "other-gpu"
    UNKNOWN_GPU = "unknown-gpu"  # neither the log nor the machine names one
    OVERRIDE_PROPOSED = "override-proposed"
    NO_OVERRIDE = "no-override"
    OVERRIDE_SET = "override-set"  # in the environment of this very process
    NATIVE = "native"  # a torch here has kernels for the target
    NO_NATIVE = "no-native"


@record(frozen=True)
class Remedy:
    """One sentence, shown where all its facts hold. ``says`` has ``{user}``-like places."""

    says: str
    when: frozenset[Fact]
    gfx: frozenset[str]  # of the finding; empty = any
    kernel: Range | None


@record(frozen=True)
class Signature:
    """One thing a component prints. ``name`` is its class, None for a context.

    ``rank``: 10 is nearest to the cause. ``needs_amd``: counts only in a log about AMD software. ``words``: of every
    match at least one is part. ``patterns``: any of them. ``rule`` is what ``explain`` takes, ``next`` a command to
    go on with.
    """

    id: str
    name: str | None
    rank: int
    words: tuple[bytes, ...]
    patterns: tuple[str, ...]
    needs_amd: bool
    means: str
    advice: tuple[Remedy, ...]
    rule: str | None
    next: str | None
    evidence: tuple[Evidence, ...]
    where: str

    @property
    def fatal(self) -> bool:
        """Whether it is a failure (and not noise)."""
        return self.name is not None and not self.name.endswith(BENIGN)

    @functools.cached_property
    def regexes(self) -> tuple[re.Pattern[bytes], ...]:
        """The compiled patterns: one by one they are faster than as branches of one. Raises RdnaError("bad-rule")."""
        return tuple(compile_pattern(pattern, self.where) for pattern in self.patterns)

    def search(self, text: bytes) -> re.Match[bytes] | None:
        """The first match in a text."""
        matches = (regex.search(text) for regex in self.regexes)
        return min((m for m in matches if m), key=lambda match: match.start(), default=None)


@record(frozen=True)
class Signatures:
    """All that is known. ``contexts`` say what a log is about."""

    contexts: tuple[Signature, ...]
    signatures: tuple[Signature, ...]


def compile_pattern(pattern: str, where: str) -> re.Pattern[bytes]:
    """The pattern over bytes: a space is any gap, ``.`` also a line's end. Raises RdnaError("bad-rule")."""
    unbounded = UNBOUNDED.search(re.sub(r"(?<!\\)\[[^]]*\]", "x", pattern))
    if unbounded:
        raise bad(where, f"{unbounded[0]!r} repeats without a bound in a pattern", "write {0,200} or the like")
    spaced = pattern.replace(" ?", f"{GAP}{{0,{LONGEST}}}").replace(" ", f"{GAP}{{1,{LONGEST}}}")
    try:
        return re.compile(spaced.encode(), re.DOTALL | re.MULTILINE)
    except re.error as err:
        raise bad(where, f"this is no regular expression: {err}") from err
