"""The one browser of these tests, and axe, which looks for what keeps people from reading a page."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import browser as driver

AXE = Path(os.environ.get("RDNA_TEST_AXE") or Path(sys.prefix) / "npm/node_modules/axe-core/axe.min.js")


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[driver.Browser]:
    if driver.PROGRAM is None:
        pytest.skip("no chromium here: no page is opened in a real browser")
    opened = driver.Browser(tmp_path_factory.mktemp("chromium"))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def axe() -> str:
    if not AXE.is_file():
        pytest.skip(f"no axe-core in {AXE}: nothing looks for what keeps people from reading the page")
    return AXE.read_text()
