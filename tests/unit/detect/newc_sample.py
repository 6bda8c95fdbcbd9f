"""Initramfs archives for tests, written from the kernel's description of the format."""

from __future__ import annotations


def cpio(files: dict[str, bytes], padding: int = 0) -> bytes:
    """An archive in newc format."""
    out = b""
    for name, data in [*files.items(), ("TRAILER!!!", b"")]:
        raw = name.encode() + b"\0"
        fields = [1, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(raw), 0]
        header = b"070701" + b"".join(b"%08X" % field for field in fields) + raw
        out += header + b"\0" * (-len(header) % 4) + data + b"\0" * (-len(data) % 4)
    return out + b"\0" * padding
