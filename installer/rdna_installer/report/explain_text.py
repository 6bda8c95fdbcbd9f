"""``explain`` for people: what it is, what it does, who says so, who says otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from rdna_installer.knowledge.evidence import Evidence
from rdna_installer.knowledge.explain import Explanation, KeyGroup
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


def keys(items: Sequence[KeyGroup], style: Style) -> str:
    """Everything that can be explained, by kind; of one kind alone each with its summary."""
    if len(items) == 1:
        lines = [style.paint(items[0].title, "bold")]
        for key, summary in items[0].entries:
            lines += [f"  {key}", style.wrap(summary, 6)]
        return "\n".join(lines)
    blocks = [f"{style.paint(g.title, 'bold')}\n{style.wrap('  '.join(k for k, _ in g.entries), 2)}" for g in items]
    words = ", ".join(group.name for group in items)
    blocks.append(style.wrap(f"rdna-installer explain KEY says all about one; with a line each: {words}"))
    return "\n\n".join(blocks)
