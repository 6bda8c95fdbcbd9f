"""From what was seen in a log to findings with advice for this machine."""

from __future__ import annotations

from collections.abc import Callable

from rdna_installer.diagnose.finding import Diagnosis, Finding, Hit, Scanned
from rdna_installer.diagnose.order import order
from rdna_installer.diagnose.situation import Machine, situation


def diagnose(seen: Scanned, source: str, machine: Callable[[], Machine]) -> Diagnosis:
    """The findings of a log. ``machine`` is asked only where advice is to be given."""
    hits = order(seen)
    here = machine() if any(hit.signature.advice for hit in hits) else None
    findings = tuple(_finding(hit, seen, here) for hit in hits)
    return Diagnosis(source, seen.lines, findings, here.others if here else ())


def _finding(hit: Hit, seen: Scanned, machine: Machine | None) -> Finding:
    known = hit.signature
    gfx = hit.gfx or seen.gfx
    return Finding(
        name=known.name or "",
        line=hit.line,
        excerpt=hit.excerpt,
        gfx=gfx,
        fatal=known.fatal,
        means=known.means,
        advice=situation(machine, gfx).advice(known.advice) if machine else (),
        rule=known.rule,
        next=known.next,
        signature=known.id,
    )
