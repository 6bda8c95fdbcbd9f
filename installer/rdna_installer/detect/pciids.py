"""The PCI id table: which target and which product a device of vendor 1002 is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from rdna_installer.record import record

AMD = "1002"
# Words of a product's name that people leave out.
FILLING = frozenset({"amd", "ati", "radeon", "graphics", "series", "instinct", "pro", "gpu", "custom", "tm", "ai"})


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


def targets_of_product(name: str) -> set[str]:
    """The targets of the cards sold under a name ("RX 5600 XT", "Radeon 780M", "Steam Deck"); empty where none is."""
    wanted = _plain(name)
    entries = (entry for device in _rows() if (entry := lookup(device)))
    return {entry.gfx for entry in entries if wanted and any(wanted == _plain(n) for n in _names(entry))}


def nearest_products(name: str) -> list[str]:
    """The card's name that a misspelt one is most like, if one is."""
    import difflib

    known = {_plain(n): n.strip() for device in _rows() if (entry := lookup(device)) for n in _names(entry)}
    return [known[found] for found in difflib.get_close_matches(_plain(name), known, n=1, cutoff=0.7)]


def _names(entry: PciEntry) -> Iterator[str]:
    """Every name of a device: its products, what stands in brackets, and there each part between slashes."""
    for name in (*entry.products.values(), entry.name):
        outer, _, inner = name.replace("[", "(").rstrip(")]").partition("(")
        yield outer
        head = re.match("[^0-9]*", inner)
        for part in inner.split("/"):
            yield part
            yield f"{head[0] if head else ''}{part.strip()}"


def _plain(name: str) -> str:
    return "".join(word for word in re.findall("[a-z0-9]+", name.lower()) if word not in FILLING)
