"""``recover --check`` for people: what is damaged, what is safe, and the way back without this program."""

from __future__ import annotations

from collections.abc import Sequence

from rdna_installer.change.soundness import Soundness
from rdna_installer.errors import RdnaError
from rdna_installer.printable import printable
from rdna_installer.report.console import Style


def render(states: Sequence[tuple[str, Soundness | RdnaError]], _: Style) -> str:
    """Every owner's state."""
    return "\n".join(line for name, found in states for line in soundness(name, found))


def soundness(name: str, found: Soundness | RdnaError) -> list[str]:
    """One owner's state."""
    if isinstance(found, RdnaError):
        return [f"{name}: cannot be read: {printable(found.message)}"]
    if found.ok:
        return [f"{name}: all records, contents and files are whole"]
    lines = [f"{name}: damaged: {d.place}: {d.why}" for d in found.damaged]
    lines += [f"{name}: changed since: {d.path}: {d.detail}" for d in found.drift]
    if not found.damaged:
        return lines
    lines += [f"{name}: safe: {', '.join(str(place) for place in found.safe) or 'nothing'}"]
    if found.restore is None:
        return [*lines, f"{name}: no restore.sh is whole: restore the damaged files from a backup"]
    lines += [f"{name}: back to the machine before us, without any of these records:", f"      {found.restore}"]
    if found.newer:
        lines += [f"{name}: it is of an earlier generation: it asks for --force, and what only later ones wrote stays"]
    return lines
