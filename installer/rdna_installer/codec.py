"""Records to plain data and back, by the annotations of their own fields: nobody writes a field out by hand.

``encode`` and ``decode`` know str, int, float, bool, bytes (one character a byte), enums by value, absolute paths,
tuples, lists, frozensets, mappings with string keys, optional values, and records of all these. ``decode`` takes
nothing on trust: what does not fit raises ``MisfitError``, which names the field ("managed[0].path: not an absolute
path").
``write`` and ``read`` make whole files of it, with a format number, a checksum and the steps from older formats.

A record may say more about itself in a method ``misfit() -> str | None``; a field in ``Annotated[int, Form(...)]``.
"""

from __future__ import annotations

import builtins
import contextlib
import enum
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import repeat
from pathlib import PurePosixPath
from typing import Annotated, Any, TypeVar, cast, get_args, get_origin

from rdna_installer.record import record

T = TypeVar("T")
Data = dict[str, Any]
Upgrade = Callable[[Data], Data]

CHECKSUM = b'{\n "checksum": "'
DIGEST_LENGTH = len("sha256:") + 64


class MisfitError(ValueError):
    """Data that is not what a record needs. ``where`` is the way to the field, ``why`` what is wrong with it."""

    def __init__(self, why: str, where: str = "") -> None:
        super().__init__(why, where)
        self.why = why
        self.where = where

    def below(self, step: str) -> MisfitError:
        """The same, seen from one level further out; a step is a field's name or "[0]"."""
        dot = "." if self.where and not self.where.startswith("[") else ""
        return MisfitError(self.why, f"{step}{dot}{self.where}")

    def __str__(self) -> str:
        return f"{self.where}: {self.why}" if self.where else self.why


@record(frozen=True)
class Form:
    """What a plain value must be besides its type: ``Annotated[str, Form(test, "a digest")]``."""

    fits: Callable[[Any], bool]
    name: str


def digest(content: bytes) -> str:
    """The one way content is named: ``sha256:<hex>``."""
    import hashlib  # commands that only look need none

    return "sha256:" + hashlib.sha256(content).hexdigest()


def is_digest(text: str) -> bool:
    """Whether a text is a name that ``digest`` could have given."""
    kind, _, name = text.partition(":")
    return kind == "sha256" and len(name) == 64 and set(name) <= set("0123456789abcdef")


Digest = Annotated[str, Form(is_digest, "a sha256 digest")]
Count = Annotated[int, Form(lambda n: 0 <= n < 1 << 32, "a number from 0 to 4294967295")]


@record(frozen=True)
class _Codec:
    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


def encode(value: object, *, brief: bool = False) -> Data:
    """A record as plain data for JSON. ``brief``: fields that have their default value are left out."""
    return cast(Data, _codec(type(value), brief).encode(value))


def pick(value: object, *names: str) -> Data:
    """Some fields of a record as plain data."""
    kind = type(value)
    return {name: _codec(_hint(kind, name), False).encode(getattr(value, name)) for name in names}


def encode_as(kind: Any, value: object, *, brief: bool = False) -> Any:
    """``encode`` for any type the codec knows, records among them: ``tuple[Change, ...]``, ``int | None``."""
    return _codec(kind, brief).encode(value)


def decode(kind: type[T], data: object, name: str = "") -> T:
    """A record from plain data; ``name`` begins the field's name in the error. Raises MisfitError."""
    return cast(T, decode_as(kind, data, name))


def decode_as(kind: Any, data: object, name: str = "") -> Any:
    """``decode`` for any type the codec knows. Raises MisfitError."""
    try:
        return _codec(kind, False).decode(data)
    except MisfitError as misfit:
        raise (misfit.below(name) if name else misfit) from None


