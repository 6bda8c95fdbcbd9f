"""GPU targets (gfx names) and the PCI ids of the products that have them: two tables, and every way to ask them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from rdna_installer.errors import Exit, RdnaError
from rdna_installer.gfx import name_of, name_of_parts
from rdna_installer.printable import Lines
from rdna_installer.record import record
from rdna_installer.resources import table

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
    lines = Path(__file__).with_name("pciids.tsv").read_text("utf-8").splitlines()
    return {line[:4]: line for line in lines if not line.startswith("#")}


def lookup(device: str | None) -> PciEntry | None:
    """The entry of a device id (four lower-case hex digits)."""
    row = _rows().get(device or "")
    if row is None:
        return None
    _, gfx, name, products = [*row.split("\t"), ""][:4]
    pairs = (item.partition(":")[::2] for item in products.split("; ") if item)
    return PciEntry(gfx, name, dict(pairs))


@cache
def card_names() -> frozenset[str]:
    """Every name that the table gives to a card."""
    entries = [entry for device in _rows() if (entry := lookup(device))]
    return frozenset(name for entry in entries for name in (entry.name, *entry.products.values()))


def targets_of_product(name: str) -> set[str]:
    """The targets of the cards sold under a name ("RX 5600 XT", "Radeon 780M", "Steam Deck"); empty where none is."""
    wanted = _plain_name(name)
    entries = (entry for device in _rows() if (entry := lookup(device)))
    return {entry.gfx for entry in entries if wanted and any(wanted == _plain_name(n) for n in _names(entry))}


def nearest_products(name: str) -> list[str]:
    """The card's name that a misspelt one is most like, if one is."""
    import difflib

    known = {_plain_name(n): n.strip() for device in _rows() if (entry := lookup(device)) for n in _names(entry)}
    return [known[found] for found in difflib.get_close_matches(_plain_name(name), known, n=1, cutoff=0.7)]


def _names(entry: PciEntry) -> Iterator[str]:
    """Every name of a device: its products, what stands in brackets, and there each part between slashes."""
    for name in (*entry.products.values(), entry.name):
        outer, _, inner = name.replace("[", "(").rstrip(")]").partition("(")
        yield outer
        head = re.match("[^0-9]*", inner)
        for part in inner.split("/"):
            yield part
            yield f"{head[0] if head else ''}{part.strip()}"


def _plain_name(name: str) -> str:
    return "".join(word for word in re.findall("[a-z0-9]+", name.lower()) if word not in FILLING)


@cache
def targets() -> Mapping[str, tuple[list[str], bool]]:
    """Every target the KFD knows: the GC versions of the IP discovery table that mean it, and whether it is an APU."""
    return {name: (gc.split(","), apu == "1") for name, gc, apu in table(__file__, "targets.tsv")}


def of_version(version: int) -> str | None:
    """The name for the KFD's ``gfx_target_version`` (decimal major, minor, step; the last two are hex in names).

    None where the number cannot be one. Names newer than our table are believed: the KFD knows its hardware.
    """
    return name_of_parts(version // 10000, version // 100 % 100, version % 100)


def of_gc(version: str) -> str | None:
    """The name for a GC version like "11.0.1" (gfx1103: the version is not the name)."""
    return next((name for name, (gc, _) in targets().items() if version and version in gc), None)


def is_apu(gfx: str) -> bool:
    """Whether this target exists only as graphics inside a processor."""
    return gfx in targets() and targets()[gfx][1]


def checked(gfx: str) -> str:
    """A target as users write it ("GFX1031", "1031", "10.3.1", "gfx90a:xnack-", "RX 6700 XT"), normalised.

    Raises RdnaError("unknown-gfx"), naming the known ones, or those a product's name could mean.
    """
    name = gfx.strip().lower().split(":")[0]
    spelled = (name, f"gfx{name}", name_of(name) or "")
    found = next(({known} for known in spelled if known in targets()), None) or targets_of_product(gfx)
    if len(found) == 1:
        return found.pop()
    why, hint = f"cards named {gfx!r} are of several targets", Lines("name one: " + " ".join(sorted(found)))
    if not found:
        why = f"{gfx!r} is not a GPU target that the Linux driver knows"
        meant = "".join(f"did you mean {near!r}?\n" for near in nearest_products(gfx))
        hint = Lines(f"{meant}give one of: {' '.join(targets())}\nor a product's name: --gfx 'RX 5600 XT'")
    raise RdnaError("unknown-gfx", why, context=f"--gfx {gfx}", hint=hint, exit_code=Exit.USAGE)
