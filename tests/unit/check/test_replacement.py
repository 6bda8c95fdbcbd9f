"""A libMIOpen is loaded in a child with what its torch brings, before it is put there."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "fixtures"))
import roclibs

from rdna_installer.check.replacement import Fit, load_problem, look
from rdna_installer.detect.torch import Installed
from rdna_installer.detect.users import invoking_user
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import PythonSite

pytestmark = [pytest.mark.processes, roclibs.needs_cc]


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Open to all: what is root's is loaded by a user that nobody has."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    (tmp_path / "site/torch").mkdir(parents=True)
    roclibs.torch_folder(tmp_path / "site/torch/lib")
    return Installed(PurePosixPath(tmp_path / "site"), PurePosixPath(tmp_path / "site/torch"), ("torch",))


def _fit(installed: Installed, file: Path) -> Fit:
    place = installed.folder / "lib/libMIOpen.so.1"
    fit = look(Sysroot("/"), installed, place, PurePosixPath(file), ("gfx1010",))
    assert fit is not None
    return fit


def _tried(installed: Installed, file: Path) -> str | None:
    python = PurePosixPath("/usr/bin/python3")  # the one of these tests may be in a home that is closed
    if not os.access(python, os.X_OK):
        pytest.skip("no /usr/bin/python3: no library was loaded")
    site = PythonSite(python, python.parent.parent, installed.site, "3.11", os.geteuid(), os.getegid(), None)
    return load_problem(site, invoking_user(Sysroot("/")), installed, PurePosixPath(file), _fit(installed, file))


def test_it_loads_with_the_runtime_of_its_torch_only(installed: Installed, tmp_path: Path) -> None:
    """The builder's own runtime is gone: only the one in torch/lib can be what it was loaded with."""
    runtime = roclibs.hip(tmp_path / "hip", 6)
    file = roclibs.miopen(tmp_path / "built", runtime)
    runtime.unlink()
    assert [path.name for path in _fit(installed, file).runtimes] == ["libamdhip64.so.6"]
    assert _tried(installed, file) is None


def test_what_is_missing_is_named(installed: Installed, tmp_path: Path) -> None:
    other = roclibs.build(tmp_path / "other", "libother.so.3", "int other(void) { return 1; }", soname="libother.so.3")
    runtime = roclibs.hip(tmp_path / "hip", 6)
    roclibs.miopen(tmp_path / "first", runtime)
    call = "int other(void);\nint miopenCreate(void) { return other(); }"
    file = roclibs.build(tmp_path / "built", "libMIOpen.so.1", call, other, runtime, soname="libMIOpen.so.1")
    other.unlink()
    assert "libother.so.3" in (_tried(installed, file) or "")


def test_one_without_the_first_function_does_not_count_as_loaded(installed: Installed, tmp_path: Path) -> None:
    file = roclibs.miopen(tmp_path / "built", roclibs.hip(tmp_path / "hip", 6), functions=("miopenDestroy",))
    assert "miopenCreate" in (_tried(installed, file) or "")


def test_one_that_was_cut_off_is_no_library(installed: Installed, tmp_path: Path) -> None:
    file = roclibs.miopen(tmp_path / "built", roclibs.hip(tmp_path / "hip", 6))
    whole = file.read_bytes()
    for size in (0, 10, 64, len(whole) // 2):
        file.write_bytes(whole[:size])
        place = installed.folder / "lib/libMIOpen.so.1"
        fit = look(Sysroot("/"), installed, place, PurePosixPath(file), ("gfx1010",))
        assert fit is None or fit.problems or _tried(installed, file)
