"""Fixtures: the package built in a real root of each release, and machines to install it on.

``tests/run -m system tests/packaging`` is all of it on all releases; without -m, its life on the first release.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))

import debian_root
from deb_built import Built, quick_images
from debian_machine import Machine
from effort import LONG

BUILD = (
    *("build-essential", "debhelper", "dh-python", "pybuild-plugin-pyproject", "python3-hatchling", "lintian"),
    *("python3-pytest", "python3-pytest-mock", "python3-hypothesis", "busybox", "strace", "kmod"),
    *debian_root.PYTHON,
)
TARGET = debian_root.INITRAMFS_TOOLS.packages
FIRST, *OTHERS = debian_root.SUITES


@pytest.fixture(scope="session", params=[FIRST, *(pytest.param(s, marks=pytest.mark.packaging) for s in OTHERS)])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    if why := debian_root.missing():
        pytest.skip(why)
    suite = str(request.param)
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # that of all workers: one of them builds
    with (folder / f"deb-{suite}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        built = Built(suite, folder / f"deb-{suite}")
        if not built.folder.exists():
            build(built)
    return built


def build(built: Built) -> None:
    with debian_root.scratch_root(debian_root.Recipe(BUILD, built.suite)) as root:
        machine = Machine(root)
        # As README has it, with the package's own tests: the quick ones of them; all by test_the_build_runs_the_tests.
        quick = () if LONG else ("env", "RDNA_TEST_QUICK=1")
        machine.must(*quick, "packaging/build-deb", "/out/new")
        lintian = "lintian --allow-root --fail-on error,warning /out/new/*.changes"
        machine.must("sh", "-c", f"{lintian} >/out/lintian 2>&1 || echo failed >>/out/lintian")
        make_older(machine)
        machine.must("env", "DEB_BUILD_OPTIONS=nocheck", "packaging/build-deb", "/out/old")
        shutil.copytree(root / "out", built.folder.with_suffix(".part")).rename(built.folder)


def make_older(machine: Machine) -> None:
    """The same tree as version 0.0.1, a year earlier, with one rule that has changed since."""
    for file, pattern in (
        (
            "installer/rdna_installer/knowledge/data/profiles/layered.yaml",
            's/vm_fragment_size: "9"/vm_fragment_size: "8"/',
        ),
        ("installer/rdna_installer/__init__.py", 's/^__version__ = .*/__version__ = "0.0.1"/'),
        (
            "packaging/debian/changelog",
            r"1s/(.*)/(0.0.1)/; s/\(^ -- .*\) 20[0-9][0-9] /\1 2025 /; s/ [A-Z][a-z][a-z], / /",
        ),
    ):
        machine.must("sed", "-i", pattern, file)


@pytest.fixture(scope="session")
def build_machine(built: Built) -> Iterator[Machine]:
    """A fresh root to build in, of the release at hand."""
    with debian_root.scratch_root(debian_root.Recipe(BUILD, built.suite)) as root:
        yield Machine(root)


@pytest.fixture(scope="class")
def target(built: Built) -> Iterator[Machine]:
    """A Debian with kernel, initramfs-tools and the package's dependencies; the packages are in /srv."""
    with debian_root.scratch_root(debian_root.Recipe(TARGET, built.suite)) as root:
        yield with_packages(root, built)


@pytest.fixture(scope="class")
def systemd_target(built: Built) -> Iterator[Machine]:
    """The same, and it boots with systemd."""
    with debian_root.scratch_root(debian_root.Recipe((*TARGET, "systemd-sysv"), built.suite)) as root:
        machine = with_packages(root, built)
        quick_images(machine)
        yield machine


def with_packages(root: Path, built: Built) -> Machine:
    machine = Machine(root)
    shutil.copy(built.new, machine.path("/srv/new.deb"))
    shutil.copy(built.old, machine.path("/srv/old.deb"))
    return machine
