"""``advise`` for people: what the GPU is, what is here, and what to do, best first. Commands are never wrapped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rdna_installer.knowledge.evidence import Evidence
from rdna_installer.model import SiteVerdict
from rdna_installer.plan.advise import Advice, Option
from rdna_installer.record import record, replace
from rdna_installer.report.console import Style
from rdna_installer.report.plan_text import EXPECT

BEGINNING = re.compile("; |[.] |: (?!https)")  # what a way is, without its reasons
MORE = """More:
  rdna-installer setup             installs a PyTorch for this card; asks first
  rdna-installer advise 2          the commands of one way
  rdna-installer advise --errors   errors and their fixes
  rdna-installer advise -v         sources, and what is not so"""
SHOWN = 2  # sources of one option; --json has them all


@record(frozen=True)
class Form:
    """How much: one way by its number, the fixes of errors, or everything with its sources."""

    number: int | None = None
    errors: bool = False
    every: bool = False


def render(items: Sequence[Advice], form: Form, style: Style) -> str:
    """Every GPU's answer."""
    return "\n\n".join(filter(None, (_advice(item, form, style) for item in items)))


def _advice(item: Advice, form: Form, style: Style) -> str:
    ways = [option for option in item.options if option.symptom is None]
    cures = [option for option in item.options if option.symptom is not None]
    if form.number is not None:
        every = dict(enumerate([*ways, *cures], 1))
        return _option(form.number, every[form.number], style) if form.number in every else ""
    if form.errors:
        return _ranked("If you get this error", enumerate(cures, len(ways) + 1), style)
    if not form.every and style.rows:  # who reads it from a pipe or a file gets everything
        return _brief(item, ways, style)
    blocks = [
        _head(item, style),
        _ranked("What to do, best first", enumerate(ways, 1), style),
        _ranked("If you get this error", enumerate(cures, len(ways) + 1), style),
        style.block("Set here by others", (style.wrap(text, 0, "  - ") for text in item.others)),
        _notes(item, style),
    ]
    return "\n\n".join(block for block in blocks if block)


def _brief(item: Advice, ways: Sequence[Option], style: Style) -> str:
    """The best way whole, the others in a line or two; where the rest is."""
    lines = [line for n, way in enumerate(ways[:1], 1) for line in _way(n, way, style)]
    for number, way in enumerate(ways[1:], 2):
        cost = f" ({way.cost})" if way.cost else ""
        kind = "an experiment: " if way.kind == "experiment" else ""
        lines.append(style.wrap(f"{kind}{BEGINNING.split(way.says)[0]}{cost}", 0, f"{number:2}. "))
    others = style.block("Set here by others", (style.wrap(text, 0, "  - ") for text in item.others))
    false = style.wrap(item.notes[0].says, first="Not so: ") if item.notes else ""
    return "\n\n".join(filter(None, (_head(item, style), "\n".join(lines), others, false, MORE)))


def _head(item: Advice, style: Style) -> str:
    gpu, target = item.gpu, item.target
    name = gpu.name or (", ".join(target.products[:3]) if target else "AMD GPU")
    title = f"{gpu.gfx}: {name}" + (f" ({target.chip})" if target else "")
    lines = [style.paint(style.wrap(title), "bold")]
    if target is not None:
        lines.append(style.wrap(target.support, 2, "AMD, Linux: "))
        lines.append(style.wrap(EXPECT[target.reachable][0], 2, "best known: "))
    lines += [style.wrap(text, 2, "system:     ") for text in item.system]
    lines += [_site(verdict, style) for verdict in item.sites]
    return "\n".join(lines)


def _site(verdict: SiteVerdict, style: Style) -> str:
    if verdict.site is None:
        return style.wrap(verdict.why.partition(". ")[0], 2, "here:       ")
    word, colour = EXPECT[verdict.verdict]
    text = style.wrap(f"{word}, with {verdict.site}: {verdict.why}", 2, "here:       ")
    return text.replace(word, style.paint(word, colour), 1)


def _ranked(title: str, options: Iterable[tuple[int, Option]], style: Style) -> str:
    return style.block(title, (_option(number, option, style) for number, option in options))


def _way(number: int, option: Option, style: Style) -> list[str]:
    lines = [style.wrap(option.says, 0, f"{number:2}. ")]
    lines += [f"      {style.paint(command, 'blue')}" for command in option.commands]
    details = (("known", option.fault), ("cost", option.cost), ("risk", option.risk))
    return [*lines, *(style.wrap(text, 4, f"{label}: ") for label, text in details if text)]


def _option(number: int, option: Option, style: Style) -> str:
    says = f"{option.symptom}: {option.says}" if option.symptom else option.says
    if option.kind == "experiment":
        says = f"an experiment: {says}"
    lines = _way(number, replace(option, says=says), style)
    lines += _sources(option.evidence, "", style) + _sources(option.counter, "but ", style)
    return "\n".join(lines)


def _sources(items: Sequence[Evidence], prefix: str, style: Style) -> list[str]:
    lines = []
    for item in sorted(items, key=lambda e: -e.strength.rank)[:SHOWN]:
        says = f"{item.who}: {item.says}" if item.who else item.says
        lines.append(style.wrap(says, 4, f"{prefix}{item.strength.value}: "))
        lines.append(f"      {style.paint(item.url, 'dim')}")
    return lines


def _notes(item: Advice, style: Style) -> str:
    lines = []
    for note in item.notes:
        lines.append(style.wrap(note.says, 0, "  - "))
        lines.append(f"      {style.paint(note.evidence[0].url, 'dim')}")
    return style.block("Not so", lines)
