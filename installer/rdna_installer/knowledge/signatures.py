"""Signatures: what a component prints when something goes wrong, what it means, what to do, by whose word.

Read when a log is diagnosed, not before; a pattern is compiled when its fixed words were met in a log.
"""

from __future__ import annotations

import enum
import functools
import re
import string
from collections.abc import Iterable, Mapping

from rdna_installer.knowledge.evidence import Evidence, read_evidence
from rdna_installer.knowledge.fields import Fields, text_of, word_of
from rdna_installer.knowledge.shipped import shipped
from rdna_installer.knowledge.versions import Range
from rdna_installer.knowledge.when import expand
from rdna_installer.knowledge.yamlfile import YamlNode, bad
from rdna_installer.record import record

BENIGN = "-benign"

# White space, the marks of quoted or commented lines, and the soft line breaks of quoted-printable mail.
GAP = r"(?:[\s>#|*]|=\r?\n)"
LONGEST = 100  # of a gap
UNBOUNDED = re.compile(r"(?<!\\)(?:[*+]|\{[0-9]*,\})")
CLASSES = frozenset({
    "memory-access-fault", "memory-aperture-violation", "illegal-instruction", "invalid-isa", "no-binary-for-gpu",
    "tensile-library-missing", "miopen-compile-failure", "miopen-no-solver", "miopen-error", "kfd-permission",
    "kfd-open-einval", "hsa-init-failed", "hsa-out-of-registers", "hw-exception", "gpu-reset", "gpu-lost",
    "ring-timeout", "gcvm-l2-page-fault", "vm-context1-page-fault", "hang-timeout", "pcie-atomics",
    "kfd-device-not-supported", "firmware-missing", "secure-boot", "abi-mismatch", "oom", "segfault", "build-failure",
    "unsupported-arch",
})  # fmt: skip
NEEDLESS = ("amd",)  # what `needs` may name
VALUES = frozenset({"user", "gfx", "override", "python", "set"})  # what advice may mention of the machine


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
    OVERRIDE_SET = "override-set"  # in the environment of this very process
    NATIVE = "native"  # a torch here has kernels for the target
    NO_NATIVE = "no-native"


@record(frozen=True)
class Remedy:
    """One sentence, shown where all its facts hold. ``says`` has ``{user}``-like places."""

    says: str
    when: frozenset[Fact]
    gfx: frozenset[str]  # of the finding; empty = any
    kernel: Range | None


@record(frozen=True)
class Signature:
    """One thing a component prints. ``name`` is its class, None for a context.

    ``rank``: 10 is nearest to the cause. ``needs_amd``: counts only in a log about AMD software. ``words``: of every
    match at least one is part. ``patterns``: any of them. ``rule`` is what ``explain`` takes, ``next`` a command to
    go on with.
    """

    id: str
    name: str | None
    rank: int
    words: tuple[bytes, ...]
    patterns: tuple[str, ...]
    needs_amd: bool
    means: str
    advice: tuple[Remedy, ...]
    rule: str | None
    next: str | None
    evidence: tuple[Evidence, ...]
    where: str

    @property
    def fatal(self) -> bool:
        """Whether it is a failure (and not noise)."""
        return self.name is not None and not self.name.endswith(BENIGN)

    @functools.cached_property
    def regexes(self) -> tuple[re.Pattern[bytes], ...]:
        """The compiled patterns: one by one they are faster than as branches of one. Raises RdnaError("bad-rule")."""
        return tuple(compile_pattern(pattern, self.where) for pattern in self.patterns)

    def search(self, text: bytes) -> re.Match[bytes] | None:
        """The first match in a text."""
        matches = (regex.search(text) for regex in self.regexes)
        return min((m for m in matches if m), key=lambda match: match.start(), default=None)


@record(frozen=True)
class Signatures:
    """All that is known. ``contexts`` say what a log is about."""

    contexts: tuple[Signature, ...]
    signatures: tuple[Signature, ...]


def compile_pattern(pattern: str, where: str) -> re.Pattern[bytes]:
    """The pattern over bytes: a space is any gap, ``.`` also a line's end. Raises RdnaError("bad-rule")."""
    unbounded = UNBOUNDED.search(re.sub(r"(?<!\\)\[[^]]*\]", "x", pattern))
    if unbounded:
        raise bad(where, f"{unbounded[0]!r} repeats without a bound in a pattern", "write {0,200} or the like")
    spaced = pattern.replace(" ?", f"{GAP}{{0,{LONGEST}}}").replace(" ", f"{GAP}{{1,{LONGEST}}}")
    try:
        return re.compile(spaced.encode(), re.DOTALL | re.MULTILINE)
    except re.error as err:
        raise bad(where, f"this is no regular expression: {err}") from err


