"""What every test may not do unless it says so: start processes; which tests are chosen; which come first.

An example of hypothesis takes what time it needs.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from effort import FAST, QUICK, fast, quick
from hypothesis import HealthCheck, settings

from rdna_installer.knowledge import shipped

# A busy machine is no failure; no fixture of ours changes between the examples of a test.
settings.register_profile(
    "rdna", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.register_profile("quick", settings.get_profile("rdna"), max_examples=10)
settings.load_profile("quick" if QUICK else "rdna")

# What a shell's & made us ignore would be ignored in every child: the product honours that, and tests want a signal.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A command reads our YAML anew; one process here runs thousands of them, and it is the same YAML each time.
shipped.parse = cache(shipped.parse)

PROJECT = Path(__file__).resolve().parent.parent
BESIDE = PROJECT.parent / "shared"  # newer captures and facts, where these are collected
LIVE_STATE = Path("/var/lib/rdna-installer")
PACKED = PROJECT / "tests/fixtures/shared.tar.xz"


# With several workers nobody may be left alone with a long file at the end: what takes minutes comes first. The package
# is built by the first; whose tests only install it come when it is there.
FIRST = (
    *(
        "packaging/test_deb.py::test_",
        "crash/test_commands",
        "system/test_install.py",
        "system/",
        "cli/test_cli_trial_cuts",
    ),
    *("setup/", "packaging/", "security/", "crash/", "cli/", "fuzz/", "protocol/", "unit/runtime/", "unit/check/"),
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put long ones first; choose few if only these are wanted (``tests/run --quick``, ``--fast``)."""
    items.sort(key=_turn)
    if QUICK or FAST:
        chosen = (quick if QUICK else fast)(items)
        left = set(map(id, chosen))
        config.hook.pytest_deselected(items=[item for item in items if id(item) not in left])
        items[:] = chosen


def _turn(item: pytest.Item) -> int:
    name = item.nodeid.removeprefix("tests/")
    return next((turn for turn, start in enumerate(FIRST) if name.startswith(start)), len(FIRST))


@pytest.fixture(autouse=True)
def _live_state_is_not_made() -> Iterator[None]:
    """No test writes the program's state in the root it runs in; an empty folder is where others mount their own."""
    before = _names(LIVE_STATE)
    yield
    assert _names(LIVE_STATE) == before, f"this test, or one that runs beside it, wrote into {LIVE_STATE}"


def _names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder)) if folder.exists() else []


@pytest.fixture(autouse=True)
def _no_processes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.node.get_closest_marker("processes") or request.node.get_closest_marker("system"):
        return

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError(f"this test may not start a process (mark it `processes`): {args[:1]}")

    monkeypatch.setattr(subprocess, "Popen", refuse)


@pytest.fixture
def open_path() -> Iterator[Path]:
    """Like tmp_path, but every user gets there: root runs other people's programs with other rights."""
    folder = Path(tempfile.mkdtemp(prefix="rdna-test-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def everybodys_python() -> str:
    """An interpreter that every user may run: root's own may lie in its home."""
    if os.geteuid() != 0:
        return sys.executable
    if not Path("/usr/bin/python3").exists():
        pytest.skip("there is no /usr/bin/python3 that every user may run: not tested with other rights")
    return "/usr/bin/python3"


@pytest.fixture(scope="session")
def collected() -> Iterator[Path]:
    """Captures of real machines and logs, and the facts that tables are held against."""
    if BESIDE.is_dir():
        yield BESIDE
        return
    with tempfile.TemporaryDirectory(prefix="rdna-collected-") as name, tarfile.open(PACKED) as archive:
        Path(name).chmod(0o755)  # children with other rights read there, too
        # Ours, folders and plain files; from 3.12 on a Python warns where it is not told so.
        archive.extractall(name, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
        yield Path(name)


@pytest.fixture(scope="session")
def captures(collected: Path) -> Path:
    return collected / "captures"


@pytest.fixture(scope="session")
def facts_dir(collected: Path) -> Path:
    return collected / "facts"
