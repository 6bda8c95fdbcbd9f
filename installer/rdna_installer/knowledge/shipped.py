"""Our own knowledge files: YAML in a checkout; a package brings each one parsed already, as JSON beside the YAML.

A plan reads 100 KB of YAML, a third of all its instructions. Parsed files are made where a package is built
(packaging/book_hook.py) or a program installed (install.sh), never by a run, so that no run can find an old one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from rdna_installer import resources
from rdna_installer.knowledge.yamlfile import YamlNode, bad, parse
from rdna_installer.machine.sysroot import Sysroot


def names(folder: str) -> list[str]:
    """The names of the YAML files in ``folder``, without their ending."""
    return [name[:-5] for name in Sysroot().names(str(resources.data() / folder)) if name.endswith(".yaml")]


def shipped(name: str) -> YamlNode:
    """The file ``name`` ("rules/rdna1")."""
    content, read = _content(name)
    return read(content, f"{name}.yaml (shipped)")


def shipped_about(name: str, words: Iterable[bytes]) -> YamlNode | None:
    """The same, if one of ``words`` is in it."""
    content, read = _content(name)
    return read(content, f"{name}.yaml (shipped)") if any(word in content for word in words) else None


def _content(name: str) -> tuple[bytes, Callable[[bytes, str], YamlNode]]:
    path = str(resources.data() / name)
    try:
        return Sysroot().read_bytes(f"{path}.json"), unpack
    except FileNotFoundError:
        return Sysroot().read_bytes(f"{path}.yaml"), parse


def pack(node: YamlNode) -> list[Any]:
    """``[line, text | list of such | mapping of such]``, for JSON."""
    value: Any = node.value
    if isinstance(value, list):
        value = [pack(item) for item in value]
    elif isinstance(value, dict):
        value = {key: pack(item) for key, item in value.items()}
    return [node.line, value]


def unpack(content: bytes, source: str) -> YamlNode:
    """The other way. Raises RdnaError("bad-rule") for anything else."""
    try:
        return _node(json.loads(content), source)
    except (ValueError, TypeError) as err:
        raise bad(source, "the parsed copy of this file is damaged", "install the program again") from err


def _node(packed: list[Any], source: str) -> YamlNode:
    line, value = packed
    if isinstance(value, list):
        value = [_node(item, source) for item in value]
    elif isinstance(value, dict):
        value = {key: _node(item, source) for key, item in value.items()}
    return YamlNode(value, source, line)


def parse_all(data: Path) -> dict[str, bytes]:
    """The parsed files for the directory ``data``, by their paths in it; each is proved to be what its YAML says."""
    made = {}
    for file in sorted(data.rglob("*.yaml")):
        name = str(file.relative_to(data))
        packed = pack(parse(file.read_bytes(), name))
        made[f"{name[:-5]}.json"] = content = json.dumps(packed, ensure_ascii=False, separators=(",", ":")).encode()
        if pack(unpack(content, name)) != packed:
            raise bad(name, "its parsed copy says something else")
    return made
