"""The page of a shared report: numbers and places for the template, from the record alone. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from rdna_installer import resources
from rdna_installer.detect.targets import lookup
from rdna_installer.knowledge.load import load_book
from rdna_installer.probe.types import ANY, STRATEGIES, OpOutcome, Trouble
from rdna_installer.share.schema import Card, Cell, Log, Measured, Sample, Shared, Tried, rows, signatures, uses, words

if TYPE_CHECKING:
    from jinja2 import Template

View = dict[str, Any]
LEFT_OUT = (OpOutcome.NOT_TRIED, OpOutcome.NOT_OFFERED)
BAD = tuple(outcome for outcome in OpOutcome if outcome not in (OpOutcome.OK, *LEFT_OUT))
WORST_FIRST = tuple(outcome.value for outcome in (*BAD, OpOutcome.OK, *LEFT_OUT))
LETTER = 6.3  # units that a letter of a chart takes, at 11
LABEL, WIDTH, LINE = 200, 360, 15  # of charts
BARS, NAMED, TROUBLES, TYPES = 12, 2, 6, ("f32", "f16", "bf16")


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(resources.templates() / "page")
    env = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    env.filters |= {"css": lambda word: word.replace(" ", "-"), "card": name_of, "number": number, "use": uses().get}
    return env.get_template("page.html.j2")


def render(shared: Shared, digest: str) -> str:
    """The page, as one text."""
    return _template().render(r=shared, w=words(), v=view(shared, digest))


def name_of(card: Card) -> str:
    """A card's name, of our own table."""
    entry = lookup(card.device)
    return card.name or (entry.product(None) if entry else "AMD GPU")


def title_of(shared: Shared) -> str:
    """What a report is of."""
    cards = shared.machine.cards if shared.machine else ()
    names = dict.fromkeys(f"{name_of(card)} ({card.target})" for card in cards)
    return ", ".join(names) or ("No AMD GPU" if shared.machine else "A log")


