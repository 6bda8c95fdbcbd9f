"""Read the fields of a YAML mapping by their schema; every mistake is an error with file and line."""

from __future__ import annotations

import enum
import re
import sys
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from rdna_installer.errors import RdnaError
from rdna_installer.knowledge.yamlfile import YamlNode, bad

W = TypeVar("W", bound=enum.Enum)
T = TypeVar("T")
R = TypeVar("R")

NAME = r"[a-z0-9][a-z0-9.-]*\Z"


def closest(word: str, known: Iterable[str]) -> str | None:
    """A hint naming the known word most like ``word``, or None."""
    import difflib

    names = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.casefold(), list(names), n=1, cutoff=0.6)
    return f"did you mean {names[found[0]]}?" if found else None


class Fields:
    """The entries of one mapping; call ``done`` last, so that a misspelt key is never silently ignored."""

    def __init__(self, node: YamlNode, what: str) -> None:
        if not isinstance(node.value, dict):
            raise bad(node.where, f"{what} must be a mapping, but this is {node.kind}")
        self.entries = node.value
        self.node = node
        self.what = what
        self.seen: set[str] = set()

    def get(self, key: str) -> YamlNode | None:
        """The node of a key, if it is there."""
        self.seen.add(key)
        return self.entries.get(key)

    def need(self, key: str) -> YamlNode:
        """The node of a key that must be there."""
        node = self.get(key)
        if node is None:
            raise bad(self.node.where, f"{self.what} lacks {key!r}")
        return node

    def error(self, key: str, message: str, hint: str | None = None) -> RdnaError:
        """An error at the line of ``key``."""
        node = self.entries.get(key, self.node)
        return bad(node.where, message, hint)

    def text(self, key: str) -> str:
        """Text that must be there."""
        return text_of(self.need(key), key)

    def text_or_none(self, key: str) -> str | None:
        """Text, or None where the key is absent."""
        node = self.get(key)
        return None if node is None else text_of(node, key)

    def name(self, key: str) -> str:
        """An identifier: lower-case letters, digits, dots and dashes."""
        value = self.text(key)
        if not re.match(NAME, value):
            raise self.error(key, f"{key} {value!r} must be lower-case letters, digits, dots and dashes")
        return value

    def word(self, key: str, kind: type[W]) -> W:
        """One word of a closed set."""
        return word_of(self.need(key), kind)

    def flag(self, key: str) -> bool | None:
        """true, false, or None where the key is absent."""
        value = self.text_or_none(key)
        if value not in (None, "true", "false"):
            raise self.error(key, f"{key} must be true or false, not {value!r}")
        return None if value is None else value == "true"

    def pattern(self, key: str) -> str | None:
        """A regular expression, or None where the key is absent."""
        text = self.text_or_none(key)
        try:
            re.compile(text or "")
        except re.error as err:
            raise self.error(key, f"{text!r} is no regular expression: {err}") from err
        return text

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, or one text; () where the key is absent."""
        return tuple(text_of(node, key) for node in self.items(key))

    def items(self, key: str) -> list[YamlNode]:
        """The nodes of a list; a single value counts as a list of one; [] where the key is absent."""
        node = self.get(key)
        if node is None:
            return []
        return node.value if isinstance(node.value, list) else [node]

    def each(self, key: str, read: Callable[[YamlNode], T]) -> tuple[T, ...]:
        """``read`` applied to each item of a list."""
        return tuple(read(node) for node in self.items(key))

    def mapping(self, key: str) -> dict[str, YamlNode]:
        """The nodes of a mapping; {} where the key is absent."""
        node = self.get(key)
        return {} if node is None else Fields(node, key).entries

    def record(self, kind: type[R], /, **given: Any) -> R:
        """A record. What is not ``given`` is read from the key of the field's name, as its annotation has it."""
        known = vars(sys.modules[kind.__module__])
        for name, hint in kind.__annotations__.items():
            if name not in given:
                read = READERS.get(name if name in ("id", "where") else hint)
                given[name] = read(self, name) if read else self._part(name, hint, known)
        self.done()
        return kind(**given)

    def _part(self, key: str, hint: str, known: dict[str, Any]) -> Any:
        """A word of an enum or a record, which the module of its holder knows by the hint's name."""
        if hint.endswith(" | None") and self.get(key) is None:
            return None
        kind = known[hint.removesuffix(" | None")]
        return self.word(key, kind) if issubclass(kind, enum.Enum) else Fields(self.need(key), key).record(kind)

    def done(self) -> None:
        """Refuses keys nobody asked for."""
        for key, node in self.entries.items():
            if key not in self.seen:
                raise bad(node.where, f"unknown key {key!r} in {self.what}", closest(key, self.seen))


# How a field of a record is read, by its annotation. Who knows more kinds of values adds them.
READERS: dict[str, Callable[[Fields, str], Any]] = {
    "id": Fields.name,  # these two by the name of the field
    "where": lambda fields, _: fields.node.where,
    "str": Fields.text,
    "str | None": Fields.text_or_none,
    "tuple[str, ...]": Fields.texts,
    "frozenset[str]": lambda fields, key: frozenset(fields.texts(key)),
    "bool | None": Fields.flag,
}


def check_unique(what: str, items: Iterable[Any]) -> None:
    """Refuses a second one with the ``id`` of another."""
    seen: dict[str, Any] = {}
    for item in items:
        if (first := seen.setdefault(item.id, item)) is not item:
            raise bad(item.where, f"a {what} {item.id!r} already exists at {first.where}")


def text_of(node: YamlNode, what: str) -> str:
    """The node's text; empty is an error."""
    if not isinstance(node.value, str):
        raise bad(node.where, f"{what} must be text, but this is {node.kind}")
    if not node.value.strip():
        raise bad(node.where, f"{what} is empty")
    return node.value.strip()


def word_of(node: YamlNode, kind: type[W]) -> W:
    """The enum member the node names."""
    value = text_of(node, kind.__name__.lower())
    try:
        return kind(value)
    except ValueError:
        known = [str(member.value) for member in kind]
        raise bad(node.where, f"{value!r} is none of {', '.join(known)}", closest(value, known)) from None
