"""The report of a probe child, line by line. It comes from a process that may be broken: shapes are checked."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from rdna_installer.probe.types import OpOutcome, Result
from rdna_installer.record import record

NOTE_LIMIT = 300  # characters


@record(frozen=True)
class Reading:
    """``results`` of the operations that ended, ``begun`` the one that did not, ``fatal`` why none could begin."""

    results: tuple[Result, ...]
    begun: str | None
    done: bool
    fatal: str | None
    about: tuple[tuple[str, str], ...] = ()


def read(report: bytes, asked: Sequence[str]) -> Reading:
    """What the child said. Lines that are none of its protocol are left out; a torn last line too."""
    results: dict[str, Result] = {}
    begun, done, fatal = None, False, None
    about: dict[str, str] = {}
    for line in report.splitlines():
        fields = _fields(line)
        if fields.get("start") in asked:
            begun = fields["start"]
        elif fields.get("end") in asked and fields["end"] == begun:
            results[begun] = _result(begun, fields)
            begun = None
        elif isinstance(fields.get("about"), dict):
            about = {str(k): text(v) for k, v in fields["about"].items()}
        elif "fatal" in fields:
            fatal = text(fields["fatal"])
        elif fields.get("done") is True:
            done = True
    return Reading(tuple(results.values()), begun, done, fatal, tuple(about.items()))


def _fields(line: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    known = isinstance(fields, dict) and all(not isinstance(fields.get(k), (list, dict)) for k in ("start", "end"))
    return fields if known else {}


def _result(op: str, fields: dict[str, Any]) -> Result:
    worst, ms = number(fields.get("worst")), number(fields.get("ms"))
    if "raised" in fields:
        return Result(op, OpOutcome.RAISED, note=text(fields["raised"]))
    if fields.get("ok") is not True or ms is None:
        return Result(op, OpOutcome.WRONG, worst=worst)
    return Result(op, OpOutcome.OK, ms, worst)


def number(value: object) -> float | None:
    """A number that measures something: finite, not negative; else None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) and value >= 0 else None


def text(value: object) -> str:
    """What may be shown of a value: printable, and not for ever."""
    return "".join(c if c.isprintable() else "?" for c in str(value))[:NOTE_LIMIT]
