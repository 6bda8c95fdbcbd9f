"""``status``, ``history`` and ``recover`` for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rdna_installer import __version__
from rdna_installer.errors import RdnaError
from rdna_installer.model import Drift, Generation
from rdna_installer.printable import printable
from rdna_installer.report.console import Style

if TYPE_CHECKING:
    from rdna_installer.change.soundness import Soundness
    from rdna_installer.workflow.boot_status import TrialStatus
    from rdna_installer.workflow.inspecting import OwnerStatus
    from rdna_installer.workflow.planning import Upgrade


def render(
    owners: Sequence[OwnerStatus], damaged: Sequence[str], trial: TrialStatus, found: Upgrade | None, style: Style
) -> str:
    """Every owner, what of the state is damaged, how a trial stands, and what an upgrade would change."""
    lines = [status(o.name, o.current, o.drift, style) for o in owners]
    for other in owners:
        if other.problem is not None:
            lines.append(style.wrap(f"{other.name}: not readable: {other.problem}", 2))
    lines += [style.wrap(line, 2) for line in damaged]
    lines += [style.wrap(line, 2) for line in trial.lines()]
    return "\n".join([*lines, *([upgrade(found, style)] if found else [])])


def status(name: str, current: Generation | None, drift: Sequence[Drift], style: Style) -> str:
    """What is applied for one owner, and what somebody changed since."""
    if current is None:
        return f"{name}: nothing applied"
    lines = [f"{style.paint(name, 'bold')}: generation {current.number}, {current.reason}, {current.time}"]
    lines.append(f"  profile {current.profile or '-'}")
    if current.confirmed_boot:
        lines.append(f"  confirmed in boot {current.confirmed_boot}")
    lines += [f"  {item.layer.value:<7} {item.key}={item.value}" for item in current.settings]
    lines += [f"  file    {item.path}" for item in current.managed]
    lines += [
        style.wrap(f"not done yet: {step.summary} (rdna-installer recover finishes it)", 2) for step in current.pending
    ]
    for item in drift:
        text = f"  {style.paint('changed', 'yellow')} {item.path}: {item.kind.value}, {item.detail}"
        lines.append(text)
    return "\n".join(lines)


def upgrade(found: Upgrade, style: Style) -> str:
    """What the same apply would change now that the program is another version."""
    import shlex  # not for every status

    lines = [style.wrap(f"Written by version {', '.join(found.versions)}; this is {__version__}.")]
    if found.problem:
        lines.append(style.wrap(f"A new apply would be refused: {found.problem}", 2))
    elif found.changes:
        lines.append("  a new apply would change:")
        lines += [f"    {path}" for path in found.changes]
    else:
        lines.append("  a new apply would change nothing")
    return "\n".join([*lines, "  details: " + shlex.join(["rdna-installer", "plan", *found.words])])


def histories(owners: Sequence[tuple[str, Sequence[Generation]]], style: Style) -> str:
    """One line a generation of every owner, oldest first."""
    lines = []
    for name, generations in owners:
        lines.append(style.paint(name, "bold") if generations else f"{name}: no generation yet")
        for item in generations:
            what = f"{item.reason}, profile {item.profile}" if item.profile else item.reason
            lines.append(f"  {item.number:>3}  {item.time}  {what}, {len(item.managed)} files")
    return "\n".join(lines)


def recovered(done: Sequence[str], _: Style) -> str:
    """What ``recover`` has done."""
    return "\n".join(done) or "nothing to recover"


def states(_: bool, found: Sequence[tuple[str, Soundness | RdnaError]], __: Style) -> str:
    """Every owner's state: what is damaged, what is safe, and the way back without this program."""
    return "\n".join(line for name, state in found for line in _soundness(name, state))


def _soundness(name: str, found: Soundness | RdnaError) -> list[str]:
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
