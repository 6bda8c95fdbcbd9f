"""What the kernel's own parsers take and refuse."""

from __future__ import annotations

import pytest

from rdna_installer.parameter import number, same_value
from rdna_installer.plan.prove import problem


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[
            ("0", 0),
            ("9", 9),
            ("-1", -1),
            ("+7", 7),
            ("0x1f", 31),
            ("0XFF", 255),
            ("010", 8),
            ("00", 0),
            ("-0x10", -16),
        ],
        *[("", None), ("banana", None), ("08", None), ("0x", None), ("1 ", None), ("1_0", None), ("--1", None)],
        *[("1.0", None), ("0b1", None), ("1k", None), ("٣", None), ("1\n", None)],
    ],
)
def test_number(text: str, value: int | None) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    ("kind", "value", "fine"),
    [
        ("int", "-2147483648", True),
        ("int", "2147483648", False),
        ("int", "0xffffffff", False),
        ("int", "", False),
        ("uint", "0xffffffff", True),
        ("uint", "-1", False),
        ("uint", "-0", False),
        ("hexint", "0xfff7ffff", True),
        ("hexint", "0x1ffffffff", False),
        ("ulong", "18446744073709551615", True),
        ("ullong", "18446744073709551616", False),
        ("byte", "256", False),
        ("bool", "Y", True),
        ("bool", "0", True),
        ("bool", "banana", False),
        ("bool", "2", False),
        ("bint", "n", True),
        ("charp", "0000:03:00.0;all", True),
        ("charp", "x" * 1025, False),
        ("string", "10000,60000", True),
        ("array of int", "1,-2,3", True),
        ("array of int", "1,,3", False),
        ("made-up", "1", False),
    ],
)
def test_problem(kind: str, value: str, fine: bool) -> None:
    assert (problem(kind, value) is None) is fine


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [("0x10", "16", True), ("Y", "1", True), ("n", "0", True), ("1", "2", False), ("a", "a", True), ("a", "b", False)],
)
def test_same(left: str, right: str, equal: bool) -> None:
    assert same_value(left, right) is equal
