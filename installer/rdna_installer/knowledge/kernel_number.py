"""An integer as the kernel reads it (lib/kstrtox.c, base 0): the value that is proved is the value it will have."""

from __future__ import annotations

import re

NUMBER = r"(?a)([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)"


def number(text: str) -> int | None:
    """An integer with the kernel's automatic base (0x…: 16, 0…: 8, else 10), or None."""
    match = re.fullmatch(NUMBER, text)
    if match is None:
        return None
    sign, digits = match.groups()
    base = 16 if digits[1:2] in ("x", "X") else 8 if digits.startswith("0") else 10
    return -int(digits, base) if sign == "-" else int(digits, base)
