"""Frozen dataclasses that cost nothing to define: ``@record(frozen=True)``.

The standard library's write and compile six methods for each class when it is defined: 3.4 million instructions on
Python 3.11, which for our model alone was 0.6 times the whole yardstick of README's table (importing click and
yaml). Here the one method that must be written is written at the tenth instance. Everything else is the same and
tested against the standard library; ``dataclasses.fields`` works, ``replace`` and ``field`` are here without its price.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["field", "record", "replace"]

if TYPE_CHECKING:
    from dataclasses import dataclass as record
    from dataclasses import field, replace
else:

    def field(*, default_factory):
        """A field whose default is made for each instance."""
        return Field(default_factory)

    def replace(value, /, **changes):
        """The same record with some fields changed. Raises TypeError for what is no field of it."""
        if unknown := changes.keys() - {*value.__match_args__}:
            raise TypeError(f"{type(value).__name__} has no field {sorted(unknown)}")
        copy = object.__new__(type(value))
        copy.__dict__.update(value.__dict__, **changes)
        return copy

    def record(*, frozen: bool):
        """Make the class a frozen dataclass of its own annotations."""
        if not frozen:
            raise TypeError("a record is frozen")
        return _make


class Field:
    """What stands for such a default while the class is made, as the standard library's own does."""

    def __init__(self, default_factory: Any) -> None:
        self.default_factory = default_factory


def _make(cls: Any) -> Any:
    names = tuple(cls.__annotations__)
    factories = {name: value for name, value in cls.__dict__.items() if name in names and _is_factory(value)}
    for name in factories:  # as in the standard library: a factory's placeholder is no class attribute
        delattr(cls, name)
    setattr(cls, "__match_args__", names)  # noqa: B010 - mypy takes the plain form for a mistake
    cls.__record_factories__ = factories
    cls.__record_made__ = 0
    cls.__dataclass_fields__ = _FieldsOnDemand()
    cls.__init__, cls.__repr__, cls.__eq__, cls.__hash__ = _first_init, _repr, _eq, _hash
    cls.__setattr__, cls.__delattr__ = _setattr, _delattr
    return cls


def _is_factory(value: object) -> bool:
    return type(value).__name__ == "Field" and hasattr(value, "default_factory")


def _first_init(self: Any, *args: Any, **kwargs: Any) -> None:
    """For the first few instances: to write and compile the method costs as much as fifty of these."""
    cls = type(self)
    names = cls.__match_args__
    cls.__record_made__ += 1
    held = {**dict(zip(names, args, strict=False)), **kwargs}
    for name in names:
        if name not in held and name in cls.__record_factories__:
            held[name] = cls.__record_factories__[name].default_factory()
        elif name not in held and name in cls.__dict__:
            held[name] = cls.__dict__[name]
    fits = len(held) == len(names) and len(args) + len(kwargs) <= len(names) and all(map(held.__contains__, names))
    if fits and not (kwargs.keys() & names[: len(args)]) and cls.__record_made__ < 10:
        self.__dict__.update(held)
    else:  # often used; or wrong arguments, and the method itself says which
        cls.__init__ = _written_init(cls)
        cls.__init__(self, *args, **kwargs)


def _written_init(cls: Any) -> Any:
    space: dict[str, Any] = {}
    parameters, body = ["self"], ["_d = self.__dict__"]
    factories = cls.__record_factories__
    for name in cls.__match_args__:
        value = name
        if name in factories:
            space[f"_f_{name}"] = factories[name].default_factory
            parameters.append(f"{name}=_f_{name}")
            value = f"_f_{name}() if {name} is _f_{name} else {name}"
        elif name in cls.__dict__:
            space[f"_v_{name}"] = cls.__dict__[name]
            parameters.append(f"{name}=_v_{name}")
        else:
            parameters.append(name)
        body.append(f"_d[{name!r}] = {value}")
    source = f"def __init__({', '.join(parameters)}):\n " + "\n ".join(body)
    exec(source, space)  # noqa: S102 - names of our own classes' annotations
    space["__init__"].__qualname__ = f"{cls.__qualname__}.__init__"
    return space["__init__"]


def _values(self: Any) -> tuple[Any, ...]:
    held = self.__dict__
    return tuple([held[name] for name in self.__match_args__])


def _repr(self: Any) -> str:
    pairs = zip(self.__match_args__, _values(self), strict=True)
    return f"{type(self).__qualname__}({', '.join(f'{name}={value!r}' for name, value in pairs)})"


def _eq(self: Any, other: Any) -> Any:
    if type(other) is not type(self):
        return NotImplemented
    return _values(self) == _values(other)


def _hash(self: Any) -> int:
    return hash(_values(self))


def _setattr(self: Any, name: str, _value: object) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _delattr(self: Any, name: str) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot delete field {name!r}")


class _FieldsOnDemand:
    """``__dataclass_fields__``, made by the standard library itself when somebody asks."""

    def __get__(self, instance: object, owner: Any) -> Any:
        from dataclasses import dataclass, field

        defaults = {n: owner.__dict__[n] for n in owner.__match_args__ if n in owner.__dict__}
        space = {"__annotations__": owner.__annotations__, **defaults}
        space |= {n: field(default_factory=f.default_factory) for n, f in owner.__record_factories__.items()}
        twin: Any = dataclass(init=False, repr=False, eq=False)(type(owner.__name__, (), space))
        owner.__dataclass_fields__ = twin.__dataclass_fields__
        return owner.__dataclass_fields__
