"""The shareable report: one schema that is the allow-list, the form of the file, and what ``report --check`` asks.

Every text is a word of a table of ours or a number in a narrow form, so a foreign one has no place to be in: no names,
paths, ids or lines of logs; what is said of them is a code, and made into a sentence where it is shown. Keys may be
added, with a default; never renamed. The file is canonical: what is in it and not in the record is refused.
"""

from __future__ import annotations

import math
import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from rdna_installer import codec
from rdna_installer.change.boot_counting import BootOutcome
from rdna_installer.codec import Form, MisfitError
from rdna_installer.detect.targets import card_names, lookup
from rdna_installer.knowledge.load import load_book
from rdna_installer.knowledge.shipped import names
from rdna_installer.knowledge.signatures import Signatures, load_signatures
from rdna_installer.model import GfxSource, InitramfsTool, Layer, Proof, Status, TorchKind, TorchOrigin, Verdict
from rdna_installer.probe.rows import data, table
from rdna_installer.probe.types import ANY, STRATEGIES, OpOutcome, Trouble
from rdna_installer.probe.types import Verdict as Can
from rdna_installer.record import record

FORMAT = 1
SIZE_LIMIT = 500_000  # bytes of a file
DRIVER = "MIOpenDriver"
MASKED = "other"  # in place of a text that is none of ours


@cache
def words() -> dict[str, Any]:
    """What words.yaml says: codes and, where there is one, the sentence for each."""
    import yaml  # for reports alone

    text = Path(__file__).with_name("words.yaml").read_text(encoding="utf-8")
    read: dict[str, Any] = yaml.safe_load(text)
    return read


@cache
def signatures() -> Signatures:
    """What can be found in a log."""
    return load_signatures(load_book().targets.targets)


@cache
def rows() -> dict[str, tuple[str, str]]:
    """The probe's rows by id, in the order shown: name and group."""
    return {**{row.id: (row.name, row.group) for row in table()}, DRIVER: (DRIVER, "conv")}


@cache
def uses() -> dict[str, str]:
    """What people do with a card, by id."""
    return {use["id"]: use["name"] for use in data()["uses"]}


@cache
def _tables() -> dict[str, frozenset[str]]:
    """Every word there may be, by what it is."""
    book = load_book()
    signs = signatures().signatures
    entries = (*book.env.values(), *book.kernel.values())
    rules = {rule.id for rule in book.rules}
    for name in book.profile_names:
        rules |= {rule.id for rule in book.profile(name).rules}
    return {
        "gfx": frozenset(book.targets.targets),
        "key": frozenset({*book.env, *book.kernel}),
        "word": frozenset(word for entry in entries for word in entry.values.words),
        "profile": frozenset(names("profiles")) | {"recommended"},
        "rule": frozenset(rules),
        "class": frozenset(each.name for each in signs),
        "signature": frozenset(each.id for each in signs),
        "explained": frozenset({*book.env, *book.kernel, *rules, *book.targets.targets}),
        "operation": frozenset(rows()),
        "use": frozenset(uses()),
        **{name: frozenset(said) for name, said in words().items()},
    }


def _word(table: str, name: str) -> Form:
    return Form(lambda text: text in _tables()[table], name)


def _like(pattern: str, name: str) -> Form:
    return Form(lambda text: re.fullmatch(pattern, text, re.ASCII) is not None, name)


def _to(last: int) -> Form:
    return Form(lambda number: 0 <= number <= last, f"a number from 0 to {last}")


def _is_measure(value: float) -> bool:
    return (value == 0 and math.copysign(1, value) > 0) or (1e-30 < value < 1e9 and rounded(value) == value)


def rounded(value: float) -> float:
    """To three digits: seventeen of them name a run."""
    return float(f"{value:.3g}")


