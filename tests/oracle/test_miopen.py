"""Debian's real MIOpen as a witness: what it is asked here is a sample; ``tests/oracle/ask --table`` asks everything.

The library is fetched (9 MB) where it is not in the cache. Which one that is changes with time: the shipped table is
held against it when both are of one version.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import miopen
import pytest
import solver_table
from effort import LONG

from rdna_installer.amd.judge import MIOPEN_FALSE, MIOPEN_TRUE
from rdna_installer.knowledge import solvers
from rdna_installer.knowledge.catalogue import find
from rdna_installer.knowledge.load import load_book

pytestmark = [pytest.mark.processes, pytest.mark.system]

BOOK = load_book()
SHAPES = miopen.shapes()
SWITCHES = ("MIOPEN_DEBUG_CONV_GEMM", "MIOPEN_DEBUG_CONV_DIRECT_OCL_WRW53", "MIOPEN_DEBUG_CONV_DIRECT")
SAMPLE = [
    *(("gfx1010", {key: "0"}) for key in SWITCHES),
    *(("gfx1031", {key: "0"}) for key in SWITCHES),
    ("gfx906", {"MIOPEN_DEBUG_CONV_WINOGRAD": "0"}),
    ("gfx1100", {"MIOPEN_DEBUG_CONV_WINOGRAD": "0", "MIOPEN_DEBUG_CONV_GEMM": "0"}),
]


@pytest.fixture(scope="module")
def library() -> miopen.Library:
    try:
        return miopen.library(miopen.cache_folder())
    except miopen.Unavailable as err:
        pytest.skip(f"no MIOpen to ask, so neither the table nor the catalogue was held against one: {err}")


def _same_version(library: miopen.Library) -> solvers.Solvers:
    known = solvers.table()
    if not known.source.startswith(f"MIOpen {library.version} (Debian: {library.package})"):
        pytest.skip(
            f"the table is of {known.source}, the library is {library.version} ({library.package}): not compared"
        )
    return known


def _said(known: solvers.Solvers, gfx: str, env: Mapping[str, str]) -> dict[miopen.Cell, frozenset[str]]:
    gone = known.gone(gfx, ["=".join(each) for each in env.items()])
    whole = {**known.offers[gfx], **known.behind[gfx]} if known.alone in gone else known.offers[gfx]
    return {miopen.Cell(shape, type_, pass_): names - gone for (type_, pass_, shape), names in whole.items()}


@pytest.mark.parametrize(
    "gfx", solver_table.targets() if LONG else ["gfx906", "gfx1010", "gfx1031", "gfx1103", "gfx1201"]
)
def test_the_table_is_what_the_library_offers(library: miopen.Library, gfx: str) -> None:
    known = _same_version(library)
    (answer,) = solver_table.Asking(library).all([(gfx, {})])
    assert len(answer.offers) == len(SHAPES) * 9
    assert solver_table.offers_of(answer) == _said(known, gfx, {})


@pytest.mark.parametrize(("gfx", "env"), SAMPLE, ids=lambda value: str(value).replace("MIOPEN_DEBUG_", ""))
def test_a_switch_takes_away_what_the_table_says(library: miopen.Library, gfx: str, env: dict[str, str]) -> None:
    known = _same_version(library)
    (answer,) = solver_table.Asking(library).all([(gfx, env)])
    assert solver_table.offers_of(answer) == _said(known, gfx, env)


@pytest.mark.parametrize("name", solver_table.sets_of_rules())
def test_profiles_and_rules_leave_what_the_table_says(library: miopen.Library, name: str) -> None:
    known, env = _same_version(library), solver_table.sets_of_rules()[name]
    for gfx in ("gfx1010", "gfx1031"):
        (answer,) = solver_table.Asking(library).all([(gfx, env)])
        assert solver_table.offers_of(answer) == _said(known, gfx, env)


def test_every_variable_of_the_library_is_in_the_catalogue_or_on_the_list(library: miopen.Library) -> None:
    listed = {line.split("\t")[0] for line in (miopen.HERE / "not-for-users.tsv").read_text().splitlines()[1:]}
    assert len(library.variables) > 100
    assert sorted(name for name in library.variables - listed if find(BOOK.env, name) is None) == []


def test_every_variable_of_the_catalogue_is_in_the_library_or_dated(library: miopen.Library) -> None:
    ours = {key: entry for key, entry in BOOK.env.items() if entry.component == "MIOpen"}
    absent = {key for key in ours if key not in library.variables}
    # Since a newer release, of none, or only for some weeks between two pull requests.
    newer = {
        key for key in absent if (ours[key].since or "").startswith(("ROCm 7", "ROCm 10", "no ", "rocm-libraries#"))
    }
    assert absent == newer


@pytest.mark.parametrize(
    ("key", "value", "taken"),
    [
        *(("MIOPEN_DEBUG_CONV_GEMM", word, True) for word in sorted({*MIOPEN_TRUE, *MIOPEN_FALSE})),
        *(("MIOPEN_DEBUG_CONV_GEMM", word, False) for word in ("banana", "2", "-1")),
        *(("MIOPEN_FIND_MODE", word, True) for word in ("NORMAL", "HYBRID", "DYNAMIC_HYBRID", "1", "3", "5")),
        *(
            ("MIOPEN_FIND_ENFORCE", word, True) for word in ("1", "NONE", "DB_UPDATE", "DB_CLEAN")
        ),  # a search runs kernels
        ("MIOPEN_FIND_MODE", "banana", False),
        ("MIOPEN_FIND_ENFORCE", "banana", False),
        ("MIOPEN_DEBUG_FIND_ONLY_SOLVER", "GemmFwdRest", True),
        ("MIOPEN_DEBUG_FIND_ONLY_SOLVER", "GemmFwdRest;ConvDirectNaiveConvFwd", True),
        ("MIOPEN_DEBUG_FIND_ONLY_SOLVER", "ConvNoSuchSolver", False),
    ],
)
def test_the_catalogue_takes_the_words_that_the_library_takes(
    library: miopen.Library, key: str, value: str, taken: bool
) -> None:
    (answer,) = solver_table.Asking(library, SHAPES[:1]).all([("gfx1010", {key: value})])
    assert (answer.refused is None) is taken, answer.refused


def test_each_name_of_the_table_is_a_solver(library: miopen.Library) -> None:
    known = _same_version(library)
    names = sorted(known.names)
    asked = [("gfx1010", {"MIOPEN_DEBUG_FIND_ONLY_SOLVER": name}) for name in (names if LONG else names[::9])]
    assert [a.refused for a in solver_table.Asking(library, SHAPES[:1]).all(asked)] == [None] * len(asked)


def test_without_a_mirror_it_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = tmp_path / "none.sources"
    sources.write_text("Types: deb\nURIs: http://mirror.invalid/other\nSuites: nodistro\nComponents: main\n")
    monkeypatch.setenv("RDNA_TEST_APT_SOURCES", str(sources))
    with pytest.raises(miopen.Unavailable, match="no file of this machine's apt names a mirror of Debian"):
        miopen.library(tmp_path / "cache")


@pytest.mark.parametrize(
    ("text", "stanzas", "found"),
    [
        ("deb http://m.invalid/debian bookworm main contrib\n", False, "deb http://m.invalid/debian sid main\n"),
        ("deb [arch=amd64] http://m.invalid/d trixie main\n", False, "deb [arch=amd64] http://m.invalid/d sid main\n"),
        ("deb http://m.invalid/debian-security bookworm-security main\n", False, None),
        (
            "Types: deb\nURIs: http://m.invalid/debian\nSuites: bookworm bookworm-updates\nComponents: main\n"
            "Signed-By: /usr/share/keyrings/k.gpg\n",
            True,
            "deb [signed-by=/usr/share/keyrings/k.gpg] http://m.invalid/debian sid main\n",
        ),
    ],
)
def test_the_mirror_is_the_one_of_this_machine(text: str, stanzas: bool, found: str | None) -> None:
    assert miopen._debian(text, stanzas) == found
