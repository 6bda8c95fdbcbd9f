"""Real binaries held against each other: Debian's libMIOpen, and PyPI's programs that want one.

Debian's is fetched as in ``test_miopen.py`` (9 MB). ``RDNA_TEST_LONG=1`` fetches two wheels more (180 MB): what they
want of MIOpen is what no stand-in of ours can know.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

import miopen
import pytest
from effort import LONG

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fixtures"))
import roclibs

from rdna_installer.check.replacement import Fit, look
from rdna_installer.detect.symbols import linking
from rdna_installer.detect.torch import Installed
from rdna_installer.machine.sysroot import Sysroot

pytestmark = [pytest.mark.processes, pytest.mark.system, roclibs.needs_cc]
WHEELS = {
    "onnxruntime-rocm==1.22.2.post3": "onnxruntime/capi/libonnxruntime_providers_rocm.so",
    "jax-rocm60-pjrt==0.5.0": "jax_plugins/xla_rocm60/xla_rocm_plugin.so",
}


@pytest.fixture(scope="module")
def debians() -> Path:
    try:
        found = miopen.library(miopen.cache_folder())
    except miopen.Unavailable as err:
        pytest.skip(f"no MIOpen here, so no real one was held against a torch: {err}")
    return next(Path(miopen.cache_folder()).glob("**/libMIOpen.so.1.0")) if found else Path()


def _fit(tmp_path: Path, file: Path, number: int, wants: Path | None = None) -> Fit:
    lib = tmp_path / "torch/lib"
    roclibs.torch_folder(lib, number)
    if wants is not None:
        (lib / "libtorch_hip.so").unlink()
        (lib / "libtorch_hip.so").symlink_to(wants)
    torch = Installed(PurePosixPath(tmp_path), PurePosixPath(tmp_path / "torch"), ("torch",))
    place = PurePosixPath(lib / "libMIOpen.so.1")
    fit = look(Sysroot("/"), torch, place, PurePosixPath(file), ("gfx1010",))
    assert fit is not None
    return fit


def test_debians_defines_what_it_says(debians: Path) -> None:
    found = linking(Sysroot("/"), PurePosixPath(debians), "miopen")
    assert found is not None
    assert found.soname == "libMIOpen.so.1"
    assert len(found.defines) > 250
    assert {name.partition("@")[2] for name in found.defines} == {"MIOPEN_HIP_1"}


def test_debians_against_a_torch_of_its_runtime_and_of_the_next(debians: Path, tmp_path: Path) -> None:
    problems = [_fit(tmp_path / str(number), debians, number).problems for number in (6, 7)]
    clash = "it wants libamdhip64.so.6, and this torch runs on libamdhip64.so.7"
    assert [clash in found for found in problems] == [False, True]
    assert all("no code for gfx1010" in found for said in problems for found in said if found != clash)


@pytest.mark.skipif(
    not LONG, reason="wheels of 180 MB are fetched with RDNA_TEST_LONG=1 only: their wants are untested"
)
@pytest.mark.parametrize("wheel", WHEELS)
def test_pypis_programs_against_debians(debians: Path, tmp_path: Path, wheel: str) -> None:
    got = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--python-version", "3.11", wheel]
    done = subprocess.run([*got, "--only-binary", ":all:", "-d", tmp_path], check=False, timeout=600)
    if done.returncode:
        pytest.skip(f"{wheel} is not to be had: its symbols were not compared")
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as archive:
        wants = Path(archive.extract(WHEELS[wheel], tmp_path))
    problems = _fit(tmp_path, debians, 6, wants).problems
    asked = linking(Sysroot("/"), PurePosixPath(wants), "miopen")
    assert asked is not None
    assert not any("wants miopen" in problem for problem in problems)  # all 56 of onnxruntime's are there
    assert len(asked.wants) == (56 if "onnx" in wheel else 0)
    clash = any("libamdhip64.so.6" in p and "libamdhip64.so.7" in p for p in problems)
    assert clash == ("libamdhip64.so.7" in asked.needed)
