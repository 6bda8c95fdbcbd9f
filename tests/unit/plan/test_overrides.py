"""Overrides of other people: conflict with native kernels and with ours, malformed ones reported, others left alone."""

from __future__ import annotations

import pytest
from policy_samples import gpu, host, torch

from rdna_installer.amd.case import Case
from rdna_installer.knowledge.load import load_book
from rdna_installer.model import HostFacts, Policy, Request
from rdna_installer.plan.conflicts import Foreign, Others
from rdna_installer.plan.foreign import find_others, judge_all
from rdna_installer.plan.policy import resolve

BOOK = load_book()
KEY = "HSA_OVERRIDE_GFX_VERSION"
FILE = "/etc/environment:3"
STOCK = torch("2.9.1+rocm6.4", "6.4", ("gfx1030", "gfx1100"))
THEROCK = torch("2.11.0+rocm7.15", "7.15.0", ("gfx1010",), "therock")
GENERIC = torch("2.14.0", "7.15.0", ("gfx10-3-generic",), "therock")
TABLE = torch("2.9.1+rocm6.4", "6.4", ())  # kernels by the wheel table
MI210_IGPU = (gpu("gfx90a", 1), gpu("gfx1036", 2, integrated=True))


def find_overrides(items: list[Foreign], facts: HostFacts, policy: Policy) -> Others:
    case = Case(facts, BOOK, Request(), policy.gpus, policy.settings)
    return find_others(judge_all(items, case), BOOK, policy)


@pytest.mark.parametrize(
    ("facts", "key", "value", "conflict"),
    [
        (host((gpu("gfx1030"),), STOCK), KEY, "11.0.0", "already has code for gfx1030"),
        (host((gpu("gfx1030"),), STOCK), KEY, "10.3.0", None),  # says what it is
        (host((gpu("gfx1010"),), THEROCK), KEY, "10.3.0", "already has code for gfx1010"),
        (host((gpu("gfx1031"),), GENERIC), KEY, "10.3.0", "already has code for gfx1031"),
        (host(MI210_IGPU, TABLE), KEY, "10.3.0", "already has code for gfx90a"),
        (host(MI210_IGPU, TABLE), f"{KEY}_2", "10.3.0", None),
        (host(MI210_IGPU, TABLE), f"{KEY}_1", "10.3.0", "already has code for gfx90a"),
        (host((gpu("gfx1031"),), STOCK), KEY, "10.3.0", None),  # what we would set ourselves
        (host((gpu("gfx1031"),), STOCK), KEY, "11.0.0", "overrides this setting"),
        (host((gpu("gfx1031"),), STOCK), KEY, "$VERSION", None),  # only that shell knows
        (host((gpu("gfx1031"),)), KEY, "11.0.0", None),  # no torch to hit
        (host((gpu("gfx1031"),), torch("2.9.0+cpu", None, ())), KEY, "11.0.0", None),
        (host((gpu("gfx1030"),), STOCK), "HSA_XNACK", "1", None),
    ],
)
def test_conflicts(facts: HostFacts, key: str, value: str, conflict: str | None) -> None:
    policy = resolve(facts, BOOK, Request())
    found = find_overrides([Foreign(key, value, FILE)], facts, policy)
    if conflict is None:
        assert found.conflicts == ()
        return
    (item,) = found.conflicts
    assert (item.key, item.found, item.source) == (key, value, FILE)
    assert conflict in item.hint
    assert "emove it there" in item.hint


@pytest.mark.parametrize("value", ["", " ", "gfx1030", "10.3", "10.3.0.0", "10,3,0"])
def test_empty_and_malformed_ones_are_reported(value: str) -> None:
    facts = host((gpu("gfx1031"),), STOCK)
    found = find_overrides([Foreign(KEY, value, FILE)], facts, resolve(facts, BOOK, Request()))
    assert found.conflicts == ()
    (warning,) = found.warnings
    assert warning.startswith(FILE)
    assert "finds no GPU" in warning


def test_one_that_we_refuse_is_reported() -> None:
    facts = host((gpu("gfx1010"),), STOCK)
    found = find_overrides([Foreign(KEY, "10.3.0", FILE)], facts, resolve(facts, BOOK, Request()))
    assert found.conflicts == ()
    assert "That is not recommended: RDNA 1 is not RDNA 2" in found.warnings[0]


def test_a_session_passes_and_stops_nothing() -> None:
    facts = host((gpu("gfx1030"),), STOCK)
    item = Foreign(KEY, "11.0.0", "this session", lasting=False)
    found = find_overrides([item], facts, resolve(facts, BOOK, Request()))
    assert found.conflicts == ()
    assert "already has code for gfx1030" in found.warnings[0]
