"""``doctor`` for people: one screen, a line a topic, what to do below what needs it."""

from __future__ import annotations

from rdna_installer.plan.summary import plural
from rdna_installer.report.console import Style
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
