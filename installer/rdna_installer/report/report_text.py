"""``report`` for people: what it is about, where it is, how to look at what would be shared."""

from __future__ import annotations

from collections.abc import Sequence

from rdna_installer.printable import Lines
from rdna_installer.report.console import Style
from rdna_installer.report.page import title_of
from rdna_installer.share.schema import Shared, words


def whole(shared: Shared, files: Sequence[str], content: Lines, style: Style) -> str:
    """Everything that would be shared, as it is in the file."""
    return content.rstrip("\n")


def render(shared: Shared, files: Sequence[str], content: Lines, style: Style) -> str:
    """In short."""
    bad = [topic for topic in shared.topics if topic.mark in ("problem", "attention")]
    cells = [cell.outcome.value for probe in shared.probes for tried in probe.tried for cell in tried.cells]
    probed = f"{cells.count('ok')} of {len(cells)} results right"
    lines = [
        style.paint(title_of(shared), "bold"),
        f"  made         {shared.day} by rdna-installer {shared.version}",
        f"  verdict      {words()['verdict'][shared.verdict.value if shared.verdict else 'none']}",
        f"  probe        {probed if cells else 'none: rdna-installer probe'}",
        f"  settings     {len(shared.in_force)} set, by this program or others",
        *(
            f"  {topic.mark:<12} {topic.subject}: {words()['subject'][topic.subject].get(topic.mark, '')}"
            for topic in bad
        ),
    ]
    if not files:
        lines += ["", "Nothing was written. Look at it, then write the page or the file to give away:"]
        lines += ["  rdna-installer report --show", "  rdna-installer report --html report.html --json report.json"]
    else:
        lines += ["", *(f"written: {file}" for file in files)]
        lines.append(
            style.wrap("No names, paths or ids are in it; look before you share: rdna-installer report --show")
        )
    return "\n".join(lines)
