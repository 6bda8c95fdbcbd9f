"""Interpreters to try the hook in, and venvs of theirs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hook_venv import Python

MINORS = range(7, 16)


def candidates() -> dict[str, list[str]]:
    """Version -> what PATH, pyenv and our own interpreter offer of it (not started yet)."""
    found = {f"3.{minor}": list(filter(None, [shutil.which(f"python3.{minor}")])) for minor in MINORS}
    found.setdefault("{}.{}".format(*sys.version_info), []).insert(0, sys.executable)
    pyenv = os.environ.get("PYENV_ROOT", "")
    for path in sorted(Path(pyenv).glob("versions/3.*/bin/python3")) if pyenv else ():
        version = ".".join(path.parts[-3].split(".")[:2])
        if version in found:
            found[version].append(str(path))
    return found


CANDIDATES = candidates()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "bare" in metafunc.fixturenames:
        versions = [v for v, paths in CANDIDATES.items() if paths]
        if "torch_python" in metafunc.fixturenames:  # importlib changed little: the ends, the middle and our own
            own = "{}.{}".format(*sys.version_info)
            versions = list(dict.fromkeys([versions[0], *(v for v in versions if v in ("3.10", own)), versions[-1]]))
        metafunc.parametrize("bare", versions, indirect=True, scope="session")


@pytest.fixture(scope="session")
def bare(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Python:
    """A venv of each version, without our hook."""
    version: str = request.param
    folder = tmp_path_factory.mktemp(f"venv{version}")
    check = (
        f"import sys; sys.exit('%d.%d' % sys.version_info[:2] != '{version}' or sys.implementation.name != 'cpython')"
    )
    for path in CANDIDATES[version]:
        right = subprocess.run([path, "-I", "-c", check], capture_output=True, check=False).returncode == 0
        make = [path, "-m", "venv", "--without-pip", "--clear", folder]
        if right and subprocess.run(make, capture_output=True, check=False).returncode == 0:
            return Python(folder / "bin" / "python", folder / f"lib/python{version}/site-packages", version)
    pytest.skip(f"no CPython {version} that works and makes venvs: the hook was not tested with it")


@pytest.fixture
def python(bare: Python) -> Python:
    """The same with the hook freshly installed."""
    bare.remove()
    bare.install()
    return bare


@pytest.fixture
def interpreters() -> dict[str, list[str]]:
    return CANDIDATES
