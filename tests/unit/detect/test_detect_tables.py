"""The tables shipped with the program against the facts they were derived from."""

from __future__ import annotations

import csv
from pathlib import Path

from rdna_installer.detect import targets


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open() as table:
        return list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))


NEWER = {"1435": "gfx1033"}  # Steam Deck OLED, in libdrm's amdgpu.ids (82f74e7a); the facts' table is older


def test_every_pci_id_has_its_target(facts_dir) -> None:
    rows = _rows(facts_dir / "kernel" / "gfx-pciids.tsv")
    wanted = {row["device_id"].lower(): row["gfx_target"] for row in rows}
    found = {device: entry.gfx for device in targets._rows() if (entry := targets.lookup(device))}
    assert found == {**wanted, **NEWER}


def test_every_target_has_its_number_and_gc_versions(facts_dir) -> None:
    for row in _rows(facts_dir / "kernel" / "gfx-targets.tsv"):
        assert targets.of_version(int(row["gfx_target_version"])) == row["gfx_target"]
        for version in row["gc_ip_versions"].split(","):
            if not version.startswith("CHIP_"):
                assert targets.of_gc(version) == row["gfx_target"]
        assert targets.checked(row["gfx_target"]) == row["gfx_target"]


def test_every_id_is_of_a_known_target() -> None:
    for device in targets._rows():
        entry = targets.lookup(device)
        assert entry is not None
        assert entry.gfx in targets.targets()
        assert entry.name, device


def test_the_product_by_revision() -> None:
    navi10 = targets.lookup("731f")
    assert navi10 is not None
    assert navi10.product("ca") == "AMD Radeon RX 5600 XT"
    assert navi10.product("c1") == "AMD Radeon RX 5700 XT"
    assert navi10.product("00") == navi10.product(None) == "Navi 10 [Radeon RX 5600 OEM/5600 XT / 5700/5700 XT]"
    assert targets.lookup("679a") is None
    assert targets.lookup(None) is None
