"""A gfx target's name and its version, converted in one place: gfx90c is 9.0.12, and 90012 to the KFD. Pure.

LLVM's generic targets (gfx10-1-generic) and build families (gfx103X-all) are names of kernels, not of a GPU: they have
no version, and are None here. Which GPUs run them stands in knowledge/data/targets.yaml.
"""

from __future__ import annotations

import re

# Texts, not compiled ones: re keeps what it has compiled, and most commands need one of the three at most.
NAME = r"gfx([1-9][0-9]?)([0-9a-f])([0-9a-f])"
# As libhsakmt reads the override (topology.c: sscanf "%u.%u.%u%c" with nothing after it, and these limits).
VALUE = r"[ \t]*([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})"
LIMITS = (63, 255, 255)
OVERRIDE = "HSA_OVERRIDE_GFX_VERSION"
HOOKED = "RDNA_"  # how the names begin that our own hook reads
OVERRIDE_KEY = OVERRIDE + r"(?:_([0-9]{1,3}))?"  # the number is a KFD node


def version_of(gfx: str) -> str | None:
    """``gfx1031`` as HSA_OVERRIDE_GFX_VERSION spells it: 10.3.1; gfx90a is 9.0.10 (the last two digits are hex)."""
    match = re.fullmatch(NAME, gfx)
    return f"{int(match[1])}.{int(match[2], 16)}.{int(match[3], 16)}" if match else None


def name_of(value: str) -> str | None:
    """The target that a value of HSA_OVERRIDE_GFX_VERSION reports; None where no target can have that version."""
    parts = parts_of(value)
    return None if parts is None else name_of_parts(*parts)


def parts_of(value: str) -> tuple[int, int, int] | None:
    """Major, minor and step of an override; None where libhsakmt refuses the text (and then finds no GPU at all)."""
    match = re.fullmatch(VALUE, value)
    if match is None:
        return None
    major, minor, step = (int(part) for part in match.groups())
    fits = major <= LIMITS[0] and minor <= LIMITS[1] and step <= LIMITS[2]
    return (major, minor, step) if fits else None


def has_mes(gfx: str) -> bool:
    """Whether the target's queues are scheduled by MES firmware: from gfx11 on."""
    match = re.fullmatch(NAME, gfx)
    return match is not None and int(match[1]) >= 11


def name_of_parts(major: int, minor: int, step: int) -> str | None:
    """The name of a version, None where the numbers cannot be one (10.3.100: a digit of a name is hexadecimal)."""
    if not 0 < major < 100 or not 0 <= minor <= 15 or not 0 <= step <= 15:
        return None
    return f"gfx{major}{minor:x}{step:x}"
