"""The table of contents of a ``.kpack`` archive: for which targets it holds kernels.

The format is rocm-kpack's own (ROCm/rocm-systems shared/kpack, archive format version 1): "KPAK", u32 version,
u64 offset of the table of contents, which is one MessagePack map.
"""

from __future__ import annotations

import struct

from rdna_installer.machine.parts import Parts

MAGIC = b"KPAK"
HEADER = "<4sIQ"
VERSION = 1
TOC_LIMIT = 1 << 18  # bytes; the names of the targets stand near its beginning
KEY_LIMIT = 64  # keys looked at
DEPTH_LIMIT = 8
ITEM_LIMIT = 20_000
FIXED = {
    0xC0: 0, 0xC2: 0, 0xC3: 0, 0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8,
    0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8, 0xD4: 2, 0xD5: 3, 0xD6: 5, 0xD7: 9, 0xD8: 17,
}  # fmt: skip
LENGTHS = {
    0xC4: ("text", 1), 0xC5: ("text", 2), 0xC6: ("text", 4), 0xD9: ("text", 1), 0xDA: ("text", 2), 0xDB: ("text", 4),
    0xC7: ("extra", 1), 0xC8: ("extra", 2), 0xC9: ("extra", 4),
    0xDC: ("list", 2), 0xDD: ("list", 4), 0xDE: ("map", 2), 0xDF: ("map", 4),
}  # fmt: skip


def targets_in_kpack(parts: Parts) -> tuple[str, ...] | None:
    """The ``gfx_arches`` of an archive; None for what is none, a broken one, or a version we do not know."""
    try:
        magic, version, offset = struct.unpack(HEADER, parts.at(0, struct.calcsize(HEADER)))
        if magic != MAGIC or version != VERSION:
            return None
        return _arches(_Unpacker(parts.up_to(offset, TOC_LIMIT)))
    except (EOFError, UnicodeDecodeError):
        return None


def _arches(reader: _Unpacker) -> tuple[str, ...] | None:
    kind, count = reader.head()
    for _ in range(min(count, KEY_LIMIT) if kind == "map" else 0):
        if reader.text() != "gfx_arches":
            reader.skip()
            continue
        kind, length = reader.head()
        return tuple(reader.text() for _ in range(length)) if kind == "list" and length <= KEY_LIMIT else None
    return None


class _Unpacker:
    """MessagePack items in order. Raises EOFError at the end of the bytes, and for nesting or counts beyond reason."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.place = 0
        self.items = 0

    def take(self, count: int) -> bytes:
        data = self.data[self.place : self.place + count]
        if len(data) != count:
            raise EOFError("the table of contents is cut")
        self.place += count
        return data

    def head(self) -> tuple[str, int]:
        """What comes next ("text", "list", "map", "extra" or "other") and how long it is."""
        self.items += 1
        if self.items > ITEM_LIMIT:
            raise EOFError("too many items")
        first = self.take(1)[0]
        if first < 0x80 or first >= 0xE0:
            return "other", 0
        if first < 0xC0:
            kind = "map" if first < 0x90 else "list" if first < 0xA0 else "text"
            return kind, first & (0x1F if kind == "text" else 0x0F)
        if first in FIXED:
            return "other", FIXED[first]
        if first not in LENGTHS:
            raise EOFError("no MessagePack")
        kind, width = LENGTHS[first]
        return kind, int.from_bytes(self.take(width), "big")

    def text(self) -> str:
        kind, length = self.head()
        if kind != "text":
            raise EOFError("no text where one belongs")
        return self.take(length).decode("utf-8")

    def skip(self, depth: int = 0) -> None:
        if depth > DEPTH_LIMIT:
            raise EOFError("nested too deeply")
        kind, length = self.head()
        if kind in ("list", "map"):
            for _ in range(length * (2 if kind == "map" else 1)):
                self.skip(depth + 1)
        else:
            self.take(length + (kind == "extra"))
