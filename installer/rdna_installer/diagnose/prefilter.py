"""The rarer letters of a text, in order: what a log lacks among them it lacks as a whole.

Two hundred phrases in a gigabyte: looking for one after the other costs Python 100 ns a byte, a regular expression
with two hundred branches 70. So the rarer letters are taken (a quarter of a log is left), cut into pieces of four
letters, and the pieces held against a set of those that begin our phrases: 5 ns a byte, however many phrases there
are. A phrase of seven of them has a whole piece wherever the cuts fall. Line wraps, quote marks, NULs between the
letters (UTF-16) and soft line breaks have none and so hide nothing.

And a log says the same again and again: of lines with the same rarer letters only the first is looked through.
"""

from __future__ import annotations

import string
import sys
from collections import Counter
from collections.abc import Iterable
from functools import cache

PIECE = 4
MINIMUM = 2 * PIECE - 1  # rarer letters of a phrase
FREQUENT = b"etaois"
COMMON = b"nrlcdhmupgfby"  # among the rarer letters of a log
# Letters of other scripts, without the bytes progress bars are drawn with (E2 94..96 8x 9x).
FOREIGN = (0xC3, 0xD0, 0xD1, *range(0xE3, 0xEA), *range(0xA0, 0xC0))
ENDS = b"\r\n"
TO_LINES = bytes(10 if code == 13 else code for code in range(256))
KEPT = frozenset(string.ascii_letters.encode()) - frozenset(FREQUENT) | frozenset(FOREIGN)
DROPPED = bytes(code for code in range(256) if code not in KEPT)
DROPPED_IN_LINES = bytes(code for code in DROPPED if code not in ENDS)
KINDS = 1 << 14  # that are remembered
FEW = 1 << 5
PATIENCE = 32  # windows with a kind of line that has phrases and is no failure; then it is none
NOTHING: frozenset[bytes] = frozenset()


def prefilter(text: bytes) -> bytes:
    """The rarer letters of a text."""
    return text.translate(None, DROPPED)


def kinds(text: bytes) -> list[bytes]:
    """The rarer letters of each line of a text."""
    return text.translate(TO_LINES, DROPPED_IN_LINES).split(b"\n")


@cache
def rarest(phrase: bytes) -> int:
    """Where in a phrase the rarest MINIMUM letters begin."""
    return max(range(len(phrase) - MINIMUM + 1), key=lambda at: -sum(map(COMMON.count, phrase[at : at + MINIMUM])))


class Phrases:
    """Phrases to look for, by their rarer letters."""

    def __init__(self, phrases: Iterable[bytes]) -> None:
        self.by_piece: dict[int, set[bytes]] = {}
        for phrase in phrases:
            if len(phrase) < MINIMUM:
                raise ValueError(f"too few rare letters to look for: {phrase!r}")
            first = rarest(phrase)
            for start in range(first, first + PIECE):
                piece = int.from_bytes(phrase[start : start + PIECE], sys.byteorder)
                self.by_piece.setdefault(piece, set()).add(phrase)
        self.pieces = frozenset(self.by_piece)

    def among(self, glance: bytes) -> set[bytes]:
        """Those that are among the rarer letters of a text."""
        whole = memoryview(glance)[: len(glance) // PIECE * PIECE].cast("I")
        near = {phrase for piece in self.pieces.intersection(whole) for phrase in self.by_piece[piece]}
        return {phrase for phrase in near if phrase in glance}


class Lines:
    """The kinds of lines met so far, each with the phrases in it."""

    def __init__(self) -> None:
        self.known: dict[bytes, frozenset[bytes]] = {}
        self.tries: Counter[bytes] = Counter()

    def among(self, lines: list[bytes], phrases: Phrases) -> set[bytes]:
        """The phrases in these lines, or across two of them."""
        if len(self.known) > KINDS:
            self.known.clear()
        here = set(lines)
        if fresh := here - self.known.keys():
            self.learn(lines, fresh, phrases)
        telling = [kind for kind in here if self.known[kind]]
        found = {phrase for kind in telling for phrase in self.known[kind]}
        self.tries.update(telling)
        self.known.update((kind, NOTHING) for kind in telling if self.tries[kind] > PATIENCE)
        return found

    def learn(self, lines: list[bytes], fresh: set[bytes], phrases: Phrases) -> None:
        """Look through lines of new kinds, each with its neighbours: a line may be cut in two anywhere."""
        few = len(fresh) < FEW
        places = [lines.index(kind) for kind in fresh] if few else [at for at, k in enumerate(lines) if k in fresh]
        around = sorted({near for at in places for near in range(max(at - 1, 0), at + 2)})
        near = phrases.among(b"".join(lines[at] for at in around if at < len(lines)))
        for at in places:
            own = lines[at]
            if near and own not in self.known:
                before, after = b"".join(lines[max(at - 1, 0) : at]), b"".join(lines[at + 1 : at + 2])
                whole = before + own + after
                held = (p for p in near if p in own or (p in whole and p not in before and p not in after))
                self.known[own] = frozenset(held) or NOTHING
        self.known.update(dict.fromkeys(fresh - self.known.keys(), NOTHING))