def fitting(kind: Any, data: Any) -> Any:
    """What of plain data fits a type, as plain data: the fields of a record, the items of a list, nothing of what may
    be nothing. Raises MisfitError where no value of the type is left."""
    origin, args = get_origin(kind), get_args(kind)
    if hasattr(kind, "__record_factories__") and isinstance(data, Mapping):
        data = dict(_fitting((name, _hint(kind, name), data[name]) for name in kind.__match_args__ if name in data))
    elif origin is tuple and args[1:] == (...,) and isinstance(data, (list, tuple)):
        data = [item for _, item in _fitting((None, args[0], item) for item in data)]
    elif origin is not Annotated and type(None) in args:
        inner = next(arg for arg in args if arg is not type(None))
        return next((item for _, item in _fitting([(None, inner, data)])), None)
    decode_as(kind, data)
    return data


def _fitting(items: Iterable[tuple[str | None, Any, Any]]) -> Iterator[tuple[str | None, Any]]:
    for name, kind, data in items:
        with contextlib.suppress(MisfitError):
            yield name, fitting(kind, data)


def write(value: object, version: int) -> bytes:
    """A record as a file: ASCII JSON (a path's undecodable bytes stay lone surrogates), its checksum first."""
    import json  # as below: commands that only look need none

    text = json.dumps({"format": version, **encode(value, brief=True)}, indent=1).encode("ascii")
    return CHECKSUM + digest(text).encode("ascii") + b'",' + text[1:] + b"\n"


def read(kind: type[T], content: bytes, name: str, version: int, upgrades: Mapping[int, Upgrade] | None = None) -> T:
    """A record from a file that ``write`` made, or an older release. Raises MisfitError.
    ``upgrades`` maps an older format (1 has no checksum, and not always its number) to the step to the next one."""
    try:
        data = _parsed(content)
        found = data.pop("format", data.pop("schema", 1))
        data.pop("schema", None)
        _require_format(found, version, content)
        for older in range(found, version):
            data = _upgraded((upgrades or {}).get(older), data, older)
    except MisfitError as misfit:
        raise misfit.below(name) from None
    return decode(kind, data, name)


def _require_format(found: object, version: int, content: bytes) -> None:
    if type(found) is not int or not 1 <= found <= version:
        raise MisfitError(f"{found!r}, and this program knows 1 to {version}", "format")
    if found > 1 and not content.startswith(CHECKSUM):
        raise MisfitError("its checksum is missing")


def _upgraded(step: Upgrade | None, data: Data, older: int) -> Data:
    if step is None:
        raise MisfitError(f"{older}, which this program no longer reads", "format")
    try:
        return step(data)
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as err:
        raise MisfitError(f"not in its old form ({type(err).__name__}: {err})") from None


def _parsed(content: bytes) -> Data:
    """The object in a file, its checksum compared and taken out. Raises MisfitError."""
    import json

    if content.startswith(CHECKSUM):
        end = len(CHECKSUM) + DIGEST_LENGTH
        rest = b"{" + content[end + 2 :].removesuffix(b"\n")
        if content[len(CHECKSUM) : end + 2] != digest(rest).encode("ascii") + b'",':
            raise MisfitError("its content does not fit its checksum")
        content = rest
    try:
        data = json.loads(content.decode("utf-8"), parse_constant=_no_number)  # of bytes it would guess the encoding
    except (ValueError, RecursionError) as err:
        raise MisfitError(f"no JSON ({str(err) or type(err).__name__})") from None
    if type(data) is not dict:
        raise MisfitError("not an object")
    if "checksum" in data:
        raise MisfitError("its checksum is not where it was written")
    return data


def _no_number(text: str) -> object:
    raise ValueError(f"{text} is no number")


# --- codecs by annotation, made at first use --------------------------------------------------------------------------

_MADE: dict[tuple[Any, bool], _Codec] = {}
_HINTS: dict[tuple[str, Any], Any] = {}


def _codec(hint: Any, brief: bool) -> _Codec:
    known = _MADE.get((hint, brief))
    if known is None:
        known = _MADE[hint, brief] = _make(hint, brief)
    return known


