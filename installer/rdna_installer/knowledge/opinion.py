"""What is known of single values of a variable or parameter: harmful, superfluous, right or unread, by whose word.

An entry of a catalogue carries them under ``judged``; amd/judge.py asks them.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Collection

from rdna_installer.knowledge.evidence import Evidence
from rdna_installer.knowledge.fields import Fields
from rdna_installer.knowledge.when import When, read_when
from rdna_installer.knowledge.yamlfile import YamlNode, bad
from rdna_installer.parameter import number
from rdna_installer.record import record

ANY = "*"


class Answer(enum.Enum):
    """What a value is here. UNKNOWN: nothing is known for or against it, or a condition could not be judged."""

    HARMFUL = "harmful"
    UNREAD = "unread"
    UNKNOWN = "unknown"
    SUPERFLUOUS = "superfluous"
    RIGHT = "right"


@record(frozen=True)
class Opinion:
    """A statement about values: folded ``words``, a ``pattern``, or integers from ``low`` to ``high``."""

    words: frozenset[str]
    pattern: str | None
    low: int | None
    high: int | None
    when: When
    answer: Answer
    says: str
    evidence: tuple[Evidence, ...]

    def about(self, value: str) -> bool:
        """Whether it speaks of a value."""
        if self.words:
            return ANY in self.words or value.strip().lower() in self.words
        if self.pattern is not None:
            return re.fullmatch(self.pattern, value.strip()) is not None
        read = number(value.strip())
        return read is not None and (self.low is None or read >= self.low) and (self.high is None or read <= self.high)


def read_opinion(node: YamlNode, targets: Collection[str]) -> Opinion:
    """One item of ``judged``. Raises RdnaError("bad-rule")."""
    fields = Fields(node, "judged value")
    opinion = fields.record(
        Opinion,
        words=frozenset(word.lower() for word in fields.texts("values")),
        pattern=fields.text_or_none("like"),
        low=_bound(fields, "from"),
        high=_bound(fields, "to"),
        when=read_when(fields.get("when"), targets),
    )
    ways = (bool(opinion.words), opinion.pattern is not None, (opinion.low, opinion.high) != (None, None))
    if sum(ways) != 1:
        raise bad(node.where, "a judged value needs exactly one of values, like, and from/to")
    return opinion


def _bound(fields: Fields, key: str) -> int | None:
    text = fields.text_or_none(key)
    if text is not None and number(text) is None:
        raise fields.error(key, f"{key} must be an integer, not {text!r}")
    return number(text) if text is not None else None
