"""The protocol as an executable specification: what is built holds, and every naive variant is caught.

The whole of it (two users, six commands, every sync dropped in turn) is hours: see the heads of the three checkers.
"""

from __future__ import annotations

import check_chain
import check_commit
import check_purge
import pytest


@pytest.mark.parametrize("name", ["protocol", "hostile"])
def test_the_commit_holds_in_every_state(name: str) -> None:
    """No failing step but the tools' own; kills, power cuts, recoveries and a lost list without limit."""
    hostile = name == "hostile"
    model = check_commit.Model(2 if hostile else 1, 0, "", hostile={0} if hostile else ())
    states, _, why, way = model.check()
    assert (why, way) == (None, [])
    assert states > 20_000


@pytest.mark.system
def test_it_holds_with_a_failing_step() -> None:
    states, _, why, way = check_commit.Model(1, 1).check()
    assert (why, way) == (None, [])
    assert states > 90_000


@pytest.mark.parametrize("variant", check_commit.VARIANTS)
def test_a_wrong_commit_is_caught(variant: str) -> None:
    states, _, why, way = check_commit.Model(1, 1, variant).check()
    assert why and why != "LIMIT REACHED" and way, (variant, states)


def test_there_are_twelve() -> None:
    assert len(set(check_commit.VARIANTS)) == 12


def test_the_chain_keeps_its_promise() -> None:
    count, found = check_chain.explore(4, "step")
    assert count > 4_000 and found == {}


@pytest.mark.parametrize("policy", ["toggle", "whole"])
def test_a_wrong_chain_is_caught(policy: str) -> None:
    assert check_chain.explore(4, policy)[1]


@pytest.mark.parametrize("name", check_purge.CASES)
def test_purge_is_never_wedged_with_its_marker(name: str) -> None:
    bad = check_purge.check(name, *check_purge.CASES[name])
    assert (bad == {}) == ("removals synced" in name and "not" not in name)
