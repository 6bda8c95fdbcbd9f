"""Profiles: named sets of rules the user chooses, each with its warnings."""

from __future__ import annotations

from collections.abc import Iterable

from rdna_installer.knowledge.fields import Fields
from rdna_installer.knowledge.rules import Rule, read_rule
from rdna_installer.knowledge.yamlfile import YamlNode
from rdna_installer.record import record


@record(frozen=True)
class Profile:
    """One profile; its rules come on top of the recommended ones and outrank them."""

    id: str
    source: str
    summary: str
    warnings: tuple[str, ...]
    rules: tuple[Rule, ...]
    where: str


def read_profile(root: YamlNode, targets: Iterable[str]) -> Profile:
    """A profile file: ``profile`` and its ``rules``. Raises RdnaError("bad-rule")."""
    targets = tuple(targets)
    fields = Fields(root, "profile file")
    head = Fields(fields.need("profile"), "profile")
    name = head.name("id")
    profile = Profile(
        id=name,
        source=head.text("source"),
        summary=head.text("summary"),
        warnings=head.texts("warnings"),
        rules=fields.each("rules", lambda node: read_rule(node, targets, name)),
        where=root.where,
    )
    head.done()
    fields.done()
    return profile
