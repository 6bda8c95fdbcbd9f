"""A kernel module's parameter: its name split and spelled, and an integer read as the kernel does, in one place. Pure.

amdgpu's own are written bare ("noretry"), those of other modules with theirs ("ttm.pages_limit"). To the kernel a dash
and an underscore in a name are the same. An integer is what lib/kstrtox.c makes of it: the value that is proved is the
value it will have.
"""

from __future__ import annotations

import re

DEFAULT_MODULE = "amdgpu"
# kstrtobool() takes the first letters only; these are the words people write, in lower case.
TRUE = frozenset({"y", "yes", "t", "true", "on", "1"})
FALSE = frozenset({"n", "no", "f", "false", "off", "0"})
NUMBER = r"(?a)([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)"


def split(key: str) -> tuple[str, str]:
    """("amdgpu", "noretry") of "noretry" and of "amdgpu.noretry", ("ttm", "pages_limit") of "ttm.pages_limit"."""
    module, _, name = key.strip().replace("-", "_").rpartition(".")
    return module or DEFAULT_MODULE, name


def spell(module: str, name: str) -> str:
    """The name as catalogue and settings have it."""
    return name if module in (DEFAULT_MODULE, "") else f"{module}.{name}"


def misspelt(module: str) -> bool:
    """Whether a module's name is amdgpu's with letters doubled or moved, or one too many or too few."""
    return module != DEFAULT_MODULE and len(set(module) ^ set(DEFAULT_MODULE)) < 2


def canonical(key: str) -> str:
    """Any spelling as catalogue and settings have it: "amdgpu.noretry" is "noretry"."""
    return spell(*split(key))


def number(text: str) -> int | None:
    """An integer with the kernel's automatic base (0x…: 16, 0…: 8, else 10), or None."""
    match = re.fullmatch(NUMBER, text)
    if match is None:
        return None
    sign, digits = match.groups()
    base = 16 if digits[1:2] in ("x", "X") else 8 if digits.startswith("0") else 10
    return -int(digits, base) if sign == "-" else int(digits, base)


def same_value(left: str, right: str) -> bool:
    """Whether the kernel reads two spellings of a parameter alike: Y, on and 1; 0x10, 16 and 020."""
    left, right = left.strip(), right.strip()
    return left == right or (_plain(left) is not None and _plain(left) == _plain(right))


def _plain(value: str) -> int | None:
    folded = value.lower()
    if folded in TRUE or folded in FALSE:
        return int(folded in TRUE)
    return number(value)
