"""How hot and how fast a card is, by what hwmon says; what is no number there is not known."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from detect_tree import Tree

from rdna_installer.detect import sensors
from rdna_installer.machine.sysroot import Sysroot

PCI = "0000:03:00.0"
GPUS = [SimpleNamespace(pci=PCI), SimpleNamespace(pci=None)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("66000\n", 66.0), ("-5000\n", -5.0), ("0", 0.0)),
        *((odd, None) for odd in ("--5", "\u00b2", "1\u00b2", "", "\n", "-", "+1", "1_0", "1\n2", "9" * 5000, "\0")),
    ],
)
def test_what_hwmon_says(tmp_path, text: str, value: float | None) -> None:
    place = f"/sys/bus/pci/devices/{PCI}/hwmon/hwmon3"
    tree = Tree(tmp_path)
    for name in ("temp1_input", "freq1_input", "temp1_crit"):
        tree.file(f"{place}/{name}", text)
    degrees, clock = sensors.look(Sysroot(tmp_path), GPUS)
    assert (degrees, clock) == (value, None if value is None else int(value / 1000))
    assert sensors.limit(Sysroot(tmp_path), GPUS) == (value if value and value > 0 else sensors.LIMIT)
