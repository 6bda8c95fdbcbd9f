"""Records behave as the standard library's frozen dataclasses do."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from rdna_installer.record import field, record, replace


@record(frozen=True)
class Ours:
    """A record."""

    a: int
    b: tuple[int, ...] = (1, 2)
    c: dict[str, int] = field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Theirs:
    """The same as the standard library makes it."""

    a: int
    b: tuple[int, ...] = (1, 2)
    c: dict[str, int] = dataclasses.field(default_factory=dict)


@pytest.mark.parametrize(
    "look",
    [
        lambda k: repr(k(1)).partition("(")[2],
        lambda k: repr(k(a=1, b=(), c={"x": 1})).partition("(")[2],
        lambda k: (k(1) == k(1), k(1) == k(2), k(1) != k(1), k(1) == (1, (1, 2), {})),
        lambda k: k(1).c is k(1).c,
        lambda k: dataclasses.asdict(k(1, (3,), {"y": 2})),
        lambda k: [f.name for f in dataclasses.fields(k)],
        lambda k: dataclasses.replace(k(1), a=5, c={"z": 0}) == k(5, c={"z": 0}),
        lambda k: replace(k(1), a=5, c={"z": 0}) == k(5, c={"z": 0}) if k is Ours else True,
        lambda k: (dataclasses.is_dataclass(k), k.__match_args__, k.b, hasattr(k, "c")),
        lambda k: pickle.loads(pickle.dumps(k(7))) == k(7),
    ],
)
def test_same_as_the_standard_library(look: Callable[[Any], object]) -> None:
    assert look(Ours) == look(Theirs)


@pytest.mark.parametrize("call", [lambda k: k(), lambda k: k(1, 2, 3, 4), lambda k: k(1, z=2), lambda k: k(1, a=2)])
def test_wrong_arguments_are_refused_alike(call: Callable[[Any], object]) -> None:
    messages = []
    for kind in (Ours, Theirs):
        with pytest.raises(TypeError) as caught:
            call(kind)
        messages.append(str(caught.value).replace("Theirs", "Ours"))
    assert messages[0] == messages[1]


def test_replaced_it_is_another_one_with_known_fields_only() -> None:
    first = Ours(1)
    assert (replace(first, a=2), first) == (Ours(2), Ours(1))
    with pytest.raises(TypeError, match=r"Ours has no field \['z'\]"):
        replace(first, z=1)  # type: ignore[call-arg]


def test_frozen() -> None:
    item = Ours(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        item.a = 2  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        del item.a


def test_hash_follows_the_values() -> None:
    @record(frozen=True)
    class Pair:
        """Two values."""

        left: str
        right: int = 0

    assert hash(Pair("x")) == hash(Pair("x", 0))
    assert len({Pair("x"), Pair("x", 0), Pair("x", 1)}) == 2


def test_no_other_kind() -> None:
    with pytest.raises(TypeError):
        record(frozen=False)
