"""The pages of captured machines, as `report` makes them, in a real browser: as short as was promised."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browser import Browser
from effort import spread

from rdna_installer.cli.app import main

CAPTURES = Path(__file__).resolve().parents[3] / "shared/captures"
MACHINES = [*sorted((CAPTURES / "machines").glob("*")), *sorted((CAPTURES / "situations").glob("*/root"))]

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not MACHINES, reason="no captured machines beside the checkout: their pages were not opened"),
]


@pytest.mark.parametrize("place", spread(MACHINES, 6), ids=lambda p: p.name if p.name != "root" else p.parent.name)
def test_a_captured_machines_page_is_short(chromium: Browser, tmp_path: Path, place: Path) -> None:
    page = tmp_path / "p.html"
    assert main(["report", "--root", str(place), "--html", str(page)]) == 0
    chromium.open(page, 360)
    assert chromium.requests() == [page.as_uri()] and chromium.said() == []
    assert chromium.height() <= 6000
    chromium.open(page, 794, media="print")
    assert 1 <= len(re.findall(rb"/Type */Page\b[^s]", chromium.pdf())) <= 5
