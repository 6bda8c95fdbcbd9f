"""The table of what is tried (rows.yaml): rows, the kinds of trouble, and the use cases judged by rows. Pure.

Only a probe and a report read it: what follows from a kept result needs none of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Mapping
from functools import cache
from typing import Any

from rdna_installer import resources
from rdna_installer.probe.types import ANY, OpOutcome, Probed, Result, Trouble, Use, Verdict
from rdna_installer.record import record

TYPES = ("f32", "f16", "bf16")
DEPTHS = ("quick", "default", "all")


@record(frozen=True)
class Row:
    """One line of the table. ``way``: forward, backward, double backward or train; ``says``: what document 004 wrote of
    it; ``limits`` by type: a number, or "falls" where only the loss is judged; ``once``: no strategy touches it."""

    id: str
    name: str
    group: str
    way: str
    size: str
    says: str
    limits: tuple[tuple[str, str], ...]
    once: bool
    required: bool
    depth: str


@record(frozen=True)
class Cell:
    """A row in one type; ``kind``: what stands or falls together."""

    row: Row
    type: str

    @property
    def name(self) -> str:
        """ "conv2d-backward/f16"."""
        return f"{self.row.id}/{self.type}"

    @property
    def kind(self) -> str:
        """Group, pass and type."""
        return f"{self.row.group} {self.row.way} {self.type}"

    @property
    def required(self) -> bool:
        """Whether a strategy is no use where this fails: in float32 only."""
        return self.row.required and self.type == TYPES[0]

    def result(self, outcome: OpOutcome, **known: Any) -> Result:
        """Its result."""
        return Result(self.row.id, outcome, type=self.type, required=self.required, **known)


@cache
def data() -> Mapping[str, Any]:
    """The file, as it is written."""
    import yaml  # only a probe needs it so

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: Mapping[str, Any] = yaml.load((resources.PACKAGE / "probe" / "rows.yaml").read_bytes(), loader)  # noqa: S506
    return found


@cache
def table() -> tuple[Row, ...]:
    """Every row, in the order it is tried."""
    return tuple(_row(given) for given in data()["rows"])


def _row(given: Mapping[str, Any]) -> Row:
    way = given.get("pass", "backward" if given.get("gradients") else "forward")
    limits = tuple((t, str(limit)) for t, limit in zip(TYPES, given["limits"], strict=True) if limit is not None)
    sizes = ", ".join("x".join(str(n) for n in spec if not isinstance(n, str)) for spec in given.get("of", {}).values())
    depth = "quick" if given.get("quick") else given.get("depth", "default")
    once, required, says = bool(given.get("once")), bool(given.get("required")), given.get("says", "")
    return Row(given["id"], given["name"], given["group"], way, sizes, says, limits, once, required, depth)


def named(names: Container[str]) -> tuple[Cell, ...]:
    """The cells of these names, in the order of the table."""
    every = (Cell(row, kind) for row in table() for kind, _ in row.limits)
    return tuple(cell for cell in every if cell.name in names)


def for_children() -> bytes:
    """The rows as the children read them."""
    return json.dumps(data()["rows"]).encode("ascii")


def cells(strategy: str, depth: str, *, gpu: bool, least: bool = False) -> tuple[Cell, ...]:
    """What is tried in one strategy, those a verdict needs first. ``least``: only those (and what is basic)."""
    wanted = DEPTHS[: DEPTHS.index(depth) + 1]
    rows = (r for r in table() if r.depth in wanted and r.once is (strategy == ANY) and (gpu or r.group != "memory"))
    found = (Cell(row, kind) for row in rows for kind, _ in row.limits)
    return tuple(sorted((c for c in found if c.required or not least), key=lambda cell: not cell.required))


def trouble_in(said: str) -> Trouble:
    """What kind of trouble these words are of."""
    fits = (t["is"] for t in data()["troubles"] if re.search(t["says"], said))
    return Trouble(next(fits, Trouble.OTHER.value))


def judge(probed: Probed) -> tuple[Use, ...]:
    """What can be done on this card, by what passed with the variables of the verdict (else with those set anyway)."""
    if probed.edition != data()["edition"] or not probed.sets:
        return ()
    from rdna_installer.probe.types import choice

    best = choice(probed)
    name = best.variables if best else probed.sets[0].name
    by = {t.strategy: {r.cell: r for r in t.results} for t in probed.trials if t.variables == name}
    return tuple(_use(given, by) for given in data()["uses"])


def _use(given: Mapping[str, Any], by: Mapping[str, Mapping[str, Result]]) -> Use:
    once = {row.id for row in table() if row.once}
    shared, own = ([r for r in given["rows"] if (r in once) is both] for both in (True, False))
    tried = [name for name in by if name != ANY] if own else [ANY]
    lacking = {s: _lacking(shared, by.get(ANY, {}), TYPES[0]) + _lacking(own, by.get(s, {}), TYPES[0]) for s in tried}
    working = tuple(s for s, missing in lacking.items() if not missing)
    types = tuple(
        t
        for t in given["types"]
        if any(not _lacking(shared, by.get(ANY, {}), t) and not _lacking(own, by.get(s, {}), t) for s in working)
    )
    if working:
        return Use(given["id"], given["name"], Verdict.CAN, working, types)
    fewest = min(lacking.values(), key=len) if lacking else _lacking([*shared, *own], {}, TYPES[0])
    known = lacking and all(any(_failed(by, s, cell) for cell in missing) for s, missing in lacking.items())
    verdict = Verdict.CANNOT if known else Verdict.UNKNOWN
    return Use(given["id"], given["name"], verdict, missing=tuple(fewest))


def _lacking(rows: Iterable[str], results: Mapping[str, Result], kind: str) -> list[str]:
    """Cells of these rows that did not pass; a row that is not made for the type counts in float32 only."""
    known = {row.id: dict(row.limits) for row in table()}
    asked = [f"{row}/{kind}" for row in rows if kind in known[row]]
    return [cell for cell in asked if cell not in results or results[cell].outcome is not OpOutcome.OK]


def _failed(by: Mapping[str, Mapping[str, Result]], strategy: str, cell: str) -> bool:
    """Whether it was tried and went wrong, or two like it ended their process: no question is left."""
    result = by.get(strategy, {}).get(cell) or by.get(ANY, {}).get(cell)
    if result is None or result.outcome is OpOutcome.NOT_OFFERED:
        return False
    return result.outcome is not OpOutcome.NOT_TRIED or result.trouble is Trouble.LIKE_OTHERS
