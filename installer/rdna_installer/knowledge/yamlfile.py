"""Read our YAML: plain mappings, lists and text, each value knowing its file and line; everything else refused.

Aliases, anchors, tags, duplicate or non-text keys, several documents, deep nesting and huge files are errors, so
that a hostile or mistaken rule file can only ever produce one clear message. Scalars stay text: ``off``, ``010``
and ``1.10`` mean what is written. Built on the parser's events, because only they show anchors and tags.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Union

from rdna_installer.errors import RdnaError

SIZE_LIMIT = 256 * 1024  # bytes; the largest file of ours is a tenth of it
DEPTH_LIMIT = 16
NODE_LIMIT = 20_000


class YamlNode:
    """One value of a YAML file: text, a list of nodes or a mapping of nodes, and where it stands."""

    __slots__ = ("line", "source", "value")

    def __init__(self, value: Value, source: str, line: int) -> None:
        self.value = value
        self.source = source
        self.line = line

    @property
    def where(self) -> str:
        """``file:line`` for messages."""
        return f"{self.source}:{self.line}"

    @property
    def kind(self) -> str:
        """What this is, in words a user knows."""
        return "text" if isinstance(self.value, str) else "a list" if isinstance(self.value, list) else "a mapping"


Value = Union[str, "list[YamlNode]", "dict[str, YamlNode]"]


def bad(where: str, message: str, hint: str | None = None) -> RdnaError:
    """The error for anything wrong in a rule, profile or catalogue file."""
    return RdnaError("bad-rule", message, context=where, hint=hint)


def parse(content: bytes, source: str) -> YamlNode:
    """The one document of ``content``. Raises RdnaError("bad-rule") naming ``source`` and the line."""
    if len(content) > SIZE_LIMIT:
        raise bad(source, f"the file has {len(content)} bytes; at most {SIZE_LIMIT} are read")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        line = content.count(b"\n", 0, err.start) + 1
        raise bad(f"{source}:{line}", "the file is not UTF-8 text", "save it as UTF-8") from err
    return _Builder(text, source).build()


def _events(text: str, source: str) -> Iterator[Any]:
    import yaml

    try:
        next_event = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text).get_event
        while not isinstance(event := next_event(), yaml.StreamEndEvent):
            yield event
    except yaml.MarkedYAMLError as err:
        mark = err.problem_mark or err.context_mark
        where = f"{source}:{mark.line + 1}" if mark else source
        raise bad(where, f"this is not YAML: {err.problem or err.context or 'malformed'}") from err
    except (yaml.YAMLError, ValueError) as err:
        first = (str(err).splitlines() or [""])[0]
        raise bad(source, f"this is not YAML: {first}") from err


class _Builder:
    def __init__(self, text: str, source: str) -> None:
        self.source = source
        self.events = _events(text, source)
        self.count = 0

    def build(self) -> YamlNode:
        """The document's node."""
        root = None
        for event in self.events:
            name = type(event).__name__
            if name == "DocumentStartEvent" and root is not None:
                raise self.refuse(event, "a second document (---) in one file")
            if name not in ("StreamStartEvent", "DocumentStartEvent", "DocumentEndEvent"):
                root = self.node(event, 0)
        if root is None:
            raise bad(f"{self.source}:1", "the file is empty")
        return root

    def refuse(self, event: Any, what: str) -> RdnaError:
        """The error for YAML we do not take."""
        where = f"{self.source}:{event.start_mark.line + 1}"
        return bad(where, f"{what} is not allowed here", "use plain mappings, lists and text")

    def check(self, event: Any, depth: int) -> str:
        """The kind of event; refuses aliases, anchors, tags, and more nodes or nesting than any file of ours has."""
        self.count += 1
        name = type(event).__name__
        if name == "AliasEvent":
            raise self.refuse(event, f"an alias (*{event.anchor})")
        if event.anchor is not None:
            raise self.refuse(event, f"an anchor (&{event.anchor})")
        if event.tag is not None:
            raise self.refuse(event, f"a tag ({event.tag})")
        if self.count > NODE_LIMIT:
            raise self.refuse(event, f"a file with more than {NODE_LIMIT} values")
        if depth >= DEPTH_LIMIT:
            raise self.refuse(event, f"nesting deeper than {DEPTH_LIMIT}")
        return name

    def node(self, event: Any, depth: int, line: int | None = None) -> YamlNode:
        """One scalar, list or mapping, whose values are found at the ``line`` of their key."""
        name, line = self.check(event, depth), line or event.start_mark.line + 1
        if name == "ScalarEvent":
            return YamlNode(event.value, self.source, line)
        inner: list[YamlNode] | dict[str, YamlNode] = self.entries(depth + 1) if name == "MappingStartEvent" else []
        if isinstance(inner, list):
            while type(item := next(self.events)).__name__ != "SequenceEndEvent":
                inner.append(self.node(item, depth + 1))
        return YamlNode(inner, self.source, line)

    def entries(self, depth: int) -> dict[str, YamlNode]:
        """The keys of a mapping and their values."""
        found: dict[str, YamlNode] = {}
        while type(key := next(self.events)).__name__ != "MappingEndEvent":
            line = key.start_mark.line + 1
            if self.check(key, depth) != "ScalarEvent":
                raise self.refuse(key, "a list or mapping as a key")
            if not key.value:
                raise self.refuse(key, "an empty key")
            if key.value in found:
                first = found[key.value].line
                raise bad(f"{self.source}:{line}", f"{key.value!r} stands here a second time (first in line {first})")
            found[key.value] = self.node(next(self.events), depth, line)
        return found
