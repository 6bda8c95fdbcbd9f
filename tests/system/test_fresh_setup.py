"""From a minimal Debian, without even Python, to an environment and back: the first command, each of its questions.

Debian 12, with RDNA_TEST_LONG=1 Debian 13 as well. The packages are Debian's own; the index is ours, on loopback.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import debian_root
import pytest
from debian_machine import Machine, Terminal
from debian_tree import differences, snapshot
from effort import tries
from fixtures.indexserver import serving
from test_fresh_root import MINBASE, networked

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "setup"))
import setups

pytestmark = pytest.mark.system
MINOR = {"bookworm": 11, "trixie": 13}
SYSTEM = ("/etc", "/usr", "/opt", "/home", "/var/lib", "/root")
# apt's and dpkg's own books, caches that their tools rewrite, and what Python compiled.
KEPT = ("/var/lib/dpkg", "/var/lib/apt", "/etc/ld.so.cache", "/var/lib/systemd", "/etc/python3", "/usr/share/python3")
USER = "sam"
NO_CARD = {"device:gpu:gfx1010", "device:kfd", "device:render"}


@pytest.fixture(params=[*MINOR][: tries(1, 2)])
def fresh(request: pytest.FixtureRequest) -> Iterator[tuple[Machine, str]]:
    with debian_root.scratch_root(debian_root.Recipe(MINBASE.packages, request.param)) as root:
        yield networked(root), request.param


@pytest.fixture
def index(fresh: tuple[Machine, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of an index with one set for this root's Python."""
    monkeypatch.setattr(setups, "minor", lambda: MINOR[fresh[1]])
    setups.wheels(tmp_path / "set", "2.14.0", "0.29.0", "2.11.0.2")
    with serving(setups.shelves(tmp_path / "index", tmp_path / "set"), hashes=True) as served:
        yield served.url


def problems(said: str) -> set[str]:
    """The names of what `verify` finds wrong."""
    return {check["id"] for check in json.loads(said)["checks"] if check["status"] in ("failed", "mismatch")}


def torch_of(machine: Machine, place: str, user: str | None = None) -> str:
    done = machine.run(f"{place}/bin/python", "-B", "-c", "import torch; print(torch.__version__)", user=user)
    return done.stdout.strip() or done.stderr


def test_from_nothing_and_back(fresh: tuple[Machine, str], index: str) -> None:
    """Root: ./install.sh --setup; rollback; uninstall with its two questions; and the tree is what it was."""
    machine, _ = fresh
    machine.must("apt-get", "-qq", "update")
    before = snapshot(machine.root, SYSTEM, KEPT)
    packages = machine.must("dpkg-query", "-W", "-f", "${db:Status-Abbrev}${Package}\n").split("\n")
    done = machine.install("--setup", "--yes", "--index", index, "--gfx", setups.TARGET)
    assert done.returncode == 0, done.stdout + done.stderr
    place = "/var/lib/rdna-installer/environments/1"
    assert torch_of(machine, place) == "2.14.0+rocm10.1.0"
    assert "Not proved: that this card computes right" in " ".join(done.stdout.split())
    assert problems(machine.run("rdna-installer", "verify", "--gfx", setups.TARGET, "--json").stdout) == NO_CARD
    terminal = Terminal(machine.argv("rdna-installer", "rollback"))
    terminal.expect("[y/N", timeout=120)
    terminal.type("y\n")
    assert terminal.close(60) == 0, terminal.seen
    assert not (machine.path(place).parent / "current").is_symlink()
    terminal = Terminal(machine.argv("./install.sh", "--uninstall", "--purge"))
    while asked_again(terminal):
        terminal.type("y\n")
    assert terminal.close(60) == 0, terminal.seen
    assert machine.must("dpkg-query", "-W", "-f", "${db:Status-Abbrev}${Package}\n").split("\n") == packages, (
        terminal.seen
    )
    left = [line for line in differences(before, snapshot(machine.root, SYSTEM, KEPT)) if "__pycache__" not in line]
    assert left == [], terminal.seen


def asked_again(terminal: Terminal) -> bool:
    """Whether one more question came, ours or apt's own."""
    try:
        terminal.expect("[y/N", "[Y/n]", timeout=120)
    except AssertionError:  # it has come to its end
        return False
    return True


def test_a_user_below_his_home(fresh: tuple[Machine, str], index: str) -> None:
    """Root installs the program; a user sets himself up without root, goes back, and takes all of it away."""
    machine, _ = fresh
    machine.must("apt-get", "-qq", "update")
    assert (done := machine.install("--install-only", "--yes")).returncode == 0, done.stdout + done.stderr
    machine.must("apt-get", "-qq", "-y", "--no-install-recommends", "install", "python3-venv")
    machine.must("useradd", "-m", USER)
    who = ":".join(machine.must("id", "-u", USER).split() + machine.must("id", "-g", USER).split())
    home = f"/home/{USER}"
    before = snapshot(machine.root, SYSTEM, KEPT)

    def sam(*words: str) -> str:
        done = machine.run("rdna-installer", *words, user=who, home=home)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    sam("setup", "--index", index, "--gfx", setups.TARGET, "--yes")
    place = f"{home}/.local/state/rdna-installer/environments/1"
    assert torch_of(machine, place, who) == "2.14.0+rocm10.1.0"
    said = machine.run("rdna-installer", "verify", "--gfx", setups.TARGET, "--json", user=who, home=home).stdout
    assert problems(said) == NO_CARD
    sam("rollback", "--yes")
    sam("uninstall", "--purge", "--yes")
    left = differences(before, snapshot(machine.root, SYSTEM, KEPT))
    assert [line for line in left if "__pycache__" not in line and f"{home}/.local" not in line] == []
    assert not machine.path(f"{home}/.local/state/rdna-installer").exists()
