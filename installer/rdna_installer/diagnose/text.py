"""A piece of a log made fit for patterns, with every line still where it was."""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate

# CSI sequences (colours), OSC sequences (titles, links), and what terminals overstrike.
ESCAPES = re.compile(
    rb"\x1b(?:\[[0-?]{0,32}[ -/]{0,4}[@-~]|\][^\x07\x1b\n]{0,256}(?:\x07|\x1b\\)|[@-Z\\^_])|[\x08\x0e\x0f]"
)
SOFT_BREAK = re.compile(rb"=\r?\n[>|]{0,4}")  # quoted-printable
WHITE = b" \t\r\f\v"
QUOTES = WHITE + b">#|*"  # before the lines of mail, comments and tables
BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def as_utf8(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same stream, UTF-16 and UTF-32 with their mark turned into UTF-8; anything else is left as it is."""
    stream = iter(chunks)
    first = next(stream, b"")
    encoding = next((name for mark, name in BOMS if first.startswith(mark)), None)
    if encoding is None:
        yield first
        yield from stream
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    yield decoder.decode(first).encode("utf-8", "replace")
    for chunk in stream:
        yield decoder.decode(chunk).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")


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
        ends = list(accumulate(map(len, self.pieces[:-1])))
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
