"""``explain`` for people: what it is, what it does, who says so, who says otherwise."""

from __future__ import annotations

import textwrap
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
    """What kinds of things can be explained; of one kind alone each with its summary."""
    if len(items) == 1:
        lines = [style.paint(items[0].title, "bold")]
        for key, summary in items[0].entries:
            lines += [f"  {key}", style.wrap(summary, 6)]
        return "\n".join(lines)
    lines = ["One of these, by its name:  rdna-installer explain NAME", ""]
    for group in items:
        names = textwrap.shorten(" ".join(key for key, _ in group.entries), style.width - 20, placeholder=" …")
        lines.append(f"  {group.name:<12}{len(group.entries):>4}  {names}")
    return "\n".join([*lines, "", "All of a kind, with a line each:", f"  rdna-installer explain {items[-1].name}"])
