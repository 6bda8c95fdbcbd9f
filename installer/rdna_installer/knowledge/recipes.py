"""What can be built for a card that nobody builds for: sources, patches, steps and what they cost (recipes.yaml)."""

from __future__ import annotations

import functools

from rdna_installer.knowledge.evidence import Evidence
from rdna_installer.knowledge.fields import READERS, Fields, check_unique
from rdna_installer.knowledge.shipped import shipped
from rdna_installer.knowledge.when import Range
from rdna_installer.knowledge.yamlfile import YamlNode
from rdna_installer.record import record


@record(frozen=True)
class Source:
    """A repository at one commit; ``tree`` is the hash of what is in it ("-": not known here). ``rocm``: for which."""

    name: str
    url: str
    commit: str
    tree: str
    rocm: Range | None


@record(frozen=True)
class Patch:
    """A small change of ours; ``of``: the source it is for."""

    id: str
    of: str
    purpose: str
    source: str
    text: str


@record(frozen=True)
class Program:
    """What has to be there; ``package`` is Debian's name of what brings it."""

    name: str
    package: str


@record(frozen=True)
class Step:
    """One script, and what it does."""

    id: str
    says: str
    script: str


@record(frozen=True)
class Recipe:
    """One thing to build. ``job_mib``: memory of one compiler; ``minutes``: of one processor."""

    id: str
    says: str
    why: str
    rocm: Range | None
    needs_rocm: bool | None
    then: str
    disk_gib: str
    job_mib: str
    minutes: str
    estimated: str
    unproved: tuple[str, ...]
    sources: tuple[Source, ...]
    patches: tuple[Patch, ...]
    programs: tuple[Program, ...]
    steps: tuple[Step, ...]
    evidence: tuple[Evidence, ...]
    where: str


@record(frozen=True)
class Recipes:
    """The whole file. ``shell``: the functions that scripts use."""

    shell: str
    recipes: tuple[Recipe, ...]


for _kind in (Source, Patch, Program, Step):
    READERS[f"tuple[{_kind.__name__}, ...]"] = lambda fields, key, kind=_kind: fields.each(  # type: ignore[misc]
        key, lambda node: Fields(node, key).record(kind)
    )


@functools.cache
def recipes() -> Recipes:
    """recipes.yaml. Raises RdnaError("bad-rule")."""
    return read_recipes(shipped("recipes"))


def read_recipes(root: YamlNode) -> Recipes:
    """The records of a file. Raises RdnaError("bad-rule")."""
    fields = Fields(root, "recipes")
    found = Recipes(fields.text("shell"), fields.each("recipes", lambda node: Fields(node, "recipe").record(Recipe)))
    check_unique("recipe", found.recipes)
    fields.done()
    return found
