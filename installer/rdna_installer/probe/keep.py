"""A probe's result as JSON, and whether it still holds. Reads what a user's own state may say: shapes are checked."""

from __future__ import annotations

import hashlib
import json

from rdna_installer import codec
from rdna_installer.codec import Data, MisfitError
from rdna_installer.errors import RdnaError
from rdna_installer.probe.reading import checked
from rdna_installer.probe.types import Identity, Probed

FORMAT = 2
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
