"""Our own Python in a folder that is closed to everybody but root (0700 /root, pyenv), started through sudo by sam.

The child that has sam's rights cannot import anything any more: what it needs must have been imported before.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from hostile import SAM, Machine

pytestmark = pytest.mark.processes

PROJECT = Path(__file__).resolve().parents[2]
# In a mount namespace of its own: a copy of this interpreter, and the library by a bind mount.
SCRIPT = """
set -eu
mount --make-rprivate /
mount --bind "$1" "$2/lib/python$3"
mount --bind "$4" "$2/site"
mount --bind "$5" "$2/ours"
shift 5
exec "$@"
"""
SITE = ("--python", "/home/sam/venv")
COMMANDS = (
    ("detect",),
    ("plan", "--profile", "layered", *SITE),
    ("apply", "--yes", "--no-initramfs", "--profile", "layered", *SITE),
    ("verify",),
    ("status",),
    ("history",),
    ("apply", "--yes", "--no-initramfs", "--profile", "layered", "--set", "MIOPEN_LOG_LEVEL=3", *SITE),
    ("rollback", "--yes", "--no-initramfs"),
    ("recover",),
    ("advise",),
    ("env",),
    ("cache", "clear", "--yes", "--all"),
    ("uninstall", "--yes", "--no-initramfs"),
)


@pytest.mark.skipif(not shutil.which("unshare"), reason="no unshare: not tried with a closed Python")
def test_every_command_of_a_closed_python(machine: Machine, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    version = "{}.{}".format(*sys.version_info)
    for name in ("bin", f"lib/python{version}", "site", "ours"):
        (closed / name).mkdir(parents=True)
    python = closed / f"bin/python{version}"
    shutil.copy2(os.path.realpath(sys.executable), python)
    closed.chmod(0o700)
    for name in (".cache/miopen", ".triton/cache"):
        (machine.root / "home/sam" / name).mkdir(parents=True)
    (machine.root / "home/sam/.profile").write_text("export MIOPEN_LOG_LEVEL=3\n")
    for path in (machine.root / "home/sam").rglob("*"):
        os.chown(path, SAM, SAM, follow_symlinks=False)
    env = {
        "PATH": os.environ["PATH"], "SUDO_UID": str(SAM), "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": f"{closed}/ours/installer:{closed}/site", "PYTHONHOME": str(closed),
    }  # fmt: skip
    places = (sysconfig.get_path("stdlib"), closed, version, sysconfig.get_path("purelib"), PROJECT)
    start = ["unshare", "-m", "sh", "-c", SCRIPT, "sh", *map(str, places), str(python), "-m", "rdna_installer"]
    for command in COMMANDS:
        argv = [*start, *command, *(("--root", str(machine.root)) if command[0] not in ("env",) else ())]
        done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        assert done.returncode in (0, 3, 4) and "No module" not in said and "child-" not in said, (command, done)
        if command[0] in ("apply", "rollback", "uninstall", "cache"):
            assert done.returncode == 0, (command, done)
