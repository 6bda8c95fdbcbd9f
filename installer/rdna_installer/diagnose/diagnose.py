"""From single matches to findings with advice for the log's machine: one for each class, the cause first, noise last.

Rank is what the components cause in each other: firmware and start, then what the kernel sees fault or hang, the reset,
what the runtime tells a program, the program's own words. Within a rank the first in time is the cause.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby

from rdna_installer.diagnose.finding import Diagnosis, Finding, Hit, Scanned, Suspect
from rdna_installer.diagnose.situation import Machine, gfx_of, situation
from rdna_installer.knowledge.signatures import LAST, Context, Kind
from rdna_installer.record import replace

AMD = "amd"
# [12.345], 2026-11-27T07:53:27, Nov 27 07:53:27: seconds since the start, a date, a day of the month
STAMP = re.compile(
    r"\[ {0,8}(?P<clock>[0-9]{1,9}\.[0-9]{3,9})\]|(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[T ](?P<time>[0-9:]{8})"
    r"|\b(?P<day>[0-9]{1,2}) (?P<of_day>[0-9]{2}:[0-9]{2}:[0-9]{2})\b"
)
SHOWN = (Kind.PROGRAM, Kind.PLATFORM, Kind.GFX, Kind.ROCM, Kind.TORCH, Kind.KERNEL)


def diagnose(seen: Scanned, source: str, machine: Callable[[], Machine], nothing: Context | None = None) -> Diagnosis:
    """The findings of a log. ``machine`` is asked only where advice is to be given.
    ``nothing``: what to collect where not even a program is recognised."""
    hits = order(seen)
    here = machine() if any(hit.signature.advice for hit in hits) else None
    findings = tuple(_finding(hit, seen, here) for hit in hits)
    about = (*(found for kind in SHOWN if (found := seen.best(kind))), *seen.all(Kind.OTHER))
    # What is to be collected is the program's business, else the platform's; nothing where others are at fault.
    asked = next((found.context for found in about if found.context.collect), nothing)
    done = seen.all(Kind.OTHER) or any(finding.fatal for finding in findings)
    collect, tracker = (asked.collect, asked.tracker) if asked and not done else ((), None)
    others, elsewhere = (here.others, here.elsewhere) if here else ((), False)
    return Diagnosis(source, seen.lines, findings, others, about, elsewhere, collect, tracker, _suspect(seen))


def _suspect(seen: Scanned) -> Suspect | None:
    """The solver at work last, with the one switch that takes away least beside it."""
    if seen.suspect is None:
        return None
    from rdna_installer.knowledge.solvers import table

    known, gfx = table(), gfx_of(seen)
    if seen.suspect.solver not in known.names | known.later:
        return None
    switch = known.switch_of(seen.suspect.solver)
    effect = known.effect(gfx, switch) if switch and gfx in known.offers and gfx is not None else None
    return replace(seen.suspect, switch=switch, effect=effect)


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
        program=program.context.id if program else None,
        platform=platform.context.id if platform else None,
    )


def _first(texts: list[str | None], fill: Callable[[str], str]) -> str | None:
    return next((fill(text) for text in texts if text), None)


def order(seen: Scanned) -> tuple[Hit, ...]:
    """The hits that count: failures from cause to consequence, then noise."""
    best: dict[str, Hit] = {}
    for _, same in groupby(sorted(valid(seen), key=lambda hit: (*_place(hit), hit.line)), key=_place):
        for hit in _in_time(list(same)):
            best.setdefault(hit.signature.name, hit)
    return tuple(best.values())


def _place(hit: Hit) -> tuple[bool, int]:
    return (not hit.signature.fatal, hit.signature.rank)


def _in_time(rows: list[Hit]) -> list[Hit]:
    """By their stamps where all have one of the same kind, else as they stand.
    What has the same stamp stands in the order of the lines, turned round where the newest stand first."""
    stamps = [_stamp(hit.excerpt) for hit in rows]
    if len({len(stamp) for stamp in stamps}) != 1 or not stamps[0]:
        return rows
    pairs = list(zip(stamps, rows, strict=True))[:: -1 if stamps[0] > stamps[-1] else 1]
    return [hit for _, hit in sorted(pairs, key=lambda pair: pair[0])]


def _stamp(excerpt: str) -> tuple[str, ...]:
    match = STAMP.search(excerpt[:64])
    if match is None:
        return ()
    if match["clock"]:
        return (match["clock"].zfill(20),)
    return (match["date"], match["time"]) if match["date"] else (match["day"].zfill(2), match["of_day"], "")


def valid(seen: Scanned) -> list[Hit]:
    """The hits that count in a log of its contexts; last resorts where nothing surer is among them."""
    words = seen.words | ({AMD} if about_amd(seen) else set())
    hits = [hit for hit in seen.hits if hit.signature.needs <= words and not hit.signature.unless & words]
    known = any(hit.signature.rank < LAST.start for hit in hits)
    return [hit for hit in hits if not (known and hit.signature.last)]


def about_amd(seen: Scanned) -> bool:
    """Whether a log is about AMD software: it names some, or has what no other maker's prints."""
    theirs = (hit.signature for hit in seen.hits if not hit.signature.needs | hit.signature.unless)
    return AMD in seen.words or any(signature.fatal for signature in theirs)
