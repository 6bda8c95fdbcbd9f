"""``doctor`` and ``adopt`` for people: a line a topic, and each leftover with what happens to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rdna_installer.plan.summary import Summary, plural
from rdna_installer.report.console import Style

if TYPE_CHECKING:
    from rdna_installer.workflow.adopting import Leftover
    from rdna_installer.workflow.doctor import Health, Topic

COLOURS = {"ok": "green", "problem": "red"}
SHOWN = 2  # lines of one topic; verify and plan have the rest
INDENT = 26


def render(health: Health, style: Style) -> str:
    """The topics, and where to start."""
    count = plural(len(health.open), "thing")
    said = f"{count} need{'s' if len(health.open) == 1 else ''} attention" if health.open else "nothing needs attention"
    lines = [style.wrap(f"{health.gpu} on {health.system}: {said}")]
    lines += [line for topic in health.topics for line in _topic(topic, style)]
    first = next((topic for topic in health.open if topic.command), None)
    if first is None:
        return "\n".join([*lines, "Next, see what would help and why:", "  rdna-installer plan"])
    return "\n".join([*lines, f"Start here ({first.name}):", f"  {first.command}"])


def _topic(topic: Topic, style: Style) -> list[str]:
    mark = style.paint(f"{topic.mark:<12}", COLOURS.get(topic.mark, "yellow"))
    head = f"  {mark} {topic.name:<10} "
    first, *more = style.wrap(topic.text, INDENT).split("\n")
    lines = [head + first.strip(), *more[: SHOWN - 1]]
    if len(more) >= SHOWN:
        lines[-1] += " …"
    return [*lines, *([f"{'':{INDENT}}{topic.command}"] if topic.command and topic.mark != "ok" else [])]


def leftovers(found: Sequence[Leftover], total: Summary, style: Style) -> str:
    """What goes, then what is to be done by hand."""
    if not found:
        return style.wrap("No leftovers of other tools or guides were found in the places this program knows.")
    ours = [line for item in found if item.done for line in _leftover(item, style)]
    theirs = [line for item in found if not item.done for line in _leftover(item, style)]
    blocks = [style.wrap(total.line) if ours else "", style.block("To be taken away", ours)]
    blocks.append(style.block("By hand: this program cannot do it safely", theirs))
    return "\n\n".join(filter(None, blocks))


def _leftover(item: Leftover, style: Style) -> list[str]:
    lines = [line for where, says in item.lines for line in (f"  {where}", style.wrap(says, 6))]
    return [*lines, f"      {item.command}" if item.command else f"      -> {item.done}"]
