"""For which targets a file holds GPU code: from the code objects inside, never by its name and never by running it.

Known are shared objects with a ``.hip_fatbin`` section, clang's offload bundles, plain or compressed (``CCOB``), ELF
files for the GPU itself and ``.kpack`` archives. Sources: clang's ClangOffloadBundler documentation (the header of a
bundle, entry ids such as "hipv4-amdgcn-amd-amdhsa--gfx1010:xnack-"), llvm's OffloadBundle.cpp (``CCOB`` versions 1 to
3), AMDGPUUsage (the processor in ``e_flags``) and rocm-kpack (ROCm/rocm-systems shared/kpack, archive format version 1:
"KPAK", u32 version, u64 offset of the table of contents, which is one MessagePack map). One file costs a hundred small
reads, and two decompressors at most. Of ELF, little-endian, 64 bit, the few things that we ask for are read by
position: machine and flags, sections, SONAME, NEEDED (System V gABI, figures 4-3, 4-10 and 5-10).
"""

from __future__ import annotations

import contextlib
import re
import struct
from collections.abc import Callable, Iterator
from functools import partial

from rdna_installer.detect.rocm import NAME, in_order
from rdna_installer.errors import RdnaError
from rdna_installer.machine.sysroot import Inside, Parts, Sysroot, parts_of
from rdna_installer.record import record
from rdna_installer.resources import table

BUDGET = 8 << 20  # bytes read of one file
BUNDLE = b"__CLANG_OFFLOAD_BUNDLE__"
PACKED = b"CCOB"
FATBIN = ".hip_fatbin"
SPLIT = ".rocm_kpack_ref"  # rocm-kpack took the code out and left this behind
ALIGNED = 4096  # bytes; where the next bundle of a section begins
BUNDLES = 64  # looked at in one file: each object file of the program brought one, for the same targets
ENTRIES = 256  # code objects of one bundle
ID_LIMIT = 256  # bytes of an entry's name
HEAD = 1 << 14  # bytes of a bundle that its table may take
ENTRY_ID = rf"(?:hip|hipv4|openmp)-amdgcn-amd-amdhsa-[^-]*-({NAME}(?::(?:xnack|sramecc)[+-])*)"
PACKED_HEADERS = {1: ("<HI", 20), 2: ("<HII", 24), 3: ("<HQQ", 32)}  # after magic and version; and the whole length
ZLIB, ZSTD = 0, 1

XNACK = {0x200: ":xnack-", 0x300: ":xnack+"}  # e_flags & 0x300, code object version 4 and later
MAGIC = b"KPAK"  # of a .kpack archive
HEADER = "<4sIQ"
VERSION = 1
TOC_LIMIT = 1 << 18  # bytes; the names of the targets stand near its beginning
# MessagePack: the key with the head of its list (up to 15 items, more), the head of a text (up to 31 bytes, more).
ARCHES = rb"(?s)\xaagfx_arches(?:([\x90-\x9f])|\xdc\0(.))"
TEXT = re.compile(rb"([\xa0-\xbf])|\xd9(.)", re.DOTALL)
AMDGPU = 224  # e_machine
SECTION_LIMIT = 4096
NAMES_LIMIT = 1 << 17  # bytes of section names
DYNAMIC_LIMIT = 1 << 16  # bytes of .dynamic
STRING_LIMIT = 256  # bytes of one library's name
NEEDED_LIMIT = 200
NEEDED, SONAME = 1, 14
RODATA, WINDOW = ".rodata", 1 << 20
ELF_HEADER, ELF_SECTION, ELF_DYNAMIC = "<16sHHIQQQIHHHHHH", "<IIQQQQIIQQ", "<qQ"

Decoded = Callable[[int, int], bytes]  # the beginning of the bundle at a place, compressed by a method


def targets_of(root: Sysroot, inside: Inside) -> tuple[str, ...] | None:
    """Targets with code in a file; () where it certainly has none, None where nobody can tell."""
    try:
        with parts_of(root, inside, BUDGET) as parts:
            return _targets(parts, partial(_decoded, root, inside, parts))
    except (OSError, EOFError):
        return None


