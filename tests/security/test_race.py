"""The link-swapping race: a sample; ``race.py`` runs 20,000 transactions against it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(os.geteuid() != 0, reason="not root: the race for root's rights was not tried"),
]


def test_a_link_swapped_at_full_speed_leads_nowhere() -> None:
    script = Path(__file__).with_name("race.py")
    done = subprocess.run([sys.executable, str(script), "150"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
