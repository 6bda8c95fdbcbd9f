"""How much of the machine's memory a kernel parameter hands to the GPU, and what that leaves. Pure."""

from __future__ import annotations

from rdna_installer.amd.case import Case, Judged
from rdna_installer.knowledge.catalogue import Entry
from rdna_installer.knowledge.kernel_number import number
from rdna_installer.knowledge.opinion import Answer

UNITS = {"ttm.pages_limit": 4096, "amdttm.pages_limit": 4096, "gttsize": 1 << 20}  # bytes of one
SHARE = 16  # a system left less than one part in this of its memory has to kill programs
LEFT = 2 << 30


def judge_memory(case: Case, entry: Entry, value: str) -> Judged | None:
    """Harmful where too little is left for the system; None where the parameter is about something else, or fits."""
    unit, read, ram = UNITS.get(entry.key), number(value), case.facts.ram_bytes
    if unit is None or read is None or read < 0 or ram is None:
        return None
    given = read * unit
    needed = max(LEFT, ram // SHARE)
    if ram - given >= needed:
        return None
    left = max(ram - given, 0) >> 30
    why = f"it lets the GPU map {given >> 30} GiB of the {ram >> 30} here, which leaves the system {left}"
    if entry.key == "gttsize":
        why += "; it is superfluous too, being the same limit as ttm.pages_limit by its old name"
    return Judged(Answer.HARMFUL, why, entry.key, entry.evidence)
