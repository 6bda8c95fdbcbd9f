"""Records to plain data and back: every kind of field, every kind of misfit named, files with a checksum."""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rdna_installer import codec
from rdna_installer.codec import Count, Digest, MisfitError
from rdna_installer.record import record


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@record(frozen=True)
class Inner:
    path: PurePosixPath
    size: Count = 0
    digest: Digest | None = None

    def misfit(self) -> str | None:
        return "too large" if self.size > 1000 else None


@record(frozen=True)
class Outer:
    name: str
    colour: Colour
    inner: tuple[Inner, ...] = ()
    pair: tuple[str, int] = ("", 0)
    numbers: Mapping[str, float] = field(default_factory=dict)
    words: frozenset[str] = frozenset()
    raw: bytes = b""
    sure: bool = False
    attributes: tuple[tuple[str, bytes], ...] = ()


DIGEST = codec.digest(b"x")
WHOLE = Outer(
    "a",
    Colour.BLUE,
    (Inner(PurePosixPath("/etc/x"), 3, DIGEST), Inner(PurePosixPath("/y"))),
    ("b", -1),
    {"half": 0.5},
    frozenset({"z", "a"}),
    bytes(range(256)),
    True,
    (("security.selinux", b"u:r\0"),),
)


@pytest.mark.parametrize("value", [WHOLE, Outer("", Colour.RED)])
@pytest.mark.parametrize("brief", [False, True])
def test_there_and_back(value: Outer, brief: bool) -> None:
    data = json.loads(json.dumps(codec.encode(value, brief=brief)))
    assert codec.decode(Outer, data) == value


def test_brief_leaves_defaults_out_at_every_depth() -> None:
    assert codec.encode(Outer("n", Colour.RED, (Inner(PurePosixPath("/y")),)), brief=True) == {
        "name": "n",
        "colour": "red",
        "inner": [{"path": "/y"}],
    }
    assert set(codec.encode(Outer("n", Colour.RED))) == set(Outer.__match_args__)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.pop("name"), "outer.name: missing"),
        (lambda d: d.update(more=1), "outer.more: no field of it"),
        (lambda d: d.update(name=1), "outer.name: not a text"),
        (lambda d: d.update(colour="green"), "outer.colour: not one of: red, blue"),
        (lambda d: d.update(colour=[]), "outer.colour: not one of: red, blue"),
        (lambda d: d["inner"][1].update(path="etc"), "outer.inner[1].path: not an absolute path"),
        (lambda d: d["inner"][1].update(path="/a/../b"), "outer.inner[1].path: not an absolute path"),
        (lambda d: d["inner"][1].update(path="/a\0"), "outer.inner[1].path: not an absolute path"),
        (lambda d: d["inner"][0].update(size=True), "outer.inner[0].size: not a whole number"),
        (lambda d: d["inner"][0].update(size=-1), "outer.inner[0].size: not a number from 0 to 4294967295"),
        (lambda d: d["inner"][0].update(size=1001), "outer.inner[0]: too large"),
        (lambda d: d["inner"][0].update(digest="sha256:0"), "outer.inner[0].digest: not a sha256 digest"),
        (lambda d: d.update(inner={}), "outer.inner: not a list"),
        (lambda d: d.update(pair=["a"]), "outer.pair: not a list of 2"),
        (lambda d: d.update(pair=["a", 1, 2]), "outer.pair: not a list of 2"),
        (lambda d: d.update(pair=["a", "b"]), "outer.pair[1]: not a whole number"),
        (lambda d: d.update(numbers={"x": "1"}), "outer.numbers.x: not a number"),
        (lambda d: d.update(raw="€"), "outer.raw: not bytes (one character each)"),
        (lambda d: d.update(sure=1), "outer.sure: not true or false"),
        (lambda d: d.update(words=[1]), "outer.words[0]: not a text"),
    ],
)
def test_a_misfit_names_its_field(change: Any, message: str) -> None:
    data = codec.encode(WHOLE)
    change(data)
    with pytest.raises(MisfitError) as caught:
        codec.decode(Outer, data, "outer")
    assert str(caught.value) == message


def test_a_type_nobody_taught_it_is_a_bug_said_at_once() -> None:
    @record(frozen=True)
    class Odd:
        value: complex

    with pytest.raises(TypeError, match="complex"):
        codec.encode(Odd(1j))


def test_a_file_is_ascii_and_carries_its_checksum() -> None:
    text = codec.write(replace(WHOLE, name="caf\u00e9 \udc80"), 2)
    assert text.isascii()
    assert list(json.loads(text))[:2] == ["checksum", "format"]
    assert codec.read(Outer, text, "outer", 2) == replace(WHOLE, name="caf\u00e9 \udc80")


@given(st.data())
def test_no_changed_byte_is_read(data: st.DataObject) -> None:
    text = codec.write(WHOLE, 2)
    where = data.draw(st.integers(0, len(text) - 2))  # the last is the line's end
    new = data.draw(st.integers(0, 255).filter(lambda byte: byte != text[where]))
    with pytest.raises(MisfitError):
        codec.read(Outer, text[:where] + bytes([new]) + text[where + 1 :], "outer", 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "not an object"),
        (b'{"name": NaN}', "no JSON"),
        (b'{"format": 2, "name": "a", "colour": "red"}', "its checksum is missing"),
        (b'{"format": 3, "name": "a", "colour": "red"}', "outer.format: 3, and this program knows 1 to 2"),
        (b'{"format": "2", "name": "a", "colour": "red"}', "outer.format: '2', and this program knows 1 to 2"),
        (b'{"format": 1, "name": "a", "colour": "red"}', "outer.format: 1, which this program no longer reads"),
        (b'{"format": 2, "checksum": "sha256:00"}', "its checksum is not where it was written"),
        (b"\xff", "no JSON"),
    ],
)
def test_what_is_no_such_file_is_said(text: bytes, message: str) -> None:
    with pytest.raises(MisfitError) as caught:
        codec.read(Outer, text, "outer", 2)
    assert message in str(caught.value)


def test_an_older_file_is_brought_up_step_by_step() -> None:
    steps = {1: lambda d: {"label": d["title"]}, 2: lambda d: {"name": d["label"], "colour": "red"}}
    assert codec.read(Outer, b'{"schema": 1, "title": "t"}', "outer", 3, steps) == Outer("t", Colour.RED)
    with pytest.raises(MisfitError, match="not in its old form"):
        codec.read(Outer, b"{}", "outer", 3, steps)


@record(frozen=True)
class Late:
    first: str
    second: int


def test_a_signal_while_a_codec_is_made_leaves_no_half_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the interrupted command still reads was decoded without its fields."""
    make = codec._make

    def struck(hint: Any, brief: bool) -> Any:
        if hint is int:
            raise KeyboardInterrupt
        return make(hint, brief)

    codec._MADE.clear()
    monkeypatch.setattr(codec, "_make", struck)
    with pytest.raises(KeyboardInterrupt):
        codec.encode(Late("a", 1))
    monkeypatch.undo()
    assert codec.decode(Late, codec.encode(Late("a", 1))) == Late("a", 1)
