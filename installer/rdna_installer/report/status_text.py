"""``status`` and ``history`` for people."""

from __future__ import annotations

from collections.abc import Sequence

from rdna_installer.model import Drift, Generation
from rdna_installer.report.console import Style, printable


def status(name: str, current: Generation | None, drift: Sequence[Drift], style: Style) -> str:
    """What is applied for one owner, and what somebody changed since."""
    if current is None:
        return f"{name}: nothing applied"
    lines = [f"{style.paint(name, 'bold')}: generation {current.number}, {current.reason}, {current.time}"]
    lines.append(f"  profile {current.profile or '-'}")
    lines += [f"  {item.layer.value:<7} {printable(f'{item.key}={item.value}')}" for item in current.settings]
    lines += [f"  file    {printable(str(item.path))}" for item in current.managed]
    lines += [
        style.wrap(f"not done yet: {step.summary} (rdna-installer recover finishes it)", 2) for step in current.pending
    ]
    for item in drift:
        text = f"  {style.paint('changed', 'yellow')} {printable(str(item.path))}: {item.kind.value}, {item.detail}"
        lines.append(text)
    return "\n".join(lines)


def history(name: str, generations: Sequence[Generation], style: Style) -> str:
    """One line a generation, oldest first."""
    lines = [style.paint(name, "bold")]
    for item in generations:
        what = f"{item.reason}, profile {item.profile}" if item.profile else item.reason
        lines.append(f"  {item.number:>3}  {item.time}  {what}, {len(item.managed)} files")
    return "\n".join(lines) if generations else f"{name}: no generation yet"
