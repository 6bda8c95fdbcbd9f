"""Spoil sound inputs: cut, repeat, flip, splice and insert words. For where no coverage-guided fuzzer is installed."""

from __future__ import annotations

from random import Random

LIMIT = 20000  # bytes
BYTES = (b"\0", b"\n", b"\xff", b"\xc3\x28", b" ", b"\t", b"\r", b"\xe2\x80\xa8", b"%s", b"-", b"9")


def mutate(seeds: tuple[bytes, ...], words: tuple[bytes, ...], chance: Random) -> bytes:
    """One input, some changes away from a seed."""
    data = chance.choice(seeds)
    for _ in range(chance.randint(1, 8)):
        data = _once(data, seeds, words, chance)[:LIMIT]
    return data


def _once(data: bytes, seeds: tuple[bytes, ...], words: tuple[bytes, ...], chance: Random) -> bytes:
    one, other = sorted(chance.randint(0, len(data)) for _ in range(2))
    kind = chance.randrange(6)
    if kind == 0:
        return data[:one] + data[other:]
    if kind == 1:
        return data[:other] + data[one:other] * chance.choice((1, 1, 3, 200)) + data[other:]
    if kind == 2:
        return data[:one] + chance.choice(words + BYTES) + data[one:]
    if kind == 3:
        return data[:one] + chance.choice(words + BYTES) + data[other:]
    if kind == 4:
        return data[:one] + chance.randbytes(chance.randint(1, 4)) + data[one + 1 :]
    return data[:one] + chance.choice(seeds)[one:]
