"""A stranger's path, walked in a fresh Debian: a clone, the two commands, one rule changed, the quick tests, a patch.

Takes many minutes and downloads: tests/run -m packaging tests/system/test_stranger.py
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import debian_root
import pytest

pytestmark = [pytest.mark.system, pytest.mark.packaging]

PROJECT = Path(__file__).resolve().parents[2]
FRESH = debian_root.Recipe(("git", "ca-certificates", "python3", "python3-venv", "python3-pip"))
OF_THE_HOST = ("/etc/resolv.conf", "/etc/hosts", "/etc/pip.conf", "/etc/ssl/certs/ca-certificates.crt")
RULE = "rdna1-native"
SEEN = "A stranger has seen it too"
LINE = f'  - {{url: "https://example.org/1", strength: weak, says: "{SEEN}"}}'
PATH = f"""
set -eu
cd /root
git clone --quiet file:///srv/rdna-installer.git rdna-installer && cd rdna-installer
tests/run --quick
file=$(grep -l '^- id: {RULE}$' installer/rdna_installer/knowledge/data/rules/*.yaml)
sed -i '/^- id: {RULE}$/,/^  evidence:$/ s|^  evidence:$|&\\n{LINE}|' "$file"
.venv/bin/rdna-installer explain {RULE} | grep -F '{SEEN}'
tests/run --quick
git -c user.name=S -c user.email=s@example.org commit --quiet --all --message 'Evidence: a stranger has seen it'
git format-patch --stdout HEAD~1
"""


def test_the_path_from_a_clone_to_a_patch() -> None:
    if not (PROJECT / ".git").exists():
        pytest.skip("no git checkout: nothing to clone, the stranger's path was not walked")
    with debian_root.scratch_root(FRESH) as root:
        subprocess.run(["git", "clone", "-q", "--bare", PROJECT, root / "srv/rdna-installer.git"], check=True)
        for name in filter(os.path.isfile, OF_THE_HOST):
            shutil.copy(name, f"{root}{name}")
        (root / "etc/apt/apt.conf.d/00test").write_text("".join(f"{line}\n" for line in debian_root._proxies()))
        passed = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
        clean = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root", **passed}
        done = subprocess.run(
            ["chroot", root, "/bin/sh", "-c", PATH], env=clean, check=False, capture_output=True, text=True
        )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    added = [line for line in done.stdout.splitlines() if line.startswith("+  - {url:")]
    assert len(added) == 1 and SEEN in added[0]
