"""--gfx takes what people know of their card: a product's name, a target with or without gfx, an override's value."""

from __future__ import annotations

import pytest

from rdna_installer.detect import targets
from rdna_installer.errors import RdnaError


@pytest.mark.parametrize(
    ("name", "gfx"),
    [
        ("1010", "gfx1010"), ("GFX1031", "gfx1031"), ("10.3.1", "gfx1031"), ("9.0.12", "gfx90c"),
        ("RX 5600 XT", "gfx1010"), ("rx5600xt", "gfx1010"), ("AMD Radeon RX 5500 XT", "gfx1012"),
        ("5700 XT", "gfx1010"),
        ("RX 6600 XT", "gfx1032"), ("Radeon RX 6700 XT", "gfx1031"), ("RX 7600S", "gfx1102"), ("RX 7700S", "gfx1102"),
        ("RX 7800 XT", "gfx1101"), ("RX 9070 XT", "gfx1201"), ("R9700", "gfx1201"), ("780M", "gfx1103"),
        ("Radeon 8060S", "gfx1151"), ("Steam Deck", "gfx1033"), ("Steam Deck OLED", "gfx1033"), ("BC-250", "gfx1013"),
        ("RX Vega 64", "gfx900"), ("MI50", "gfx906"), ("RX 580", "gfx803"),
    ],
)  # fmt: skip
def test_a_name_means_a_target(name: str, gfx: str) -> None:
    assert targets.checked(name) == gfx


@pytest.mark.parametrize("name", ["RX 4090", "", "gfx", "Radeon", "1", "gfx1013x"])
def test_what_means_nothing(name: str) -> None:
    with pytest.raises(RdnaError, match="is not a GPU target"):
        targets.checked(name)


def test_a_name_of_several_targets_has_to_be_chosen() -> None:
    with pytest.raises(RdnaError, match="several targets") as raised:
        targets.checked("Radeon 840M")
    assert raised.value.hint == "name one: gfx1152 gfx1153"


@pytest.mark.parametrize(
    ("name", "meant"),
    [("rx 5600 tx", "RX 5600 XT"), ("RX 6700XTX", "RX 6700 XT"), ("780", "780M"), ("Steam Dek", "Steam Deck")],
)
def test_a_misspelt_name_gets_the_nearest_one(name: str, meant: str) -> None:
    with pytest.raises(RdnaError, match="is not a GPU target") as raised:
        targets.checked(name)
    assert (raised.value.hint or "").startswith("did you mean ")
    assert meant in (raised.value.hint or "").splitlines()[0]
