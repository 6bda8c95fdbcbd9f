"""Our own knowledge files: YAML in a checkout; a package brings each one read already, as JSON beside the YAML.

A plan reads 100 KB of YAML, a third of all its instructions. What is read already (records as the codec writes them,
else the YAML's nodes) is made where a package is built (packaging/book_hook.py) or a program installed (install.sh),
never by a run, so that no run can find an old one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from rdna_installer import codec, resources
from rdna_installer.knowledge.yamlfile import YamlNode, bad, parse
from rdna_installer.machine.sysroot import Sysroot

Form = tuple[Any, Callable[[YamlNode], Any]]  # what a file becomes, and how it is read


def names(folder: str) -> list[str]:
    """The names of the YAML files in ``folder``, without their ending."""
    return [name[:-5] for name in Sysroot().names(str(resources.data() / folder)) if name.endswith(".yaml")]


def shipped(name: str, words: Iterable[bytes] = (b"",)) -> Any:
    """The file ``name`` ("rules/rdna1") as its form has it, else its node; None where none of ``words`` is in it."""
    from rdna_installer.knowledge.load import form

    path, source = str(resources.data() / name), f"{name}.yaml (shipped)"
    try:
        content, ready = Sysroot().read_bytes(f"{path}.json"), True
    except FileNotFoundError:
        content, ready = Sysroot().read_bytes(f"{path}.yaml"), False
    if not any(word in content for word in words):
        return None
    kind, read = form(name)
    return unpack(kind, content, source) if ready else read(parse(content, source))


def pack(node: YamlNode) -> list[Any]:
    """``[line, text | list of such | mapping of such]``, for JSON."""
    value: Any = node.value
    if isinstance(value, list):
        value = [pack(item) for item in value]
    elif isinstance(value, dict):
        value = {key: pack(item) for key, item in value.items()}
    return [node.line, value]


def unpack(kind: Any, content: bytes, source: str) -> Any:
    """The other way. Raises RdnaError("bad-rule") for anything else."""
    try:
        found = json.loads(content)
        return _node(found, source) if kind is YamlNode else codec.decode_as(kind, found)
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
    """The files of the directory ``data`` as a package has them, by their paths in it; each is proved to be what its
    YAML says."""
    from rdna_installer.knowledge.load import form

    made = {}
    for file in sorted(data.rglob("*.yaml")):
        name = str(file.relative_to(data))[:-5]
        source, (kind, read) = f"{name}.yaml (shipped)", form(name)
        found = read(parse(file.read_bytes(), source))
        packed = pack(found) if kind is YamlNode else codec.encode_as(kind, found, brief=True)
        made[f"{name}.json"] = content = json.dumps(packed, ensure_ascii=False, separators=(",", ":")).encode()
        again = unpack(kind, content, source)
        if pack(again) != packed if kind is YamlNode else again != found:
            raise bad(source, "its parsed copy says something else")
    return made
