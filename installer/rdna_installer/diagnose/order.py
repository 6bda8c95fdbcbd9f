"""From single matches to findings: one for each class, the cause first, noise last.

Rank is what the components cause in each other: firmware and start, then what the kernel sees fault or hang, the reset,
what the runtime tells a program, the program's own words. Within a rank the first in time is the cause.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby

from rdna_installer.diagnose.finding import Hit, Scanned

AMD = "amd"
TORCH = "torch-code"
OTHERS = "other-maker"
# [12.345], 2026-11-27T07:53:27, Nov 27 07:53:27: seconds since the start, a date, a day of the month
STAMP = re.compile(
    r"\[ {0,8}(?P<clock>[0-9]{1,9}\.[0-9]{3,9})\]|(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[T ](?P<time>[0-9:]{8})"
    r"|\b(?P<day>[0-9]{1,2}) (?P<of_day>[0-9]{2}:[0-9]{2}:[0-9]{2})\b"
)


def order(seen: Scanned) -> tuple[Hit, ...]:
    """The hits that count: failures from cause to consequence, then noise."""
    best: dict[str, Hit] = {}
    for _, same in groupby(sorted(_valid(seen), key=lambda hit: (*_place(hit), hit.line)), key=_place):
        for hit in _in_time(list(same)):
            best.setdefault(hit.signature.name, hit)
    return tuple(best.values())


def _place(hit: Hit) -> tuple[bool, int]:
    return (not hit.signature.fatal, hit.signature.rank)


def _in_time(rows: list[Hit]) -> list[Hit]:
    """By their stamps where all have one of the same kind, else as they stand.

    What has the same stamp stands in the order of the lines, turned round where the newest stand first.
    """
    stamps = [_stamp(hit.excerpt) for hit in rows]
    if len({len(stamp) for stamp in stamps}) != 1 or not stamps[0]:
        return rows
    pairs = list(zip(stamps, rows, strict=True))[:: -1 if stamps[0] > stamps[-1] else 1]
    return [hit for _, hit in sorted(pairs, key=lambda pair: pair[0])]


def _stamp(excerpt: str) -> tuple[str, ...]:
    """The time at the beginning of a line, to be compared with others of its kind."""
    match = STAMP.search(excerpt[:64])
    if match is None:
        return ()
    if match["clock"]:
        return (match["clock"].zfill(20),)
    return (match["date"], match["time"]) if match["date"] else (match["day"].zfill(2), match["of_day"], "")


def _valid(seen: Scanned) -> Iterable[Hit]:
    words, amd = seen.words, about_amd(seen)
    for hit in seen.hits:
        needs = hit.signature.needs
        if needs - {AMD} <= words and not hit.signature.unless & words and (AMD not in needs or amd):
            yield hit


def about_amd(seen: Scanned) -> bool:
    """Whether a log is about AMD software; a torch that names no other maker may be one for ROCm."""
    theirs = (hit.signature for hit in seen.hits if not hit.signature.needs | hit.signature.unless)
    sure = AMD in seen.words or any(signature.fatal for signature in theirs)
    return sure or (TORCH in seen.words and OTHERS not in seen.words)
