"""``verify`` for people: what is wrong first, then what is fine."""

from __future__ import annotations

from rdna_installer.model import Check, Report, RunningProgram, Status
from rdna_installer.plan.summary import plural
from rdna_installer.report.console import Style

MARK = {
    Status.FAILED: ("problem", "red"),
    Status.MISMATCH: ("problem", "red"),
    Status.UNKNOWN: ("not checked", "yellow"),
    Status.PENDING_REBOOT: ("after reboot", "yellow"),
    Status.OK: ("ok", "green"),
    Status.NOT_APPLICABLE: ("not checked", "dim"),
}
# Of these a sound one is told too.
NOTED = ("user-env:", "session:", "others:", "unread:", "kernel:known:", "system:", "note")
ORDER = {status: n for n, status in enumerate(MARK)}


def render(report: Report, style: Style) -> str:
    """Every check, the ones to act on first, and one sentence at the end."""
    checks = sorted((c for c in report.checks if not _is_sound_file(c)), key=lambda c: ORDER[c.status])
    lines = [*(_check(c, style) for c in checks), *_sound_files(report, style)]
    return "\n".join([*lines, *(_program(p, style) for p in report.running), "", _summary(report, style)])


def _program(program: RunningProgram, style: Style) -> str:
    """A program that runs: who and where it is, then its variables, the wrong ones first."""
    places = (("unit", program.unit), ("container", program.container), ("session", program.session))
    where = ", ".join(f"{kind} {name}" for kind, name in places if name)
    what = f"pid {program.pid}: {program.command} ({program.user}, {where}; uses {', '.join(program.uses) or 'no GPU'})"
    checks = sorted(program.checks, key=lambda c: ORDER[c.status])
    return "\n".join(["", style.wrap(what, 2).lstrip(), *(_check(c, style) for c in checks)])


def _is_sound_file(check: Check) -> bool:
    return check.status is Status.OK and check.id.startswith("file:")


def _sound_files(report: Report, style: Style) -> list[str]:
    """One line for all files that are as they were written; --json has each with its digest."""
    count = sum(map(_is_sound_file, report.checks))
    return [f"{style.paint(f'{MARK[Status.OK][0]:<12}', 'green')} {count} files unchanged"] if count else []


def _check(check: Check, style: Style) -> str:
    word, colour = MARK[check.status]
    word = check.verdict or word
    value = (check.running or check.wanted) if check.status is Status.OK else None
    named = style.wrap(f"{check.id}: {value}" if value else check.id, 13).lstrip()
    lines = [f"{style.paint(f'{word:<12}', colour)} {named}"]
    if check.status is Status.OK:
        return "\n".join([*lines, *_said(check, style)])
    for name, value in (("wanted", check.wanted), ("running", check.running), ("set by", check.source)):
        if value is not None:
            lines.append(style.wrap(value, 13, f"{name + ':':<9}"))
    if check.hint:
        lines.append(style.wrap(check.hint, 13, f"{'do:':<9}"))
    return "\n".join(lines)


def _said(check: Check, style: Style) -> list[str]:
    """What is to be said of a value of somebody else that may stay."""
    if check.verdict is not None and check.source:
        return [style.wrap(check.source, 13, "set by:  ")]
    if check.hint is None or not check.id.startswith(NOTED):
        return []
    return [style.wrap(check.hint, 13, f"{'note:':<9}")]


def _summary(report: Report, style: Style) -> str:
    """What was found, and what was not checked: "all" is said of what was."""
    bad = [c for c in report.every if c.status in (Status.FAILED, Status.MISMATCH, Status.UNKNOWN)]
    where = f"change {report.generation}" if report.generation else "nothing applied yet"
    right = sum(c.status is Status.OK for c in report.every)
    open_ones = sum(c.status is Status.NOT_APPLICABLE for c in report.every)
    rest = f", {open_ones} not checked" if open_ones else ""
    if bad:
        return style.paint(f"{len(bad)} of {len(report.every)} checks need attention ({where})", "red")
    if report.reboot_pending:
        return style.paint(f"Right so far ({where}). The rest takes effect after a reboot.", "yellow")
    if not report.generation:
        return style.wrap("rdna-installer has applied nothing here. What else was looked at is in order.")
    if not right:
        return style.wrap(f"Nothing could be checked ({where}): this folder is not the running system.")
    return style.paint(f"Everything checked is right: {plural(right, 'check')}{rest} ({where}).", "green")
