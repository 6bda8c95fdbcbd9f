"""pipx and uv install the program as README says, from the tree."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = [pytest.mark.processes, pytest.mark.packaging]
PROJECT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("argv", [("pipx", "install"), ("uv", "tool", "install")], ids=["pipx", "uv"])
def test_the_program_starts_and_plans(tmp_path: Path, argv: tuple[str, ...]) -> None:
    if shutil.which(argv[0]) is None:
        pytest.skip(f"{argv[0]} is not installed: its part is not tried")
    places = {"PIPX_HOME": "home", "PIPX_BIN_DIR": "bin", "UV_TOOL_DIR": "home", "UV_TOOL_BIN_DIR": "bin"}
    env = {**os.environ, **{name: str(tmp_path / place) for name, place in places.items()}}
    subprocess.run([*argv, str(PROJECT)], check=True, env=env)
    program = str(tmp_path / "bin/rdna-installer")
    said = subprocess.run([program, "explain", "noretry"], capture_output=True, text=True, check=True).stdout
    assert "noretry" in said
    helped = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
    assert "Examples:" in helped
