"""A newer kernel as a Debian package to install in the guest: backports' own, packed as ``make bindeb-pkg`` does it.

Debian's packages of it want a newer Debian, and bring modules that nobody here loads (``lighter.py``). Built once, kept
beside the test roots.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import tempfile
from pathlib import Path

import debian_root
from lighter import lighten
from test_fresh_root import HOST_NETWORK

SUITE = "trixie"
BACKPORTS = f"{SUITE}-backports"
APT = debian_root.Recipe(("apt",), suite=SUITE)
CONTROL = """Package: linux-image-{release}
Version: {release}-1
Architecture: amd64
Maintainer: nobody <nobody@localhost>
Description: Linux {release}
"""
# As scripts/package/mkdebian of Linux has it.
POSTINST = """#!/bin/sh -e
export DEB_MAINT_PARAMS="$*" INITRD=Yes
run-parts --arg="{release}" --arg="/boot/vmlinuz-{release}" /etc/kernel/postinst.d
"""


def newer_kernel() -> Path:
    """The package's file, named after the kernel's release."""
    folder = debian_root.base_root(APT).parent / "vm-kernel"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return next(folder.glob("*.deb"), None) or _build(folder)


def _build(folder: Path) -> Path:
    with debian_root.scratch_root(APT) as root, tempfile.TemporaryDirectory(dir=folder, prefix="tree-") as scratch:
        unpacked, tree = Path(scratch) / "unpacked", Path(scratch) / "tree"
        for package in _download(root):
            subprocess.run(["dpkg-deb", "--extract", str(package), str(unpacked)], check=True)
        release = _pack(unpacked, tree)
        package = folder / f"{release}.deb"
        partial = package.with_suffix(".partial")
        subprocess.run(["dpkg-deb", "--build", "-Zgzip", "-z1", str(tree), str(partial)], check=True)
        partial.rename(package)
    return package


def _download(root: Path) -> list[Path]:
    """All packages of the newest kernel, by the apt of a root of that suite."""
    for file in HOST_NETWORK:
        if Path(file).is_file():
            shutil.copy(file, root / file.lstrip("/"))
    (root / "etc/apt/apt.conf.d/00test").write_text("".join(f"{line}\n" for line in debian_root._proxies()))
    for file in [root / "etc/apt/sources.list", *(root / "etc/apt/sources.list.d").glob("*")]:
        if file.is_file():
            file.write_text(file.read_text().replace(f"{SUITE}-updates", BACKPORTS))
    debian_root.in_root(root, "apt-get", "-q", "update")
    install = ["apt-get", "-q", "-y", "--download-only", "--no-install-recommends", "-t", BACKPORTS, "install"]
    debian_root.in_root(root, *install, "linux-image-amd64")
    return sorted((root / "var/cache/apt/archives").glob("linux-*.deb"))


def _pack(unpacked: Path, tree: Path) -> str:
    """The files of the package from those of Debian's; the release."""
    (modules,) = (unpacked / "usr/lib/modules").iterdir()
    release = modules.name
    (tree / "boot").mkdir(parents=True)
    (tree / "lib/modules").mkdir(parents=True)
    (tree / "DEBIAN").mkdir()
    for name in ("vmlinuz", "config", "System.map"):
        (modules / name).rename(tree / "boot" / f"{name}-{release}")
    modules.rename(tree / "lib/modules" / release)
    lighten(tree / "lib/modules" / release)
    subprocess.run(["depmod", "-b", str(tree), release], check=True)
    (tree / "DEBIAN/control").write_text(CONTROL.format(release=release))
    postinst = tree / "DEBIAN/postinst"
    postinst.write_text(POSTINST.format(release=release))
    postinst.chmod(0o755)
    tree.chmod(0o755)
    return release
