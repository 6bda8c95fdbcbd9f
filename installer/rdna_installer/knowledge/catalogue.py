"""The catalogues: what each variable and parameter does, which values it takes, and which files others leave behind."""

from __future__ import annotations

import enum
import re
from collections.abc import Collection, Mapping

from rdna_installer.knowledge.evidence import Evidence
from rdna_installer.knowledge.fields import Fields, text_of
from rdna_installer.knowledge.opinion import Opinion, read_opinion
from rdna_installer.knowledge.shipped import shipped
from rdna_installer.knowledge.yamlfile import YamlNode, bad
from rdna_installer.model import Layer
from rdna_installer.parameter import number
from rdna_installer.record import record

SCOPES = {"machine": Layer.ENV, "site": Layer.PYTHON, "kernel": Layer.KERNEL}
TEXT_LIMIT = 512  # characters; no value of ours is longer
KERNEL_BOOL = ("y", "Y", "1", "n", "N", "0", "on", "off")  # what every kernel's kstrtobool takes
DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)\Z", re.ASCII)  # C programs read 010 as 8 or as 10: not written


class Emit(enum.Enum):
    """Who may set it: a rule (and ``--set``), only the user with ``--set``, or nobody."""

    RULE = "rule"
    ASK = "ask"
    NEVER = "never"


@record(frozen=True)
class Values:
    """Valid values: closed ``words``, an integer from ``low`` to ``high``, or a ``pattern``.
    ``low`` and ``high`` are in the unit the entry's summary names. ``kernel``: the integer is one the kernel parses."""

    words: tuple[str, ...] = ()
    ignore_case: bool = False
    low: int | None = None
    high: int | None = None
    pattern: str | None = None
    kernel: bool = False
    form: str | None = None  # the pattern in words

    @property
    def described(self) -> str:
        """The values in words."""
        if self.words:
            return ", ".join(self.words)
        if self.form:
            return self.form
        return f"an integer from {self.low} to {self.high}"

    def allows(self, value: str) -> bool:
        """Whether a value is valid."""
        if self.words:
            folded = value.upper() if self.ignore_case else value
            return folded in self.words
        if self.pattern is not None:
            return re.fullmatch(self.pattern, value) is not None
        read = number(value) if self.kernel or DECIMAL.match(value) else None
        return read is not None and self.low is not None and self.high is not None and self.low <= read <= self.high


@record(frozen=True)
class Entry:
    """One variable or parameter. ``key`` is bare for amdgpu's parameters, ``module.name`` for other modules'.

    ``family`` is a pattern of further names it stands for (per-node overrides). ``since`` and ``until`` are versions
    of ``component`` (ROCm, PyTorch, Linux): present from the first, gone at the second. ``consequence`` says what a
    bad value does.
    """

    key: str
    layer: Layer
    component: str
    summary: str
    values: Values
    emit: Emit
    reason: str | None
    consequence: str | None
    since: str | None
    until: str | None
    read: str | None
    family: str | None
    type: str | None  # C type of a kernel parameter, as modinfo prints it
    taints: str | None  # Linux version from which setting it taints the kernel
    gfx: str | None  # the ASICs whose code reads it, in words
    judged: tuple[Opinion, ...]  # what is known of single values
    evidence: tuple[Evidence, ...]
    where: str

    def problem(self, value: str) -> str | None:
        """Why ``value`` is not valid, or None."""
        if not value:
            return f"{self.key} needs a value"
        if len(value) > TEXT_LIMIT or not value.isprintable() or not value.isascii():
            return f"the value of {self.key} is too long or has characters that are not printable ASCII"
        if self.values.allows(value):
            return None
        consequence = f"; {self.consequence}" if self.consequence else ""
        return f"{self.key} takes {self.values.described}, not {value!r}{consequence}"


Catalogue = Mapping[str, Entry]


def find(catalogue: Catalogue, key: str) -> Entry | None:
    """The entry of a key, also where the key is one of an entry's family (``..._VERSION_1``)."""
    if key in catalogue:
        return catalogue[key]
    return next((e for e in catalogue.values() if e.family and re.fullmatch(e.family, key)), None)


def read_catalogue(root: YamlNode, targets: Collection[str]) -> dict[str, Entry]:
    """A catalogue file: ``entries`` with a ``scope`` each, which says where it is set."""
    fields = Fields(root, "catalogue")
    entries: dict[str, Entry] = {}
    for node in fields.items("entries"):
        entry = _read_entry(node, targets)
        if entry.key in entries:
            raise bad(node.where, f"{entry.key} is already described at {entries[entry.key].where}")
        entries[entry.key] = entry
    fields.done()
    return entries


def _read_entry(node: YamlNode, targets: Collection[str]) -> Entry:
    fields = Fields(node, "catalogue entry")
    scope = fields.text("scope")
    if scope not in SCOPES:
        raise fields.error("scope", f"scope {scope!r} is none of {', '.join(SCOPES)}")
    emit = fields.word("emit", Emit)
    return fields.record(
        Entry,
        layer=SCOPES[scope],
        values=_read_values(fields.need("values"), fields.text_or_none("type")),
        emit=emit,
        reason=fields.text("reason") if emit is not Emit.RULE else fields.text_or_none("reason"),
        judged=fields.each("judged", lambda item: read_opinion(item, targets)),
    )


def _read_values(node: YamlNode, kernel_type: str | None) -> Values:
    if isinstance(node.value, list):
        return Values(words=tuple(text_of(item, "value") for item in node.value))
    if isinstance(node.value, str):
        if node.value == "bool" and kernel_type == "bool":
            return Values(words=KERNEL_BOOL)
        raise bad(node.where, "values must be a list, or a mapping with words, int or pattern")
    fields = Fields(node, "values")
    words = fields.texts("words")
    bounds = fields.texts("int")
    low, high = _bounds(fields, bounds)
    folded, pattern = bool(fields.flag("ignore_case")), fields.pattern("pattern")
    values = Values(words, folded, low, high, pattern, kernel_type is not None, fields.text_or_none("form"))
    fields.done()
    if sum((bool(words), bool(bounds), values.pattern is not None)) != 1:
        raise bad(node.where, "values must have exactly one of words, int and pattern")
    return values


def _bounds(fields: Fields, bounds: tuple[str, ...]) -> list[int | None]:
    read = [number(bound) for bound in bounds] or [None, None]
    if len(read) != 2 or (bounds and None in read):
        raise fields.error("int", "int must be a list of two integers: lowest and highest valid value")
    return read


@record(frozen=True)
class KnownFile:
    """A file that guides or tools leave behind. ``command`` puts it right by hand, where we do not remove it."""

    path: str
    says: str
    command: str | None
    evidence: tuple[Evidence, ...]


def known_files() -> tuple[KnownFile, ...]:
    """All of leftovers.yaml. Raises RdnaError("bad-rule")."""
    fields = Fields(shipped("leftovers"), "leftovers")
    found = fields.each("leftovers", lambda node: Fields(node, "leftover").record(KnownFile))
    fields.done()
    return found


@record(frozen=True)
class Checkout:
    """A program that people keep as a folder with a torch of its own, and how it uses an environment."""

    name: str
    marks: tuple[str, ...]
    launchers: tuple[str, ...]
    requirements: tuple[str, ...]
    setting: str
    says: str
    evidence: tuple[Evidence, ...]


def checkouts() -> tuple[Checkout, ...]:
    """All of checkouts.yaml. Raises RdnaError("bad-rule")."""
    fields = Fields(shipped("checkouts"), "checkouts")
    found = fields.each("checkouts", lambda node: Fields(node, "checkout").record(Checkout))
    fields.done()
    return found