def load_signatures(targets: Iterable[str]) -> Signatures:
    """The signatures that ship. Raises RdnaError("bad-rule") with file:line."""
    return read_signatures(shipped("signatures"), tuple(targets))


def read_signatures(root: YamlNode, targets: tuple[str, ...]) -> Signatures:
    """All signatures of a file. Raises RdnaError("bad-rule")."""
    fields = Fields(root, "signature file")
    shared = dict(fields.each("shared", lambda node: _read_shared(node, targets)))
    contexts = fields.each("contexts", _read_context)
    signatures = fields.each("signatures", lambda node: _read_signature(node, targets, shared))
    fields.done()
    seen: dict[str, Signature] = {}
    for signature in (*contexts, *signatures):
        if signature.id in seen:
            raise bad(signature.where, f"{signature.id!r} already stands at {seen[signature.id].where}")
        seen[signature.id] = signature
    return Signatures(contexts, signatures)


def _read_context(node: YamlNode) -> Signature:
    fields = Fields(node, "context")
    found = Signature(
        id=fields.name("id"),
        name=None,
        rank=0,
        words=_read_words(fields),
        patterns=fields.texts("pattern"),
        needs_amd=False,
        means="",
        advice=(),
        rule=None,
        next=None,
        evidence=(),
        where=fields.need("pattern").where,
    )
    fields.done()
    return found


def _read_signature(node: YamlNode, targets: tuple[str, ...], shared: Mapping[str, tuple[Remedy, ...]]) -> Signature:
    fields = Fields(node, "signature")
    found = Signature(
        id=fields.name("id"),
        name=_read_class(fields),
        rank=_read_rank(fields),
        words=_read_words(fields),
        patterns=fields.texts("pattern"),
        needs_amd=_read_needs(fields),
        means=fields.text("means"),
        advice=tuple(advice for item in fields.items("advice") for advice in _read_advice(item, targets, shared)),
        rule=fields.text_or_none("rule"),
        next=fields.text_or_none("next"),
        evidence=fields.each("evidence", read_evidence),
        where=fields.need("pattern").where,
    )
    fields.done()
    if not found.evidence:
        raise bad(node.where, f"signature {found.id} has no evidence")
    return found


def _read_class(fields: Fields) -> str:
    name = fields.name("class")
    if name.removesuffix(BENIGN) not in CLASSES:
        raise fields.error("class", f"{name!r} is no class of failure")
    return name


def _read_rank(fields: Fields) -> int:
    rank = fields.text("rank")
    if not re.fullmatch("[1-9][0-9]", rank):
        raise fields.error("rank", f"rank must be 10 to 99, not {rank!r}")
    return int(rank)


def _read_words(fields: Fields) -> tuple[bytes, ...]:
    words = fields.texts("words")
    if not words:
        raise bad(fields.node.where, f"{fields.what} lacks words", "name fixed text that every match has")
    return tuple(word.encode() for word in words)


def _read_needs(fields: Fields) -> bool:
    needs = fields.text_or_none("needs")
    if needs not in (None, *NEEDLESS):
        raise fields.error("needs", f"needs can only be {' or '.join(NEEDLESS)}, not {needs!r}")
    return needs is not None


def _read_shared(node: YamlNode, targets: tuple[str, ...]) -> tuple[str, tuple[Remedy, ...]]:
    fields = Fields(node, "shared advice")
    name = fields.name("id")
    advice = tuple(a for item in fields.items("advice") for a in _read_advice(item, targets, {}))
    fields.done()
    return name, advice


def _read_advice(
    node: YamlNode, targets: tuple[str, ...], shared: Mapping[str, tuple[Remedy, ...]]
) -> tuple[Remedy, ...]:
    fields = Fields(node, "advice")
    use = fields.text_or_none("use")
    if use is not None:
        fields.done()
        if use not in shared:
            raise fields.error("use", f"there is no shared advice {use!r}")
        return shared[use]
    kernel = fields.text_or_none("kernel")
    advice = Remedy(
        says=_read_says(fields),
        when=frozenset(word_of(item, Fact) for item in fields.items("when")),
        gfx=frozenset(name for item in fields.items("gfx") for name in expand(item, targets)),
        kernel=None if kernel is None else Range(kernel),
    )
    problem = advice.kernel.problem() if advice.kernel else None
    if problem:
        raise fields.error("kernel", problem)
    fields.done()
    return (advice,)


def _read_says(fields: Fields) -> str:
    says = text_of(fields.need("says"), "says")
    places = {name for _, name, _, _ in string.Formatter().parse(says) if name is not None}
    if places - VALUES:
        raise fields.error("says", f"{{{sorted(places - VALUES)[0]}}} is nothing that is known of a machine")
    return says
