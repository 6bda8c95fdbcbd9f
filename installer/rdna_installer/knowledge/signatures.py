"""Signatures: what a component prints when something goes wrong, what it means, what to do, by whose word.

And contexts: what shows which program and platform a log is of. One file a component, in ``data/signatures``; read
when a log is diagnosed, not before; a pattern is compiled when its fixed words were met in a log.
"""

from __future__ import annotations

import enum
import functools
import re
import string
from collections.abc import Collection, Iterable

from rdna_installer.knowledge.evidence import Evidence
from rdna_installer.knowledge.fields import READERS, Fields, check_unique, closest, text_of
from rdna_installer.knowledge.shipped import names, shipped
from rdna_installer.knowledge.when import Range, read_targets
from rdna_installer.knowledge.yamlfile import YamlNode, bad
from rdna_installer.record import field, record

BENIGN = "-benign"
LAST = range(83, 90)  # ranks of last resorts: they count where nothing surer is found

# White space, the marks of quoted or commented lines, and the soft line breaks of quoted-printable mail.
GAP = r"(?:[\s>#|*]|=\r?\n)"
LONGEST = 100  # of a gap
WORD_CLASS = re.compile(r"\{([a-z-]+)\}")
UNBOUNDED = re.compile(r"(?<!\\)(?:[*+]|\{[0-9]*,\})")
Says = str  # with ``{user}``-like places, each of VALUES
VALUES = frozenset({"user", "gfx", "override", "python", "set", "spoof", "wheel"})  # what advice may mention


class Fact(enum.Enum):
    """What advice may depend on; judged for one finding on this machine."""

    NOT_IN_GROUP = "not-in-group"  # the user database has the user in neither render nor video
    STALE_SESSION = "stale-session"  # it has, but this session is older
    IN_GROUP = "in-group"
    NO_GPU = "no-gpu"
    SEVERAL_GPUS = "several-gpus"
    SAME_GPU = "same-gpu"  # the log's target is in this machine, or the log names none
    OTHER_GPU = "other-gpu"
    UNKNOWN_GPU = "unknown-gpu"  # neither the log nor the machine names one
    OVERRIDE_PROPOSED = "override-proposed"
    NO_OVERRIDE = "no-override"
    OVERRIDE_SET = "override-set"  # in the environment of this very process, or by a start-up file
    OVERRIDE_WRONG = "override-wrong"  # by a start-up file, and it is harmful here
    NATIVE = "native"  # a torch here has kernels for the target
    NO_NATIVE = "no-native"
    ANOTHER_MACHINE = "another-machine"  # the log is not of this one
    SPOOF = "spoof"  # a rule knows an override with which programs without kernels for the target run
    WHEEL = "wheel"  # a route knows a torch with kernels for the target


class Kind(enum.Enum):
    """What a context shows."""

    ABOUT = "about"  # whose software it is
    PROGRAM = "program"
    PLATFORM = "platform"
    GFX = "gfx"  # the target, or the card's name
    ROCM = "rocm"  # these three: the version
    TORCH = "torch"
    KERNEL = "kernel"
    OTHER = "other"  # a fault that is not AMD's
    NOTHING = "nothing"  # what to say where nothing else is recognised


@record(frozen=True)
class Remedy:
    """One sentence, shown where all its facts hold, and none of ``unless``.
    ``next``, ``check`` and ``source`` outrank those of the signature."""

    says: Says
    when: frozenset[str]  # facts, programs, platforms and their groups
    unless: frozenset[str]
    gfx: frozenset[str]  # of the finding; empty = any
    kernel: Range | None  # these two: of the log's machine
    rocm: Range | None
    next: Says | None
    check: Says | None
    source: str | None


class _Printed:
    """What is looked for in a log. ``words``: of every match at least one is part. ``patterns``: any of them."""

    id: str
    words: tuple[bytes, ...]
    patterns: tuple[str, ...]
    where: str
    shape: bool = False

    @functools.cached_property
    def regexes(self) -> tuple[re.Pattern[bytes], ...]:
        """The compiled patterns: one by one they are faster than as branches of one. Raises RdnaError("bad-rule")."""
        return tuple(compile_pattern(pattern, self.where, wraps=not self.shape) for pattern in self.patterns)

    def search(self, text: bytes) -> re.Match[bytes] | None:
        """The first match in a text."""
        matches = (regex.search(text) for regex in self.regexes)
        return min((m for m in matches if m), key=lambda match: match.start(), default=None)


