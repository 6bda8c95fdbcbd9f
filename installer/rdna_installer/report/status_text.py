"""``status``, ``history`` and ``recover`` for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rdna_installer import __version__
from rdna_installer.errors import RdnaError
from rdna_installer.model import Drift, Generation
from rdna_installer.plan.summary import plural
from rdna_installer.printable import parted, printable
from rdna_installer.report.console import Style

if TYPE_CHECKING:
    from rdna_installer.change.soundness import Soundness
    from rdna_installer.workflow.boot_status import TrialStatus
    from rdna_installer.workflow.inspecting import OwnerHistory, OwnerStatus
    from rdna_installer.workflow.planning import Upgrade

SHOWN = 4  # changed files by name


def render(
    owners: Sequence[OwnerStatus],
    damaged: Sequence[str],
    trial: TrialStatus,
    found: Upgrade | None,
    every: bool,
    style: Style,
) -> str:
    """Every owner, what of the state is damaged, how a trial stands, and what an upgrade would change.

    ``every``: with the name of each file.
    """
    lines = []
    for nth, one in enumerate(owners):
        if one.problem is None:
            lines.append(_status(one.name, one.current, one.drift, every, style))
        else:
            lines.append(style.wrap(f"{one.name}: not readable: {one.problem}"))
        booted = () if nth else trial.lines()
        lines += _told((*one.environment, *one.services, *booted), style)
    lines += _told(damaged, style)
    return "\n".join([*lines, *([upgrade(found, style)] if found else [])])


def _status(name: str, current: Generation | None, drift: Sequence[Drift], every: bool, style: Style) -> str:
    """What is applied for one owner, and what was changed since."""
    if current is None:
        return f"{name}: nothing applied"
    profile = f", profile {current.profile}" if current.profile not in (None, "recommended") else ""
    lines = [f"{style.paint(name, 'bold')}: change {current.number} ({current.reason}{profile}), {current.time}"]
    if current.managed:
        since = f"{plural(len(drift), 'file')} changed since" if drift else "unchanged since"
        counts = f"{plural(len(current.settings), 'setting')}, {plural(len(current.managed), 'file')}, {since}"
        lines.append(f"  {counts}" + ("" if every else " (names: status -v)"))
    else:
        lines.append("  nothing is applied now")
    for (layer, site), items in groupby(current.settings, key=lambda s: (s.layer.value, s.site)):
        pairs = "  ".join(f"{item.key}={item.value}" for item in items)
        lines += [f"  {layer}{f' ({site})' if site else ''}", style.wrap(pairs, 4)]
    lines += ["  confirmed by a boot"] if current.confirmed_boot else []
    lines += [f"  file    {item.path}" for item in current.managed] if every else []
    for step in current.pending:
        lines += [style.wrap(f"Not finished: {step.summary}. To finish it:", 2), "    sudo rdna-installer recover"]
    for item in drift if every else drift[:SHOWN]:
        lines.append(f"  {style.paint('changed', 'yellow')} {item.path}: {item.kind.value}, {item.detail}")
    return "\n".join([*lines, *(["  …"] if len(drift) > SHOWN and not every else [])])


def upgrade(found: Upgrade, style: Style) -> str:
    """What the same apply would change now that the program is another version."""
    import shlex  # not for every status

    lines = [style.wrap(f"Written by version {', '.join(found.versions)}; this is {__version__}.")]
    if found.problem:
        lines.append(style.wrap(f"The same change would be refused now: {found.problem}", 2))
    elif found.changes:
        lines.append("  a new apply would change:")
        lines += [f"    {path}" for path in found.changes]
    else:
        lines.append("  a new apply would change nothing")
    return "\n".join([*lines, "  details: " + shlex.join(["rdna-installer", "plan", *found.words])])


def histories(owners: Sequence[OwnerHistory], style: Style) -> str:
    """One line a generation of every owner, oldest first; below it why it cannot be gone back to."""
    lines = []
    for known in owners:
        lines.append(style.paint(known.name, "bold") if known.generations else f"{known.name}: no change yet")
        for item in known.generations:
            what = f"{item.reason}, profile {item.profile}" if item.profile else item.reason
            lines.append(f"  {item.number:>3}  {item.time}  {what}, {plural(len(item.managed), 'file')}")
            lines += ["       no way back to it: its environment was removed"] if item.number in known.lost else []
    return "\n".join(lines)


def recovered(done: Sequence[str], _: Style) -> str:
    """What ``recover`` has done."""
    return "\n".join(done) or "nothing to recover"


def states(_: bool, found: Sequence[tuple[str, Soundness | RdnaError]], __: Style) -> str:
    """Every owner's state: what is damaged, what is safe, and the way back without this program."""
    return "\n".join(line for name, state in found for line in _soundness(name, state))


def _told(lines: Iterable[str], style: Style) -> Iterator[str]:
    for said, *command in map(parted, lines):
        yield style.wrap(said, 2)
        yield from (f"    {each}" for each in command)


def _soundness(name: str, found: Soundness | RdnaError) -> list[str]:
    if isinstance(found, RdnaError):
        return [f"{name}: cannot be read: {printable(found.message)}"]
    if found.ok:
        return [f"{name}: all records, contents and files are whole"]
    end = [f"{name}: a change runs now, or was broken off; to end it:", "      sudo rdna-installer recover"]
    lines = end if found.unfinished else []
    lines += [f"{name}: damaged: {d.place}: {d.why}" for d in found.damaged]
    lines += [f"{name}: changed since: {d.path}: {d.detail}" for d in found.drift]
    if not found.damaged:
        return lines
    lines += [f"{name}: safe: {', '.join(str(place) for place in found.safe) or 'nothing'}"]
    if found.take_back is not None:
        return [*lines, f"{name}: look at what was changed there; to make it safe again:", f"      {found.take_back}"]
    if found.restore is None:
        none = f"{found.script} is not root's alone" if found.script else "no restore.sh is whole"
        return [*lines, f"{name}: {none}: restore the damaged files from a backup"]
    lines += [
        f"{name}: back to the state before rdna-installer, without any of these records:",
        f"      {found.restore}",
    ]
    if found.newer:
        lines += [f"{name}: it is of an earlier change: it asks for --force, and what only later ones wrote stays"]
    return lines