def _make(hint: Any, brief: bool) -> _Codec:
    if hint in _PLAIN:
        return _PLAIN[hint]
    if get_origin(hint) is not None or get_args(hint):
        return _made_of(hint, brief)
    if hasattr(hint, "__record_factories__"):
        return _record(hint, brief)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return _Codec(lambda value: value.value, _enum_decoder(hint))
    if isinstance(hint, type) and issubclass(hint, str):  # a text with a meaning of its own: printable.Lines
        return _Codec(str, lambda data: hint(_to_text(data)))
    raise TypeError(f"the codec does not know {hint!r}")


def _made_of(hint: Any, brief: bool) -> _Codec:
    origin, args = get_origin(hint), get_args(hint)
    inner = [_codec(arg, brief) for arg in args if arg not in (..., type(None)) and not isinstance(arg, Form)]
    if origin is Annotated:
        return _formed(inner[0], args[1])
    if origin in (list, frozenset) or args[1:] == (...,):
        return _several(inner[0], origin)
    if origin is tuple:
        return _fixed(inner)
    if origin in (dict, Mapping) and args[0] in (str, PurePosixPath):  # JSON has no other keys than texts
        return _mapping(*inner)
    if type(None) in args and len(inner) == 1:
        return _optional(inner[0])
    raise TypeError(f"the codec does not know {hint!r}")


def _same(value: Any) -> Any:
    return value


def _exactly(kind: type, name: str) -> Callable[[Any], Any]:
    def check(data: Any) -> Any:
        if type(data) is not kind:
            raise MisfitError(f"not {name}")
        return data

    return check


def _to_float(data: Any) -> float:
    if type(data) not in (int, float):
        raise MisfitError("not a number")
    return float(data)


def _to_bytes(data: Any) -> bytes:
    try:
        return data.encode("latin-1")  # type: ignore[no-any-return]
    except (AttributeError, UnicodeEncodeError):
        raise MisfitError("not bytes (one character each)") from None


def _to_path(data: Any) -> PurePosixPath:
    if type(data) is not str:
        raise MisfitError("not a path")
    path = _path(data)
    if not data.startswith("/") or ".." in path.parts or "\0" in data:
        raise MisfitError("not an absolute path")
    return path


_path = lru_cache(maxsize=1024)(PurePosixPath)  # a record names each path three times
_to_text = _exactly(str, "a text")
_PLAIN: dict[Any, _Codec] = {
    None: _Codec(_same, _exactly(type(None), "nothing")), str: _Codec(_same, _to_text),
    int: _Codec(_same, _exactly(int, "a whole number")), bool: _Codec(_same, _exactly(bool, "true or false")),
    float: _Codec(_same, _to_float), bytes: _Codec(lambda value: value.decode("latin-1"), _to_bytes),
    PurePosixPath: _Codec(str, _to_path),
}  # fmt: skip


def _formed(inner: _Codec, form: Form) -> _Codec:
    def back(data: Any) -> Any:
        value = inner.decode(data)
        if not form.fits(value):
            raise MisfitError(f"not {form.name}")
        return value

    return _Codec(inner.encode, back)


def _optional(inner: _Codec) -> _Codec:
    return _Codec(
        lambda value: None if value is None else inner.encode(value),
        lambda data: None if data is None else inner.decode(data),
    )


def _several(inner: _Codec, kind: type) -> _Codec:
    def out(values: Any) -> list[Any]:
        plain = [inner.encode(value) for value in values]
        return sorted(plain) if kind is frozenset else plain

    return _Codec(out, lambda data: kind(_items(data, repeat(inner))))


def _fixed(inner: list[_Codec]) -> _Codec:
    def back(data: Any) -> Any:
        values = _items(data, inner)
        if len(values) != len(inner) or len(data) != len(inner):
            raise MisfitError(f"not a list of {len(inner)}")
        return tuple(values)

    return _Codec(lambda values: [codec.encode(value) for codec, value in zip(inner, values, strict=True)], back)


