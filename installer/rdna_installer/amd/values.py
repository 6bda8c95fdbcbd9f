"""Whether two spellings are one value, to the kernel and to the library that reads it. Pure."""

from __future__ import annotations

from rdna_installer.parameter import number

# kstrtobool() takes the first letters only; these are the words people write, in lower case.
TRUE = frozenset({"y", "yes", "t", "true", "on", "1"})
FALSE = frozenset({"n", "no", "f", "false", "off", "0"})
# MIOpen's boolean variables (include/miopen/env.hpp). Until ROCm 6.0 in lower case and without on and off.
MIOPEN_TRUE = frozenset({"1", "yes", "true", "enable", "enabled", "on"})
MIOPEN_FALSE = frozenset({"0", "no", "false", "disable", "disabled", "off"})


def same_value(left: str, right: str) -> bool:
    """Whether the kernel reads two spellings of a parameter alike: Y, on and 1; 0x10, 16 and 020."""
    left, right = left.strip(), right.strip()
    return left == right or (_plain(left) is not None and _plain(left) == _plain(right))


def _plain(value: str) -> int | None:
    folded = value.lower()
    if folded in TRUE or folded in FALSE:
        return int(folded in TRUE)
    return number(value)


def miopen_switch(value: str) -> str | None:
    """ "0" or "1" for a word that MIOpen takes for a boolean variable, None for any other (at which it throws)."""
    folded = value.strip().lower()
    if folded in MIOPEN_TRUE:
        return "1"
    return "0" if folded in MIOPEN_FALSE else None