@record(frozen=True)
class Context(_Printed):
    """What shows one thing about the log's machine. ``rank``: the lowest of a kind counts.

    ``groups`` is what else it is (ComfyUI is a program of torch). ``collect`` are commands that show more where
    nothing known is found, ``check`` shows whether it works, ``tracker`` is where to ask; ``says`` is for people.
    """

    id: str
    words: tuple[bytes, ...]
    patterns: tuple[str, ...]
    where: str
    kind: Kind
    says: str
    rank: int
    groups: frozenset[str]
    collect: tuple[str, ...]
    check: str | None
    tracker: str | None


@record(frozen=True)
class Signature(_Printed):
    """One thing a component prints. ``name`` is its class.

    ``shape``: no message of one program, but a kind of line that says of a failure: all patterns are in one line of it.
    ``rank``: 10 is nearest to the cause; where it is the same, time decides. ``needs``: counts only in a log about
    AMD software ("amd"), or one with that context; ``unless``: not in one with any of these. ``rule`` is what
    ``explain`` takes, ``next`` a command to go on with, ``check`` one that shows whether it helped.
    """

    id: str
    words: tuple[bytes, ...]
    patterns: tuple[str, ...]
    where: str
    shape: bool
    name: str
    rank: int
    needs: frozenset[str]
    unless: frozenset[str]
    means: str
    advice: tuple[Remedy, ...]
    rule: str | None
    next: Says | None
    check: Says | None
    evidence: tuple[Evidence, ...]

    @property
    def fatal(self) -> bool:
        """Whether it is a failure (and not noise)."""
        return not self.name.endswith(BENIGN)

    @property
    def last(self) -> bool:
        """Whether it is a last resort: it tells by words that may be anybody's."""
        return self.rank in LAST


@record(frozen=True)
class Signatures:
    """All that is known. ``contexts`` say what a log is about, ``nothing`` what to say where none of them does.
    ``terms``: word classes of shapes, by name."""

    contexts: tuple[Context, ...]
    signatures: tuple[Signature, ...]
    classes: frozenset[str]
    nothing: Context | None = None
    terms: dict[str, str] = field(default_factory=dict)


@functools.cache
def compile_pattern(pattern: str, where: str, *, wraps: bool = True) -> re.Pattern[bytes]:
    """The pattern over bytes: a space is any gap, ``.`` also a line's end. Raises RdnaError("bad-rule").
    Without ``wraps`` it is for one line, in letters large or small: a space is a space."""
    unbounded = UNBOUNDED.search(re.sub(r"(?<!\\)\[[^]]*\]", "x", pattern))
    if unbounded:
        raise bad(where, f"{unbounded[0]!r} repeats without a bound in a pattern", "write {0,200} or the like")
    if wraps:
        pattern = pattern.replace(" ?", f"{GAP}{{0,{LONGEST}}}").replace(" ", f"{GAP}{{1,{LONGEST}}}")
    try:
        return re.compile(pattern.encode(), re.DOTALL | re.MULTILINE | (0 if wraps else re.IGNORECASE))
    except re.error as err:
        raise bad(where, f"this is no regular expression: {err}") from err


def load_signatures(targets: Collection[str]) -> Signatures:
    """The signatures that ship. Raises RdnaError("bad-rule") with file:line."""
    return read_signatures((shipped(f"signatures/{name}") for name in names("signatures")), targets)


def read_signatures(files: Iterable[YamlNode], targets: Collection[str]) -> Signatures:
    """All signatures of some files. Raises RdnaError("bad-rule")."""
    open_files = [Fields(file, "signature file") for file in files]
    contexts = tuple(context for fields in open_files for context in fields.each("contexts", _read_context))
    classes = frozenset(name for fields in open_files for name in fields.texts("classes"))
    reader = _Reader(targets, classes)
    for fields in open_files:
        fields.each("shared", reader.read_shared)
        for name, node in fields.mapping("terms").items():
            reader.terms[name] = reader.spelt_out(text_of(node, name))
    signatures = tuple(found for fields in open_files for found in fields.each("signatures", reader.read_signature))
    for fields in open_files:
        fields.done()
    check_unique("signature", (*contexts, *signatures))
    words = {*(fact.value for fact in Fact), *(word for c in contexts for word in (c.id, *c.groups))}
    for found in signatures:
        used = found.needs | found.unless.union(*(advice.when | advice.unless for advice in found.advice))
        if unknown := sorted(used - words):
            hint = closest(unknown[0], words)
            raise bad(found.where, f"{unknown[0]!r} is none of {', '.join(sorted(words))}", hint)
    nothing = next((context for context in contexts if context.kind is Kind.NOTHING), None)
    return Signatures(contexts, signatures, classes, nothing, reader.terms)


