"""What may be shown of a string that is not ours: state, facts, logs, arguments, file names, what the system says.

A control character moves the cursor or repaints the screen, a newline forges a line of ours, a bidirectional override
turns text around, a lone surrogate is no UTF-8. All of these are shown as escapes, once and for all kinds of strings.
"""

from __future__ import annotations

import enum
import operator
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, TypeVar

T = TypeVar("T")
# How what is to be copied begins, which is never broken: commands, and options for a command of the reader's own.
_WORDS = "pip sudo rdna-installer unset eval systemctl flatpak ./install.sh chmod mv --device --group-add"
TYPED = tuple(f"{word} " for word in _WORDS.split())


class Lines(str):
    """Text of several lines by our own hand: newlines are meant. What is not ours in it is ``printable`` already."""

    __slots__ = ()


def printable(text: str) -> str:
    r"""One line of printable characters; every other one as an escape (``\x1b``, ``\n``, ``\u202e``, ``\udcff``).

    Printable as Unicode has it (str.isprintable): no controls, formats, separators but the space, or surrogates.
    """
    if text.isprintable():
        return text if type(text) is str else str(text)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def printable_lines(text: str) -> Lines:
    """``printable`` line by line, for text whose newlines are ours."""
    if isinstance(text, Lines) and text.replace("\n", "").isprintable():
        return text
    return Lines("\n".join(map(printable, text.split("\n"))))


def shown(value: T) -> T:
    """A record, collection, path or string with every string in it printable; ``Lines`` keep their newlines.
    What has nothing to escape comes back as it is, not copied."""
    result: Any = _shown(value)
    return result  # type: ignore[no-any-return]


def _shown(value: Any) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, PurePosixPath):
        return value if str(value).isprintable() else PurePosixPath(printable(str(value)))
    if isinstance(value, (tuple, list, set, frozenset)):
        return _each(value)
    if isinstance(value, Mapping):
        new = {_shown(key): _shown(item) for key, item in value.items()}
        return value if all(map(operator.is_, (*new, *new.values()), (*value, *value.values()))) else new
    return _record(value) if hasattr(type(value), "__record_factories__") else value


def _text(value: str) -> str:
    if isinstance(value, enum.Enum) or (type(value) is str and value.isprintable()):
        return value
    return printable_lines(value) if isinstance(value, Lines) else printable(value)


def _each(value: Any) -> Any:
    items = [_shown(item) for item in value]
    return value if all(map(operator.is_, items, value)) else type(value)(items)


def _record(value: Any) -> Any:
    """By the annotation, not the value's own type: a diff that came through another process is a plain string."""
    cls = type(value)
    changed = {}
    for name in cls.__match_args__:
        old = getattr(value, name)
        new = printable_lines(old) if cls.__annotations__[name] == "Lines" else _shown(old)
        if new is not old:
            changed[name] = new
    if not changed:
        return value
    copy = object.__new__(cls)
    copy.__dict__.update(value.__dict__, **changed)
    return copy


def parted(hint: str) -> list[str]:
    """A hint and the command that it ends with: that stands alone on its line, to be copied."""
    words, start, rest = hint.rpartition(": ")
    ours = rest.partition(" ")[0].endswith("/rdna-installer")
    return [f"{words}:", rest] if start and (ours or rest.startswith(TYPED)) else [hint]
