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
    return _Builder(source).build(text)


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
    """Turns parser events into nodes without recursion (nesting must not exhaust the stack)."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.stack: list[list[YamlNode] | dict[str, YamlNode]] = []  # the open lists and mappings
        self.key: tuple[str, int] | None = None  # of the innermost mapping: waits for its value
        self.root: YamlNode | None = None
        self.count = 0

    def build(self, text: str) -> YamlNode:
        """The document's node."""
        documents = 0
        for event in _events(text, self.source):
            name = type(event).__name__
            line = event.start_mark.line + 1
            if name == "DocumentStartEvent":
                documents += 1
                if documents > 1:
                    raise self.refuse(line, "a second document (---) in one file")
            elif name == "AliasEvent":
                raise self.refuse(line, f"an alias (*{event.anchor})")
            elif name in ("ScalarEvent", "SequenceStartEvent", "MappingStartEvent"):
                self.check(event, line)
                self.take(event, name, line)
            elif name in ("SequenceEndEvent", "MappingEndEvent"):
                self.stack.pop()
        if self.root is None:
            raise bad(f"{self.source}:1", "the file is empty")
        return self.root

    def refuse(self, line: int, what: str) -> RdnaError:
        """The error for YAML we do not take."""
        return bad(f"{self.source}:{line}", f"{what} is not allowed here", "use plain mappings, lists and text")

    def check(self, event: Any, line: int) -> None:
        """Refuses anchors, tags, and more nodes or nesting than any file of ours has."""
        self.count += 1
        if event.anchor is not None:
            raise self.refuse(line, f"an anchor (&{event.anchor})")
        if event.tag is not None:
            raise self.refuse(line, f"a tag ({event.tag})")
        if self.count > NODE_LIMIT:
            raise self.refuse(line, f"a file with more than {NODE_LIMIT} values")
        if len(self.stack) >= DEPTH_LIMIT:
            raise self.refuse(line, f"nesting deeper than {DEPTH_LIMIT}")

    def take(self, event: Any, name: str, line: int) -> None:
        """Takes one scalar, or the start of a list or mapping. A mapping's value is found at the line of its key."""
        top = self.stack[-1] if self.stack else None
        if isinstance(top, dict) and self.key is None:
            if name != "ScalarEvent":
                raise self.refuse(line, "a list or mapping as a key")
            self.key = self.new_key(top, event.value, line)
            return
        value: Value = event.value if name == "ScalarEvent" else [] if name == "SequenceStartEvent" else {}
        if isinstance(top, dict) and self.key is not None:
            top[self.key[0]] = YamlNode(value, self.source, self.key[1])
            self.key = None
        elif isinstance(top, list):
            top.append(YamlNode(value, self.source, line))
        else:
            self.root = YamlNode(value, self.source, line)
        if not isinstance(value, str):
            self.stack.append(value)

    def new_key(self, entries: dict[str, YamlNode], key: str, line: int) -> tuple[str, int]:
        """Checks a key of the open mapping."""
        if not key:
            raise self.refuse(line, "an empty key")
        if key in entries:
            raise bad(f"{self.source}:{line}", f"{key!r} stands here a second time (first in line {entries[key].line})")
        return key, line
