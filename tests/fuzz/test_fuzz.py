"""Everything we parse, with spoilt inputs: a few hundred each by hypothesis, and every input that once failed."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parent))

from mutate import mutate
from targets import CASES, TARGETS

from rdna_installer.errors import RdnaError

pytestmark = pytest.mark.processes  # an image may be packed by anything
SECONDS = 2.0
CASE_FILES = sorted(p for p in CASES.rglob("*") if p.is_file())


def take(name: str, data: bytes) -> None:
    """Only RdnaError may come out, and soon."""
    start = time.process_time()
    try:
        TARGETS[name].run(data)
    except RdnaError as err:
        assert err.message and "\n" not in err.message.strip(), err
    assert time.process_time() - start < SECONDS


@pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("name", TARGETS)
def test_spoilt_input_is_refused_in_words(name: str) -> None:
    target = TARGETS[name]
    spoilt = st.integers(0, 2**32).map(lambda seed: mutate(target.seeds, target.words, Random(seed)))

    tries = 50 if name.startswith("place") else 200  # there are forty of these

    @settings(
        max_examples=tries, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.one_of(spoilt, spoilt, st.binary(max_size=300)))
    def feed(data: bytes) -> None:
        take(name, data)

    for seed in target.seeds:
        target.run(seed)  # sound
    feed()


@pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("case", CASE_FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_inputs_that_once_failed(case: Path) -> None:
    take(case.parent.name, case.read_bytes())
