"""GPU targets (gfx names): from the KFD's number, from a GC version, and the table of those that exist."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from rdna_installer.detect import pciids
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.gfx import name_of, name_of_parts
from rdna_installer.printable import Lines
from rdna_installer.record import record


@record(frozen=True)
class TargetRow:
    """One row of targets.tsv. ``gc``: the GC versions of the IP discovery table that mean this target."""

    gc: tuple[str, ...]
    apu: bool


@cache
def targets() -> Mapping[str, TargetRow]:
    """Every target the KFD knows, by name."""
    table = {}
    for line in Path(__file__).with_name("targets.tsv").read_text("ascii").splitlines():
        if not line.startswith("#"):
            name, gc, apu = line.split("\t")
            table[name] = TargetRow(tuple(gc.split(",")) if gc else (), apu == "1")
    return table


def of_version(version: int) -> str | None:
    """The name for the KFD's ``gfx_target_version`` (decimal major, minor, step; the last two are hex in names).

    None where the number cannot be one. Names newer than our table are believed: the KFD knows its hardware.
    """
    return name_of_parts(version // 10000, version // 100 % 100, version % 100)


def of_gc(version: str) -> str | None:
    """The name for a GC version like "11.0.1" (gfx1103: the version is not the name)."""
    return next((name for name, target in targets().items() if version in target.gc), None)


def is_apu(gfx: str) -> bool:
    """Whether this target exists only as graphics inside a processor."""
    target = targets().get(gfx)
    return target is not None and target.apu


def checked(gfx: str) -> str:
    """A target as users write it ("GFX1031", "1031", "10.3.1", "gfx90a:xnack-", "RX 6700 XT"), normalised.

    Raises RdnaError("unknown-gfx"), naming the known ones, or those a product's name could mean.
    """
    name = gfx.strip().lower().split(":")[0]
    spelled = (name, f"gfx{name}", name_of(name) or "")
    found = next(({known} for known in spelled if known in targets()), None) or pciids.targets_of_product(gfx)
    if len(found) > 1:
        raise RdnaError(
            "unknown-gfx",
            f"cards named {gfx!r} are of several targets",
            context=f"--gfx {gfx}",
            hint="name one: " + " ".join(sorted(found)),
            exit_code=Exit.USAGE,
        )
    if not found:
        meant = "".join(f"did you mean {near!r}?\n" for near in pciids.nearest_products(gfx))
        raise RdnaError(
            "unknown-gfx",
            f"{gfx!r} is not a GPU target that the Linux driver knows",
            context=f"--gfx {gfx}",
            hint=Lines(f"{meant}one of: " + " ".join(targets()) + "\nor a product's name: --gfx 'RX 5600 XT'"),
            exit_code=Exit.USAGE,
        )
    return found.pop()
