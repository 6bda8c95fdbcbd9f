"""``adopt`` for people: each leftover, what it does, and what happens to it."""

from __future__ import annotations

from collections.abc import Sequence

from rdna_installer.plan.summary import Summary
from rdna_installer.report.console import Style
from rdna_installer.workflow.adopting import Leftover

NOTHING = "No leftovers of other tools or guides were found in the places this program knows."


def render(leftovers: Sequence[Leftover], total: Summary, style: Style) -> str:
    """What goes first, then what is to be done by hand."""
    if not leftovers:
        return style.wrap(NOTHING)
    ours = [item for item in leftovers if item.done]
    theirs = [item for item in leftovers if not item.done]
    blocks = [style.wrap(total.line)] if ours else []
    if ours:
        blocks.append(style.block("To be taken away", (line for item in ours for line in _item(item, style))))
    if theirs:
        blocks.append(
            style.block("By hand: this program cannot do it safely", (x for i in theirs for x in _item(i, style)))
        )
    return "\n\n".join(blocks)


def _item(item: Leftover, style: Style) -> list[str]:
    lines = []
    for where, says in item.lines:
        lines += [f"  {where}", style.wrap(says, 6)]
    return [*lines, f"      {item.command}" if item.command else f"      -> {item.done}"]
