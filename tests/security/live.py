"""The live machine in a mount namespace of its own, as a root login (no sudo) finds it; eve has been at the venvs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import commands

EVE = 23456
PYTHON = "/usr/bin/python3"
TOLD = "/home/t/log"
RUNS_HERE = (
    "10.1"  # the demo's ROCm is refused for gfx1010 on this machine's kernel (6.12 or later), and nothing would run
)
# All of it before anything of /home is looked at.
SCRIPT = """
set -eu
mount --make-rprivate /
mount -t tmpfs none /home
chmod 755 /home
mkdir -p /var/lib/rdna-installer
mount -t tmpfs none /var/lib/rdna-installer
cp -a "$1" /home/t
cd /
shift
exec "$@"
"""


def build(home: Path, name: str, owner: int = 0) -> Path:
    """A venv with a torch whose interpreter and start-up code tell who runs them; returns its site-packages."""
    venv = home / name
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", venv], check=True)
    (venv / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n")
    (venv / "bin/python").unlink()
    (venv / "bin/python").write_text(
        f'#!/bin/bash\necho interpreter $(id -u) >>{TOLD}\nexec -a /home/t/{name}/bin/python {PYTHON} "$@"\n'
    )
    (venv / "bin/python").chmod(0o755)
    site = next((venv / "lib").glob("python3*")) / "site-packages"
    for place in (commands.DEMO / "machine/home/sam/venv/lib/python3.11/site-packages").iterdir():
        shutil.copytree(place, site / place.name.replace("7.15", RUNS_HERE))
    for path in (site / "torch/version.py", *site.glob("*/METADATA")):
        path.write_text(path.read_text().replace("7.15", RUNS_HERE))
    for path in (venv, *venv.rglob("*")):
        os.chown(path, owner, owner, follow_symlinks=False)
    return site


def evil(path: Path, owner: int = EVE) -> None:
    """Start-up code of somebody else's that tells who runs it, and leaves a daemon behind."""
    path.write_text(
        f"import os; open({TOLD!r}, 'a').write('evil %d\\n' % os.getuid()); "
        "os.fork() or (os.setsid(), os.fork() and os._exit(0), os.execvp('sleep', ['rdna-evil-daemon', '77777']))\n"
    )
    os.chown(path, owner, owner)
