"""The reports of probe children, line by line: how operations went, and the cost model of ``gemm`` fitted to this card.

They come from processes that may be broken, and a kept result from a user's own state: shapes are checked. Pure, apart
from reading the model we ship, whose form a fitted one has. At the end: a result as JSON, and whether it still holds.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import cache
from typing import Any

from rdna_installer import codec, resources
from rdna_installer.codec import Data, MisfitError
from rdna_installer.errors import RdnaError
from rdna_installer.machine.bounds import Ended, How
from rdna_installer.probe.types import Costs, Identity, OpOutcome, Probed, Result, Stop, Variables, choice, why_not
from rdna_installer.record import record

NOTE_LIMIT = 300  # characters
COMPARED = {"gemm", "no-miopen"}
FORMAT = 2
LABELS = {
    "gpus": "GPU", "kernel": "kernel", "torch": "torch", "rocm": "ROCm", "python": "Python",
    "version": "rdna-installer",
}  # fmt: skip
GPU_GONE = {stop.value for stop in Stop}


@record(frozen=True)
class Reading:
    """``results`` of the operations that ended, ``begun`` the one that did not, ``fatal`` why none could begin."""

    results: tuple[Result, ...]
    begun: str | None
    done: bool
    fatal: str | None


def read(report: bytes, asked: Sequence[str]) -> Reading:
    """What the child said. Lines that are none of its protocol are left out; a torn last line too."""
    results: dict[str, Result] = {}
    begun, done, fatal = None, False, None
    for line in report.splitlines():
        fields = _fields(line)
        if fields.get("start") in asked:
            begun = fields["start"]
        elif fields.get("end") in asked and fields["end"] == begun:
            results[begun] = _result(begun, fields)
            begun = None
        elif "fatal" in fields:
            fatal = text(fields["fatal"])
        elif fields.get("done") is True:
            done = True
    return Reading(tuple(results.values()), begun, done, fatal)


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


def worth_measuring(found: Probed) -> Variables | None:
    """With which variables; None where nothing follows: only the CPU, no GPU left, or one of the two does not work."""
    best = choice(found)
    if best is None or found.stopped in GPU_GONE or not found.identity.gpus:
        return None
    working = {t.strategy for t in found.trials if t.variables == best.variables and why_not(t) is None}
    return next(s for s in found.sets if s.name == best.variables) if working >= COMPARED else None


def read_costs(ended: Ended) -> Costs:
    """What the child measured; without a model where it did not come to its end."""
    lines = [_fields(line) for line in ended.report.splitlines()]
    said = next((line for line in lines if "costs" in line), None)
    if said is None or ended.how is not How.ENDED:
        return Costs(None, f"not measured: {_why(lines, ended)}")
    try:
        model = checked(said["costs"])
    except ValueError as err:
        return Costs(None, f"not measured: {err}")
    found, gain, possible = (number(said.get(key)) or 0.0 for key in ("samples", "gain", "possible"))
    note = f"{found:.0f} samples: {gain:.2f} x as fast as no-miopen by its choice, {possible:.2f} x at best"
    return Costs(model, note)


def checked(data: object) -> str:
    """A model as the text of a file. Raises ValueError where torch's side could not use it."""
    try:
        margin = _like(1.0, data["margin"])  # type: ignore[index]
        devices = {text(name): _like(_shipped(), of) for name, of in data["devices"].items()}  # type: ignore[index]
    except (KeyError, TypeError, AttributeError, RecursionError) as err:
        raise ValueError(f"no cost model: {type(err).__name__} {err}") from err
    return json.dumps({"schema": 1, "margin": margin, "devices": devices}, indent=1) + "\n"


@cache
def _shipped() -> object:
    file = resources.PACKAGE / "runtime" / "conv" / "costs.json"
    return json.loads(file.read_text(encoding="ascii"))["devices"]["cuda"]


def _like(known: object, given: Any) -> object:
    """What of ``given`` stands where ``known`` has something; every number has to be above 0."""
    if isinstance(known, dict):
        return {key: _like(value, given[key]) for key, value in known.items()}
    if isinstance(known, str):
        return text(given)
    found = number(given)
    if not found:
        raise ValueError(f"no cost model: {text(given)} is not above 0")
    return found


def _why(lines: list[dict[str, Any]], ended: Ended) -> str:
    fatal = next((text(line["fatal"]) for line in lines if "fatal" in line), None)
    begun = next((text(line["begun"]) for line in reversed(lines) if "begun" in line), "start")
    return fatal or f"its process ended ({ended.how.value}, {ended.code}) at {begun}"


def file_name(python: str) -> str:
    """Where the result of one interpreter is kept, in the state directory of who probed."""
    name = codec.digest(python.encode("utf-8", "surrogateescape"))
    return f"probe-{name.partition(':')[2][:16]}.json"


def dump(probed: Probed) -> bytes:
    """The file's content."""
    return codec.write(probed, FORMAT)


def load(content: bytes, place: str) -> Probed:
    """The result in a file. Raises RdnaError("probe-unreadable")."""
    try:
        probed = codec.read(Probed, content, "probe", FORMAT, {1: _from_0_1_0})
        if probed.costs and probed.costs.model:
            checked(json.loads(probed.costs.model))
    except (MisfitError, ValueError, RecursionError) as err:
        message = f"the kept result of a probe cannot be read: {err}"
        raise RdnaError("probe-unreadable", message, context=place, hint="probe again: rdna-installer probe") from err
    return probed


def _from_0_1_0(data: Data) -> Data:
    """There the model of costs was an object of its own, and variables one too."""
    sets = [{**s, "values": [[key, value] for key, value in s["values"].items()]} for s in data["sets"]]
    costs = data.get("costs")
    if costs and costs["model"]:
        costs = {**costs, "model": checked(costs["model"])}
    return {**data, "sets": sets, "costs": costs}


def stale(kept: Identity, now: Identity) -> tuple[str, ...]:
    """What has changed since: "torch 2.5.1 -> 2.6.0". Empty while the result holds. Pure."""
    pairs = ((label, getattr(kept, name), getattr(now, name)) for name, label in LABELS.items())
    return tuple(f"{label} {_word(old)} -> {_word(new)}" for label, old, new in pairs if old != new)


def _word(value: object) -> str:
    return ", ".join(value) or "none" if isinstance(value, tuple) else str(value or "none")
