"""``verify`` for people: what is wrong first, then what is fine."""

from __future__ import annotations

from collections.abc import Iterable

from rdna_installer.model import Check, Report, RunningProgram, Status
from rdna_installer.plan.summary import plural
from rdna_installer.printable import parted
from rdna_installer.report.console import Style

MARK = {
    Status.FAILED: ("problem", "red"), Status.MISMATCH: ("problem", "red"),
    Status.UNKNOWN: ("not checked", "yellow"), Status.PENDING_REBOOT: ("after reboot", "yellow"),
    Status.PENDING_RESTART: ("at restart", "yellow"), Status.OK: ("ok", "green"),
    Status.NOT_APPLICABLE: ("not checked", "dim"),
}  # fmt: skip
# Of these a sound one is told too.
NOTED = ("user-env:", "session:", "others:", "unread:", "kernel:known:", "system:", "note")
NAMES = {  # how the id of a check begins, and what it is of
    "hook:no-site": "python -S", "hook:": "start-up file of {}", "file:": "{}", "kernel:known:": "this kernel: {}",
    "kernel:": "kernel setting {}", "env:": "login setting {}", "user-env:": "{}", "session:": "this session: {}",
    "others:": "{}", "unread:": "unread: {}", "version:rocm:": "PyTorch in {}", "version:override:": "card {}",
    "device:kfd": "access to /dev/kfd", "device:render:": "access to {}", "device:render": "access to /dev/dri",
    "device:gpu:": "GPU {}", "device:gpu": "GPU", "libraries:": "libraries of {}", "conv:": "convolutions in {}",
    "system:": "this system: {}", "generation": "changes", "activation:": "last change: {}", "state": "history{}",
    "environment:": "environment {}", "service:": "{}", "way:": "{}",
    "idle:": "{}, which does not run now", "before:": "before the change: {}", "before": "before the change",
}  # fmt: skip
ORDER = {status: n for n, status in enumerate(MARK)}


def render(report: Report, every: bool, style: Style) -> str:
    """What it comes to, what to act on, what was not checked; ``every``: what is right too, one by one."""
    checks = (c for c in report.checks if not _is_sound_file(c))
    shown = _lines((c for c in checks if every or c.status is not Status.OK or _said(c, style)), every, style)
    programs = [_program(p, every, style) for p in report.running]
    blocks = (_summary(report, style), "\n".join(shown), *programs, _right(report, every, style))
    return "\n\n".join(block for block in blocks if block)


def _lines(checks: Iterable[Check], every: bool, style: Style) -> list[str]:
    """The worst first; what was not checked for one reason as one line, but with ``every``; two have a line each."""
    alike: dict[object, list[Check]] = {}
    for check in sorted(checks, key=lambda c: ORDER[c.status]):
        folds = not every and check.hint and MARK[check.status][0] == "not checked"
        alike.setdefault(check.hint if folds else id(check), []).append(check)
    shown = ([(found[0], len(found) - 1)] if len(found) > 2 else [(c, 0) for c in found] for found in alike.values())
    return [_check(check, style, more) for each in shown for check, more in each]


def _program(program: RunningProgram, every: bool, style: Style) -> str:
    """A program that runs: who and where it is, then its variables, the wrong ones first."""
    places = (("unit", program.unit), ("container", program.container), ("session", program.session))
    where = ", ".join(f"{kind} {name}" for kind, name in places if name)
    what = f"pid {program.pid}: {program.command} ({program.user}, {where}; uses {', '.join(program.uses) or 'no GPU'})"
    return "\n".join([style.wrap(what, 2).lstrip(), *_lines(program.checks, every, style)])


def _is_sound_file(check: Check) -> bool:
    return check.status is Status.OK and check.id.startswith("file:")


def _right(report: Report, every: bool, style: Style) -> str:
    """What is right, in a line; --json has each file with its digest."""
    right = [c for c in report.checks if c.status is Status.OK]
    files = sum(map(_is_sound_file, right))
    torch = dict.fromkeys(c.running for c in right if c.id.startswith("version:rocm:") and c.running)
    parts = [f"PyTorch {version}" for version in torch]
    parts += [f"{plural(files, 'file')} unchanged"] if files else []
    return style.wrap(f"Right: {', '.join(parts)}." + ("" if every else " All: verify -v")) if parts else ""


def _name(check: Check) -> str:
    """What a check is of, in the reader's words."""
    start = next((name for name in NAMES if check.id.startswith(name)), "")
    return NAMES.get(start, "{}").format(check.id.removeprefix(start))


def _check(check: Check, style: Style, more: int) -> str:
    word, colour = MARK[check.status]
    word = check.verdict or word
    value = (check.running or check.wanted) if check.status is Status.OK else None
    if check.status is Status.NOT_APPLICABLE:
        value = check.hint
    name = f"{_name(check)} and {more} more" if more else _name(check)
    named = style.wrap(f"{name}: {value}" if value else name, 15).lstrip()
    lines = [f"  {style.paint(f'{word:<12}', colour)} {named}"]
    if check.status in (Status.OK, Status.NOT_APPLICABLE):
        return "\n".join([*lines, *_said(check, style)])
    for name, value in (("wanted", check.wanted), ("running", check.running), ("set by", check.source)):
        if value is not None and not more:
            short = f"{value[:19]}…{value[71:]}" if value.startswith("sha256:") else value  # rights
            lines.append(style.wrap(short, 15, f"{name + ':':<9}"))
    if check.hint:
        words, *command = parted(check.hint)
        lines += [style.wrap(words, 15, f"{'do:':<9}"), *(f"{'':<24}{line}" for line in command)]
    return "\n".join(lines)


def _said(check: Check, style: Style) -> list[str]:
    """What is to be said of a value of somebody else that may stay."""
    if check.verdict is not None and check.source:
        return [style.wrap(check.source, 15, "set by:  ")]
    if check.hint is None or check.status is Status.NOT_APPLICABLE or not check.id.startswith(NOTED):
        return []
    return [style.wrap(check.hint, 15, f"{'note:':<9}")]


def _summary(report: Report, style: Style) -> str:
    """What was found, and what was not checked: "all" is said of what was."""
    bad = [c for c in report.every if c.status in (Status.FAILED, Status.MISMATCH, Status.UNKNOWN)]
    where = f"change {report.generation}" if report.generation else "nothing applied yet"
    right = sum(c.status is Status.OK for c in report.every)
    open_ones = sum(c.status is Status.NOT_APPLICABLE and not c.verdict for c in report.every)
    rest = f", {open_ones} not checked" if open_ones else ""
    if bad:
        unknown = sum(c.status is Status.UNKNOWN for c in bad)
        parts = [plural(len(bad) - unknown, "problem")] if len(bad) > unknown else []
        parts += [f"{unknown} could not be checked"] if unknown else []
        return style.paint(f"{', '.join(parts)}, {plural(right, 'check')} right{rest} ({where})", "red")
    if report.reboot_pending:
        return style.paint(f"Right so far ({where}). The rest takes effect after a reboot.", "yellow")
    if not report.generation:
        return style.wrap("rdna-installer has applied nothing here. What else was looked at is in order.")
    if not right:
        return style.wrap(f"Nothing could be checked ({where}): this folder is not the running system.")
    return style.paint(f"Everything checked is right: {plural(right, 'check')}{rest} ({where}).", "green")
