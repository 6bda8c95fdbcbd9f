"""A report with the same hostile text wherever a text is shown: past the schema, which would refuse it."""

from __future__ import annotations

from typing import Any

import made_up

from rdna_installer.share.schema import Shared

HOSTILE = (
    "\"'></svg></style><script>hostile=1</script><img src=//192.0.2.1/x onerror=hostile=1>{{7*7}}{%x%}" + "W" * 200
)
# Shown is what our tables have for these.
LOOKED_UP = frozenset(
    {"op", "strategy", "type", "subject", "mark", "next", "reason", "boot", "source", "by", "driver", "id", "signature"}
)


def hostile(value: Any = None, name: str = "") -> Any:
    """A whole report of it."""
    if value is None and not name:
        value = made_up.report("dead")
    if isinstance(value, str) and name not in LOOKED_UP:
        return HOSTILE
    if isinstance(value, tuple):
        return tuple(hostile(item, name) for item in value)
    if isinstance(getattr(type(value), "__match_args__", None), tuple) and not isinstance(value, (str, int, float)):
        made = object.__new__(type(value))
        made.__dict__.update({field: hostile(held, field) for field, held in value.__dict__.items()})
        return made
    return value


def report() -> Shared:
    """It, typed."""
    made: Shared = hostile()
    return made
