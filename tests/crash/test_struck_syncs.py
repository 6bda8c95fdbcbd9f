"""The syncs that the model needs are among the places that ``table.py`` strikes: each kill and error comes at each.

``commit-protocol`` names them by what they make durable (tests/protocol/check_commit.py drops each in turn): opening,
swapping, settling, taking back, a user's own, and the first act of every recovery.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import commands
import pytest
import table
from harness import STATE, needs_faults
from injector import Place

pytestmark = [
    pytest.mark.processes,
    needs_faults,
    pytest.mark.skipif(os.geteuid() != 0, reason="not root: two owners were not traced"),
]
SITE = "home/sam/venv/"
FIRST = "its first change"
# What was done in the process before, and what is synced then.
NEEDED: dict[str, set[tuple[str, str, str]]] = {
    "both: apply": {
        ("root", "list", "the system's state"),
        ("root", "open", "the system's state"),
        ("root", "swap", "files"),
        ("root", "seal", "the system's state"),
        ("root", "seal", "the system's generations"),
        ("root", "image", "image"),
        ("root", "settle", "the system's generations"),
        ("root", "list", "the system's state"),
        ("sam", "open", "sam's state"),
        ("sam", "swap", "sam's files"),
        ("sam", "seal", "sam's state"),
    },
    "both: activation fails": {
        ("root", "unseal", "the system's state"),
        ("root", "unseal", "the system's generations"),
        ("root", "swap", "files"),
        ("root", "image", "image"),
        ("root", "discard", "the system's state"),
        ("root", "list", "the system's state"),
        ("sam", "swap", "sam's files"),
        ("sam", "discard", "sam's state"),
    },
    "both: recover (undone)": {
        ("root", FIRST, "the system's state"),
        ("root", FIRST, "the system's generations"),
        ("root", "swap", "files"),
        ("root", "discard", "the system's state"),
        ("sam", FIRST, "sam's state"),
        ("sam", FIRST, "sam's generations"),
        ("sam", "swap", "sam's files"),
    },
    "both: recover (finished)": {
        ("root", FIRST, "the system's state"),
        ("root", "list", "the system's state"),
        ("sam", FIRST, "sam's state"),
        ("sam", "seal", "sam's state"),
        ("sam", "seal", "sam's generations"),
    },
    "sam: recover": {
        ("sam", FIRST, "sam's state"),
        ("sam", FIRST, "sam's generations"),
        ("sam", "seal", "sam's state"),
    },
}


def thing(root: str, where: str) -> str:
    """What a place is part of."""
    inside = where.removeprefix(root + "/")
    for state, whose in ((STATE, "the system's"), (table.USER_STATE, "sam's")):
        if inside == state:
            return f"{whose} state"
        if inside.startswith(f"{state}/generations"):
            return f"{whose} generations"
    if inside.startswith("boot/"):
        return "image"
    return "sam's files" if inside.startswith(SITE) else "files" if inside.startswith("etc/") else ""


def step(root: str, place: Place) -> str | None:
    """Which step of the protocol a change of names is."""
    inside = place.where.removeprefix(root + "/")
    name = inside.rpartition("/")[2]
    if place.call == "unlinkat" and name == "pending":
        return "settle"
    if place.call == "openat" and inside.startswith("boot/"):
        return "image"
    if place.call not in ("renameat", "unlinkat", "linkat"):
        return None
    if name.startswith((".outcomes.json", "outcomes.")):
        return "list"
    in_state = inside.startswith((STATE + "/", table.USER_STATE + "/"))
    if in_state and place.call == "renameat":
        number = "/generations/" in inside and name.isdigit()
        return {"tx.new": "open", "tx": "seal", "tx.back": "discard"}.get(name, "unseal" if number else None)
    return None if in_state else "swap"


def syncs(root: str, places: Sequence[Place]) -> Iterator[tuple[str, str, str]]:
    """(whose process, the step before it, what is synced) of each sync."""
    last: dict[int, str] = {}
    for place in places:
        if found := step(root, place):
            last[place.process] = found
        if place.call == "fsync" and (what := thing(root, place.where)):
            yield "sam" if place.user else "root", last.get(place.process, FIRST), what


def thrown_away(found: set[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    """Undone, ``tx`` is renamed to be thrown away: in the trace that looks like a seal."""
    return found | {(who, "discard", what) for who, before, what in found if before == "seal" and "state" in what}


@pytest.mark.parametrize("name", NEEDED)
def test_the_syncs_that_the_model_needs_are_struck(name: str) -> None:
    commands.prepare()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        bench = table.Bench(next(s for s in table.SCENARIOS if s.name == name), Path(folder), "")
        root, places = str(bench.place), bench.places
        bench.close()
    found = thrown_away(set(syncs(root, places)))
    assert NEEDED[name] - found == set(), sorted(found)
    jobs = table.choose([bench], None, table.SEED)
    killed = {(j.fault.process, j.fault.call, j.fault.number) for j in jobs if j.kind == table.KILL}
    assert killed >= {(p.process, p.call, p.number) for p in places if p.call == "fsync"}
