"""From what was seen in a log to findings with advice for the machine it is of."""

from __future__ import annotations

from collections.abc import Callable

from rdna_installer.diagnose.finding import Diagnosis, Finding, Hit, Scanned, Sighting
from rdna_installer.diagnose.order import order
from rdna_installer.diagnose.situation import Machine, gfx_of, situation
from rdna_installer.knowledge.signatures import Context, Kind

SHOWN = (Kind.PROGRAM, Kind.PLATFORM, Kind.GFX, Kind.ROCM, Kind.TORCH, Kind.KERNEL)


def diagnose(seen: Scanned, source: str, machine: Callable[[], Machine], nothing: Context | None = None) -> Diagnosis:
    """The findings of a log. ``machine`` is asked only where advice is to be given.

    ``nothing``: what to collect where not even a program is recognised.
    """
    hits = order(seen)
    here = machine() if any(hit.signature.advice for hit in hits) else None
    findings = tuple(_finding(hit, seen, here) for hit in hits)
    about = (*(found for kind in SHOWN if (found := seen.best(kind))), *seen.all(Kind.OTHER))
    # What is to be collected is the program's business, else the platform's; nothing where others are at fault.
    asked = next((found.context for found in about if found.context.collect), nothing)
    done = seen.all(Kind.OTHER) or any(finding.fatal for finding in findings)
    collect, tracker = (asked.collect, asked.tracker) if asked and not done else ((), None)
    others, elsewhere = (here.others, here.elsewhere) if here else ((), False)
    return Diagnosis(source, seen.lines, findings, others, about, elsewhere, collect, tracker)


def _finding(hit: Hit, seen: Scanned, machine: Machine | None) -> Finding:
    known = hit.signature
    gfx = hit.gfx or gfx_of(seen)
    fitting, fill = situation(machine, gfx, seen).advice(known.advice) if machine else ((), str)
    program, platform = seen.best(Kind.PROGRAM), seen.best(Kind.PLATFORM)
    checks = [*(item.check for item in fitting), known.check, program.context.check if program else None]
    following = [*(item.next for item in fitting), known.next]
    sources = [*(item.source for item in fitting), *(evidence.url for evidence in known.evidence)]
    return Finding(
        name=known.name,
        line=hit.line,
        excerpt=hit.excerpt,
        gfx=gfx,
        fatal=known.fatal,
        means=known.means,
        advice=tuple(dict.fromkeys(fill(item.says) for item in fitting)),
        rule=known.rule,
        next=_first(following, fill),
        signature=known.id,
        check=_first(checks, fill),
        source=_first(sources, str) or "",
        program=_id(program),
        platform=_id(platform),
    )


def _first(texts: list[str | None], fill: Callable[[str], str]) -> str | None:
    return next((fill(text) for text in texts if text), None)


def _id(sighting: Sighting | None) -> str | None:
    return sighting.context.id if sighting else None
