"""``plan`` for people: the sum, what is set and why, folded files, notes; it fits the screen above its question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from rdna_installer.model import Change, ChangeKind, Layer, Plan, Policy, Step, Verdict
from rdna_installer.plan.summary import Summary, plural, size, with_rights
from rdna_installer.printable import parted
from rdna_installer.report.console import Style

FITS = 38  # lines on a screen, with two for the question
HOOK_PACKAGE = "_rdna_hook"  # our own code: its settings are shown above, its lines would hide them
EXPECT = {
    Verdict.NATIVE: ("works", "green"),
    Verdict.WORKS: ("works", "green"),
    Verdict.EXPERIMENTAL: ("may work, not certain", "yellow"),
    Verdict.UNUSABLE: ("does not work", "red"),
}
PLACES = {
    Layer.KERNEL: "Kernel, after a reboot", Layer.ENV: "Login, for all users", Layer.PYTHON: "Python, in {}",
    Layer.SERVICES: "Service, by {}",
}  # fmt: skip
KINDS = {ChangeKind.CREATE: "new", ChangeKind.REPLACE: "changed", ChangeKind.REMOVE: "removed"}
FIRST = re.compile(r"(?<=[.]) (?=[A-Z])")  # where its first sentence ends
TRIAL = (
    "Trial boot: log in after the reboot to keep the kernel settings. If the screen stays black, switch off and on: "
    "after two boots without a login the old settings come back."
)


def render(plan: Plan, total: Summary, command: str, whole: bool, refused: bool, style: Style) -> str:
    """The plan in the order a reader decides. ``command`` makes it ("": it is about to ask); ``whole``: nothing folded.

    ``refused``: it cannot be made now; the reason is said next, so what would be written is left out.
    """
    policy = plan.policy
    head = [_head(plan, total, refused, style), _sites(policy, refused, style), _conflicts(plan, style)]
    rest = [] if refused else [_left_out(policy, whole, style), _files(plan.changes, whole, style)]
    end = "" if refused or not plan.changes else _end(plan, command, style)
    head.append(_notes(plan.warnings, None, style))  # about files of this machine: never folded
    notes = [*policy.warnings, *(f"Not applied without a test: {e.summary}\n{e.command}" for e in policy.experiments)]
    for reasons in (True, False):
        settings = "" if refused else _settings(policy, whole, reasons, style)
        blocks = [*head, settings, *rest]
        left = FITS - _joined([*blocks, end]).count("\n") - 3
        if whole or left > 0:
            break
    room = None if whole or refused or len(policy.gpus) > 1 else left
    return _joined([*blocks, _notes(notes, room, style), end])


def _joined(blocks: Iterable[str]) -> str:
    return "\n\n".join(filter(None, blocks))


def rollback(
    title: str,
    changes: Sequence[Change],
    total: Summary,
    whole: bool,
    steps: Sequence[Step],
    removes: Mapping[str, int],
    style: Style,
) -> str:
    """What rollback or uninstall would do; ``removes``: bytes by path of what then goes with the history."""
    head = f"{style.paint(title, 'bold')}\n{style.wrap(total.line)}"
    end = "\n".join(style.wrap(step.summary) for step in steps)
    gone = style.block("Removed for good", (f"{size(much):>11}  {path}" for path, much in removes.items()))
    return _joined([head, _files(changes, whole, style), end, gone])


def _head(plan: Plan, total: Summary, refused: bool, style: Style) -> str:
    policy = plan.policy
    gpus = ", ".join(f"{g.name or 'AMD GPU'} ({g.gfx})" for g in policy.gpus)
    profile = "" if policy.profile == "recommended" else f", profile {policy.profile}"
    lines = [style.paint(style.wrap(f"{gpus}{profile}"), "bold")]
    if not refused:
        return "\n".join([*lines, style.wrap(total.line)])
    then = f" Then {plural(len(policy.settings), 'setting')} can be applied." if policy.settings else ""
    return "\n".join([*lines, style.paint("Not possible yet.", "red") + then])


def _sites(policy: Policy, refused: bool, style: Style) -> str:
    """What to expect of each Python, and why; of a refusal the reason says it."""
    lines = []
    for site in policy.sites:
        words, colour = EXPECT[site.verdict]
        where = f" in {site.site}" if site.site else ""
        lines.append(f"PyTorch  {style.paint(words, colour)} [{site.verdict.value}]{where}")
        one_card = [way for way in site.route if "--gpu" in way]  # the other ways are advise's
        lines += [style.wrap(text, 9) for text in (site.why, *one_card)]
    if not refused and any(s.route and (s.site is None or s.verdict is Verdict.UNUSABLE) for s in policy.sites):
        lines += ["", "Ways to get PyTorch running on this card, best first:", "  rdna-installer advise"]
    return "\n".join(lines)


def _settings(policy: Policy, whole: bool, reasons: bool, style: Style) -> str:
    """By place and by reason: the reason once below the settings it is for, where the head has not given it."""
    if not policy.settings:
        return ""
    said = " ".join(site.why for site in policy.sites)
    lines = []
    for (layer, site), items in groupby(policy.settings, key=lambda s: (s.layer, s.site)):
        lines.append(style.paint(PLACES[layer].format(site), "bold"))
        for rule, settings in groupby(items, key=lambda s: s.rule):
            lines += [f"  {item.key}={item.value}" for item in settings]
            why = dict(policy.reasons).get(rule, "")
            if reasons and why and why not in said:
                lines.append(style.paint(style.wrap(why if whole else FIRST.split(why)[0], 6), "dim"))
    return "\n".join(lines)


def _left_out(policy: Policy, whole: bool, style: Style) -> str:
    if not policy.rejected:
        return ""
    if not whole:
        names = dict.fromkeys(item.key for item in policy.rejected)
        return style.wrap(
            f"Left out: {plural(len(names), 'setting')} found in guides or not fit for here (why: --diff)"
        )
    lines = (line for item in policy.rejected for line in (f"  {item.key}", style.wrap(item.reason, 4)))
    return style.block("Left out, and why", lines)


def _conflicts(plan: Plan, style: Style) -> str:
    lines = []
    for item in plan.conflicts:
        wanted = f" (wanted: {item.wanted})" if item.wanted is not None else ""
        lines += [f"  {item.source}", style.wrap(f"{item.key}={item.found}{wanted}", 6), style.wrap(item.hint, 6)]
    return style.block("Set by others, and in the way", lines, "red")


def _notes(notes: Sequence[str], room: int | None, style: Style) -> str:
    """As many as there is room for."""
    lines: list[str] = []
    for number, note in enumerate(notes):
        text, *commands = note.split("\n") if "\n" in note else parted(note)
        shown = [style.wrap(text, first="note: "), *(f"        {command}" for command in commands)]
        if room is not None and sum(part.count("\n") + 1 for part in [*lines, *shown]) > room:
            lines.append(f"{plural(len(notes) - number, 'more note')}: --diff")
            break
        lines += shown
    return "\n".join(lines)


def _files(changes: Sequence[Change], whole: bool, style: Style) -> str:
    if not changes:
        return ""
    if whole:
        return style.block("Files", (line for change in changes for line in _whole(change, style)))
    own = [change for change in changes if HOOK_PACKAGE in change.path.parts]
    lines = [f"  {KINDS[c.kind]:<8} {c.path}" for c in changes if HOOK_PACKAGE not in c.path.parts]
    folders = groupby(own, key=lambda c: (KINDS[c.kind], _hook_folder(c)))
    lines += [f"  {kind:<8} {folder} ({plural(len(list(found)), 'file')})" for (kind, folder), found in folders]
    return style.block("Files (their contents: --diff)", lines)


def _hook_folder(change: Change) -> str:
    parts = change.path.parts
    return f"/{'/'.join(parts[1 : parts.index(HOOK_PACKAGE) + 1])}/"


def _whole(change: Change, style: Style) -> list[str]:
    body = [line for line in change.diff.splitlines() if not line.startswith(("--- ", "+++ ", "@@ "))]
    colours = {"+": "green", "-": "red"}
    painted = (style.paint(line, colours[line[0]]) if line[:1] in colours else line for line in body)
    return [f"  {KINDS[change.kind]} {change.path}", *(f"    {line}" for line in painted)]


def _end(plan: Plan, command: str, style: Style) -> str:
    lines = [style.wrap(step.summary) for step in plan.steps]
    lines += [style.wrap(TRIAL)] if plan.trial else []
    lines += ["Nothing was changed. To do it:", f"  {with_rights(command, plan.changes)}"] if command else []
    return "\n".join(lines)
