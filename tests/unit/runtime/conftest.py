"""Interpreters to try the hook in, and venvs of theirs with the rendered hook installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import pytest

from rdna_installer.model import File, Layer, Policy, PythonSite, Setting, Verdict
from rdna_installer.plan.render import Stamp, render

MINORS = range(7, 16)
VARIABLES = {"HSA_OVERRIDE_GFX_VERSION": "10.3.0", "MIOPEN_FIND_MODE": "FAST", "MIOPEN_LOG_LEVEL": "3"}


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Python:
    """One venv."""

    executable: Path
    site_packages: Path
    version: str

    def run(self, *arguments: str, env: Mapping[str, str] | None = None) -> Ran:
        clean = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **(env or {})}
        done = subprocess.run(
            [self.executable, *arguments], env=clean, capture_output=True, text=True, timeout=60, check=False
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def install(self, variables: Mapping[str, str] = VARIABLES) -> None:
        for file in hook_files(self, variables):
            path = Path(file.path)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(file.content)

    def remove(self) -> None:
        for path in self.site_packages.glob("rdna_hook.*"):
            path.unlink()
        shutil.rmtree(self.site_packages / "_rdna_hook", ignore_errors=True)


def hook_files(python: Python, variables: Mapping[str, str] = VARIABLES) -> list[File]:
    name = str(python.executable)
    site = PythonSite(
        python=PurePosixPath(python.executable),
        prefix=PurePosixPath(python.executable.parent.parent),
        site_packages=PurePosixPath(python.site_packages),
        python_version=python.version,
        owner=os.geteuid(),
        group=os.getegid(),
        torch=None,
    )
    settings = tuple(Setting(Layer.PYTHON, name, key, value, "test") for key, value in variables.items())
    policy = Policy("test", Verdict.WORKS, (), (), settings, (), ())
    return list(render(policy, SimpleNamespace(sites=(site,)), Stamp(3, "0.1.0")))  # type: ignore[arg-type]


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
