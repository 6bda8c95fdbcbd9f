"""pipx and uv install the program as README says, from the tree; one command makes all of a release."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.system
PROJECT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("argv", [("pipx", "install"), ("uv", "tool", "install")], ids=["pipx", "uv"])
def test_the_program_starts_and_plans(tmp_path: Path, argv: tuple[str, ...]) -> None:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    if shutil.which(argv[0], path=path) is None:
        pytest.skip(f"{argv[0]} is not installed: its part is not tried")
    places = {"PIPX_HOME": "home", "PIPX_BIN_DIR": "bin", "UV_TOOL_DIR": "home", "UV_TOOL_BIN_DIR": "bin"}
    env = {**os.environ, "PATH": path, **{name: str(tmp_path / place) for name, place in places.items()}}
    subprocess.run([*argv, str(PROJECT)], check=True, env=env)
    program = str(tmp_path / "bin/rdna-installer")
    said = subprocess.run([program, "explain", "noretry"], capture_output=True, text=True, check=True).stdout
    assert "noretry" in said
    helped = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
    assert "Examples:" in helped


@pytest.mark.skipif(
    shutil.which("mmdebstrap") is None or os.geteuid() != 0, reason="needs mmdebstrap, and root to be sudo"
)
def test_one_command_makes_a_release_in_a_root_of_its_own(tmp_path: Path) -> None:
    """As sudo calls it, with another Python first on PATH; nothing is installed here."""
    (tmp_path / "bin").mkdir()
    for name in ("python3", "python3.11", "hatchling"):
        (tmp_path / "bin" / name).write_text("#!/bin/sh\necho the wrong one >&2\nexit 1\n")
        (tmp_path / "bin" / name).chmod(0o755)
    env = {
        **os.environ, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "DEB_BUILD_OPTIONS": "nocheck",
        "SUDO_UID": "65534", "SUDO_GID": "65534",
    }  # fmt: skip
    before = subprocess.run(["dpkg", "-l"], capture_output=True, check=True).stdout
    command = [str(PROJECT / "packaging/build-deb"), "--scratch=bookworm", "--release", str(tmp_path / "dist")]
    subprocess.run(command, check=True, env=env)
    made = {path.name: path for path in (tmp_path / "dist").iterdir()}
    for end in (".deb", ".dsc", ".tar.xz", ".whl", ".tar.gz", ".changes", "SHA256SUMS"):
        assert [name for name in made if name.endswith(end)], f"no {end} in {sorted(made)}"
    assert {path.stat().st_uid for path in (tmp_path / "dist", *made.values())} == {65534}
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], check=True, cwd=tmp_path / "dist")
    assert len(made["SHA256SUMS"].read_text().splitlines()) == len(made) - 1
    assert subprocess.run(["dpkg", "-l"], capture_output=True, check=True).stdout == before
