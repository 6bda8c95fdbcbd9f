"""Reads the signatures; when a log is diagnosed, not before."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping

from rdna_installer import resources
from rdna_installer.knowledge.evidence import read_evidence
from rdna_installer.knowledge.fields import Fields, text_of, word_of
from rdna_installer.knowledge.signature import BENIGN, Fact, Remedy, Signature, Signatures
from rdna_installer.knowledge.versions import Range
from rdna_installer.knowledge.when import expand
from rdna_installer.knowledge.yamlfile import YamlNode, bad, parse
from rdna_installer.machine.sysroot import Sysroot

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


def load_signatures(targets: Iterable[str]) -> Signatures:
    """The signatures that ship. Raises RdnaError("bad-rule") with file:line."""
    path = resources.data() / "signatures.yaml"
    return read_signatures(parse(Sysroot().read_bytes(str(path)), "signatures.yaml (shipped)"), tuple(targets))


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
