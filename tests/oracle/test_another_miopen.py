"""Another libMIOpen in the place of Debian's: what only it needs is stood in for, and what it offers is told apart."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import miopen
import pytest
import solver_table

from rdna_installer.knowledge import solvers

pytestmark = [pytest.mark.processes, pytest.mark.system]
OTHER = """
extern int amd_comgr_create_data(int, void *);
extern const char *hiprtcGetErrorString(int);
int miopenGetVersion(long *a, long *b, long *c) {
    *a = 9, *b = amd_comgr_create_data(0, 0), *c = hiprtcGetErrorString(1)[0];
    return 0;
}
int miopenCreate(void *x) { return 0; }
"""

# What the library of `recipe miopen` logged of two questions (2026-11-28): hiprtc is stood in for and fails.
LOGGED = """
@ 0 1 2 32 64 64 1 3 1 1 56 56
MIOpen(HIP): Info2 [SearchForAllSolutions] ConvAsm3x3U: Not applicable
MIOpen(HIP): Info2 [SearchForAllSolutions] ConvBinWinogradRxSf3x2: Success.
MIOpen(HIP): Info2 [SearchForAllSolutions] ConvDirectNaiveConvFwd: Success.
MIOpen(HIP): Info2 [SearchForAllSolutions] GemmFwdRest: Success.
MIOpen(HIP): Error [BuildHip] HIPRTC status = failed (1), source file: naive_conv.cpp
MIOpen Error: /home/sam/miopen/src/hipoc/hipoc_program.cpp:296: Code object build failed. Source: naive_conv.cpp

@ 0 0 2 32 64 64 1 3 1 1 56 56
MIOpen(HIP): Info2 [SearchForAllSolutions] ConvDirectNaiveConvFwd: Success.
MIOpen Error: /home/sam/miopen/src/hipoc/hipoc_program.cpp:296: Code object build failed. Source: naive_conv.cpp

