"""What a function of ours answers through ``machine.foreign``, as JSON and back by its type; never code, never pickle.

The answer comes from a process that has another's rights: its shape is checked piece by piece against the type that
was asked for. Records travel as the list of their fields.
"""

from __future__ import annotations

import base64
import collections.abc
import enum
import types
import typing
from pathlib import PurePath, PurePosixPath
from typing import Any

from rdna_installer.errors import RdnaError

NONE = (types.NoneType,)
PLAIN = {None: NONE, types.NoneType: NONE, str: (str,), int: (int,), bool: (bool,), float: (float, int)}


def encode(value: Any) -> Any:
    """A record, enum, path, bytes or collection of such as what JSON knows."""
    if isinstance(value, enum.Enum):
        return value.name
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (bytes, PurePath)):
        return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)
    if isinstance(value, collections.abc.Mapping):
        return [[encode(key), encode(held)] for key, held in value.items()]
    if isinstance(value, (tuple, list, frozenset, set)):
        return [encode(item) for item in value]
    return [type(value).__name__, *(encode(getattr(value, name)) for name in type(value).__match_args__)]


def decode(data: Any, kind: Any) -> Any:
    """The value of type ``kind`` that was encoded. Raises RdnaError("child-lied") where it is none."""
    try:
        return _decode(data, kind)
    except (TypeError, ValueError, KeyError, IndexError) as err:
        raise RdnaError("child-lied", f"an answer is not what was asked for: {type(err).__name__}") from err


def _decode(data: Any, kind: Any) -> Any:
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _one_of(data, inside)
    if origin in (tuple, list, frozenset):
        return _collection(data, origin, inside)
    if origin in (dict, collections.abc.Mapping):
        return {_decode(key, inside[0]): _decode(held, inside[1]) for key, held in _listed(data)}
    if origin is collections.abc.Sequence:
        return _collection(data, list, inside)
    return _single(data, kind)


def _one_of(data: Any, kinds: tuple[Any, ...]) -> Any:
    for kind in kinds:
        try:
            return _decode(data, kind)
        except (TypeError, ValueError, KeyError, IndexError):
            continue
    raise ValueError


def _collection(data: Any, origin: Any, inside: tuple[Any, ...]) -> Any:
    items = _listed(data)
    if origin is tuple and inside[-1:] != (...,):
        return tuple(_decode(item, kind) for item, kind in zip(items, inside, strict=True))
    return origin(_decode(item, inside[0]) for item in items)


def _listed(data: Any) -> list[Any]:
    if not isinstance(data, list):
        raise TypeError
    return data


def _single(data: Any, kind: Any) -> Any:
    if kind in PLAIN:
        if type(data) not in PLAIN[kind]:
            raise TypeError
        return data
    if kind is bytes:
        return base64.b64decode(data, validate=True)
    if issubclass(kind, enum.Enum):
        return kind[data]
    return PurePosixPath(data) if issubclass(kind, PurePath) else _record(data, kind)


def _record(data: Any, kind: Any) -> Any:
    name, *held = _listed(data)
    if name != kind.__name__:
        raise ValueError
    hints = typing.get_type_hints(kind)
    return kind(*(_decode(item, hints[field]) for item, field in zip(held, kind.__match_args__, strict=True)))
