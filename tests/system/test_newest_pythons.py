"""The start-up hook in Pythons newer than any stable Debian has: the same tests, run inside a Debian testing."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import debian_root
import pytest
from debian_machine import CHECKOUT, Machine

pytestmark = pytest.mark.system

VERSIONS = ("3.14", "3.15")
PACKAGES = (
    *(f"python{v}-venv" for v in VERSIONS),
    "python3-pytest",
    "python3-pytest-mock",
    "python3-hypothesis",
    "kmod",
)
TESTING = debian_root.Recipe((*PACKAGES, *debian_root.PYTHON), suite="forky")


@pytest.fixture
def testing() -> Iterator[Machine]:
    try:
        debian_root.base_root(TESTING)
    except subprocess.CalledProcessError:
        pytest.skip(
            f"no Debian {TESTING.suite} with Python {' and '.join(VERSIONS)}: the hook was not tested with them"
        )
    with debian_root.scratch_root(TESTING) as root:
        yield Machine(root)


def test_the_hook_in_each_of_them(testing: Machine) -> None:
    tests = [f"{CHECKOUT}/tests/unit/runtime/{name}" for name in ("test_start_hook.py", "test_torch_hook.py")]
    pytest_words = ("python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rs", *tests)
    done = testing.run("env", f"PYTHONPATH={CHECKOUT}/installer", *pytest_words)
    assert done.returncode == 0, done.stdout + done.stderr
    (missing,) = (line for line in done.stdout.splitlines() if "the hook was not tested with these" in line)
    assert not any(version in missing for version in VERSIONS), missing
