"""How hot a card is and how fast it runs now, as amdgpu's hwmon says (temp*_input, freq1_input). Reads below a root."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Gpu

LIMIT = 110.0  # degrees, where the card names none: the junction temperature AMD lets its cards run up to


def look(root: Sysroot, gpus: Sequence[Gpu]) -> tuple[float | None, int | None]:
    """Degrees Celsius of the hottest place and MHz of the shaders, of the hottest card; None where nothing says."""
    heat = [value / 1000 for value in _values(root, gpus, "temp", "_input")]
    clocks = [value / 1_000_000 for value in _values(root, gpus, "freq1", "_input")]
    return max(heat, default=None), int(max(clocks)) if clocks else None


def limit(root: Sysroot, gpus: Sequence[Gpu]) -> float:
    """At which temperature the card itself would stop."""
    return min((value / 1000 for value in _values(root, gpus, "temp", "_crit") if value > 0), default=LIMIT)


def _values(root: Sysroot, gpus: Sequence[Gpu], kind: str, end: str) -> list[int]:
    found = []
    for gpu in gpus:
        base = PurePosixPath(f"/sys/bus/pci/devices/{gpu.pci}/hwmon")
        for folder in root.names(base) if gpu.pci else ():
            wanted = [n for n in root.names(base / folder) if n.startswith(kind) and n.endswith(end)]
            texts = [root.read_optional(base / folder / name) for name in wanted]
            found += [int(text) for text in texts if text and re.fullmatch(r"-?[0-9]{1,18}\n?", text)]
    return found
