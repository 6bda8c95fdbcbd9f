"""``setup`` for people: what will be installed, from where and to where, before the question; then how it went."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rdna_installer.model import Check, Status
from rdna_installer.plan.summary import plural
from rdna_installer.report.console import Style

if TYPE_CHECKING:
    from rdna_installer.environments.lock import LockedFile
    from rdna_installer.workflow.setting_up import Preview

INDENT = 13


def size(count: int) -> str:
    """Bytes as people read them."""
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return f"{count} B"


def render(found: Preview, style: Style) -> str:
    """All of it: on two screens at most."""
    rows = [
        ("PyTorch", f"{found.torch} for {found.target}, {found.python}"),
        ("from", f"{found.index}, as it was on {found.read}"),
        ("goes to", found.place),
        ("space", f"{size(found.fetch)} to fetch; {size(found.need)} needed, {size(found.free)} free"),
        ("settings", "  ".join(f"{s.key}={s.value}" for s in found.settings) or "none are needed"),
        ("replaces", f"{found.replaces}: it stays, and rollback brings it back" if found.replaces else ""),
        ("in use", f"{', '.join(found.used_by)}: start again afterwards" if found.used_by else ""),
        (
            "left behind",
            f"{', '.join(found.left)}: kept as requirements in {found.place}.left.txt" if found.left else "",
        ),
        *(("note", note) for note in found.notes),
    ]
    lines = [style.paint(f"PyTorch for {found.card}, for {found.owner}", "bold")]
    lines += [style.wrap(text, 2, f"{name:<{INDENT - 2}}") for name, text in rows if text]
    lines += [f"  {plural(len(found.files), 'file')}, each with its size and SHA-256:"]
    return "\n".join([*lines, *(_file(file) for file in found.files)])


def _file(file: LockedFile) -> str:
    arrived = "" if file.hash_from.value == "index" else " (the index names none)"
    return f"    {size(file.size):>10}  {file.sha256[:12]}…  {file.name} {file.version}{arrived}"


def done(python: str, checks: Sequence[Check], style: Style) -> str:
    """What was proved, and what could not be; then how to go on."""
    lines = []
    for check in checks:
        if check.status is Status.OK:
            lines.append(style.wrap(f"Computed on the card, forwards and backwards: {check.running}."))
        elif check.status in (Status.FAILED, Status.MISMATCH):
            lines.append(style.wrap(f"On the card it does not compute right: {check.running}. {check.hint or ''}"))
        else:
            lines.append(style.wrap(f"Not proved: that this card computes right ({check.hint})."))
    return "\n".join([*lines, "Run your program with:", f"  {python} app.py"])
