"""A probe's result as JSON, and whether it still holds. Reads what a user's own state may say: shapes are checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from rdna_installer.errors import RdnaError
from rdna_installer.probe.costs import checked
from rdna_installer.probe.types import Costs, Identity, Outcome, Probed, Result, Trial, Variables

SCHEMA = 1
LABELS = {
    "gpus": "GPU",
    "kernel": "kernel",
    "torch": "torch",
    "rocm": "ROCm",
    "python": "Python",
    "version": "rdna-installer",
}


def file_name(python: str) -> str:
    """Where the result of one interpreter is kept, in the state directory of who probed."""
    name = python.encode("utf-8", "surrogateescape")
    return f"probe-{hashlib.sha256(name).hexdigest()[:16]}.json"


def to_json(probed: Probed) -> dict[str, Any]:
    """The whole result."""
    return {
        "schema": SCHEMA,
        "identity": {name: _plain(getattr(probed.identity, name)) for name in LABELS},
        "time": probed.time,
        "sets": [
            {"name": s.name, "values": dict(s.values), "rule": s.rule, "strategies": list(s.strategies)}
            for s in probed.sets
        ],
        "trials": [_trial(t) for t in probed.trials],
        "stopped": probed.stopped,
        "running": list(probed.running) if probed.running else None,
        "costs": _costs(probed.costs) if probed.costs else None,
        "driver": _result(probed.driver) if probed.driver else None,
    }


def _costs(costs: Costs) -> dict[str, Any]:
    return {"model": json.loads(costs.model) if costs.model else None, "note": costs.note}


def _trial(trial: Trial) -> dict[str, Any]:
    return {
        "variables": trial.variables,
        "strategy": trial.strategy,
        "results": [_result(r) for r in trial.results],
        "notes": list(trial.notes),
        "seconds": trial.seconds,
    }


def _result(r: Result) -> dict[str, Any]:
    return {"op": r.op, "outcome": r.outcome.value, "ms": r.ms, "worst": r.worst, "note": r.note}


def dump(probed: Probed) -> bytes:
    """The file's content."""
    return json.dumps(to_json(probed), indent=1).encode() + b"\n"


def load(content: bytes, place: str) -> Probed:
    """The result in a file. Raises RdnaError("probe-unreadable")."""
    try:
        data = json.loads(content)
        if data["schema"] != SCHEMA:
            raise ValueError(f"schema {data['schema']!r}")
        return Probed(
            identity=_identity(data["identity"]),
            time=str(data["time"]),
            sets=tuple(_variables(s) for s in data["sets"]),
            trials=tuple(_read_trial(t) for t in data["trials"]),
            stopped=None if data["stopped"] is None else str(data["stopped"]),
            running=(str(data["running"][0]), str(data["running"][1])) if data["running"] else None,
            costs=_read_costs(data["costs"]) if data.get("costs") else None,
            driver=_read_result(data["driver"]) if data.get("driver") else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as err:
        raise RdnaError(
            "probe-unreadable",
            f"the kept result of a probe cannot be read: {type(err).__name__} {err}",
            context=place,
            hint="probe again: rdna-installer probe",
        ) from err


def stale(kept: Identity, now: Identity) -> tuple[str, ...]:
    """What has changed since: "torch 2.5.1 -> 2.6.0". Empty while the result holds. Pure."""
    return tuple(_differences(kept, now))


def _differences(kept: Identity, now: Identity) -> Iterator[str]:
    for name, label in LABELS.items():
        before, after = getattr(kept, name), getattr(now, name)
        if before != after:
            yield f"{label} {_word(before)} -> {_word(after)}"


def _word(value: object) -> str:
    return ", ".join(value) or "none" if isinstance(value, tuple) else str(value or "none")


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _identity(data: dict[str, Any]) -> Identity:
    words = {name: str(data[name]) for name in ("kernel", "torch", "python", "version")}
    rocm = None if data["rocm"] is None else str(data["rocm"])
    return Identity(gpus=tuple(str(g) for g in data["gpus"]), rocm=rocm, **words)


def _variables(data: dict[str, Any]) -> Variables:
    values = tuple((str(k), str(v)) for k, v in data["values"].items())
    rule = None if data["rule"] is None else str(data["rule"])
    return Variables(str(data["name"]), values, rule, tuple(str(s) for s in data["strategies"]))


def _read_costs(data: dict[str, Any]) -> Costs:
    return Costs(checked(data["model"]) if data["model"] else None, str(data["note"]))


def _read_trial(data: dict[str, Any]) -> Trial:
    results = tuple(_read_result(r) for r in data["results"])
    notes = tuple(str(note) for note in data["notes"])
    return Trial(str(data["variables"]), str(data["strategy"]), results, notes, float(data["seconds"]))


def _read_result(r: dict[str, Any]) -> Result:
    return Result(str(r["op"]), Outcome(r["outcome"]), _float(r["ms"]), _float(r["worst"]), str(r["note"]))


def _float(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]