def _targets(parts: Parts, decoded: Decoded) -> tuple[str, ...] | None:
    start = parts.up_to(0, len(BUNDLE))
    if start.startswith(MAGIC):
        names = targets_in_kpack(parts)
        return None if names is None else in_order(name for name in names if re.match(NAME, name))
    if start.startswith((BUNDLE, PACKED)):
        return _bundled(parts, decoded, 0, parts.size)
    elf = read_elf(parts)
    if elf is None:
        return None
    if elf.machine == AMDGPU:
        rows = table(__file__, "processors.tsv")
        name = next((gfx for number, gfx in rows if number == f"{elf.flags & 0xFF:02x}"), None)
        return (name + XNACK.get(elf.flags & 0x300, ""),) if name else None
    if not elf.sections:
        return None  # a stripped or broken file: what is in it cannot be told
    section = elf.section(FATBIN)
    found = _bundled(parts, decoded, section.offset, section.size) if section else ()
    return () if found is None and elf.section(SPLIT) else found


def _bundled(parts: Parts, decoded: Decoded, start: int, size: int) -> tuple[str, ...] | None:
    """The targets of the bundles of a section; None where not one of them could be read."""
    found: list[list[str]] = []
    packed: list[tuple[int, int]] = []
    for names, body in _bundles(parts, start, min(start + size, parts.size)):
        if body is None:
            found.append(names)
        else:
            packed.append(body)
    for place, method in dict.fromkeys((packed[0], packed[-1]) if packed else ()):
        with contextlib.suppress(EOFError, struct.error):
            found.append(_plain(decoded(place, method))[0])
    return in_order(name for names in found for name in names) if found else None


