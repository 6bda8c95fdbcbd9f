"""``plan`` for people: verdict, settings with their rule, what is not done and why, diffs, what happens next."""

from __future__ import annotations

from collections.abc import Sequence

from rdna_installer.model import Change, ChangeKind, Plan, Policy, Step, Verdict
from rdna_installer.report.console import Style

SHOWN = 20  # lines of one file
HOOK_PACKAGE = "_rdna_hook"  # our own code: its settings are shown above, its lines would hide them
VERDICT_COLOUR = {
    Verdict.NATIVE: "green",
    Verdict.WORKS: "green",
    Verdict.EXPERIMENTAL: "yellow",
    Verdict.UNUSABLE: "red",
}


def render(plan: Plan, style: Style) -> str:
    """The whole plan, in the order a reader decides."""
    blocks = [
        _head(plan.policy, style),
        _settings(plan.policy, style),
        _rejected(plan.policy, style),
        _experiments(plan.policy, style),
        _conflicts(plan, style),
        "\n".join(style.wrap(text, 0, "note: ") for text in (*plan.policy.warnings, *plan.warnings)),
        _changes(plan.changes, style),
        _next(plan.steps, plan.reboot_needed, style, plan.trial) if plan.changes else "",
    ]
    return "\n\n".join(block for block in blocks if block)


def rollback(title: str, changes: Sequence[Change], steps: Sequence[Step], reboot_needed: bool, style: Style) -> str:
    """What rollback or uninstall would do."""
    blocks = [_title(title, style), _changes(changes, style)]
    if changes:
        blocks.append(_next(steps, reboot_needed, style, undo="rdna-installer rollback --to N (N: see history)"))
    return "\n\n".join(blocks)


def _title(text: str, style: Style) -> str:
    return style.paint(text, "bold")


def _head(policy: Policy, style: Style) -> str:
    gpus = ", ".join(f"{g.name or 'AMD GPU'} ({g.gfx})" for g in policy.gpus)
    verdict = style.paint(policy.verdict.value, VERDICT_COLOUR[policy.verdict])
    lines = [style.wrap(gpus, 0, "GPU      ").replace("GPU", _title("GPU", style), 1)]
    lines.append(f"{_title('Profile', style)}  {policy.profile}")
    lines.append(f"{_title('Verdict', style)}  {verdict}")
    for site in policy.sites:
        where = f"{site.site}: " if site.site else ""
        lines.append(style.wrap(f"{where}{site.why}", 9))
        if site.verdict is Verdict.UNUSABLE or site.site is None:
            lines += [style.wrap(step, 9, f"{n}. ") for n, step in enumerate(site.route, 1)]
    return "\n".join(lines)


def _settings(policy: Policy, style: Style) -> str:
    if not policy.settings:
        return ""
    width = max(len(f"{s.key}={s.value}") for s in policy.settings)
    lines = [_title("Settings", style)]
    site: str | None = None
    for item in policy.settings:
        if item.site != site:
            lines.append(f"  in {item.site or 'the system'}")
            site = item.site
        pair = f"{item.key}={item.value}"
        lines.append(f"  {item.layer.value:<7} {pair:<{width}}  {style.paint(item.rule, 'dim')}")
    return "\n".join(lines)


def _rejected(policy: Policy, style: Style) -> str:
    lines = (line for item in policy.rejected for line in (f"  {item.key}", style.wrap(item.reason, 4)))
    return style.block("Not set, and why", lines)


def _experiments(policy: Policy, style: Style) -> str:
    lines = (line for item in policy.experiments for line in (style.wrap(item.summary, 2), f"    {item.command}"))
    return style.block("Experiments (not applied without a measurement here)", lines)


def _conflicts(plan: Plan, style: Style) -> str:
    lines = []
    for item in plan.conflicts:
        wanted = f"; wanted: {item.wanted}" if item.wanted is not None else ""
        lines.append(style.wrap(f"{item.source} sets {item.key} to {item.found}{wanted}", 2))
        lines.append(style.wrap(item.hint, 4))
    return style.block("Conflicts (nobody else's file is touched)", lines, "red")


def _changes(changes: Sequence[Change], style: Style) -> str:
    if not changes:
        return f"{_title('Files', style)}  nothing to change"
    own = [change for change in changes if HOOK_PACKAGE in change.path.parts]
    shown = [_change(change, style) for change in changes if change not in own]
    return "\n".join([_title("Files", style), *shown, *_hook(own)])


def _hook(changes: Sequence[Change]) -> list[str]:
    """Our own code in one line for each site: what it does is in the settings."""
    places: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        parts = change.path.parts
        folder = "/".join(parts[1 : parts.index(HOOK_PACKAGE) + 1])
        places.setdefault((change.kind.value, f"/{folder}/"), []).append(change)
    return [
        f"  {kind} {folder} ({len(found)} files, {sum(len(_body(c)) for c in found)} lines)"
        for (kind, folder), found in places.items()
    ]


def _body(change: Change) -> list[str]:
    return [line for line in change.diff.splitlines() if not line.startswith(("--- ", "+++ ", "@@ "))]


def _change(change: Change, style: Style) -> str:
    body = _body(change)
    lines = [f"  {change.kind.value} {change.path}"]
    if change.kind is ChangeKind.REMOVE:
        return f"{lines[0]} ({len(body)} lines)"
    lines += [_diff_line(line, style) for line in body[:SHOWN]]
    if len(body) > SHOWN:
        lines.append(f"    … {len(body) - SHOWN} more lines (--json has them all)")
    return "\n".join(lines)


def _diff_line(line: str, style: Style) -> str:
    colour = {"+": "green", "-": "red"}.get(line[:1])
    return "    " + (style.paint(line, colour) if colour else line)


def _next(
    steps: Sequence[Step],
    reboot_needed: bool,
    style: Style,
    trial: bool = False,
    undo: str = "rdna-installer rollback",
) -> str:
    lines = [_title("Then", style), *(style.wrap(step.summary, 2) for step in steps)]
    why = "a reboot is needed: kernel options act at boot (why: explain module-reload)"
    lines.append(f"  {why if reboot_needed else 'no reboot is needed'}")
    if trial:
        lines.append(style.wrap("the new options are on trial: two boots that nobody confirms take them back", 2))
    lines.append(f"  undo it with: {undo}")
    return "\n".join(lines)
