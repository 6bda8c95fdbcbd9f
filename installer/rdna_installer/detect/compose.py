"""The environment that docker-compose.yml and CDI files give to containers, by the structure of their YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from rdna_installer.detect.assignments import worth
from rdna_installer.detect.dotfiles import Assignment
from rdna_installer.record import replace

FALLBACK = re.compile(r"\$\{\w+:?-([^{}]*)\}")  # this value where nobody sets that name
LONGEST = 1 << 16  # characters: the reader takes a second for as many of the worst


def in_compose(text: str) -> list[Assignment]:
    """Variables of the containers of a docker-compose.yml, or of a CDI file."""
    found = [entry for node in _named(text, {"environment", "env"}) for entry in _entries(node)]
    filled = (replace(a, value=m[1]) if (m := FALLBACK.fullmatch(a.value or "")) else a for a in found if worth(a))
    return sorted(filled, key=lambda a: a.line)


def env_files(text: str) -> list[str]:
    """The files that a docker-compose.yml hands to its containers."""
    lists = ([*node.value] if isinstance(node, yaml.SequenceNode) else [node] for node in _named(text, {"env_file"}))
    nodes = [inner for nodes in lists for inner in nodes]
    names = [inner.value for node in nodes for inner in ([*_named_in(node, {"path"})] or [node])]
    return [name for name in names if isinstance(name, str) and name and not set("$*") & set(name)]


def _named_in(node: yaml.Node, names: set[str]) -> Iterator[yaml.Node]:
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if isinstance(key, yaml.ScalarNode) and key.value in names:
            yield value


def _named(text: str, names: set[str]) -> Iterator[yaml.Node]:
    """What stands under keys of these names, anywhere; nothing where the text is no YAML or very long."""
    try:
        waiting = list(yaml.compose_all(text, Loader=yaml.SafeLoader)) if len(text) < LONGEST else []
    except (yaml.YAMLError, RecursionError, ValueError):
        return
    seen = set()
    while waiting:
        node = waiting.pop()
        if id(node) not in seen and isinstance(node, yaml.CollectionNode):
            seen.add(id(node))
            yield from _named_in(node, names)
            pairs = isinstance(node, yaml.MappingNode)
            waiting += [value for _, value in node.value] if pairs else node.value


def _entries(node: yaml.Node) -> Iterator[Assignment]:
    """A list of KEY=VALUE or a mapping, with what is merged into it."""
    for item in node.value if isinstance(node, yaml.CollectionNode) else ():
        key, value = item if isinstance(item, tuple) else (item, None)
        if value is None and isinstance(key, yaml.ScalarNode) and "=" in key.value:
            yield Assignment(key.start_mark.line + 1, *key.value.split("=", 1))
        elif isinstance(value, yaml.ScalarNode) and value.value and isinstance(key, yaml.ScalarNode):
            yield Assignment(key.start_mark.line + 1, key.value, value.value)
        elif isinstance(value, yaml.MappingNode) and value is not node:
            yield from _entries(value)
