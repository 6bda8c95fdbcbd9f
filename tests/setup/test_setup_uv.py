"""The system's environment by a real uv, which root's tools have to find, and nobody has to run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import setups
from setups import Machine
from test_setup_path import NEW, OLD, hostile, whole

pytestmark = [
    pytest.mark.processes,
    pytest.mark.system,
    pytest.mark.skipif(not Path(setups.PYTHON).exists(), reason="no interpreter that every user may run"),
    pytest.mark.parametrize("machine", ["system"], indirect=True),
]


@pytest.fixture(scope="module")
def uv(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("uv")
    words = [sys.executable, "-m", "pip", "install", "-q", "--ignore-installed", f"--prefix={folder}", "uv"]
    if subprocess.run(words, capture_output=True, timeout=300, check=False).returncode:
        pytest.skip("no uv to be had: the system's environment was not installed with it")
    yield folder / "bin/uv"
    shutil.rmtree(folder)


def test_root_by_uv_and_back(machine: Machine, sets: Path, uv: Path, open_path: Path) -> None:
    """With everybody's configuration hostile, and nothing of uv, pip or a package run as root."""
    machine.more = {"PATH": f"{uv.parent}:/usr/sbin:/usr/bin:/sbin:/bin"}  # of whoever became root
    said = machine.setup(sets / "new", "--uv", code=3)
    assert "[uv-missing]" in said and "in /usr/local/bin or /usr/bin" in " ".join(said.split())
    shutil.copy(uv, machine.folder / "uv")  # /usr/local/bin/uv, where pip puts it as root
    told = open_path / "told"
    told.touch()
    told.chmod(0o666)
    folder = open_path / "set"
    shutil.copytree(sets / "new", folder)
    setups.tell(folder, told)
    hostile(machine)
    machine.setup(folder, "--uv")
    machine.more = {}
    ran = {line.split()[0]: int(line.split()[1]) for line in told.read_text().splitlines()}
    assert {*ran} == {"setup.py", "torch"} and 0 not in ran.values()
    first = whole(machine, NEW)
    place = machine.state / f"environments/{first}"
    infos = (place / "lib").glob("python3*/site-packages/torch-*.dist-info/INSTALLER")
    assert next(infos).read_text().strip() == "uv"
    assert {path.lstat().st_uid for path in place.rglob("*")} == {0}
    machine.setup(sets / "old", "--uv")
    assert whole(machine, OLD) == first + 1
    machine("rollback", "--yes")
    assert whole(machine, NEW) == first


def test_a_changed_file_is_refused_by_uv(machine: Machine, sets: Path, uv: Path, open_path: Path) -> None:
    shutil.copy(uv, machine.folder / "uv")
    folder = open_path / "set"
    shutil.copytree(sets / "new", folder)
    wheel = next(folder.glob("torchvision-*"))
    wheel.write_bytes(wheel.read_bytes().replace(b"__version__", b"__versiom__"))
    assert "[install-failed]" in machine.setup(folder, "--uv", code=1)
    assert (machine.look()["current"], machine.look()["stray"]) == (None, [])
