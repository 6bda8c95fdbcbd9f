"""``explain`` for people: what it is, what it does, who says so, who says otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rdna_installer.knowledge.evidence import Evidence
from rdna_installer.knowledge.explain import Explanation
from rdna_installer.report.console import Style


def render(item: Explanation, style: Style) -> str:
    """One answer."""
    lines = [f"{style.paint(item.key, 'bold')} ({item.kind})", style.wrap(item.summary, 2), ""]
    lines += [style.wrap(text, 2, f"{label}: ") for label, text in item.facts]
    lines += _evidence("Evidence", item.evidence, style)
    lines += _evidence("Against it", item.counter, style)
    if item.related:
        lines += ["", style.wrap(", ".join(item.related), 0, "See also: ")]
    return "\n".join(lines)


def _evidence(title: str, items: Sequence[Evidence], style: Style) -> list[str]:
    if not items:
        return []
    lines = ["", style.paint(title, "bold")]
    for item in items:
        lines.append(style.wrap(item.says, 2, f"{item.strength.value}: "))
        lines.append(f"    {item.who}, {item.url}" if item.who else f"    {item.url}")
    return lines


def keys(names: Iterable[str], style: Style) -> str:
    """Everything that can be explained."""
    return style.wrap("  ".join(names))
