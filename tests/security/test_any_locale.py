"""Names that no locale has letters for, under every kind of locale: said with escapes, never a crash, and done."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import commands
import crowd
import pytest

pytestmark = pytest.mark.processes

VENV = b"v\xff\xfe\xc3\xa9"
APPLY = ("apply", "--yes", "--profile", "layered")
LOCALES = {
    "C": {"LC_ALL": "C"},
    "POSIX as it was": {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "C.UTF-8": {"LC_ALL": "C.UTF-8"},
    "ASCII streams": {"LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "ascii"},
    "Latin-1 streams": {"LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "latin-1:strict"},
    "strict streams": {"LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "utf-8:strict"},
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "root"
    commands.seed(made)
    (made / "home/sam/venv").rename(os.fsdecode(bytes(made / "home/sam") + b"/" + VENV))
    return made


def run(root: Path, locale: str, *argv: str | bytes) -> bytes:
    env = {"PATH": os.environ["PATH"], **LOCALES[locale]}
    command = [sys.executable, "-B", "-c", crowd.RUN, crowd.PATHS, str(root), *argv]
    done = subprocess.run(command, env=env, capture_output=True, check=False)
    assert done.returncode == 0, (argv, done)
    return done.stdout


@pytest.mark.parametrize("locale", LOCALES)
def test_a_name_without_letters_is_shown(root: Path, locale: str) -> None:
    site = ("--python", b"/home/sam/" + VENV)
    assert rb"v\udcff\udcfe" in run(root, locale, "plan", *site, "--layer", "python")
    assert json.loads(run(root, locale, "plan", "--json", *site))["changes"]


@pytest.mark.parametrize("locale", ["POSIX as it was", "strict streams"])
def test_a_name_without_letters_is_written_and_put_back(root: Path, locale: str) -> None:
    run(root, locale, *APPLY, "--python", b"/home/sam/" + VENV)
    held = [owner["generation"]["files"] for owner in json.loads(run(root, locale, "status", "--json"))["owners"]]
    shown = next(f["path"] for files in held for f in files if f["path"].endswith("rdna_hook.pth"))
    assert rb"v\udcff\udcfe".decode() in shown, "JSON holds no half of a surrogate pair"
    written = re.sub(rb"\\udc(..)", lambda m: bytes.fromhex(m[1].decode()), shown.encode())
    assert os.path.exists(bytes(root) + written) and VENV in written
    run(root, locale, "rollback", "--yes")
    assert not os.path.exists(bytes(root) + written)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams(root: Path, closed: str) -> None:
    """No file of ours gets the number of a stream, and nobody is told of a bug."""
    command = [sys.executable, "-B", "-c", crowd.RUN.replace("commands.begin();", ""), crowd.PATHS, str(root), *APPLY]
    shell = ["sh", "-c", f'exec "$@" {closed}', "sh", *command]
    done = subprocess.run(shell, env={"PATH": os.environ["PATH"]}, capture_output=True, check=False)
    assert done.returncode == 0, done
    assert (root / "etc/modprobe.d/rdna-installer.conf").read_bytes().endswith(b"\n")
    bad = subprocess.run([*shell[:-1], "gfx1"], env={"PATH": os.environ["PATH"]}, capture_output=True, check=False)
    assert bad.returncode == 2, bad
