"""Version ranges over versions as they really are written."""

from __future__ import annotations

import itertools

import pytest
from packaging.version import Version

from rdna_installer.knowledge.when import Range, read_version


@pytest.mark.parametrize(
    ("wanted", "version", "inside"),
    [
        (">=6.3,<7", "6.2.4", False),
        (">=6.3,<7", "6.3", True),
        (">=6.3,<7", "6.2.4-139", False),
        (">=6.3,<7", "7.0.0.git64359f59", False),
        (">=7", "7.0.0.git64359f59", True),
        (">=7.14", "7.15.0a20260728", True),
        (">=7.15", "7.15.0a20260728", False),
        ("<2.3", "2.3.0.dev20240308+rocm6.0", True),
        (">=2.5,<2.6", "2.5.1+rocm6.2", True),
        (">=2.10", "2.9.1+rocm6.4", False),
        ("==6.0", "6.0", True),
        ("!=6.0", "6.0.1", True),
        ("<6.18", "6.17.4-arch1-1", True),
        ("<6.18", "6.18.0-rc6-custom", True),
        ("<6.18", "6.18.2", False),
        (">=6.12", "6.12.48+deb13-amd64", True),
        (">=64", "64", True),
        (">=6", "unknown", None),
        (">=6", "", None),
        (">=6", "8e22711", None),
        (">=6", "1234567", None),
        (">=6", "a1b2c3d", None),
    ],
)
def test_contains(wanted: str, version: str, inside: bool | None) -> None:
    assert Range(wanted).problem() is None
    assert Range(wanted).contains(version) is inside


@pytest.mark.parametrize("text", ["6.3", "~=6.3", ">=", ">=x", ">=6.3,", ">=6.3 <7", ""])
def test_what_is_no_range(text: str) -> None:
    assert "is no version range" in (Range(text).problem() or "")


def test_the_order_is_that_of_pep_440() -> None:
    numbers = ("0", "0.0", "1", "1.0", "1.0.0", "1.0.1", "1.1", "1.10", "2.9", "2.10.0", "10")
    texts = [n + end for n in numbers for end in ("", "a1", "a2", "b1", "rc1", "rc10", ".dev20240901", ".dev20240902")]
    for one, other in itertools.product(texts, texts):
        ours, theirs = (read_version(one), read_version(other)), (Version(one), Version(other))
        assert ours[0] is not None and ours[1] is not None
        assert (ours[0] < ours[1], ours[0] == ours[1]) == (theirs[0] < theirs[1], theirs[0] == theirs[1]), (one, other)