# An IPv4 address has four parts, a date and a place on the earth mostly larger ones.
TWO_OR_THREE = r"(?:[0-9]|1[0-2])\.[0-2]?[0-9](?:\.[0-2]?[0-9])?"
TORCH = rf"{TWO_OR_THREE}(?:a0|\.dev20[0-9]{{6}})?(?:\+(?:rocm{TWO_OR_THREE}|cpu|cu[0-9]{{3}}))?"
NUMBERS = r"-?[0-9]{1,9}|0x[0-9a-fA-F]{1,8}|[0-9]{1,3}(?:\.[0-9]{1,2}){1,2}"
ANY_KEYS = r"-?[0-9]{1,5}|0x[0-9a-fA-F]{1,2}"
Target = Annotated[str, _word("gfx", "a gfx target that is known")]
Device = Annotated[str, Form(lambda text: lookup(text) is not None, "the device id of a known card")]
CardName = Annotated[str, Form(lambda text: text in card_names(), "the name of a known card")]
Key = Annotated[str, _word("key", "a setting that is known")]
Value = Annotated[
    str, Form(lambda v: re.fullmatch(NUMBERS, v, re.ASCII) is not None or v in _tables()["word"] | {MASKED}, "a value")
]
Profile = Annotated[str, _word("profile", "a profile")]
RuleId = Annotated[str, _word("rule", "a rule that is known")]
Explained = Annotated[str, _word("explained", "what can be explained")]
ErrorClass = Annotated[str, _word("class", "a class of errors")]
SignatureId = Annotated[str, _word("signature", "a signature that is known")]
Operation = Annotated[str, _word("operation", "an operation of the probe")]
Strategy = Annotated[str, Form(lambda text: text in (*STRATEGIES, ANY), "a strategy")]
NumberType = Annotated[str, _word("type", "a type of numbers")]
Depth = Annotated[str, _word("depth", "how much is probed")]
Driver = Annotated[str, _word("driver", "how the driver is there")]
Around = Annotated[str, _word("around", "a kind of system")]
Who = Annotated[str, _word("who", "who set a value")]
Subject = Annotated[str, _word("subject", "a topic")]
Mark = Annotated[str, _word("mark", "a mark")]
Next = Annotated[str, _word("next", "a next step")]
Reason = Annotated[str, _word("reason", "a reason for a change")]
Boot = Annotated[str, _word("boot", "what boots have said")]
Source = Annotated[str, _word("log", "a kind of log")]
UseId = Annotated[str, _word("use", "a use that is known")]
DistroId = Annotated[str, _word("distribution", "a distribution that is known")]
Flavour = Annotated[str, _word("flavour", "a kernel's flavour that is known")]
Version = Annotated[str, _like(TWO_OR_THREE, "a version")]
DistroVersion = Annotated[str, _like(r"[1-4]?[0-9](?:\.[0-2]?[0-9])?", "a distribution's version")]
TorchVersion = Annotated[str, _like(TORCH, "torch's version")]
Kernel = Annotated[str, _like(r"[2-9]\.[0-9]{1,2}(?:\.[0-9]{1,3})?", "a kernel's version")]
Day = Annotated[str, _like(r"20[2-9][0-9]-[01][0-9]-[0-3][0-9]", "a day")]
Small = Annotated[int, _to(9999)]
MOST = 10_000_000  # what is more is said to be this: a fast card makes as many rounds in half an hour
Number = Annotated[int, _to(MOST)]
Measure = Annotated[float, Form(_is_measure, "a number of three digits")]


def suits(key: str, value: str | None) -> bool:
    """Whether a setting may have a value: a small number or a word of ours any, another number where it is valid."""
    if value is None or re.fullmatch(ANY_KEYS, value) or not re.fullmatch(NUMBERS, value):
        return True
    entry = load_book().entry(key)
    return entry is not None and entry.values.allows(value)


@record(frozen=True)
class Card:
    """A GPU; ``name`` and ``device`` are those of our own table."""

    target: Target
    known_by: GfxSource
    device: Device | None = None
    name: CardName | None = None
    integrated: bool = False
    vram_gib: Small | None = None
    compute_units: Small | None = None
    mes: Number | None = None
    sdma: Number | None = None


@record(frozen=True)
class Rocm:
    """An installed ROCm."""

    version: Version
    miopen: Version | None = None
    targets: tuple[Target, ...] = ()


@record(frozen=True)
class Python:
    """An interpreter with a torch, by number."""

    number: Small
    python: Version | None = None
    torch: TorchVersion | None = None
    rocm: Version | None = None
    kind: TorchKind = TorchKind.UNKNOWN
    origin: TorchOrigin = TorchOrigin.UNKNOWN
    targets: tuple[Target, ...] = ()
    known_from: Proof = Proof.UNKNOWN
    verdict: Verdict | None = None
    rule: RuleId | None = None


@record(frozen=True)
class Machine:
    """What the results hold for."""

    cards: tuple[Card, ...] = ()
    distro: DistroId = "unknown"
    distro_version: DistroVersion | None = None
    kernel: Kernel | None = None
    flavour: Flavour | None = None
    memory_gib: Small | None = None
    driver: Driver = "unknown"
    initramfs: InitramfsTool = InitramfsTool.UNKNOWN
    around: tuple[Around, ...] = ()
    systemd: bool = False
    rocm: tuple[Rocm, ...] = ()
    pythons: tuple[Python, ...] = ()


@record(frozen=True)
class InForce:
    """A value that somebody set; of ours also what is ``wanted``. ``python``: the only one it is for."""

    key: Key
    by: Who
    layer: Layer
    value: Value | None = None
    wanted: Value | None = None
    status: Status = Status.UNKNOWN
    python: Small | None = None

    def misfit(self) -> str | None:
        """Whether a number is none that the setting may have."""
        return None if suits(self.key, self.value) and suits(self.key, self.wanted) else "a value that is none of it"


@record(frozen=True)
class Topic:
    """How one thing stands that has to work."""

    subject: Subject
    mark: Mark
    next: Next | None = None


