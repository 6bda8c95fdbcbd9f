"""``diagnose`` for people: the cause with what to do, then what followed from it, then noise in a line each."""

from __future__ import annotations

from collections.abc import Sequence

from rdna_installer.diagnose.finding import Diagnosis, Finding
from rdna_installer.report.console import Style


def render(found: Diagnosis, style: Style) -> str:
    """Everything that was found."""
    failures = [finding for finding in found.findings if finding.fatal]
    noise = [finding for finding in found.findings if not finding.fatal]
    blocks = [_head(found, len(failures), style)]
    blocks += [_failure(finding, style) for finding in failures[:1]]
    if failures[1:]:
        blocks.append(style.paint("Also there, most likely as a consequence", "bold"))
        blocks += [_failure(finding, style) for finding in failures[1:]]
    harmless = (style.wrap(f"{each.name} (line {each.line}): {each.means}", 2, "- ") for each in noise)
    blocks.append(style.block("Harmless", harmless))
    others = (style.wrap(text, 2, "- ") for text in found.others)
    blocks.append(style.block("Set on this machine by others", others))
    return "\n\n".join(block for block in blocks if block)


def _head(found: Diagnosis, failures: int, style: Style) -> str:
    lines = f"{found.lines} line" + ("" if found.lines == 1 else "s")
    if not found.findings:
        return style.wrap(f"nothing known found in {found.source} ({lines})")
    what = "no failure" if not failures else "1 failure" if failures == 1 else f"{failures} failures, the cause first"
    return style.wrap(f"{found.source} ({lines}): {what}")


def _failure(finding: Finding, style: Style) -> str:
    about = f", {finding.gfx}" if finding.gfx else ""
    title = style.paint(finding.name, "red")
    lines = [
        f"{title} (line {finding.line}{about})",
        style.wrap(finding.excerpt, 2, "> "),
        style.wrap(finding.means, 2),
    ]
    lines += [style.wrap(text, 2, "- ") for text in finding.advice]
    return "\n".join([*lines, *_onward(finding, style)])


def _onward(finding: Finding, style: Style) -> Sequence[str]:
    commands = [*([finding.next] if finding.next else [])]
    if finding.rule:
        commands.append(f"rdna-installer explain {finding.rule}")
    return [f"  {'next:' if n == 0 else '     '} {text}" for n, text in enumerate(dict.fromkeys(commands))]
