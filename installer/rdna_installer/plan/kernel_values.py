"""Module parameters as the kernel parses them (kernel/params.c, lib/kstrtox.c): a wrong value stops the load."""

from __future__ import annotations

from rdna_installer.knowledge.kernel_number import number

TRUE = frozenset({"y", "Y", "1", "on"})
FALSE = frozenset({"n", "N", "0", "off"})
BOOLEAN = frozenset({"bool", "invbool", "bint"})
TEXT = frozenset({"charp", "string"})
TEXT_LIMIT = 1024  # characters (param_set_charp)
RANGES = {
    "byte": (0, 2**8 - 1),
    "short": (-(2**15), 2**15 - 1),
    "ushort": (0, 2**16 - 1),
    "int": (-(2**31), 2**31 - 1),
    "uint": (0, 2**32 - 1),
    "hexint": (0, 2**32 - 1),
    "long": (-(2**63), 2**63 - 1),
    "ulong": (0, 2**64 - 1),
    "ullong": (0, 2**64 - 1),
}


def problem(kind: str, value: str) -> str | None:
    """Why a parameter of C type ``kind`` (as modinfo prints it) does not take ``value``, or None when it does."""
    if kind.startswith("array of "):
        element = kind.removeprefix("array of ")
        return next((why for item in value.split(",") if (why := problem(element, item))), None)
    if kind in BOOLEAN:
        return None if value in TRUE | FALSE else f"{value!r} is neither Y nor N ({kind})"
    if kind in TEXT:
        return None if len(value) <= TEXT_LIMIT else f"it is longer than {TEXT_LIMIT} characters"
    if kind not in RANGES:
        return f"its type {kind!r} is not known here, so the value cannot be proved"
    return _not_in_range(kind, value)


def _not_in_range(kind: str, value: str) -> str | None:
    parsed = number(value)
    lowest, highest = RANGES[kind]
    if parsed is None:
        return f"{value!r} is no integer ({kind})"
    if value.startswith("-") and lowest == 0:
        return f"{value!r} is negative ({kind})"  # also "-0": the unsigned parsers take no sign
    return None if lowest <= parsed <= highest else f"{value} does not fit {kind} ({lowest} to {highest})"