def _items(data: Any, codecs: Iterable[_Codec]) -> list[Any]:
    if type(data) is not list:
        raise MisfitError("not a list")
    values: list[Any] = []
    try:
        for codec, item in zip(codecs, data, strict=False):
            values.append(codec.decode(item))
    except MisfitError as misfit:
        raise misfit.below(f"[{len(values)}]") from None
    return values


def _mapping(keys: _Codec, values: _Codec) -> _Codec:
    def back(data: Any) -> Any:
        if type(data) is not dict:
            raise MisfitError("not an object")
        return {keys.decode(key): value for key, value in _fields(data, lambda _: values.decode).items()}

    return _Codec(lambda found: {keys.encode(key): values.encode(value) for key, value in found.items()}, back)


def _enum_decoder(kind: type[enum.Enum]) -> Callable[[Any], Any]:
    known = {member.value: member for member in kind}

    def back(data: Any) -> Any:
        try:
            return known[data]
        except (KeyError, TypeError):
            raise MisfitError(f"not one of: {', '.join(map(str, known))}") from None

    return back


def _record(kind: Any, brief: bool) -> _Codec:
    hints = {name: _hint(kind, name) for name in kind.__match_args__}
    fields: list[tuple[str, _Codec]] = []
    readers: dict[str, Callable[[Any], Any]] = {}
    defaults = {name: kind.__dict__[name] for name in hints if name in kind.__dict__}
    defaults |= {name: factory.default_factory() for name, factory in kind.__record_factories__.items()}
    check, blank = getattr(kind, "misfit", None), {name: defaults.get(name) for name in hints}
    fresh = [(name, factory.default_factory) for name, factory in kind.__record_factories__.items()]
    required = hints.keys() - defaults.keys()

    def out(value: Any) -> Data:
        held = value.__dict__
        if brief:
            held = {name: v for name, v in held.items() if name not in defaults or v != defaults[name]}
        return {name: codec.encode(held[name]) for name, codec in fields if name in held}

    def back(data: Any) -> Any:
        if type(data) is not dict:
            raise MisfitError("not an object")
        values = _fields(data, readers.get)
        if not required <= values.keys():
            raise MisfitError("missing", next(name for name in hints if name in required - values.keys()))
        made = object.__new__(kind)  # without the price of its __init__
        made.__dict__.update({**blank, **{name: make() for name, make in fresh if name not in values}, **values})
        wrong = check(made) if check else None
        if wrong:
            raise MisfitError(wrong)
        return made

    made = _MADE[kind, brief] = _Codec(out, back)  # before its fields, among which may be others of its kind
    try:
        fields += [(name, _codec(hint, brief)) for name, hint in hints.items()]
        readers |= {name: codec.decode for name, codec in fields}
    except BaseException:  # a signal: nothing half made may be kept
        _MADE.clear()
        raise
    return made


def _fields(data: Data, reader: Callable[[str], Callable[[Any], Any] | None]) -> Data:
    values, name = {}, ""
    try:
        for name, item in data.items():
            if (read := reader(name)) is None:
                raise MisfitError("no field of it")
            values[name] = read(item)
    except MisfitError as misfit:
        raise misfit.below(name) from None
    return values


def _hint(kind: type, name: str) -> Any:
    """A field's annotation as an object; each text of a module is evaluated once."""
    text = kind.__annotations__[name]
    key = kind.__module__, text
    if key not in _HINTS:
        _HINTS[key] = _meant(text, vars(sys.modules[kind.__module__])) if isinstance(text, str) else text
    return _HINTS[key]


def _meant(text: str, space: Data) -> Any:
    """The commonest shapes are put together here: to compile a text costs more than to decode three records."""
    known = space.get(text, vars(builtins).get(text))
    if known is not None:
        return known
    if text.endswith(" | None"):
        return _meant(text.removesuffix(" | None"), space) | None
    if text.startswith("tuple[") and text.endswith(", ...]"):
        return tuple[_meant(text[6:-6], space), ...]  # type: ignore[misc]
    return eval(text, dict(space))  # noqa: S307 - our own annotations