@record(frozen=True)
class Made:
    """One change that was made."""

    number: Small
    reason: Reason
    system: bool = False
    current: bool = False
    day: Day | None = None
    to: Small | None = None
    profile: Profile | None = None
    settings: Small = 0
    kernel_settings: Small = 0
    files: Small = 0
    boot: Boot = "none"


@record(frozen=True)
class Finding:
    """What a signature of ours found in a log; its words are ours, not the log's."""

    signature: SignatureId
    name: ErrorClass
    line: Number = 0
    fatal: bool = False
    target: Target | None = None
    explain: Explained | None = None


@record(frozen=True)
class Log:
    """What a log says. ``elsewhere``: it is of another machine."""

    source: Source = "file"
    lines: Number = 0
    elsewhere: bool = False
    findings: tuple[Finding, ...] = ()


@record(frozen=True)
class Cell:
    """One row of the probe in one type and strategy ("any": none touches it). ``ms``: the median of ``repeats`` runs in
    milliseconds, ``low`` and ``high`` the 10th and 90th percentile; ``of_limit``: the largest error in units of the
    row's own limit; ``mib``: memory at the peak, of a row that allocates the size of its step."""

    op: Operation
    strategy: Strategy
    outcome: OpOutcome
    type: NumberType = "f32"
    trouble: Trouble | None = None
    ms: Measure | None = None
    low: Measure | None = None
    high: Measure | None = None
    repeats: Small = 0
    worst: Measure | None = None
    of_limit: Measure | None = None
    mib: Measure | None = None
    gbs: Measure | None = None


@record(frozen=True)
class Tried:
    """What was tried with one set of variables."""

    cells: tuple[Cell, ...] = ()
    rule: RuleId | None = None
    bare: bool = False
    values: tuple[tuple[Key, Value], ...] = ()

    def misfit(self) -> str | None:
        """Whether a number is none that its setting may have."""
        return None if all(suits(key, value) for key, value in self.values) else "a value that is none of it"


@record(frozen=True)
class Sample:
    """The card some seconds after a soak began."""

    second: Number
    celsius: Measure | None = None
    mhz: Small | None = None
    mib: Number | None = None


@record(frozen=True)
class Soak:
    """The same work for minutes; ``first`` and ``last``: milliseconds of a round; ``faults``: lines of the kernel."""

    strategy: Strategy
    minutes: Small
    outcome: OpOutcome
    rounds: Number = 0
    wrong: Number = 0
    first: Measure | None = None
    last: Measure | None = None
    faults: Small = 0
    samples: tuple[Sample, ...] = ()


@record(frozen=True)
class Purpose:
    """Something people do with a card, and whether it can be done on this one, with which strategies and types."""

    id: UseId
    verdict: Can
    strategies: tuple[Strategy, ...] = ()
    types: tuple[NumberType, ...] = ()


@record(frozen=True)
class Measured:
    """A probe of one Python. ``gpu``: else only the processor was probed. ``edition``: of the table of rows."""

    day: Day
    version: Version
    edition: Small = 1
    depth: Depth = "default"
    python: Small | None = None
    gpu: bool = False
    kernel: Kernel | None = None
    torch: TorchVersion | None = None
    rocm: Version | None = None
    best: Strategy | None = None
    stopped: bool = False
    tried: tuple[Tried, ...] = ()
    uses: tuple[Purpose, ...] = ()
    soak: Soak | None = None


@record(frozen=True)
class Shared:
    """All of it. ``machine`` None: only a log of another machine. ``version`` is of the program that made it."""

    version: Version
    day: Day
    verdict: Verdict | None = None
    machine: Machine | None = None
    topics: tuple[Topic, ...] = ()
    in_force: tuple[InForce, ...] = ()
    made: tuple[Made, ...] = ()
    log: Log | None = None
    boots: Small | None = None  # counted of a trial that runs
    last_boot: BootOutcome | None = None
    probes: tuple[Measured, ...] = ()
    unknown: Number = 0  # variables of ROCm's or MIOpen's that no table of ours has


def write(shared: Shared) -> bytes:
    """The file. What ``read`` would refuse does not leave: raises MisfitError."""
    codec.decode(Shared, codec.encode(shared, brief=True))
    return codec.write(shared, FORMAT)


def digest_of(content: bytes) -> str:
    """The digest that a file begins with."""
    begin = len(codec.CHECKSUM)
    return content[begin : begin + codec.DIGEST_LENGTH].decode()


def read(content: bytes, name: str) -> Shared:
    """The report in a file, of this format or an older one. Raises MisfitError."""
    if len(content) > SIZE_LIMIT:
        raise MisfitError(f"more than {SIZE_LIMIT // 1000} kB: no report is", name)
    shared = codec.read(Shared, content, name, FORMAT)
    if codec.write(shared, FORMAT) != content:  # a key twice, a space: places where something may be kept
        raise MisfitError("not as this program writes it: it was changed afterwards", name)
    return shared