def _bundles(parts: Parts, place: int, end: int) -> Iterator[tuple[list[str], tuple[int, int] | None]]:
    """One after the other: the targets of an uncompressed one, or where the body of a compressed one is and its method.

    All object files of a program were built for the same targets but for a few: of the compressed ones, each of
    which costs the start of a decompressor, the first and the last are enough.
    """
    for _ in range(BUNDLES):
        if place + len(BUNDLE) > end:
            return
        start = parts.at(place, len(BUNDLE))
        try:
            if start == BUNDLE:
                names, length = _plain(parts.up_to(place, HEAD))
                yield names, None
            elif start.startswith(PACKED):
                length, body, method = _packed(parts, place)
                yield [], (place + body, method)
            else:
                return
        except (EOFError, struct.error):
            return
        if length <= 0:
            return
        place = -(-(place + length) // ALIGNED) * ALIGNED


def _plain(head: bytes) -> tuple[list[str], int]:
    """Targets in the table of an uncompressed bundle, and the bundle's length in bytes. Raises EOFError."""
    if not head.startswith(BUNDLE):
        raise EOFError("no bundle")
    (count,) = struct.unpack_from("<Q", head, len(BUNDLE))
    place, names, length = len(BUNDLE) + 8, [], 0
    for _ in range(min(count, ENTRIES)):
        offset, size, width = struct.unpack_from("<QQQ", head, place)
        place += 24
        if width > ID_LIMIT or place + width > len(head):
            raise EOFError("a name outside the table")
        found = re.fullmatch(ENTRY_ID, head[place : place + width].decode("ascii", "replace"))
        place += width
        length = max(length, offset + size, place)
        if found and size:  # an entry without bytes is a target that was asked for and left out
            names.append(found[1])
    return names, length


def _packed(parts: Parts, place: int) -> tuple[int, int, int]:
    """Of a compressed bundle: its length (0 where its header does not say), where its body begins, the method."""
    (version,) = struct.unpack("<H", parts.at(place + 4, 2))
    if version not in PACKED_HEADERS:
        raise EOFError("a version that is not known")
    shape, body = PACKED_HEADERS[version]
    method, length, *_ = struct.unpack(shape, parts.at(place + 6, struct.calcsize(shape)))
    return (length if version > 1 else 0), body, method


def _decoded(root: Sysroot, inside: Inside, parts: Parts, place: int, method: int) -> bytes:
    """The beginning of a compressed bundle; b"" where it cannot be decoded here."""
    if method == ZLIB:
        import zlib

        try:
            return zlib.decompressobj().decompress(parts.up_to(place, HEAD), HEAD)
        except zlib.error:
            return b""
    if method != ZSTD:
        return b""
    from rdna_installer.machine.process import filtered

    try:
        with filtered(("zstd", "-dcq"), root, inside, place) as stream:
            return stream.read(HEAD)
    except (OSError, RdnaError):
        return b""


def targets_in_kpack(parts: Parts) -> tuple[str, ...] | None:
    """The ``gfx_arches`` of an archive; None for what is none, a broken one, or a version we do not know.

    Of its table of contents only that list is read, wherever its key stands.
    """
    try:
        magic, version, offset = struct.unpack(HEADER, parts.at(0, struct.calcsize(HEADER)))
        if magic != MAGIC or version != VERSION:
            return None
        table = parts.up_to(offset, TOC_LIMIT)
        found = re.search(ARCHES, table)
        names, place = [], found.end() if found else 0
        for _ in range(_size(found, 0x0F)):
            start = TEXT.match(table, place)
            place = (start.end() if start else 0) + _size(start, 0x1F)
            names.append(table[place - _size(start, 0x1F) : place].decode("utf-8"))
        return tuple(names) if place <= len(table) else None
    except (EOFError, UnicodeDecodeError):
        return None


def _size(head: re.Match[bytes] | None, mask: int) -> int:
    """How many items or bytes follow: the lower bits of a short head, the last byte of a long one."""
    if head is None:
        raise EOFError("not what belongs here")
    return head[1][0] & mask if head[1] else head[2][0]


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
    sections: tuple[Section, ...]

    def section(self, name: str) -> Section | None:
        """The first section of that name."""
        return next((section for section in self.sections if section.name == name), None)


def read_elf(parts: Parts) -> Elf | None:
    """The header and the sections; None for what is no such ELF file (little-endian, 64 bit), or a broken one."""
    try:
        start = parts.up_to(0, struct.calcsize(ELF_HEADER))
        if start[:6] != b"\x7fELF\x02\x01":
            return None
        _, _, machine, _, _, _, table, flags, _, _, _, entry, count, names = struct.unpack(ELF_HEADER, start)
        return Elf(machine, flags, _sections(parts, table, entry, count, names))
    except (EOFError, struct.error):
        return None


def _sections(parts: Parts, table: int, entry: int, count: int, names: int) -> tuple[Section, ...]:
    if not table or entry != struct.calcsize(ELF_SECTION) or not 0 < count <= SECTION_LIMIT or names >= count:
        return ()
    rows = list(struct.iter_unpack(ELF_SECTION, parts.at(table, entry * count)))
    _, _, _, _, offset, size, *_ = rows[names]
    text = parts.at(offset, min(size, NAMES_LIMIT))
    return tuple(Section(_text(text, row[0]), row[4], row[5], row[6]) for row in rows)


def linked(parts: Parts, elf: Elf) -> tuple[list[str], list[str]]:
    """The names the loader goes by, SONAME and NEEDED; none where they cannot be read."""
    dynamic = elf.section(".dynamic")
    if dynamic is None or dynamic.link >= len(elf.sections):
        return [], []
    strings = elf.sections[dynamic.link]
    try:
        size = min(dynamic.size, DYNAMIC_LIMIT) // struct.calcsize(ELF_DYNAMIC) * struct.calcsize(ELF_DYNAMIC)
        tags = list(struct.iter_unpack(ELF_DYNAMIC, parts.at(dynamic.offset, size)))
        own, needed = ([value for tag, value in tags if tag == wanted] for wanted in (SONAME, NEEDED))
        return (
            [_string(parts, strings, value) for value in own[:1]],
            [_string(parts, strings, value) for value in needed[:NEEDED_LIMIT]],
        )
    except EOFError:
        return [], []


def read_only(parts: Parts, elf: Elf, overlap: int) -> Iterator[bytes]:
    """The library's read-only data in pieces, each with the first ``overlap`` bytes of the next. Raises EOFError."""
    for section in elf.sections:
        if section.name.startswith(RODATA):
            end = section.offset + section.size
            for place in range(section.offset, end, WINDOW):
                yield parts.up_to(place, min(WINDOW + overlap, end - place))


def _string(parts: Parts, section: Section, at: int) -> str:
    if at >= section.size:
        raise EOFError("a name outside its section")
    return _text(parts.up_to(section.offset + at, min(section.size - at, STRING_LIMIT)), 0)


def _text(data: bytes, start: int) -> str:
    end = data.find(b"\0", start)
    raw = data[start : end if end >= 0 else None] if start < len(data) else b""
    return "".join(c for c in raw[:STRING_LIMIT].decode("ascii", "replace") if c.isprintable())
