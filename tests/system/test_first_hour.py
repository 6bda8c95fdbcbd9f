"""docs/first-hour.md is what a fresh Debian prints today, and nothing is left there.

Here what needs no network; all of it: ``sudo .venv/bin/python tests/system/first_hour.py --check``.
"""

from __future__ import annotations

import first_hour
import pytest
from effort import LONG

pytestmark = pytest.mark.system
WRITTEN = [(suite, way) for suite in first_hour.SUITES for way in first_hour.WAYS]


@pytest.mark.parametrize(("suite", "way"), WRITTEN if LONG else WRITTEN[1:2])
def test_it_is_what_is_printed_today(suite: str, way: str) -> None:
    if first_hour.chapter(suite, way) not in first_hour.chapters():
        pytest.fail(f"{suite} {way} is not written: tests/system/first_hour.py {suite} {way}")
    assert first_hour.difference(suite, way) == ""


def test_every_user_is_in_every_chapter() -> None:
    for text in first_hour.chapters().values():
        assert text.count("\n### ") == 3 and text.count("```") == 6
