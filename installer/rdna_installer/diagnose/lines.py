"""The second look: lines that say of a failure in the words of systems, compilers and runtimes, whatever the program.

A shape is a few word classes that stand in one line. Lines that are printed as a warning, a remark or for developers
are none, nor is what a program goes on after.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rdna_installer.knowledge.signatures import Signature, compile_pattern

LONGEST = 1200  # bytes of a line that are looked at
MOST = 2000  # lines of a window
SAME = re.compile(rb"[0-9]+")
MARK, LOUD, QUIET, GOING_ON = "mark", "loud", "quiet", "going-on"


def shaped(
    plain: bytes, shapes: tuple[Signature, ...], terms: dict[str, str], harmless: tuple[Signature, ...]
) -> Iterator[tuple[Signature, re.Match[bytes], int]]:
    """The first line of each shape that is none of ``harmless``: what matched, and how many lines are before it."""
    left = list(shapes)
    for at, line in _failures(plain, terms, harmless):
        for shape in tuple(left):
            matches = [regex.search(line) for regex in shape.regexes]
            if matches[0] and all(matches):
                left.remove(shape)
                yield shape, matches[0], at


def in_passing(line: bytes, terms: dict[str, str], harmless: tuple[Signature, ...]) -> bool:
    """Whether a line is printed as a warning or a remark, or is known as noise: its words alone are no failure."""
    quiet = _compiled(terms, QUIET).search(line) and not _compiled(terms, LOUD).search(line)
    return bool(quiet) or any(known.search(line) for known in harmless)


def _compiled(terms: dict[str, str], name: str) -> re.Pattern[bytes]:
    return compile_pattern(terms.get(name, "(?!)"), name, wraps=False)


def _failures(plain: bytes, terms: dict[str, str], harmless: tuple[Signature, ...]) -> list[tuple[int, bytes]]:
    """The lines that say of a failure, with their number; of those that differ in numbers only, the first."""
    mark, going_on = (_compiled(terms, name) for name in (MARK, GOING_ON))
    known: dict[bytes, str | None] = {}
    found: dict[bytes, tuple[int, bytes]] = {}
    for at, whole in enumerate(plain.split(b"\n")):
        for line in whole.split(b"\r"):
            kind, text = SAME.sub(b"", line), line[:LONGEST]
            if kind not in known:
                marked = mark.search(text) and not in_passing(text, terms, harmless)
                known[kind] = GOING_ON if going_on.search(text) else MARK if marked else None
            if known[kind] == GOING_ON:
                found.clear()
            elif known[kind] == MARK and len(found) < MOST:
                found.setdefault(kind, (at, text))
    return list(found.values())
