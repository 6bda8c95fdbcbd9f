"""Writers of the files that hold GPU code: ELF, clang's bundles, ``CCOB``, ``.kpack``."""

from __future__ import annotations

import struct
import subprocess
import zlib
from collections.abc import Sequence

BUNDLE = b"__CLANG_OFFLOAD_BUNDLE__"
X86, AMDGPU = 62, 224


def elf(sections: dict[str, bytes] | None = None, machine: int = X86, flags: int = 0, **dynamic: object) -> bytes:
    """A little-endian 64-bit ELF file. ``soname=`` and ``needed=`` make its .dynamic section."""
    parts = dict(sections or {})
    if dynamic:
        parts |= _dynamic(**dynamic)  # type: ignore[arg-type]
    names = b"\0" + b"".join(name.encode() + b"\0" for name in [*parts, ".shstrtab"])
    parts[".shstrtab"] = names
    body, rows = b"", [bytes(64)]
    order = list(parts)
    for name, data in parts.items():
        place = 64 + len(body)
        align = -place % (4096 if name == ".hip_fatbin" else 8)
        body += bytes(align) + data
        link = order.index(".dynstr") + 1 if name == ".dynamic" else 0
        at = names.index(b"\0" + name.encode() + b"\0") + 1
        rows.append(struct.pack("<IIQQQQIIQQ", at, 1, 0, 0, place + align, len(data), link, 0, 1, 0))
    body += bytes(-len(body) % 8)
    head = b"\x7fELF\x02\x01\x01" + bytes(9)
    head += struct.pack(
        "<HHIQQQIHHHHHH", 3, machine, 1, 0, 0, 64 + len(body), flags, 64, 0, 0, 64, len(rows), len(rows) - 1
    )
    return head + body + b"".join(rows)


def _dynamic(soname: str | None = None, needed: Sequence[str] = ()) -> dict[str, bytes]:
    strings, tags = b"\0", []
    for tag, text in [*((1, name) for name in needed), *([(14, soname)] if soname else [])]:
        tags.append(struct.pack("<qQ", tag, len(strings)))
        strings += text.encode() + b"\0"
    return {".dynstr": strings, ".dynamic": b"".join(tags) + struct.pack("<qQ", 0, 0)}


def bundle(targets: Sequence[str], code: bytes = b"\x7fELF", prefix: str = "hipv4-amdgcn-amd-amdhsa--") -> bytes:
    """An uncompressed offload bundle: the host's empty entry, then one for each target."""
    ids = ["host-x86_64-unknown-linux--", *(prefix + target for target in targets)]
    size = len(BUNDLE) + 8 + sum(24 + len(name) for name in ids)
    place = -(-size // 4096) * 4096
    table = BUNDLE + struct.pack("<Q", len(ids))
    for number, name in enumerate(ids):
        table += struct.pack("<QQQ", place, len(code) if number else 0, len(name)) + name.encode()
    return table + bytes(place - len(table)) + code


def packed(data: bytes, version: int = 2, method: str = "zlib") -> bytes:
    """A compressed bundle (``CCOB``)."""
    body = zlib.compress(data) if method == "zlib" else _zstd(data)
    number = 0 if method == "zlib" else 1
    length = {1: 20, 2: 24, 3: 32}[version] + len(body)
    head = b"CCOB" + struct.pack("<HH", version, number)
    if version == 1:
        head += struct.pack("<IQ", len(data), 7)
    else:
        head += struct.pack("<IIQ" if version == 2 else "<QQQ", length, len(data), 7)
    return head + body


def _zstd(data: bytes) -> bytes:
    return subprocess.run(["zstd", "-cq"], input=data, capture_output=True, check=True).stdout


def kpack(arches: Sequence[str], version: int = 1, extra: bytes = b"") -> bytes:
    """A ``.kpack`` archive with an empty blob; ``extra`` are MessagePack pairs before ``gfx_arches``."""
    pairs = text("format_version") + b"\x01" + text("group_name") + text("torch") + extra
    count = 3 + (1 if extra else 0)
    toc = bytes([0x80 | count]) + pairs + text("gfx_arches") + bytes([0x90 | len(arches)])
    toc += b"".join(text(name) for name in arches)
    return struct.pack("<4sIQ", b"KPAK", version, 64) + bytes(48) + toc


def text(value: str) -> bytes:
    """A MessagePack string."""
    raw = value.encode()
    return (bytes([0xA0 | len(raw)]) if len(raw) < 32 else b"\xd9" + bytes([len(raw)])) + raw
