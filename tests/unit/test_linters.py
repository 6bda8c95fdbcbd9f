"""Linters are tests: ruff and shellcheck over everything we wrote, mypy --strict over what pyproject.toml names.

That is the program but for runtime/, which runs inside Pythons from 3.7 on beside a torch of theirs; packaging/; and of
the tests what chooses them, what measures the limits and what draws mutants.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent.parent

pytestmark = pytest.mark.processes


def _must_pass(*command: str) -> None:
    done = subprocess.run(command, check=False, cwd=PROJECT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"$ {' '.join(command)}\n{done.stdout}{done.stderr}"


def _is_shell(path: Path) -> bool:
    if path.suffix == ".sh":
        return True
    with path.open("rb") as file:
        first = file.readline(64)
    return first.startswith((b"#!/bin/sh", b"#!/bin/bash"))


def _shell_files() -> list[Path]:
    folders = (".ci", "tests", "packaging", "installer", "templates/rescue", "templates/systemd", "templates/initramfs")
    roots = [PROJECT / "install.sh", *(PROJECT / folder for folder in folders)]
    files = [file for root in roots for file in ([root] if root.is_file() else root.rglob("*")) if file.is_file()]
    return sorted(file for file in files if "__pycache__" not in file.parts and _is_shell(file))


def test_ruff_finds_nothing() -> None:
    _must_pass(sys.executable, "-m", "ruff", "check", ".")


def test_everything_is_formatted() -> None:
    _must_pass(sys.executable, "-m", "ruff", "format", "--check", ".")


def test_mypy_strict() -> None:
    _must_pass(sys.executable, "-m", "mypy")


def test_the_list_of_shell_files_is_not_empty() -> None:
    names = {file.relative_to(PROJECT).as_posix() for file in _shell_files()}
    assert {"install.sh", "tests/run", ".ci/run"} <= names


def test_shellcheck() -> None:
    tool = shutil.which("shellcheck")
    if tool is None:
        pytest.skip("shellcheck is not installed: the shell files are not checked")
    _must_pass(tool, "--shell=sh", "--severity=style", *map(str, _shell_files()))
