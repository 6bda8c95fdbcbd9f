"""A stranger's first minute: a clone in a Debian 12 with nothing in it, not even Python."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import debian_root
import pytest
from debian_machine import NOBODY, Machine

pytestmark = pytest.mark.system

MINBASE = debian_root.Recipe(("apt",))  # which minbase has in any case
HOST_NETWORK = ("/etc/resolv.conf", "/etc/hosts")


@pytest.fixture
def fresh() -> Iterator[Machine]:
    """A minimal Debian with a way to this machine's packages: names, proxies, certificates."""
    with debian_root.scratch_root(MINBASE) as root:
        yield networked(root)


def networked(root: Path) -> Machine:
    """A root with this machine's way to Debian's packages."""
    machine = Machine(root)
    for file in HOST_NETWORK:
        if Path(file).is_file():
            shutil.copy(file, machine.path(file))
    proxies = "".join(f"{line}\n" for line in debian_root._proxies())
    machine.path("/etc/apt/apt.conf.d/00test").write_text(proxies)
    return machine


def test_the_demo_needs_python_and_installs_nothing(fresh: Machine) -> None:
    done = fresh.install("--demo")
    assert done.returncode == 3 and "sudo apt-get install python3" in done.stderr, done.stdout + done.stderr
    assert not fresh.path("/usr/bin/python3").exists()


def test_an_ordinary_user_is_told_the_line(fresh: Machine) -> None:
    done = fresh.install("--verify", user=NOBODY)
    assert done.returncode == 3
    line = next(line for line in done.stderr.splitlines() if "sudo apt-get install" in line)
    assert "python3 python3-click" in line


def test_a_change_is_not_made_unasked(fresh: Machine) -> None:
    done = fresh.install("--verify")
    assert done.returncode == 3, done.stderr
    assert not fresh.path("/usr/bin/python3").exists()
