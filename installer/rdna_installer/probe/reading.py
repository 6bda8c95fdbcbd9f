"""The reports of probe children, line by line: how operations went, and the cost model of ``gemm`` fitted to this card.

They come from processes that may be broken, and a kept result from a user's own state: shapes are checked. Pure, apart
from reading the model we ship, whose form a fitted one has. At the end: a result as JSON, and whether it still holds.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from rdna_installer import codec, resources
from rdna_installer.codec import Data, MisfitError
from rdna_installer.errors import RdnaError
from rdna_installer.machine.bounds import Ended, How
from rdna_installer.probe.types import (
    Costs,
    Identity,
    OpOutcome,
    Probed,
    Result,
    Sample,
    Soak,
    Stop,
    Trouble,
    Variables,
    choice,
    why_not,
)
from rdna_installer.record import record

if TYPE_CHECKING:
    from rdna_installer.probe.rows import Cell

NOTE_LIMIT = 300  # characters
COMPARED = {"gemm", "no-miopen"}
FORMAT = 3
OLD_OPTIONAL = {"mm f16", "conv2d f16", "conv2d f16 backward", "conv2d bf16"}  # before there was a table of rows
SKIPPED = {t.value: t for t in (Trouble.OUT_OF_TIME, Trouble.TOO_LARGE)}
LABELS = {
    "gpus": "GPU", "kernel": "kernel", "torch": "torch", "rocm": "ROCm", "python": "Python",
    "version": "rdna-installer",
}  # fmt: skip
GPU_GONE = {stop.value for stop in Stop}


@record(frozen=True)
class Reading:
    """``results`` by cell of those that ended, ``begun`` the one that did not, ``fatal`` why none could begin;
    ``again``: its process left of itself, after an error that nothing of it outlives; ``compiled``: seconds of first
    runs."""

    results: dict[str, Result]
    begun: str | None
    done: bool
    fatal: str | None
    again: bool = False
    compiled: float = 0.0


def read(report: bytes, asked: Sequence[Cell]) -> Reading:
    """What the child said. Lines that are none of its protocol are left out; a torn last line too."""
    known, results = {cell.name: cell for cell in asked}, dict[str, Result]()
    begun, done, fatal, again, compiled = None, False, None, False, 0.0
    for line in report.splitlines():
        fields = _fields(line)
        name = fields.get("end")
        if fields.get("start") in known:
            begun = fields["start"]
        elif name in known and (name == begun or fields.get("skipped") in SKIPPED):
            results[name] = _result(known[name], fields)
            compiled += number(fields.get("first")) or 0.0
            begun = None
        elif "fatal" in fields:
            fatal = text(fields["fatal"])
        done, again = done or fields.get("done") is True, again or fields.get("again") is True
    return Reading(results, begun, done, fatal, again, compiled)


def _fields(line: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    known = isinstance(fields, dict) and all(not isinstance(fields.get(k), (list, dict)) for k in ("start", "end"))
    return fields if known else {}


def _result(cell: Cell, fields: dict[str, Any]) -> Result:
    if "refused" in fields:
        return cell.result(OpOutcome.NOT_OFFERED, note=text(fields["refused"]), trouble=Trouble.REFUSED)
    if "raised" in fields:
        from rdna_installer.probe.rows import trouble_in  # the table: who only reads kept results needs none

        note = text(fields["raised"])
        return cell.result(OpOutcome.RAISED, note=note, trouble=trouble_in(note))
    if fields.get("skipped") in SKIPPED:
        why = SKIPPED[fields["skipped"]]
        return cell.result(OpOutcome.NOT_TRIED, note=text(fields.get("note", "")), trouble=why)
    names = ("worst", "ms", "fastest", "low", "high", "gbs", "of")
    got = {name: number(fields.get(name)) for name in names}
    error, of = got.pop("worst"), got.pop("of")
    if fields.get("ok") is not True or error is None:
        trouble = Trouble.NOT_FALLING if fields.get("falls") is False else Trouble.OTHER_VALUES
        return cell.result(OpOutcome.WRONG, worst=error, of_limit=of, trouble=trouble)
    counts = {name: int(number(fields.get(key)) or 0) for name, key in (("repeats", "n"), ("bytes", "bytes"))}
    return cell.result(OpOutcome.OK, worst=error, of_limit=of, **got, **counts)


def number(value: object) -> float | None:
    """A number that measures something: finite, not negative; else None."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) and value >= 0 else None


def text(value: object) -> str:
    """What may be shown of a value: printable, and not for ever."""
    return "".join(c if c.isprintable() else "?" for c in str(value))[:NOTE_LIMIT]


def soak_lines(new: bytes) -> list[dict[str, Any]]:
    """Lines of a soak in a piece of a report: seconds, rounds, wrong ones, milliseconds, bytes held."""
    names = ("soak", "rounds", "wrong", "ms", "bytes")
    found = ({name: number(fields.get(name)) for name in names} for fields in map(_fields, new.splitlines()))
    return [line for line in found if None not in line.values()]


def soak_result(
    strategy: str,
    minutes: int,
    lines: Sequence[dict[str, Any]],
    samples: tuple[Sample, ...],
    faults: tuple[str, ...],
    fault: Result | None,
) -> Soak:
    """What came of it: right where nothing ended it, no round was wrong and the kernel saw no fault."""
    times = [line["ms"] for line in lines]
    part = max(1, len(times) // 10)
    first, last = (sorted(some)[len(some) // 2] if some else None for some in (times[:part], times[-part:]))
    end = lines[-1] if lines else {"soak": 0.0, "rounds": 0, "wrong": 0}
    good = OpOutcome.WRONG if end["wrong"] else OpOutcome.ABORTED if faults else OpOutcome.OK
    trouble = Trouble.OTHER_VALUES if end["wrong"] else Trouble.MEMORY_FAULT if faults else None
    outcome, trouble, note = (fault.outcome, fault.trouble, fault.note) if fault else (good, trouble, "")
    counts = (int(end["rounds"]), int(end["wrong"]))
    return Soak(strategy, minutes, outcome, end["soak"], *counts, first, last, samples, faults, trouble, note)


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
        probed = codec.read(Probed, content, "probe", FORMAT, {1: _from_0_1_0, 2: _without_rows})
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


def _without_rows(data: Data) -> Data:
    """There which operations a verdict needs stood in the program, and each had one type, which its name told."""
    for trial in data.get("trials", ()):
        for result in trial.get("results", ()):
            result["required"] = result.get("op") not in OLD_OPTIONAL
    return data


def stale(kept: Identity, now: Identity) -> tuple[str, ...]:
    """What has changed since: "torch 2.5.1 -> 2.6.0". Empty while the result holds. Pure."""
    pairs = ((label, getattr(kept, name), getattr(now, name)) for name, label in LABELS.items())
    return tuple(f"{label} {_word(old)} -> {_word(new)}" for label, old, new in pairs if old != new)


def _word(value: object) -> str:
    return ", ".join(value) or "none" if isinstance(value, tuple) else str(value or "none")
