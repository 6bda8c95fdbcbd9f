"""Another libMIOpen in the place of Debian's: what only it needs is stood in for, and what it offers is told apart."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import miopen
import pytest
import solver_table

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


@pytest.fixture(scope="module")
def debians() -> miopen.Library:
    try:
        return miopen.library(miopen.cache_folder())
    except miopen.Unavailable as err:
        pytest.skip(f"no MIOpen to ask, so none was compared: {err}")


def _cc(*words: object) -> None:
    subprocess.run(["cc", "-shared", "-fPIC", *map(str, words)], check=True, timeout=60)


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
