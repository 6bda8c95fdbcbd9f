"""Version ranges over the versions ROCm, torch and Linux really carry; a version nobody can read is *unknown*.

``packaging`` is imported when the first range is asked, not before: most machines never need it.
"""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING

from rdna_installer.record import record

if TYPE_CHECKING:
    from packaging.version import Version

OPERATORS = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
CLAUSE = r"\s*(>=|<=|==|!=|>|<)\s*([0-9]{1,3}(?:\.[0-9]+)*(?:(?:a|b|rc|\.dev)[0-9]+)?)\s*\Z"
# 6.12.48+deb13-amd64, 6.18.0-rc6-custom, 6.2.4-139, 7.0.0.git64359f59, 6.0.32830-d62f6a171
LEADING = r"v?([0-9]+(?:\.[0-9]+)*)(?:[-.~]?(a|b|rc)\.?([0-9]+)|[-.]?(dev)\.?([0-9]+))?(?![0-9A-Za-z])"


def read_version(text: str) -> Version | None:
    """The version in ``text``, its local part and anything after the numbers left out; None = not one."""
    from packaging.version import Version

    match = re.match(LEADING, text.strip())
    if match is None or (len(match[1]) > 3 and "." not in match[1]):  # a bare long number is a hash
        return None
    number, stage, count, dev, day = match.groups()
    suffix = f"{stage}{count}" if stage else f".dev{day}" if dev else ""
    return Version(number + suffix)


@record(frozen=True)
class Range:
    """A range like ``>=6.3,<7`` (all clauses must hold); pre-releases are ordered as PEP 440 has it."""

    text: str

    def problem(self) -> str | None:
        """What is wrong with the range, or None."""
        for clause in self.text.split(","):
            if not re.match(CLAUSE, clause):
                return f'{clause.strip()!r} is no version range; write for example ">=6.3,<7"'
        return None

    def contains(self, text: str) -> bool | None:
        """Whether the version is inside; None where it cannot be read."""
        version = read_version(text)
        if version is None:
            return None
        return all(_holds(version, clause) for clause in self.text.split(","))


def _holds(version: Version, clause: str) -> bool:
    match = re.match(CLAUSE, clause)
    bound = read_version(match[2]) if match else None
    if match is None or bound is None:
        raise ValueError(f"not a version range: {clause!r}")
    return bool(OPERATORS[match[1]](version, bound))
