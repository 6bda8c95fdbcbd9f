"""What a user believes of the list of root's changes, and what he makes of it."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rdna_installer.change import outcomes, records
from rdna_installer.change.outcomes import OutcomeLine, Outcomes, Ruling, read_public, verdict
from rdna_installer.machine.sysroot import Sysroot

OPEN, DONE, ANOTHER = (f"{number}-{letter * 32}" for number, letter in ((3, "a"), (4, "b"), (9, "c")))
LIST = Outcomes(high=5, floor=1, lines=(OutcomeLine(OPEN), OutcomeLine(DONE, 2, (1000,))))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The list, as root writes it."""
    path = tmp_path / "var/lib/rdna-installer" / outcomes.OUTCOMES
    path.parent.mkdir(parents=True)
    path.write_bytes(records.dump(LIST))
    path.chmod(0o644)
    return path


def test_a_file_of_roots_is_believed(tmp_path: Path, place: Path) -> None:
    assert read_public(Sysroot(tmp_path)) == LIST


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666])
def test_what_others_may_write_is_not(tmp_path: Path, place: Path, mode: int) -> None:
    place.chmod(mode)
    assert read_public(Sysroot(tmp_path)) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="not root: no file of another user's was made")
@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("uid", [1, 1234])
def test_nor_what_is_another_users(tmp_path: Path, place: Path, uid: int, live: bool) -> None:
    root = Sysroot(tmp_path)
    seen: Any = SimpleNamespace(live=live, status=root.status, read_bytes=root.read_bytes)
    assert read_public(seen) == LIST
    os.chown(place, uid, 0)
    assert read_public(seen) is None


def test_nor_a_link_nor_what_is_too_large_or_cut(tmp_path: Path, place: Path) -> None:
    whole = place.read_bytes()
    for content in (whole + b" " * outcomes.LIMIT, whole[:-3], b""):
        place.write_bytes(content)
        assert read_public(Sysroot(tmp_path)) is None
    place.rename(place.with_name("other"))
    assert read_public(Sysroot(tmp_path)) is None
    place.with_name("other").write_bytes(whole)
    place.symlink_to("other")
    assert read_public(Sysroot(tmp_path)) is None


@pytest.mark.parametrize(
    ("known", "change", "ruling"),
    [
        (None, DONE, Ruling.HELD),
        (LIST, OPEN, Ruling.HELD),
        (LIST, DONE, Ruling.FORWARD),
        (LIST, f"2-{'d' * 32}", Ruling.BACK),
        (LIST, f"5-{'d' * 32}", Ruling.BACK),
        (LIST, f"1-{'d' * 32}", Ruling.HELD),  # it may be forgotten
        (LIST, ANOTHER, Ruling.HELD),  # it has not begun, by this list
        (LIST, "no change at all", Ruling.HELD),
    ],
)
def test_absence_alone_takes_nothing_back(known: Outcomes | None, change: str, ruling: Ruling) -> None:
    assert verdict(known, change) is ruling


def test_a_change_that_has_begun_is_the_highest_until_it_is_taken_back() -> None:
    change, begun = LIST.begun((1000,))
    assert outcomes.number_of(change) == begun.high == LIST.high + 1
    assert verdict(begun, change) is Ruling.HELD
    assert verdict(begun.aborted(change), change) is Ruling.BACK
    assert verdict(begun.committed(change, 7), change) is Ruling.FORWARD
