"""What a shared library asks of others and gives them: SONAME, NEEDED, and the versioned symbols of one family.

Read by position and never run (System V gABI, chapter 5; LSB, "Symbol Versioning": Verdef, Verneed and their tables).
"""

from __future__ import annotations

import itertools
import re
import struct
from collections.abc import Iterator
from pathlib import PurePosixPath

from rdna_installer.detect.codeobjects import Elf, linked, read_elf
from rdna_installer.machine.sysroot import Inside, Parts, Sysroot, parts_of
from rdna_installer.record import record

BUDGET = 192 << 20  # bytes read of one library; the names of libtorch_hip.so have tens of MB
STRINGS = 96 << 20  # bytes of its names
SYMBOL, VERDEF, VERNEED, VERNAUX = "<IBBHQQ", "<HHHHIII", "<HHIII", "<IHHII"


@record(frozen=True)
class Linking:
    """One library's words. ``defines`` and ``wants``: "miopenCreate@MIOPEN_HIP_1", or without a version."""

    path: PurePosixPath
    soname: str | None
    needed: tuple[str, ...]
    defines: frozenset[str] = frozenset()
    wants: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """What the loader knows it by."""
        return frozenset(name for name in (self.path.name, self.soname) if name)


def stem(name: str) -> str:
    """ "libamdhip64" of "libamdhip64.so.6"."""
    return name.partition(".so")[0]


def linking(root: Sysroot, inside: Inside, begins: str = "") -> Linking | None:
    """What a library says of itself, with the symbols whose names begin so ("": none of them); None for what is no
    library, or a broken one. Raises OSError."""
    with parts_of(root, inside, BUDGET) as parts:
        elf = read_elf(parts)
        if elf is None:
            return None
        own, needed = linked(parts, elf)
        try:
            symbols = tuple(_symbols(parts, elf, begins.encode())) if begins else ()
        except (EOFError, struct.error):
            return None
    found = ({name for name, there in symbols if there is given} for given in (True, False))
    return Linking(PurePosixPath(inside), own[0] if own else None, tuple(needed), *map(frozenset, found))


def _symbols(parts: Parts, elf: Elf, begins: bytes) -> Iterator[tuple[str, bool]]:
    """Name with version, and whether it is defined. Raises EOFError, struct.error."""
    table, strings = elf.section(".dynsym"), elf.section(".dynstr")
    if table is None or strings is None:
        return
    if strings.size > STRINGS:
        raise EOFError("more names than any library has")
    names = parts.at(strings.offset, strings.size)
    versions, numbers = _versions(parts, elf, names), elf.section(".gnu.version")
    size = struct.calcsize(SYMBOL)
    held = parts.at(table.offset, table.size // size * size)
    for number, (name, _, _, section, _, _) in enumerate(struct.iter_unpack(SYMBOL, held)):
        if names.startswith(begins, name):
            (at,) = struct.unpack("<H", parts.at(numbers.offset + 2 * number, 2)) if numbers else (1,)
            version = versions.get(at & 0x7FFF)
            yield _name(names, name) + (f"@{version}" if version else ""), section != 0


def _versions(parts: Parts, elf: Elf, names: bytes) -> dict[int, str]:
    """Versions by the number that the symbols' table has for them."""
    found: dict[int, str] = {}
    for section, shape in ((".gnu.version_d", VERDEF), (".gnu.version_r", VERNEED)):
        if (known := elf.section(section)) is None:
            continue
        held = parts.at(known.offset, known.size)
        left = itertools.count(len(held) // 16, -1)  # rows of 16 bytes or more: each is in one list only
        for place, row in _listed(shape, held, 0, len(held), left):
            if shape == VERDEF:
                (name,) = struct.unpack_from("<I", held, place + row[5])
                found[row[2]] = "" if row[1] & 1 else _name(names, name)  # the library's own name is no version
                continue
            for _, (_, _, number, name, _) in _listed(VERNAUX, held, place + row[3], row[1], left):
                found[number & 0x7FFF] = _name(names, name)
    return found


def _listed(
    shape: str, held: bytes, place: int, count: int, left: Iterator[int]
) -> Iterator[tuple[int, tuple[int, ...]]]:
    """The rows of a list and where they are; each says at its end how far it is to the next. Raises EOFError."""
    for _ in range(count):
        if next(left) <= 0:
            raise EOFError("more rows than fit")
        row = struct.unpack_from(shape, held, place)
        yield place, row
        if not row[-1]:
            return
        place += row[-1]


def _name(names: bytes, at: int) -> str:
    found = re.compile(rb"[\x21-\x7e]{1,200}").match(names, at)
    return found[0].decode("ascii") if found else ""
