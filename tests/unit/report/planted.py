"""Records built from their annotations with the same text in every string: a new field is planted too."""

from __future__ import annotations

import enum
import inspect
import types
import typing
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import PurePosixPath
from typing import Any, Union

from rdna_installer import model
from rdna_installer.printable import Lines
from rdna_installer.probe.types import Costs

# Controls of both kinds, a forged line, colours, links, title; every bidirectional mark; separators; no characters.
CONTROLS = (
    "a\x1b]0;x\x07\x1b[2J\x1b[31m\r\n\x00\x08\x7f\x85\x9b31m\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    "\u200e\u200f\u061c\u2028\u2029\x0b\x0c\x1c\u00ad\ufeff\ue000\udcff\ud800\ndone: forged"
)
FORGED = "done: forged"
SOUND = "sound text"


JSON_INSIDE: Mapping[Any, Mapping[str, str]] = {Costs: {"model": "{}"}}  # a string that is never shown but read


def escaped(text: str) -> str:
    """What of a text may be shown: told apart by the category of each character, not as the program does it."""
    import unicodedata

    bad = ("C", "Zl", "Zp")
    return "".join(
        c if c == " " or not unicodedata.category(c).startswith(bad) else c.encode("unicode_escape").decode()
        for c in text
    )


def build(kind: Any, text: str) -> Any:
    """A value of an annotation: ``text`` in every string of it."""
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin in (Union, types.UnionType):
        return build(next(arg for arg in args if arg is not type(None)), text)
    if origin is tuple:
        return tuple(build(arg, text) for arg in (args if args[-1] is not ... else [args[0]] * 2))
    if origin in (list, Sequence, Iterable, Collection):
        return [build(args[0], text)] * 2
    if origin in (set, frozenset):
        return origin([build(args[0], text)])
    if origin in (dict, Mapping):
        return {build(args[0], text): build(args[1], text)}
    if hasattr(kind, "__record_factories__"):
        hints = typing.get_type_hints(kind, vars(model) | vars(import_module(kind.__module__)))
        made = {name: build(hints[name], text) for name in kind.__match_args__}
        return kind(**made | JSON_INSIDE.get(kind, {}))
    return _plain(kind, text)


def _plain(kind: Any, text: str) -> Any:
    if kind is Lines:  # the newlines are ours; a writer escapes what is not, but here one has forgotten it
        return Lines("--- a\n+c\x1b[2J\u202e\n-b\n") if text != SOUND else Lines("--- a\n+c\n")
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return next(iter(kind))
    if kind is bytes:
        return b"content"  # never shown but by a diff, which has a test of its own
    if kind in (str, object, Any):
        return text
    if kind is PurePosixPath:
        return PurePosixPath("/" + text)
    if kind in (int, float, bool):
        return kind(1)
    raise TypeError(f"nothing is planted in {kind}: say how")


def arguments(function: Callable[..., Any], text: str) -> list[Any]:
    """Arguments of a renderer, but for its style."""
    space = dict(vars(import_module(function.__module__)))
    for name in TYPED:
        space.update({k: v for k, v in vars(import_module(name)).items() if k not in space})
    hints = typing.get_type_hints(function, space)
    names = [name for name in inspect.signature(function).parameters if name != "style"]
    return [build(hints[name], text) for name in names]


TYPED = (  # what renderers import for their annotations alone
    "rdna_installer.share.schema", "rdna_installer.workflow.committing",
    "rdna_installer.diagnose.finding", "rdna_installer.knowledge.evidence", "rdna_installer.knowledge.explain",
    "rdna_installer.plan.advise", "rdna_installer.probe.types", "rdna_installer.workflow.caches",
    "rdna_installer.workflow.adopting", "rdna_installer.workflow.doctor", "rdna_installer.plan.summary",
    "rdna_installer.environments.choose", "rdna_installer.workflow.choosing", "rdna_installer.workflow.fetching",
    "rdna_installer.workflow.setting_up", "rdna_installer.workflow.checkouts", "rdna_installer.workflow.building",
    "rdna_installer.workflow.planning", "rdna_installer.workflow.inspecting", "rdna_installer.workflow.boot_status",
)  # fmt: skip