def number(value: float) -> str:
    """Three digits, and no exponent where none is needed."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def size(mib: float) -> str:
    """Memory, in the unit that people say."""
    return f"{number(mib / 1024)} GiB" if mib >= 1024 else f"{number(mib)} MiB"


def view(shared: Shared, digest: str) -> View:
    """What the template needs besides the record."""
    why = {rule.id: rule.why for rule in load_book().rules}
    rules = [python.rule for python in (shared.machine.pythons if shared.machine else ()) if python.rule in why]
    verdict = shared.verdict.value if shared.verdict else ""
    return {
        "title": f"{title_of(shared)}: PyTorch and ROCm",
        "digest": digest,
        "sign": {"native": "ok", "works": "ok", "experimental": "raised", "unusable": "aborted"}.get(
            verdict, "not tried"
        ),
        "why": [why[rule] for rule in dict.fromkeys(rules)][:2],
        "next": sorted((t for t in shared.topics if t.mark != "ok"), key=lambda t: list(words()["mark"]).index(t.mark)),
        "probes": [_probe(it, n) for n, it in enumerate(shared.probes, 1) if it.tried],
        "findings": _findings(shared.log),
    }


def _findings(log: Log | None) -> list[View]:
    known = {each.id: each.means for each in (signatures().signatures if log and log.findings else ())}
    found = sorted(log.findings if log else (), key=lambda finding: not finding.fatal)
    return [{"it": finding, "means": known[finding.signature]} for finding in found]


def _probe(it: Measured, place: int) -> View:
    cells = [cell for tried in it.tried for cell in tried.cells]
    counts = Counter(cell.outcome.value for cell in cells)
    judged = [cell for cell in cells if cell.outcome not in LEFT_OUT]
    best = [c for c in it.tried[0].cells if c.strategy in (it.best, ANY) and rows()[c.op][1] != "memory"]
    charts = (_times(best), _memory(it), _soak(it.soak.samples if it.soak else ()))
    return {
        "it": it,
        "number": place,
        "passed": counts[OpOutcome.OK.value],
        "tried": len(judged),
        "counts": [(o, counts[o]) for o in WORST_FIRST if counts[o] and o != OpOutcome.OK.value],
        "seen": [outcome for outcome in WORST_FIRST if counts[outcome]],
        "maps": [_map(tried) for tried in it.tried if tried.cells],
        "troubles": _troubles(cells),
        "charts": [chart for chart in charts if chart],
    }


def _troubles(cells: Iterable[Cell]) -> list[tuple[str, list[str], int]]:
    """The commonest first, each with where it was."""
    where: dict[Trouble, dict[str, None]] = {}
    for cell in cells:
        if cell.trouble is not None and cell.outcome in BAD:
            name = f"{rows()[cell.op][0]} {cell.type}{'' if cell.strategy == ANY else f' ({cell.strategy})'}"
            where.setdefault(cell.trouble, {})[name] = None
    most = sorted(where.items(), key=lambda item: -len(item[1]))[:TROUBLES]
    said = words()["trouble"]
    return [(said[kind.value], [*names][:NAMED], max(0, len(names) - NAMED)) for kind, names in most]


def _map(tried: Tried) -> View:
    held = {(cell.op, cell.type, cell.strategy): cell for cell in tried.cells}
    order = [op for op in rows() if any(op == cell.op for cell in tried.cells)]
    strategies = [s for s in (ANY, *STRATEGIES) if any(cell.strategy == s for cell in tried.cells)]
    groups = [_group(name, ops, held, strategies) for name, ops in _by_group(order)]
    values = ", ".join(f"{key}={'another text' if value == 'other' else value}" for key, value in tried.values)
    named = "Without variables" if tried.bare else f"With {values}" if values else "Without variables of ours"
    several = {op for op, _, strategy in held if strategy != ANY}
    halves = ([op for op in order if (op in several) is touched] for touched in (False, True))
    maps = [_drawn(_by_group(ops), strategies, held) for ops in halves if ops]
    return {"title": named, "groups": sorted(groups, key=lambda group: not group["bad"]), "drawn": maps}


def _by_group(order: Sequence[str]) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for op in order:
        found.setdefault(rows()[op][1], []).append(op)
    return [*found.items()]


def _group(name: str, ops: list[str], held: dict[tuple[str, str, str], Cell], strategies: list[str]) -> View:
    mine = [cell for (op, _, _), cell in held.items() if op in ops]
    columns = [s for s in strategies if any(cell.strategy == s for cell in mine)]
    bad = Counter(cell.outcome.value for cell in mine if cell.outcome in BAD)
    left = Counter(cell.outcome.value for cell in mine if cell.outcome in LEFT_OUT)
    passed = sum(cell.outcome is OpOutcome.OK for cell in mine)
    said = [f"{passed} of {len(mine) - left.total()} passed"]
    said += [f"{n} {words()['outcome'][o]['mark']}" for o, n in bad.items()] + [f"{n} {o}" for o, n in left.items()]
    lines = [
        (
            rows()[op][0],
            [(t, [held.get((op, t, s)) for s in columns]) for t in TYPES if any((op, t, s) in held for s in columns)],
        )
        for op in ops
    ]
    sign = next(o for o in WORST_FIRST if o in bad or o in left or (passed and o == OpOutcome.OK.value))
    return {"name": name, "said": ", ".join(said), "bad": bool(bad), "columns": columns, "rows": lines, "sign": sign}


def fitted(text: str, width: float) -> str:
    """As much of a text as a chart has place for."""
    most = int(width / LETTER)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _drawn(groups: list[tuple[str, list[str]]], strategies: list[str], held: dict[tuple[str, str, str], Cell]) -> View:
    """A heat map: a line for each operation, a column for each type in each strategy."""
    ops = [op for _, of in groups for op in of]
    columns = [(s, t) for s in strategies for t in TYPES if any((op, t, s) in held for op in ops)]
    wide = {s: 23 * sum(strategy == s for strategy, _ in columns) for s, _ in columns}
    texts: list[tuple[float, float, str, str]] = []
    marks: list[tuple[float, float, str]] = []
    places, x = [], float(LABEL)
    for place, (strategy, kind) in enumerate(columns):
        if place == 0 or columns[place - 1][0] != strategy:
            x += 10
            texts.append((x, 12, fitted("all" if strategy == ANY else strategy, wide[strategy] + 9), "b"))
        places.append(x)
        texts.append((x + 10, 26, kind, "c"))
        x += 23
    y = 32
    for name, ops in groups:
        texts.append((0, y + 11, fitted(name, LABEL), "b"))
        y += LINE
        for op in ops:
            texts.append((LABEL, y + 10, fitted(rows()[op][0], LABEL - 8), "e"))
            cells = [held.get((op, kind, strategy)) for strategy, kind in columns]
            marks += [(place, y, cell.outcome.value) for place, cell in zip(places, cells, strict=True) if cell]
            y += LINE
    return {"texts": texts, "marks": marks, "width": x + 12, "height": y + 4}


def _chart(name: str, title: str, says: str, height: float, **drawn: Any) -> View:
    empty: View = {"paths": [], "dots": [], "marks": [], "texts": []}
    return {"id": name, "title": title, "says": says, "width": WIDTH, "height": height, **empty, **drawn}


def _times(cells: Sequence[Cell]) -> View | None:
    """The slowest of the best strategy, on a logarithmic scale."""
    slow = sorted((c for c in cells if c.ms), key=lambda cell: -(cell.ms or 0))[:BARS]
    if len(slow) < 2:
        return None
    low, high = (math.log10(f([v for c in slow for v in (c.ms, c.low, c.high) if v])) for f in (min, max))
    low, high = math.floor(low), max(math.ceil(high), math.floor(low) + 1)

    def at(value: float) -> float:
        return round(LABEL + (WIDTH - LABEL - 12) * (math.log10(value) - low) / (high - low), 1)

    bottom = LINE * len(slow) + 6
    paths = [(f"M{at(10.0**n)} 2V{bottom}", "ax") for n in range(low, high + 1)]
    ends = (low, high) if high - low > 4 else range(low, high + 1)
    texts = [(at(10.0**n), bottom + 13, number(10.0**n), "c") for n in ends if n < high]
    texts.append((WIDTH - 2, bottom + 13, number(10.0**high), "e"))  # however long it is
    dots = []
    for n, cell in enumerate(slow):
        y = 11 + n * LINE
        texts.append((LABEL - 6, y + 4, fitted(f"{rows()[cell.op][0]} {cell.type}", LABEL - 14), "e"))
        dots.append((at(cell.ms or 1), y, 3.2))
        if cell.low and cell.high:
            paths.append(
                (f"M{at(cell.low)} {y}H{at(cell.high)}M{at(cell.low)} {y - 3}v6M{at(cell.high)} {y - 3}v6", "s1")
            )
    what = f"The {len(slow)} slowest operations of the best method in milliseconds"
    says = f"{what}, median with 10th to 90th percentile, on a logarithmic scale."
    return _chart("times", "Times", says, bottom + 18, paths=paths, texts=texts, dots=dots)


def _memory(it: Measured) -> View | None:
    """The steps of the allocation test."""
    steps = [c for c in it.tried[0].cells if rows()[c.op][1] == "memory"]
    if not steps:
        return None
    largest = max([c.mib for c in steps if c.mib] or [1.0])
    paths, marks = [], []
    texts: list[tuple[float, int, str, str]] = []
    for n, cell in enumerate(steps):
        y = 2 + n * LINE
        length = round(max(1.0, (WIDTH - LABEL - 84) * (cell.mib or 0) / largest), 1)
        paths.append((f"M{LABEL + 16} {y}h{length}v11h-{length}z", "bar" if cell.outcome is OpOutcome.OK else "ax"))
        marks.append((LABEL, y, cell.outcome.value))
        texts.append((LABEL - 6, y + 10, fitted(rows()[cell.op][0], LABEL - 14), "e"))
        texts.append((LABEL + 20 + length, y + 10, size(cell.mib) if cell.mib else "", ""))
    good = max([c.mib for c in steps if c.mib and c.outcome is OpOutcome.OK] or [0.0])
    says = f"Allocations, written and read back; the largest that worked is {size(good)}."
    return _chart("memory", "Memory", says, LINE * len(steps) + 6, paths=paths, marks=marks, texts=texts)


def _soak(samples: Sequence[Sample]) -> View | None:
    """Temperature and clock over the time under load."""
    heat, clock = ([(s.second, getattr(s, n)) for s in samples if getattr(s, n)] for n in ("celsius", "mhz"))
    if len(heat) < 2:
        return None
    last = max(second for second, _ in heat) or 1

    def line(points: Sequence[tuple[int, float]]) -> str:
        low, high = min(v for _, v in points), max(v for _, v in points)
        spots = ((50 + 250 * s / last, 100 - 88 * (v - low) / ((high - low) or 1)) for s, v in points)
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in spots)

    t0, t1 = (number(f(v for _, v in heat)) for f in (min, max))
    paths, texts = (
        [("M50 4V104H300", "ax"), (line(heat), "s1")],
        [(46, 14, f"{t1} °C", "e"), (46, 104, f"{t0} °C", "e")],
    )
    says = f"From {t0} to {t1} °C under load"
    if len(clock) > 1:
        c0, c1 = (number(f(v for _, v in clock)) for f in (min, max))
        paths.append((line(clock), "s2"))
        texts += [(304, 14, c1, ""), (304, 104, f"{c0} MHz", "")]
        says += f"; the clock (dashed) from {c0} to {c1} MHz"
    texts += [(50, 118, "0 s", "c"), (300, 118, f"{last} s", "c")]
    return _chart("soak", "Under load", says + ".", 122, paths=paths, texts=texts)
