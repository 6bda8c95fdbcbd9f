"""What the MIOpen switches of a plan leave together: nothing is refused, the naive solver alone is said. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from rdna_installer.amd.case import Case
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.gfx import OVERRIDE_KEY, name_of
from rdna_installer.knowledge.fields import closest
from rdna_installer.knowledge.rules import CONV_VARIABLE
from rdna_installer.knowledge.solvers import Solvers, table
from rdna_installer.knowledge.when import Range
from rdna_installer.model import Setting

ONLY = "MIOPEN_DEBUG_FIND_ONLY_SOLVER"
KNOWN = Range("<7.11")  # from there on MIOpen has solvers for gfx11 and gfx12 that the table does not know


def said_of_switches(case: Case, settings: Sequence[Setting]) -> Iterator[str]:
    """A note for each target of each program. Raises RdnaError for what leaves a convolution nothing."""
    known = table()
    for site in dict.fromkeys(s.site for s in settings if s.site):
        mine = {s.key: s.value for s in settings if s.site in (None, site)}
        if mine.get(CONV_VARIABLE, "native") != "native":
            continue  # its convolutions do not reach MIOpen
        told = [name_of(value) for key, value in mine.items() if re.fullmatch(OVERRIDE_KEY, key)]
        rocm = next((c.torch.rocm for c in case.consumers if c.python == site and c.torch), None)
        newer = rocm is not None and KNOWN.contains(rocm) is False
        for gfx in dict.fromkeys(told or [gpu.gfx for gpu in case.gpus]):
            if gfx in known.offers and gfx is not None:
                yield from _only(known, gfx, mine[ONLY]) if ONLY in mine else _left(known, gfx, mine, newer)


def said_of_return(before: Iterable[Setting], now: Iterable[Setting]) -> Iterator[str]:
    """A note where switches that were off are on again: a database made under them hides their solvers for good."""
    off = {s.key for s in before if s.value == "0" and f"{s.key}=0" in table().removes}
    if back := sorted(off - {s.key for s in now if s.value == "0"}):
        why = "on again, but MIOpen's database still hides what they left out"
        yield f"{' and '.join(back)}: {why}; as the user who runs torch: rdna-installer cache clear"


def _left(known: Solvers, gfx: str, mine: dict[str, str], newer: bool) -> Iterator[str]:
    acting = [s for s in map("=".join, mine.items()) if known.gone(gfx, [s])]
    naive, dead = known.left(gfx, acting)
    subject = f"on {gfx}, {' with '.join(acting)} leaves"
    if dead and not newer:
        why = f"{subject} no solver in {known.where(dead)}: such a convolution ends the program ({known.source})"
        raise RdnaError("no-solver-left", why, hint=f"rdna-installer explain MIOPEN --gfx {gfx}")
    for where, what in ((dead, "no solver"), (naive, "only the naive solver, which is slow,")):
        if where:
            yield f"{subject} {what} in {known.where(where, brief=True)} ({known.source.partition(' (')[0]})"


def _only(known: Solvers, gfx: str, value: str) -> Iterator[str]:
    """What is said of FIND_ONLY_SOLVER. Raises RdnaError("invalid-value") for a name no MIOpen has: it throws."""
    for name in (name for name in value.split(";") if name and not name.isdigit()):
        if name not in known.names | known.later:
            hint = closest(name, known.names) or f"rdna-installer explain MIOPEN --gfx {gfx}"
            why = f"{ONLY}={value}: MIOpen has no solver {name}, and throws"
            raise RdnaError("invalid-value", why, hint=hint, exit_code=Exit.USAGE)
        if name not in known.here(gfx) | known.later:
            yield f"{name} is offered on {gfx} for none of the convolutions asked about ({known.source})"
