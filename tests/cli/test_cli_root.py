"""--root: what is no directory is usage, and a mount that hangs is waited for twenty seconds and no more."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest
from cli_sample import Cli

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))

import strange_fs

from rdna_installer.cli import options

pytestmark = pytest.mark.processes


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("place", ["nowhere", "file"])
def test_what_is_no_directory(
    cli: Cli, tmp_path: Path, before: bool, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.chdir(tmp_path)
    root = ("--root", place)
    done = cli(*root, "status", "--json") if before else cli("status", "--json", *root)
    error = json.loads(done.out)["error"]
    assert (done.code, error["reference"]) == (2, "usage") and f"there is no directory {place}" in error["message"]


@pytest.mark.skipif(os.geteuid() != 0 or not Path("/dev/fuse").exists(), reason="needs root and /dev/fuse")
def test_a_mount_that_hangs(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(options, "ROOT_LIMIT", 1.0)
    with strange_fs.mounted(tmp_path / "lost"):
        began = time.monotonic()
        done = cli("status", "--json", "--root", str(tmp_path / "lost"))
        assert time.monotonic() - began < 60
    assert done.code == 2 and "gave no answer" in json.loads(done.out)["error"]["message"]
