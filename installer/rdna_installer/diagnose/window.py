"""A window of a log: where in it the words of a signature stand, and its text around them, wrapped or not.

A pattern is held only against the neighbourhood of its words: a log full of words that nearly are a failure then costs
little more than any other.
"""

from __future__ import annotations

import codecs
import functools
import itertools
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from rdna_installer.diagnose.prefilter import prefilter
from rdna_installer.knowledge.signatures import Signature

BLOCK = 1 << 10  # bytes
REACH = 4  # blocks before and after the one of a word; a message is not longer
# CSI sequences (colours), OSC sequences (titles, links), and what terminals overstrike.
ESCAPES = re.compile(
    rb"\x1b(?:\[[0-?]{0,32}[ -/]{0,4}[@-~]|\][^\x07\x1b\n]{0,256}(?:\x07|\x1b\\)|[@-Z\\^_])|[\x08\x0e\x0f]"
)
SOFT_BREAK = re.compile(rb"=\r?\n[>|]{0,4}")  # quoted-printable
WHITE = b" \t\r\f\v"
QUOTES = WHITE + b">#|*"  # before the lines of mail, comments and tables
BOMS = {"utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE), "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)}


def as_utf8(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same stream, UTF-16 and UTF-32 with their mark turned into UTF-8; anything else is left as it is."""
    stream = iter(chunks)
    first = next(stream, b"")
    encoding = next((name for name, marks in BOMS.items() if first.startswith(marks)), None)
    whole = itertools.chain([first], stream)
    if encoding is None:
        yield from whole
    else:
        yield from (text.encode("utf-8", "replace") for text in codecs.iterdecode(whole, encoding, "replace"))


def clean(text: bytes) -> bytes:
    """Without NULs (UTF-16 without its mark, padding) and terminal escapes; line ends stay."""
    if b"\0" in text:
        text = text.replace(b"\0", b"")
    if b"\x1b" in text or b"\x08" in text:
        text = ESCAPES.sub(b"", text)
    return text


class Unwrapped:
    """A text in pieces, each cut from the next by one line end that is taken out."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces
        self.text = b"".join(pieces)

    def line(self, place: int) -> int:
        """How many line ends the original has before a place of this text."""
        ends = list(itertools.accumulate(map(len, self.pieces[:-1])))
        return self.text.count(b"\n", 0, place) + bisect_right(ends, place)


def variants(text: bytes) -> Iterator[Unwrapped]:
    """A text as it stands, then with soft, then with all line breaks taken out: what was cut in a word is whole."""
    yield Unwrapped([text])
    if b"=\n" in text or b"=\r\n" in text:
        yield Unwrapped(SOFT_BREAK.split(text))
    yield Unwrapped([line.strip(WHITE).lstrip(QUOTES).removesuffix(b"=") for line in text.split(b"\n")])


def excerpt(text: bytes, start: int, end: int, before: int = 160, limit: int = 360) -> str:
    """The line or progress-bar segment around a match, white space collapsed; at most ``limit`` characters."""
    first = max(text.rfind(b"\n", 0, start), text.rfind(b"\r", 0, start)) + 1
    ends = [place for place in (text.find(b"\n", end), text.find(b"\r", end)) if place >= 0]
    last = min([*ends, end + limit, len(text)])
    cut = "…" if first < start - before else ""
    whole = cut + " ".join(text[max(first, start - before) : last].decode("utf-8", "replace").split())
    return whole if len(whole) <= limit else whole[: limit - 1] + "…"


Position = tuple[re.Match[bytes], int]  # a match, and how many line ends of the window are before it


class Window:
    """A piece of a log without NULs and terminal escapes, looked at where something may be."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        # Colours have rare letters: the m of ESC[31m. NULs have none.
        self.shown = self.plain if b"\x1b" in raw else raw
        self.parts: dict[tuple[int, int], _Blocks] = {}

    @functools.cached_property
    def glance(self) -> bytes:
        """Its rarer letters."""
        return prefilter(self.shown)

    @functools.cached_property
    def plain(self) -> bytes:
        """The text without NULs and terminal escapes."""
        return clean(self.raw)

    @functools.cached_property
    def ends(self) -> list[int]:
        """How many rare letters there are up to the end of each block of the plain text."""
        starts = range(0, len(self.plain), BLOCK)
        return list(itertools.accumulate(len(prefilter(self.plain[start : start + BLOCK])) for start in starts))

    def search(self, signature: Signature, phrases: Iterable[bytes], *, unwrapped: bool) -> Position | None:
        """The first match near one of the phrases; ``unwrapped``: also with line breaks taken out."""
        spans = _spans({block for phrase in phrases for block in self.blocks(phrase)})
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


def _spans(blocks: set[int]) -> tuple[tuple[int, int], ...]:
    """The neighbourhoods of blocks, those that touch joined: first block and the one after the last."""
    spans: list[tuple[int, int]] = []
    for block in sorted(blocks):
        joined = spans and block - REACH <= spans[-1][1]
        first = spans.pop()[0] if joined else max(block - REACH, 0)
        spans.append((first, block + REACH + 1))
    return tuple(spans)


class _Blocks:
    """Some blocks of a window in their variants, made when they are needed."""

    def __init__(self, plain: bytes, span: tuple[int, int]) -> None:
        self.plain = plain
        self.start, self.end = span[0] * BLOCK, span[1] * BLOCK
        self.made: list[Unwrapped] = []
        self.left = variants(plain[self.start : self.end])

    def search(self, signature: Signature, *, unwrapped: bool) -> Position | None:
        """The first variant with a match."""
        for view in self.views(unwrapped=unwrapped):
            if match := signature.search(view.text):
                return match, self.plain.count(b"\n", 0, self.start) + view.line(match.start())
        return None

    def views(self, *, unwrapped: bool) -> Iterator[Unwrapped]:
        """The variants; where nothing is to be unwrapped, what there is of them."""
        yield from self.made
        for view in self.left if unwrapped or not self.made else ():
            self.made.append(view)
            yield view
