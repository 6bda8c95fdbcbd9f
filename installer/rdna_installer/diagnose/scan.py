"""Find the first match of every signature in a stream of bytes: constant memory, most of the text only glanced at."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from rdna_installer.diagnose.finding import Hit, Scanned, Sighting, Suspect
from rdna_installer.diagnose.lines import in_passing, shaped
from rdna_installer.diagnose.prefilter import MINIMUM, Lines, Phrases, kinds, prefilter
from rdna_installer.diagnose.window import Window, as_utf8, clean, excerpt
from rdna_installer.knowledge.signatures import Signature, Signatures

CHUNK = 1 << 18  # bytes; what is read at a time
OVERLAP = 1 << 12  # a message cut by the end of a chunk is whole in the next window
BEGINNING = 8  # windows
PATIENCE = 16  # windows with the words of a signature, but no match; then lines are no longer unwrapped for it
GFX = re.compile(rb"\bgfx(?:[6-9][0-9a-f]{2}|1[0-9][0-9a-f]{2})\b")
# What MIOpen is at, at MIOPEN_LOG_LEVEL 5 to 7 (src/conv/solver_finders.cpp, find_solution.hpp, convolutionocl.cpp).
SOLVER = re.compile(
    rb"MIOpen\(\w{2,6}\): Info2? \[\w{1,60}\] (?:Selected: |solver_id = |Starting search: |.{0,60}Chosen Algorithm: )?"
    rb"((?:Conv|Gemm|fft)\w{0,80}(?:<[0-9-]{1,20}>)?)(?=: Success\.|: [0-9]|: miopen| \(not searchable\)|, | ,|\s*$)",
    re.MULTILINE,
)


def scan(chunks: Iterable[bytes], known: Signatures) -> Scanned:
    """Look through a log in any encoding of Unicode."""
    scanner = Scanner(known)
    for chunk in as_utf8(chunks):
        scanner.feed(chunk)
    return scanner.finish()


class Scanner:
    """Looks through a log as it comes. A signature once found is not looked for again: its first place counts."""

    def __init__(self, known: Signatures) -> None:
        self.hits: list[Hit] = []
        self.sightings: list[Sighting] = []
        self.rest = b""
        self.line = 1  # of the first byte of ``rest``
        self.windows = 0
        self.in_vain: Counter[str] = Counter()
        self.suspect: Suspect | None = None
        self.unseen = list(known.contexts)
        self.kept: dict[int, bytes] = {}  # the first and the last window, by the number of their first line
        self.forms: list[Signature] = []  # of words too short to look for everywhere: only in those two
        self.wanted: dict[bytes, list[Signature]] = {}  # by the rare letters of their words
        self.shapes = tuple(signature for signature in known.signatures if signature.shape)
        self.terms = known.terms
        for signature in known.signatures:
            if signature.shape:
                continue
            phrases = {prefilter(word) for word in signature.words}
            if min(map(len, phrases)) < MINIMUM:
                self.forms.append(signature)
                continue
            for phrase in phrases:
                self.wanted.setdefault(phrase, []).append(signature)
        self.phrases = Phrases(self.wanted)
        self.lines = Lines()

    def feed(self, chunk: bytes) -> None:
        """The next bytes; about CHUNK of them at a time is fastest."""
        window = self.rest + chunk
        self.look(window, self.line)
        begin = window.rfind(b"\n", 0, max(len(window) - OVERLAP, 0)) + 1  # whole lines are known kinds of lines
        self.rest = window[begin if len(window) - begin < 2 * OVERLAP else -OVERLAP :]
        self.line += window.count(b"\n", 0, len(window) - len(self.rest))

    def finish(self) -> Scanned:
        """What was found, after the last bytes."""
        harmless = tuple(hit.signature for hit in self.hits if not hit.signature.fatal)
        for line, window in self.kept.items():
            plain = clean(window)
            for signature in self.forms:
                if any(word in plain for word in signature.words) and (match := signature.search(plain)):
                    self.note(signature, match, line + plain.count(b"\n", 0, match.start()))
            for signature, match, at in shaped(plain, self.shapes, self.terms, harmless):
                self.note(signature, match, line + at)
        unended = bool(self.rest) and not self.rest.endswith(b"\n")
        passing = [h for h in self.hits if h.signature.last and in_passing(h.excerpt.encode(), self.terms, harmless)]
        self.hits = [hit for hit in self.hits if hit not in passing]
        lines = self.line - 1 + self.rest.count(b"\n") + unended
        return Scanned(tuple(self.hits), tuple(self.sightings), lines, self.suspect)

    def look(self, window: bytes, line: int) -> None:
        """One window of the log; ``line`` is the number of its first line."""
        self.kept = {1: self.kept.get(1, window), line: window}
        if b"): Info" in window and (named := list(SOLVER.finditer(window))):
            at = line + window.count(b"\n", 0, named[-1].start())
            self.suspect = Suspect(named[-1][1].decode(), at)
        part = Window(window)
        likely: dict[str, tuple[Signature, list[bytes]]] = {}
        for phrase in self.lines.among(kinds(part.shown), self.phrases) & self.wanted.keys():
            for signature in self.wanted[phrase]:
                likely.setdefault(signature.id, (signature, []))[1].append(phrase)
        found = [self.take(signature, part, phrases, line) for signature, phrases in likely.values()]
        if any(found):
            gone = {hit.signature.id for hit in self.hits}
            left = ((p, [s for s in holders if s.id not in gone]) for p, holders in self.wanted.items())
            self.wanted = {phrase: holders for phrase, holders in left if holders}
            self.phrases = Phrases(self.wanted)
        if any(found) or self.windows < BEGINNING:
            self.place(part.plain, line)
        self.windows += 1

    def take(self, signature: Signature, part: Window, phrases: list[bytes], line: int) -> bool:
        """Note the first match, if there is one."""
        place = part.search(signature, phrases, unwrapped=self.in_vain[signature.id] < PATIENCE)
        if place is None:
            self.in_vain[signature.id] += 1
            return False
        match, before = place
        self.note(signature, match, line + before)
        return True

    def note(self, signature: Signature, match: re.Match[bytes], line: int) -> None:
        """A signature was found: where, and the target its line names."""
        shown = excerpt(match.string, *match.span())
        first = GFX.search(shown.encode())
        gfx = _named(match, "gfx") or (first[0].decode() if first else None)
        self.hits.append(Hit(signature, line, shown, gfx))

    def place(self, plain: bytes, line: int) -> None:
        """Note what the log is about: it shows at its beginning and near a failure."""
        for context in tuple(self.unseen):
            if any(word in plain for word in context.words) and (match := context.search(plain)):
                self.unseen.remove(context)
                at = line + plain.count(b"\n", 0, match.start())
                shown = excerpt(plain, *match.span())
                self.sightings.append(Sighting(context, at, shown, _named(match, "")))


def _named(match: re.Match[bytes], group: str) -> str | None:
    """What a pattern's own group of that name (or one that begins so) holds."""
    for name, value in match.groupdict().items():
        if name.startswith(group) and value:
            return value.decode("utf-8", "replace").strip()
    return None
