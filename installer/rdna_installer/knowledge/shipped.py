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
from rdna_installer.errors import RdnaError
from rdna_installer.knowledge.yamlfile import YamlNode, bad, parse
from rdna_installer.machine.sysroot import Sysroot

Form = tuple[Any, Callable[[YamlNode], Any]]  # what a file becomes, and how it is read


def names(folder: str) -> list[str]:
    """The names of the YAML files in ``folder``, without their ending."""
    return [name[:-5] for name in Sysroot().names(str(resources.data() / folder)) if name.endswith(".yaml")]


def shipped(name: str) -> YamlNode:
    """The file ``name`` ("rules/rdna1")."""
    content, ready = _content(name)
    return (unpack if ready else parse)(content, f"{name}.yaml (shipped)")


def shipped_as(kind: Any, read: Any, name: str, words: Iterable[bytes]) -> Any:
    """What ``read`` makes of a file, if one of ``words`` is in it. Raises as ``unpack`` and ``read``."""
    content, ready = _content(name)
    source = f"{name}.yaml (shipped)"
    if not any(word in content for word in words):
        return None
    return _made(kind, content, source) if ready else read(parse(content, source))


def _content(name: str) -> tuple[bytes, bool]:
    """A file, and whether it has been read already."""
    path = str(resources.data() / name)
    try:
        return Sysroot().read_bytes(f"{path}.json"), True
    except FileNotFoundError:
        return Sysroot().read_bytes(f"{path}.yaml"), False


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
        raise _damaged(source) from err


def _made(kind: Any, content: bytes, source: str) -> Any:
    try:
        return codec.decode_as(kind, json.loads(content))
    except ValueError as err:
        raise _damaged(source) from err


def _damaged(source: str) -> RdnaError:
    return bad(source, "the parsed copy of this file is damaged", "install the program again")


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
    from rdna_installer.knowledge.load import form as forms

    made = {}
    for file in sorted(data.rglob("*.yaml")):
        name = str(file.relative_to(data))[:-5]
        source = f"{name}.yaml (shipped)"
        node, form = parse(file.read_bytes(), source), forms(name)
        read = form[1](node) if form else pack(node)
        plain = codec.encode_as(form[0], read, brief=True) if form else read
        made[f"{name}.json"] = content = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()
        if (_made(form[0], content, source) if form else pack(unpack(content, source))) != read:
            raise bad(source, "its parsed copy says something else")
    return made
