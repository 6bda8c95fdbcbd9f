"""A venv with the rendered hook installed, and how to run something in it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

from rdna_installer.model import FileState, Layer, Policy, PythonSite, Setting, Verdict
from rdna_installer.plan.render import Stamp, render

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


def hook_files(python: Python, variables: Mapping[str, str] = VARIABLES) -> list[FileState]:
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
    return list(render(policy, SimpleNamespace(sites=(site,), services=()), Stamp(3, "0.1.0")))  # type: ignore[arg-type]
