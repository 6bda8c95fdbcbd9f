"""A window of a log: where in it the words of a signature stand, and its text around them, wrapped or not.

A pattern is held only against the neighbourhood of its words: a log full of words that nearly are a failure then costs
little more than any other.
"""

from __future__ import annotations

import functools
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate

from rdna_installer.diagnose.prefilter import prefilter
from rdna_installer.diagnose.text import Unwrapped, clean, variants
from rdna_installer.knowledge.signatures import Signature
from rdna_installer.record import record

BLOCK = 1 << 10  # bytes
REACH = 4  # blocks before and after the one of a word; a message is not longer


@record(frozen=True)
class Position:
    """A match. ``line``: how many line ends of the window are before it."""

    match: re.Match[bytes]
    line: int


class Window:
    """A piece of a log without NULs and terminal escapes, looked at where something may be."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        # Colours have rare letters: the m of ESC[31m. NULs have none.
        self.glance = prefilter(self.plain if b"\x1b" in raw else raw)
        self.parts: dict[tuple[int, int], _Blocks] = {}

    @functools.cached_property
    def plain(self) -> bytes:
        """The text without NULs and terminal escapes."""
        return clean(self.raw)

    @functools.cached_property
    def ends(self) -> list[int]:
        """How many rare letters there are up to the end of each block of the plain text."""
        starts = range(0, len(self.plain), BLOCK)
        return list(accumulate(len(prefilter(self.plain[start : start + BLOCK])) for start in starts))

    def search(self, signature: Signature, phrases: Iterable[bytes], *, unwrapped: bool) -> Position | None:
        """The first match near one of the phrases; ``unwrapped``: also with line breaks taken out."""
        spans = tuple(_spans({block for phrase in phrases for block in self.blocks(phrase)}))
        everywhere = sum(last - first for first, last in spans) * 2 > len(self.ends)
        for span in ((0, len(self.ends)),) if everywhere else spans:
            part = self.parts.setdefault(span, _Blocks(self.plain, span))
            place = part.search(signature, unwrapped=unwrapped)
            if place:
                return place
        return None

    def blocks(self, phrase: bytes) -> Iterator[int]:
        """The blocks of the plain text in which a phrase begins."""
        at = self.glance.find(phrase)
        while at >= 0:
            block = bisect_right(self.ends, at)
            yield block
            at = self.glance.find(phrase, self.ends[block])


def _spans(blocks: set[int]) -> Iterator[tuple[int, int]]:
    """The neighbourhoods of blocks, those that touch joined: first block and the one after the last."""
    first = last = -1
    for block in sorted(blocks):
        if first < 0:
            first = max(block - REACH, 0)
        elif block - REACH > last:
            yield first, last
            first = block - REACH
        last = block + REACH + 1
    if first >= 0:
        yield first, last


class _Blocks:
    """Some blocks of a window in their variants, made when they are needed."""

    def __init__(self, plain: bytes, span: tuple[int, int]) -> None:
        self.plain = plain
        self.start, self.end = span[0] * BLOCK, span[1] * BLOCK
        self.made: list[Unwrapped] = []

    @functools.cached_property
    def source(self) -> Iterator[Unwrapped]:
        """The variants not made yet."""
        return variants(self.plain[self.start : self.end])

    def search(self, signature: Signature, *, unwrapped: bool) -> Position | None:
        """The first variant with a match."""
        for view in self.made:
            if match := signature.search(view.text):
                return self.place(view, match)
        for view in self.source if unwrapped or not self.made else ():
            self.made.append(view)
            if match := signature.search(view.text):
                return self.place(view, match)
        return None

    def place(self, view: Unwrapped, match: re.Match[bytes]) -> Position:
        """Where a match of a view is in the window."""
        return Position(match, self.plain.count(b"\n", 0, self.start) + view.line(match.start()))
