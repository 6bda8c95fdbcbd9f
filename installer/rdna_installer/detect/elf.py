"""The few things of an ELF file that we ask for: machine and flags, sections, SONAME, NEEDED.

Little-endian, 32 and 64 bit (System V gABI, figures 4-3, 4-10 and 5-10). Everything is bounded and read by position.
"""

from __future__ import annotations

import struct

from rdna_installer.machine.sysroot import Parts
from rdna_installer.record import record

AMDGPU = 224  # e_machine
SECTION_LIMIT = 4096
NAMES_LIMIT = 1 << 17  # bytes of section names
DYNAMIC_LIMIT = 1 << 16  # bytes of .dynamic
STRING_LIMIT = 256  # bytes of one library's name
NEEDED_LIMIT = 200
NEEDED, SONAME = 1, 14
ELF64 = ("<HHIQQQIHHHHHH", 64, "<IIQQQQIIQQ", "<qQ")
ELF32 = ("<HHIIIIIHHHHHH", 52, "<IIIIIIIIII", "<iI")


@record(frozen=True)
class Section:
    """Where a section's bytes are; ``link`` is the number of the section its strings are in."""

    name: str
    offset: int
    size: int
    link: int


@record(frozen=True)
class Elf:
    """What one ELF file says of itself."""

    machine: int
    flags: int
    wide: bool
    sections: tuple[Section, ...]

    def section(self, name: str) -> Section | None:
        """The first section of that name."""
        return next((section for section in self.sections if section.name == name), None)


@record(frozen=True)
class Linked:
    """The names the loader goes by: its own, and those of the libraries it wants."""

    soname: str | None
    needed: tuple[str, ...]


def read_elf(parts: Parts) -> Elf | None:
    """The header and the sections; None for what is no little-endian ELF file, or a broken one."""
    try:
        start = parts.up_to(0, 64)
        if start[:4] != b"\x7fELF" or start[5:6] != b"\x01" or start[4:5] not in (b"\x01", b"\x02"):
            return None
        wide = start[4] == 2
        shape, length, _, _ = ELF64 if wide else ELF32
        _, machine, _, _, _, table, flags, _, _, _, entry, count, names = struct.unpack(shape, start[16:length])
        return Elf(machine, flags, wide, _sections(parts, wide, table, entry, count, names))
    except (EOFError, struct.error):
        return None


def _sections(parts: Parts, wide: bool, table: int, entry: int, count: int, names: int) -> tuple[Section, ...]:
    shape = (ELF64 if wide else ELF32)[2]
    if not table or entry != struct.calcsize(shape) or not 0 < count <= SECTION_LIMIT:
        return ()
    rows = list(struct.iter_unpack(shape, parts.at(table, entry * count)))
    if names >= count:
        return ()
    _, _, _, _, offset, size, *_ = rows[names]
    text = parts.at(offset, min(size, NAMES_LIMIT))
    return tuple(Section(_text(text, row[0]), row[4], row[5], row[6]) for row in rows)


def linked(parts: Parts, elf: Elf) -> Linked | None:
    """SONAME and NEEDED; None where they cannot be read."""
    dynamic = elf.section(".dynamic")
    if dynamic is None or dynamic.link >= len(elf.sections):
        return None
    shape = (ELF64 if elf.wide else ELF32)[3]
    strings = elf.sections[dynamic.link]
    try:
        size = min(dynamic.size, DYNAMIC_LIMIT) // struct.calcsize(shape) * struct.calcsize(shape)
        tags = list(struct.iter_unpack(shape, parts.at(dynamic.offset, size)))
        names = [_string(parts, strings, value) for tag, value in tags if tag == NEEDED][:NEEDED_LIMIT]
        own = next((_string(parts, strings, value) for tag, value in tags if tag == SONAME), None)
    except EOFError:
        return None
    return Linked(own, tuple(names))


def _string(parts: Parts, section: Section, at: int) -> str:
    if at >= section.size:
        raise EOFError("a name outside its section")
    return _text(parts.up_to(section.offset + at, min(section.size - at, STRING_LIMIT)), 0)


def _text(data: bytes, start: int) -> str:
    end = data.find(b"\0", start)
    raw = data[start : end if end >= 0 else None] if start < len(data) else b""
    return "".join(c for c in raw[:STRING_LIMIT].decode("ascii", "replace") if c.isprintable())
