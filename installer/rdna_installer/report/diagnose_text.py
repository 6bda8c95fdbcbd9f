"""``diagnose`` for people: the cause with what to do, then what followed from it, then noise in a line each."""

from __future__ import annotations

from collections.abc import Iterable

from rdna_installer.diagnose.finding import Diagnosis, Finding
from rdna_installer.knowledge.signatures import Kind
from rdna_installer.report.console import Style


def render(found: Diagnosis, style: Style) -> str:
    """Everything that was found."""
    failures = [finding for finding in found.findings if finding.fatal]
    noise = [finding for finding in found.findings if not finding.fatal]
    blocks = [_head(found, len(failures), style)]
    blocks += [_failure(finding, finding.advice, style) for finding in failures[:1]]
    title = "Known of that machine" if found.elsewhere else "Set on this machine by others, or known of it"
    blocks.append(style.block(title, (style.wrap(text, 2, "- ") for text in found.others)))
    if failures[1:]:
        blocks.append(style.paint("Other messages, probably caused by the first", "bold"))
        blocks += [_failure(finding, (), style) for finding in failures[1:]]
    blocks.append(_suspect(found, style))
    harmless = (style.wrap(f"{each.name} (line {each.line}): {each.means}", 2, "- ") for each in noise)
    blocks.append(style.block("Harmless", harmless))
    asked = f"  where to ask: {found.tracker}" if found.tracker else None
    collect = (*(f"  {text}" for text in found.collect), *([asked] if asked else []))
    blocks.append(style.block("What would tell more", collect))
    return "\n\n".join(block for block in blocks if block)


def _head(found: Diagnosis, failures: int, style: Style) -> str:
    count = f"{found.lines} line" + ("" if found.lines == 1 else "s")
    what = "no failure" if not failures else "1 failure" if failures == 1 else f"{failures} failures, the cause first"
    whole = f"{found.source} ({count}): {what}"
    lines = [style.wrap(whole if found.findings else f"no known error in {found.source} ({count})")]
    said = [(s.context.kind is Kind.OTHER, f"{s.text} (line {s.line})") for s in found.about]
    named = "; ".join(text for theirs, text in said if not theirs)
    lines += [style.wrap(named, 2, "of: ")] if named else []
    lines += [style.wrap(text, 2, "not AMD's or this program's: ") for theirs, text in said if theirs and not failures]
    if found.elsewhere:
        lines.append(style.wrap("the log is from another machine: this is for that one (--here: for this one)"))
    return "\n".join(lines)


def _suspect(found: Diagnosis, style: Style) -> str:
    """MIOpen's solver, and how a run without it is made."""
    if (one := found.suspect) is None:
        return ""
    where = f"It was at {one.solver} last (line {one.line})."
    if one.switch is None:
        return style.block("MIOpen's own log", [style.wrap(f"{where} No switch for this solver alone is known.", 2)])
    what = f"on this target it {one.effect}" if one.effect else "what else goes with it: rdna-installer explain "
    what += "" if one.effect else one.switch.partition("=")[0]
    lines = [style.wrap(f"{where} {one.switch} takes it away: {what}.", 2)]
    return style.block("MIOpen's own log", [*lines, f"  next:   rdna-installer run --set {one.switch} -- CMD"])


def _failure(finding: Finding, advice: Iterable[str], style: Style) -> str:
    about = f", {finding.gfx}" if finding.gfx else ""
    title = style.paint(finding.name, "red")
    lines = [
        f"{title} (line {finding.line}{about})",
        style.wrap(finding.excerpt, 2, "> "),
        style.wrap(finding.means, 2),
    ]
    lines += [style.wrap(text, 2, "- ") for text in advice]
    return "\n".join([*lines, *_onward(finding)])


def _onward(finding: Finding) -> Iterable[str]:
    """Commands stand in a line each, however long: they are to be copied."""
    explain = f"rdna-installer explain {finding.rule}" if finding.rule else None
    for label, text in (
        ("next:", finding.next),
        ("check:", finding.check if finding.check != finding.next else None),
        ("why:", explain),
        ("source:", finding.source),
    ):
        if text:
            yield f"  {label:<7} {text}"