def _read_context(node: YamlNode) -> Context:
    fields = Fields(node, "context")
    return fields.record(
        Context,
        words=() if fields.word("kind", Kind) is Kind.NOTHING else _read_words(fields, "words"),
        patterns=fields.texts("pattern"),
        says=fields.text_or_none("says") or "",
        rank=int(fields.text_or_none("rank") or 50),
        groups=frozenset(fields.texts("is")),
    )


class _Reader:
    """Reads advice, with what it may refer to: targets, advice that is shared."""

    def __init__(self, targets: Collection[str], classes: frozenset[str]) -> None:
        self.targets, self.classes = targets, classes
        self.shared: dict[str, tuple[Remedy, ...]] = {}
        self.terms: dict[str, str] = {}

    def read_signature(self, node: YamlNode) -> Signature:
        """One signature. What is given by its ``line`` is a shape: word classes in braces, letters large or small."""
        fields = Fields(node, "signature")
        shape = fields.get("line") is not None
        key = "line" if shape else "pattern"
        where, name = fields.need(key).where, fields.name("class")
        if name.removesuffix(BENIGN) not in self.classes:
            raise fields.error("class", f"{name!r} is no class of failure")
        patterns, advice = fields.texts(key), self.read_all(fields)
        given = {"patterns": patterns, "where": where, "name": name, "advice": advice, "shape": shape}
        if shape:
            given |= {"words": (), "patterns": tuple(map(self.spelt_out, patterns))}
        return fields.record(Signature, **given)

    def spelt_out(self, pattern: str) -> str:
        """A pattern with its word classes; one that is not known stays and is what it says."""
        return WORD_CLASS.sub(lambda name: self.terms.get(name[1], name[0]), pattern)

    def read_shared(self, node: YamlNode) -> None:
        """Advice with a name, for what follows."""
        fields = Fields(node, "shared advice")
        self.shared[fields.name("id")] = self.read_all(fields)
        fields.done()

    def read_all(self, fields: Fields) -> tuple[Remedy, ...]:
        """Sentences, and what is shared under the names they use."""
        return tuple(advice for item in fields.items("advice") for advice in self.read_advice(item))

    def read_advice(self, node: YamlNode) -> tuple[Remedy, ...]:
        """One sentence, or all of a shared advice."""
        fields = Fields(node, "advice")
        use = fields.text_or_none("use")
        if use is None:
            return (fields.record(Remedy, gfx=read_targets(fields, self.targets)),)
        fields.done()
        if use not in self.shared:
            raise fields.error("use", f"there is no shared advice {use!r}")
        return self.shared[use]


def _read_rank(fields: Fields, key: str) -> int:
    rank = fields.text(key)
    if not re.fullmatch("[1-9][0-9]", rank):
        raise fields.error(key, f"rank must be 10 to 99, not {rank!r}")
    return int(rank)


def _read_words(fields: Fields, key: str) -> tuple[bytes, ...]:
    words = fields.texts(key)
    if not words:
        raise bad(fields.node.where, f"{fields.what} lacks words", "name fixed text that every match has")
    return tuple(word.encode() for word in words)


def _read_says(fields: Fields, key: str) -> str | None:
    says = fields.text(key) if key == "says" else fields.text_or_none(key)
    places = {name for _, name, _, _ in string.Formatter().parse(says or "") if name is not None}
    if places - VALUES:
        raise fields.error(key, f"{{{sorted(places - VALUES)[0]}}} is nothing that is known of a machine")
    return says


READERS |= {"int": _read_rank, "tuple[bytes, ...]": _read_words, "Says": _read_says, "Says | None": _read_says}
