"""The PCI id table: which target and which product a device of vendor 1002 is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from rdna_installer.record import record

AMD = "1002"


@record(frozen=True)
class PciEntry:
    """One device id. ``products`` by PCI revision (one id can be several products)."""

    gfx: str
    name: str
    products: Mapping[str, str]

    def product(self, revision: str | None) -> str:
        """The product's name where the revision (or the absence of others) settles it, else the chip's."""
        if revision is not None and revision in self.products:
            return self.products[revision]
        several = set(self.products.values())
        return several.pop() if revision is None and len(several) == 1 else self.name


@cache
def _rows() -> Mapping[str, str]:
    lines = Path(__file__).with_name("pciids.tsv").read_text("ascii").splitlines()
    return {line[:4]: line for line in lines if not line.startswith("#")}


def lookup(device: str | None) -> PciEntry | None:
    """The entry of a device id (four lower-case hex digits)."""
    row = _rows().get(device or "")
    if row is None:
        return None
    _, gfx, name, products = [*row.split("\t"), ""][:4]
    pairs = (item.partition(":")[::2] for item in products.split("; ") if item)
    return PciEntry(gfx, name, dict(pairs))
