"""Rules: when they hold, what they set, say or refuse, by whose word. Profiles: sets of them that users choose."""

from __future__ import annotations

import enum
import re
from collections.abc import Collection, Mapping

from rdna_installer.gfx import version_of
from rdna_installer.knowledge.evidence import Evidence, Strength, strongest
from rdna_installer.knowledge.fields import Fields, text_of
from rdna_installer.knowledge.when import Range, When, expand, read_when
from rdna_installer.knowledge.yamlfile import YamlNode, bad
from rdna_installer.model import USUAL, Layer, Verdict
from rdna_installer.record import record

KEYS = {
    Layer.KERNEL: r"([a-z][a-z0-9_]*\.)?[a-z][a-z0-9_]*\Z",
    **dict.fromkeys((Layer.ENV, Layer.PYTHON), r"[A-Z_][A-Z0-9_]*\Z"),
}
CONV_VARIABLE = "RDNA_CONV"  # read by the hook when torch is imported
CONV = ("native", "no-miopen", "gemm", "cpu")  # runtime/conv


class Grade(enum.Enum):
    """How safe it is to report another target. FORCED is a profile's: the user chose it, knowing."""

    SAFE = "safe"
    RISKY = "risky"
    REFUSED = "refused"
    FORCED = "forced"


@record(frozen=True)
class Spoof:
    """Report ``gfx`` in place of the true target; ``value`` is the override that does it."""

    gfx: str
    value: str
    grade: Grade


@record(frozen=True)
class Wanted:
    """One value a rule sets, and where it stands in the file."""

    layer: Layer
    key: str
    value: str
    where: str


@record(frozen=True)
class Proposal:
    """An experiment in words; ``command`` None means the probe of the site."""

    summary: str
    command: str | None


@record(frozen=True)
class Rule:
    """One rule. ``reject`` names things not done, with the reason; ``until`` versions drop the rule.

    ``profile`` is the profile the rule belongs to, None for the rules of ``recommended``. A rule with an experiment,
    or of weak strength, sets nothing before it was measured here.
    """

    id: str
    when: When
    settings: tuple[Wanted, ...]
    verdict: Verdict | None
    spoof: Spoof | None
    why: str
    warn: tuple[str, ...]
    reject: tuple[tuple[str, str], ...]
    evidence: tuple[Evidence, ...]
    counter: tuple[Evidence, ...]
    until: Mapping[str, Range]
    experiment: Proposal | None
    profile: str | None
    where: str

    @property
    def strength(self) -> Strength:
        """That of its best evidence."""
        return strongest(self.evidence)

    @property
    def about_kernel(self) -> bool:
        """Whether it warns of a kernel or its firmware, whatever torch is there."""
        when = self.when
        asked = (when.kernel, when.mes, when.kfd, when.no_kfd)
        return bool(self.warn) and any(asked) and when.rocm is None and not when.about_torch

    @property
    def said(self) -> tuple[str, ...]:
        """What it warns of; of a kernel with the source, which somebody has to look at themselves."""
        if not self.about_kernel:
            return self.warn
        best = max(self.evidence, key=lambda evidence: evidence.strength.rank)
        return tuple(f"{text} [{best.url}]" for text in self.warn)

    @property
    def needs_measuring(self) -> bool:
        """Whether it sets nothing before a probe of this machine has passed."""
        return self.profile is None and (self.experiment is not None or self.strength is Strength.WEAK)


def read_rule(node: YamlNode, targets: Collection[str], profile: str | None = None) -> Rule:
    """One rule. Raises RdnaError("bad-rule") with file and line."""
    fields = Fields(node, "rule")
    return fields.record(
        Rule,
        when=read_when(fields.get("when"), targets),
        settings=(*_read_settings(fields), *_read_conv(fields)),
        spoof=_read_spoof(fields, targets, profile),
        reject=fields.each("reject", _read_reject),
        until=_read_until(fields),
        profile=profile,
    )


def _read_settings(fields: Fields) -> tuple[Wanted, ...]:
    found: list[Wanted] = []
    node = fields.get("settings")
    layers = Fields(node, "settings").entries if node else {}
    for name, values in layers.items():
        if name not in (layer.value for layer in USUAL):
            raise bad(values.where, f"unknown layer {name!r} in settings", "layers are kernel, env and python")
        layer = Layer(name)
        for key, value in Fields(values, name).entries.items():
            if not re.match(KEYS[layer], key):
                raise bad(value.where, f"{key!r} is no name of the {name} layer")
            found.append(Wanted(layer, key, text_of(value, key), value.where))
    return tuple(found)


def _read_spoof(fields: Fields, targets: Collection[str], profile: str | None) -> Spoof | None:
    node = fields.get("spoof")
    if node is None:
        return None
    spoof = Fields(node, "spoof")
    (gfx,) = expand(spoof.need("gfx"), targets) if not spoof.text("gfx").endswith("x") else (None,)
    grade = spoof.word("grade", Grade)
    spoof.done()
    value = version_of(gfx) if gfx else None
    if gfx is None or value is None:
        raise spoof.error("gfx", "a spoof reports one target, not a family")
    if grade is Grade.FORCED and profile is None:
        raise spoof.error("grade", "forced is for profiles, which the user chooses")
    return Spoof(gfx, value, grade)


def _read_conv(fields: Fields) -> tuple[Wanted, ...]:
    """``conv: STRATEGY`` is short for the variable by which the hook learns it."""
    node = fields.get("conv")
    if node is None:
        return ()
    conv = text_of(node, "conv")
    if conv not in CONV:
        raise fields.error("conv", f"conv {conv!r} is none of {', '.join(CONV)}")
    return (Wanted(Layer.PYTHON, CONV_VARIABLE, conv, node.where),)


def _read_reject(node: YamlNode) -> tuple[str, str]:
    fields = Fields(node, "reject")
    found = fields.text("key"), fields.text("reason")
    fields.done()
    return found


def _read_until(fields: Fields) -> dict[str, Range]:
    found: dict[str, Range] = {}
    for component, node in fields.mapping("until").items():
        if component not in ("rocm", "torch", "kernel"):
            raise bad(node.where, f"until names {component!r}; it can name rocm, torch and kernel")
        found[component] = Range(">=" + text_of(node, component))
        problem = found[component].problem()
        if problem:
            raise bad(node.where, problem)
    return found


@record(frozen=True)
class Profile:
    """One profile; its rules come on top of the recommended ones and outrank them."""

    id: str
    source: str
    summary: str
    warnings: tuple[str, ...]
    rules: tuple[Rule, ...]
    where: str


def read_profile(root: YamlNode, targets: Collection[str]) -> Profile:
    """A profile file: ``profile`` and its ``rules``. Raises RdnaError("bad-rule")."""
    fields = Fields(root, "profile file")
    head = Fields(fields.need("profile"), "profile")
    name = head.name("id")
    rules = fields.each("rules", lambda node: read_rule(node, targets, name))
    profile = head.record(Profile, id=name, rules=rules, where=root.where)
    fields.done()
    return profile