@ end
"""


@pytest.fixture(scope="module")
def debians() -> miopen.Library:
    try:
        return miopen.library(miopen.cache_folder())
    except miopen.Unavailable as err:
        pytest.skip(f"no MIOpen to ask, so none was compared: {err}")


def _cc(*words: object) -> None:
    subprocess.run(["cc", "-shared", "-fPIC", *map(str, words)], check=True, timeout=60)


def _logged(text: str) -> miopen.Answer:
    cells = [miopen.Cell("resnet-3x3-56", type_, miopen.PASSES[0]) for type_ in ("float32", "float16")]
    return miopen._read(cells, subprocess.CompletedProcess([], 0, "", text))


def test_a_compiler_that_fails_comes_after_the_list_and_any_other_error_is_a_refusal() -> None:
    answer = _logged(LOGGED)
    naive, more = "ConvDirectNaiveConvFwd", ("ConvBinWinogradRxSf3x2", "ConvDirectNaiveConvFwd", "GemmFwdRest")
    assert (answer.refused, [*answer.offers.values()]) == (None, [more, (naive,)])
    other = _logged(LOGGED.replace("Code object build failed. Source: naive_conv.cpp", "stoul"))
    assert other.refused == "stoul"


def test_targets_with_the_same_difference_are_one_row() -> None:
    class Said:
        def __init__(self, text: str) -> None:
            self.answer = _logged(text)

        def all(self, asked: Iterable[tuple[str, object]]) -> list[miopen.Answer]:
            return [self.answer for _ in asked]

    sides = Said(LOGGED), Said(LOGGED.replace("ConvBinWinogradRxSf3x2: Success", "ConvOclDirectFwd: Success"))
    rows = list(solver_table.compared(sides, ("gfx1010", "gfx1013"), {}))  # type: ignore[arg-type]
    assert rows[2:] == [
        "| float32 | added | ConvOclDirectFwd | 0/0/0 | 1/0/0 | gfx1010 gfx1013 |",
        "| float32 | removed | ConvBinWinogradRxSf3x2 | 1/0/0 | 0/0/0 | gfx1010 gfx1013 |",
        "| float32 | same | 2 |  |  | gfx1010 gfx1013 |",
        "| float16 | same | 1 |  |  | gfx1010 gfx1013 |",
        "| bfloat16 | same | 0 |  |  | gfx1010 gfx1013 |",
    ]


def test_the_same_library_offers_the_same_and_a_solver_less_is_seen(debians: miopen.Library, tmp_path: Path) -> None:
    same = miopen.another(debians, debians.folder / miopen.LIBRARIES / "libMIOpen.so.1", tmp_path)
    over = miopen.shapes()[:1]
    old, new = debians.ask("gfx1010", over, {}), same.ask("gfx1010", over, {})
    assert {row[1] for row in solver_table.differences(old, new)} == {"same"}
    fewer = same.ask("gfx1010", over, {"MIOPEN_DEBUG_CONV_GEMM": "0"})
    gone = [row for row in solver_table.differences(old, fewer) if row[1] != "same"]
    assert gone
    assert all(row[1] == "removed" and "Gemm" in row[2] for row in gone), gone
    back = [row for row in solver_table.differences(fewer, old) if row[1] != "same"]
    assert [row[1:3] for row in back] == [("added", row[2]) for row in gone]


def test_a_compiler_that_it_needs_is_stood_in_for_and_fails_and_any_other_library_is_named(
    debians: miopen.Library, tmp_path: Path
) -> None:
    for name, call in (("libamd_comgr.so.3", "amd_comgr_create_data"), ("libhiprtc.so.6", "hiprtcGetErrorString")):
        (tmp_path / "v.map").write_text(f"V_{call} {{ {call}; }};\n")
        (tmp_path / "c.c").write_text(f"int {call}(void) {{ return 0; }}\n")
        _cc(
            f"-Wl,-soname,{name}", f"-Wl,--version-script={tmp_path / 'v.map'}", "-o", tmp_path / name, tmp_path / "c.c"
        )
    (tmp_path / "other.c").write_text(OTHER)
    made = [tmp_path / name for name in ("other.c", "libamd_comgr.so.3", "libhiprtc.so.6")]
    _cc("-Wl,-soname,libMIOpen.so.1", "-o", tmp_path / "libother.so", *made)
    (tmp_path / "in").mkdir()
    found = miopen.another(debians, tmp_path / "libother.so", tmp_path / "in")
    assert found.version == f"9.1.{ord('f')}"  # an error for a status, "failed" for what it means
    refused = found.ask("gfx1010", miopen.shapes()[:1], {})
    with pytest.raises(ValueError, match="status"):
        list(solver_table.differences(refused, replace(refused)))
    _cc("-Wl,-soname,libelse.so.1", "-o", tmp_path / "libelse.so.1", tmp_path / "c.c")
    (tmp_path / "more").mkdir()
    _cc("-Wl,--no-as-needed", "-o", tmp_path / "libmore.so", tmp_path / "other.c", tmp_path / "libelse.so.1")
    with pytest.raises(miopen.Unavailable, match=r"it needs libelse\.so\.1"):
        miopen.another(debians, tmp_path / "libmore.so", tmp_path / "more")


def test_the_tables_of_the_docs_are_what_was_recorded() -> None:
    """Every difference that ``ask`` printed is in docs/recipes.md and nothing else is; each target and type was asked,
    and has as many of Debian's solvers as the table that the program ships."""
    runs = (miopen.HERE / "compared.txt").read_text().split("\n$ ")[1:]
    told = [line for line in (miopen.HERE.parents[1] / "docs/recipes.md").read_text().splitlines() if "float" in line]
    rows = [line for run in runs for line in run.splitlines() if line.startswith("| ") and "float" in line]
    assert [line for line in told if line.startswith("| ")] == [line for line in rows if "| same |" not in line]
    stock = runs[0].splitlines()
    known = solvers.table()
    assert known.source.startswith(stock[1].replace("(", "(Debian: "))
    counted: Counter[tuple[str, str]] = Counter()
    for row in (line.strip("| ").split(" | ") for line in stock if "float" in line):
        for gfx in row[-1].split():
            counted[gfx, row[0]] += int(row[2]) if row[1] == "same" else row[1] != "added"
    shipped: dict[tuple[str, str], frozenset[str]] = {}
    for gfx in known.offers:
        for (type_, _, _), names in known.offers[gfx].items():
            shipped[gfx, type_] = shipped.get((gfx, type_), frozenset()) | names
    assert counted == {each: len(names) for each, names in shipped.items()}
