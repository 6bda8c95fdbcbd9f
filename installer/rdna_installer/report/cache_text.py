"""``cache clear`` for people: what is there, how large, and what would go."""

from __future__ import annotations

from collections.abc import Iterable

from rdna_installer.plan.summary import plural, size
from rdna_installer.report.console import Style
from rdna_installer.workflow.caches import Cache, Caches


def render(found: Caches, style: Style) -> str:
    """Every cache, those to be cleared first."""
    rest = [item for item in found.items if not item.chosen]
    lines = [style.paint(f"Caches of {found.user.name}", "bold")]
    lines += [_cache(item, "clear", "yellow", style) for item in found.chosen]
    lines += [_cache(item, "leave", "dim", style) for item in rest]
    if any(item.place.id == "miopen-database" and item.tree.there for item in found.items):
        hidden = "Solvers that were switched off and are on again stay hidden until MIOpen's choice is cleared."
        lines.append(style.wrap(hidden, 2))
    return "\n".join(lines)


def _cache(item: Cache, word: str, colour: str, style: Style) -> str:
    place = item.place
    by = f" ({place.variable})" if place.variable else ""
    held = (
        f": {size(item.tree.size)} in {plural(item.tree.files, 'file')}"
        if item.tree.there and not item.tree.problem
        else ""
    )
    text = style.wrap(f"{place.what}{held}{': ' + item.why if item.why else ''}", 2, f"{word}  ")
    return text.replace(word, style.paint(word, colour), 1) + f"\n         {place.path}{by}"


def total(items: Iterable[Cache]) -> str:
    """The question's words: how much would go."""
    chosen = list(items)
    return f"{size(sum(i.tree.size for i in chosen))} in {plural(sum(i.tree.files for i in chosen), 'file')}"
