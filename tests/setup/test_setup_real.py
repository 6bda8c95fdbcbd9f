"""With a real torch for the processor, from an index to a convolution, back, and away; by pip and by uv.

Only with RDNA_TEST_LONG=1 (200 MB are downloaded, 1 GB is unpacked, some minutes):

    RDNA_TEST_LONG=1 tests/run tests/setup/test_setup_real.py

RDNA_TEST_TORCH names another version of it. A torch without "+cpu" is PyPI's, for NVIDIA cards, and is not taken.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import effort
import pytest
import setups
from fixtures.indexserver import serving
from setups import Machine
from test_setup_path import NEW, whole

pytestmark = [
    pytest.mark.processes,
    pytest.mark.system,
    pytest.mark.skipif(not Path(setups.PYTHON).exists(), reason="no interpreter that every user may run"),
    pytest.mark.skipif(not effort.LONG, reason="RDNA_TEST_LONG=1 was not said: no real torch was installed"),
]
TORCH = os.environ.get("RDNA_TEST_TORCH", "2.13.0+cpu")
CONVOLUTION = """
import torch
inputs = torch.arange(2 * 3 * 9 * 9, dtype=torch.float32).reshape(2, 3, 9, 9).requires_grad_()
weights = torch.full((4, 3, 3, 3), 0.5)
out = torch.nn.functional.conv2d(inputs, weights, padding=1)
out.sum().backward()
inner = inputs.detach()[0, :, 3:6, 3:6].sum() * 0.5
print(torch.__version__, abs(float(out[0, 0, 4, 4] - inner)) < 1e-2, float(inputs.grad[0, 0, 4, 4]))
"""


def pip(*words: str) -> bool:
    done = subprocess.run([sys.executable, "-m", "pip", *words], capture_output=True, timeout=900, check=False)
    return done.returncode == 0


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("real")
    version = f"3.{setups.minor()}"
    asked = ["--only-binary=:all:", f"--python-version={version}", f"torch=={TORCH}", "setuptools<82"]
    if not pip("download", "-q", "-d", str(folder / "set"), *asked):
        pytest.skip(f"torch {TORCH} is not to be had for Python {version}: no real torch was installed")
    yield setups.shelves(folder / "index", folder / "set")


def computed(machine: Machine, number: int) -> str:
    place = machine.state if machine.user else Path("/var/lib/rdna-installer")
    return machine.run(f"{place}/environments/{number}", "-B", "-c", CONVOLUTION)


def there(machine: Machine) -> list[str]:
    return sorted(str(path.relative_to(machine.folder)) for path in machine.folder.rglob("*"))


def test_from_an_index_to_a_convolution_and_away(machine: Machine, real: Path) -> None:
    before = there(machine)
    right = f"{TORCH} True 18.0"  # the gradient: 4 outputs, 9 places of each, 0.5
    with serving(real, hashes=True, json=True, metadata=True) as index:
        words = ("setup", "--cpu", "--index", index.url, "--gfx", setups.TARGET, "--yes")
        said = machine(*words)
        assert f"torch {TORCH} for Python 3.{setups.minor()}" in said and "bin/python app.py" in said, said
        assert "Known" not in said, said  # what is known of the card does not matter to a torch without it
        found = machine.look()
        assert (found["torch"], found["wrong"], found["stray"]) == (TORCH, [], [])
        assert computed(machine, 1) == right
        assert f"torch {TORCH}" in machine("status")
        index.asked.clear()
        machine("setup", "--repair", "--index", index.url, "--gfx", setups.TARGET, "--yes")
        assert not [path for how, path, part in index.asked if how == "GET" and path.endswith(".whl") and not part]
    assert machine.look()["current"] == 2 and computed(machine, 2) == right
    machine("rollback", "--yes")
    assert machine.look()["current"] == 1 and computed(machine, 1) == right
    machine("rollback", "--yes")
    assert machine.look()["current"] is None
    machine("uninstall", "--purge", "--yes")
    assert [name for name in there(machine) if name not in before] == []


@pytest.mark.parametrize("machine", ["user"], indirect=True)
def test_by_uv(machine: Machine, real: Path, sets: Path, open_path: Path) -> None:
    """A user's own uv, by his PATH: where its installer and pip put it; without a source package, and with one."""
    if not pip("install", "-q", "--ignore-installed", f"--prefix={open_path}", "uv"):
        pytest.skip("no uv to be had: nothing was installed with it")
    words = ("setup", "--cpu", "--uv", "--gfx", setups.TARGET, "--yes", "--wheels", str(open_path / "set"))
    (open_path / "set").mkdir()
    for path in real.glob("*/*"):
        (open_path / "set" / path.name).hardlink_to(path)
    assert "[uv-missing]" in machine(*words, code=3)
    machine.more = {"PATH": f"{open_path}/bin:/usr/bin:/bin", "UV_INDEX_URL": "http://127.0.0.1:9/", "UV_OFFLINE": "0"}
    machine(*words)
    found = machine.look()
    assert (found["torch"], found["wrong"], found["stray"]) == (TORCH, [], [])
    assert computed(machine, 1).startswith(f"{TORCH} True")
    infos = (machine.state / "environments/1/lib").glob("python3*/site-packages/torch-*.dist-info/INSTALLER")
    assert next(infos).read_text().strip() == "uv"
    machine.setup(sets / "new", "--uv")
    assert whole(machine, NEW) == 2
