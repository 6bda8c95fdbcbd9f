"""Spellings: gfx names and versions, parameter names, kernel values, MIOpen's words."""

from __future__ import annotations

import pytest

from rdna_installer.amd.judge import miopen_switch, same_setting
from rdna_installer.gfx import has_mes, name_of, version_of
from rdna_installer.knowledge.load import load_book
from rdna_installer.parameter import canonical, same_value, spell, split

BOOK = load_book()


@pytest.mark.parametrize(
    ("gfx", "version"),
    [
        ("gfx1010", "10.1.0"),
        ("gfx1031", "10.3.1"),
        ("gfx803", "8.0.3"),
        ("gfx90a", "9.0.10"),
        ("gfx90c", "9.0.12"),
        ("gfx1151", "11.5.1"),
        ("gfx1250", "12.5.0"),
    ],
)
def test_names_and_versions(gfx: str, version: str) -> None:
    assert version_of(gfx) == version
    assert name_of(version) == gfx


@pytest.mark.parametrize(
    "name",
    [
        "gfx10-1-generic",
        "gfx10-3-generic",
        "gfx11-generic",
        "gfx12-generic",
        "gfx9-generic",
        "gfx9-4-generic",
        "gfx103X-all",
        "gfx103x",
        "gfx1010:xnack-",
        "x",
        "gfx10",
        "GFX1010",
    ],
)
def test_what_is_no_target_has_no_version(name: str) -> None:
    assert version_of(name) is None


@pytest.mark.parametrize(
    "value", ["10.3", "10.3.100", "10.16.0", "64.0.0", "0.3.0", "", "gfx1030", "10.3.0\n", "-1.0.0"]
)
def test_what_is_no_version_has_no_name(value: str) -> None:
    assert name_of(value) is None


def test_every_target_of_the_table_comes_back() -> None:
    for gfx in BOOK.targets.targets:
        version = version_of(gfx)
        assert version is not None
        assert name_of(version) == gfx


@pytest.mark.parametrize(("gfx", "mes"), [("gfx1036", False), ("gfx90a", False), ("gfx1100", True), ("gfx1201", True)])
def test_mes(gfx: str, mes: bool) -> None:
    assert has_mes(gfx) is mes


@pytest.mark.parametrize(
    ("key", "parts", "shown"),
    [
        ("noretry", ("amdgpu", "noretry"), "noretry"),
        ("amdgpu.noretry", ("amdgpu", "noretry"), "noretry"),
        ("ttm.pages_limit", ("ttm", "pages_limit"), "ttm.pages_limit"),
        ("ttm.pages-limit", ("ttm", "pages_limit"), "ttm.pages_limit"),
        (" amdttm.pages_limit ", ("amdttm", "pages_limit"), "amdttm.pages_limit"),
    ],
)
def test_parameter_names(key: str, parts: tuple[str, str], shown: str) -> None:
    assert split(key) == parts
    assert spell(*parts) == canonical(key) == shown


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("0x10", "16", True),
        ("020", "16", True),
        ("Y", "1", True),
        ("on", "y", True),
        ("N", "0", True),
        ("off", "false", True),
        ("Y", "0", False),
        ("0o20", "16", False),
        ("1_0", "10", False),
        ("10000,60000", "10000,60000", True),
        ("-1", "0xffffffff", False),
    ],
)
def test_the_kernels_values(left: str, right: str, same: bool) -> None:
    assert same_value(left, right) is same_value(right, left) is same


@pytest.mark.parametrize(("word", "switch"), [("ON", "1"), ("disabled", "0"), (" no ", "0"), ("2", None), ("", None)])
def test_miopens_words(word: str, switch: str | None) -> None:
    assert miopen_switch(word) == switch


@pytest.mark.parametrize(
    ("key", "left", "right", "same"),
    [
        ("MIOPEN_DEBUG_CONV_GEMM", "0", "disabled", True),
        ("MIOPEN_DEBUG_CONV_GEMM", "0", "1", False),
        ("MIOPEN_FIND_MODE", "fast", "FAST", True),
        ("HSA_ENABLE_SDMA", "0", "off", False),  # only MIOpen takes words
        ("noretry", "0x1", "1", True),
        ("NO_SUCH_VARIABLE", "a", "a", True),
        ("NO_SUCH_VARIABLE", "a", "A", False),
    ],
)
def test_settings(key: str, left: str, right: str, same: bool) -> None:
    assert same_setting(BOOK, key, left, right) is same
