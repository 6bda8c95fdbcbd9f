"""The conditions of a rule: what they may say. How they are judged on a machine is the policy's business.

Ranges are of the versions that ROCm, torch and Linux really carry, ordered as PEP 440 has it; one that nobody can read
is *unknown*.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from operator import eq, ge, gt, le, lt, ne

from rdna_installer.knowledge.fields import READERS, Fields, closest, text_of, word_of
from rdna_installer.knowledge.yamlfile import YamlNode, bad
from rdna_installer.model import TorchOrigin, Use
from rdna_installer.record import record

Version = tuple[tuple[int, ...], int, int]  # the numbers without zeros at the end, the stage, its count
STAGES = ("dev", "a", "b", "rc", "")  # in their order
OPERATORS = {">=": ge, "<=": le, "==": eq, "!=": ne, ">": gt, "<": lt}
CLAUSE = r"\s*(>=|<=|==|!=|>|<)\s*([0-9]{1,3}(?:\.[0-9]+)*(?:(?:a|b|rc|\.dev)[0-9]+)?)\s*\Z"
# 6.12.48+deb13-amd64, 6.18.0-rc6-custom, 6.2.4-139, 7.0.0.git64359f59, 6.0.32830-d62f6a171
LEADING = r"v?([0-9]+(?:\.[0-9]+)*)(?:[-.~]?(a|b|rc)\.?([0-9]+)|[-.]?(dev)\.?([0-9]+))?(?![0-9A-Za-z])"


def read_version(text: str) -> Version | None:
    """The version in ``text``, its local part and anything after the numbers left out; None = not one."""
    match = re.match(LEADING, text.strip())
    if match is None or (len(match[1]) > 3 and "." not in match[1]):  # a bare long number is a hash
        return None
    number, stage, count, dev, day = match.groups()
    numbers = [int(part) for part in number.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers), STAGES.index(stage or dev or ""), int(count or day or 0)


@record(frozen=True)
class Range:
    """A range like ``>=6.3,<7`` (all clauses must hold); pre-releases are ordered as PEP 440 has it."""

    text: str

    def problem(self) -> str | None:
        """What is wrong with the range, or None."""
        for clause in self.text.split(","):
            if not re.match(CLAUSE, clause):
                return f'{clause.strip()!r} is no version range; write for example ">=6.3,<7"'
        return None

    def contains(self, text: str) -> bool | None:
        """Whether the version is inside; None where it cannot be read."""
        version = read_version(text)
        if version is None:
            return None
        return all(_holds(version, clause) for clause in self.text.split(","))


def _holds(version: Version, clause: str) -> bool:
    match = re.match(CLAUSE, clause)
    bound = read_version(match[2]) if match else None
    if match is None or bound is None:
        raise ValueError(f"not a version range: {clause!r}")
    return bool(OPERATORS[match[1]](version, bound))


@record(frozen=True)
class When:
    """All that are given must hold; what is absent does not matter.

    ``has_kernels`` (`native` there): the site has kernels for the true target. ``igpu_beside``: an integrated AMD GPU
    is beside this one. ``several_gpus``: the machine has more than one AMD GPU. ``ram_gib`` is a range of GiB. ``use``
    training or inference also holds where the user wants both.

    What is there outranks versions, which backports break: ``kfd`` and ``no_kfd`` name lines that are in the GPU's KFD
    properties, or not; ``parameter`` parameters the kernel's modules have (modinfo), ``reads`` variables named in the
    installed libraries; ``mes`` is a range of the MES firmware's version (decimal). Unknown is not a pass.
    """

    gfx: frozenset[str] = frozenset()
    rocm: Range | None = None
    torch: Range | None = None
    kernel: Range | None = None
    has_kernels: bool | None = None
    origin: frozenset[TorchOrigin] = frozenset()
    integrated: bool | None = None
    igpu_beside: bool | None = None
    several_gpus: bool | None = None
    ram_gib: Range | None = None
    use: Use | None = None
    kfd: tuple[str, ...] = ()
    no_kfd: tuple[str, ...] = ()
    parameter: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    mes: Range | None = None

    @property
    def about_torch(self) -> bool:
        """Whether a torch site is needed to judge it."""
        return self.torch is not None or self.has_kernels is not None or bool(self.origin or self.reads)


ALWAYS = When()


def read_when(node: YamlNode | None, targets: Collection[str]) -> When:
    """The ``when`` of a rule; absent means always. Raises RdnaError("bad-rule")."""
    if node is None:
        return ALWAYS
    fields = Fields(node, "when")
    gpus = fields.text_or_none("gpus")
    if gpus not in (None, "single", "multiple"):
        raise fields.error("gpus", f"gpus must be single or multiple, not {gpus!r}")
    when = fields.record(
        When,
        gfx=read_targets(fields, targets),
        has_kernels=fields.flag("native"),
        origin=frozenset(word_of(item, TorchOrigin) for item in fields.items("origin")),
        several_gpus=None if gpus is None else gpus == "multiple",
    )
    if when.use is Use.BOTH:
        raise fields.error("use", "use must be training or inference; leave it out where both are meant")
    return when


def _range(fields: Fields, key: str) -> Range | None:
    text = fields.text_or_none(key)
    found = Range(text) if text is not None else None
    if found and (problem := found.problem()):
        raise fields.error(key, problem)
    return found


READERS["Range | None"] = _range


def read_targets(fields: Fields, targets: Collection[str], key: str = "gfx") -> frozenset[str]:
    """The targets that the names of a list stand for."""
    return frozenset(gfx for item in fields.items(key) for gfx in expand(item, targets))


def expand(item: YamlNode, targets: Collection[str]) -> set[str]:
    """The targets a name stands for: itself, or with a final ``x`` all that begin so (gfx103x)."""
    name = text_of(item, "gfx")
    hits = {gfx for gfx in targets if gfx[:-1] == name[:-1]} if name.endswith("x") else {name}.intersection(targets)
    if not hits:
        raise bad(item.where, f"unknown gfx target {name!r}", closest(name, targets))
    return hits
