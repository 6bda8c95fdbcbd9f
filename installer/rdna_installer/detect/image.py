"""Look into an initramfs image: which bytes of a file, and whether amdgpu, the kernel will really find in it.

The format is the kernel's own (Documentation/driver-api/early-userspace/buffer-format.rst): archives in cpio's
"newc" format one after the other, zero padding between them, each plain or compressed. So one reader serves the
images of every tool, also several archives in one file, and needs no scratch space.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Generator, Iterator, Mapping
from typing import IO

from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.process import filtered
from rdna_installer.machine.sysroot import Inside, Sysroot
from rdna_installer.record import record

HEADER = 110  # bytes of a newc header
MAGIC = (b"070701", b"070702")
TRAILER = "TRAILER!!!"
CHUNK = 1 << 16
NAME_LIMIT = 1 << 16  # bytes
FILE_LIMIT = 1 << 20  # bytes; what we look for is a small text
DECOMPRESSORS = {
    b"\x1f\x8b": ("gzip", "-dc"),
    b"\x28\xb5\x2f\xfd": ("zstd", "-dcq"),
    b"\xfd7zXZ\0": ("xz", "-dc"),
    b"\x5d\0\0": ("xz", "--format=lzma", "-dc"),
    b"BZh": ("bzip2", "-dc"),
    b"\x02\x21\x4c\x18": ("lz4", "-dc"),
    b"\x89LZO": ("lzop", "-dc"),
}
AMDGPU = r"/amdgpu\.ko(\.[a-z0-9]+)?$"
SQUASHED = r"^(squash-root|squashfs-root|erofs-root)\.img$"


@record(frozen=True)
class Contents:
    """What one pass over an image found. ``files`` has the wanted ones that are inside."""

    files: Mapping[str, bytes]
    amdgpu: bool
    squashed: bool  # dracut put the tree into another image inside this one: absence proves nothing


def read_image(root: Sysroot, image: Inside, wanted: Collection[str] = ()) -> Contents:
    """Read an image once. ``wanted``: absolute paths; of several copies the last counts, as in the kernel.

    Raises OSError where the image cannot be read and RdnaError("image-unreadable") where it is none.
    """
    files: dict[str, bytes] = {}
    amdgpu = squashed = False
    with contextlib.ExitStack() as stack:
        for name, reader, size in _members(root, image, stack):
            path = "/" + name.removeprefix("./").lstrip("/")
            amdgpu = amdgpu or re.search(AMDGPU, path) is not None
            squashed = squashed or re.match(SQUASHED, path.lstrip("/")) is not None
            if path in wanted and size <= FILE_LIMIT:
                files[path] = reader.take(size)
                reader.skip(-size % 4)
            else:
                reader.skip(size + -size % 4)
    return Contents(files, amdgpu, squashed)


def amdgpu_inside(root: Sysroot, image: Inside | None) -> bool | None:
    """Whether the image carries amdgpu.ko; None where nobody can tell. Reads the whole image (about a second)."""
    if image is None:
        return None
    try:
        found = read_image(root, image)
    except (OSError, RdnaError):
        return None
    return None if found.squashed and not found.amdgpu else found.amdgpu


class _ByteReader:
    """Bytes in order, with the position; seeks where the stream can, reads on where it cannot."""

    def __init__(self, stream: IO[bytes], what: Inside) -> None:
        self.stream = stream
        self.what = what
        self.position = 0

    def take(self, count: int) -> bytes:
        """Exactly ``count`` bytes; raises RdnaError("image-unreadable") at the end of the stream."""
        data = self.stream.read(count)
        if len(data) != count:
            raise unreadable(self.what, "it ends in the middle of an archive")
        self.position += count
        return data

    def skip(self, count: int) -> None:
        """Leave ``count`` bytes out."""
        while count > 0:
            count -= len(self.take(min(count, CHUNK)))

    def padding(self) -> bytes:
        """Leave zero bytes out up to the next word that has others; b"" at the end."""
        while (word := self.stream.read(4)) == b"\0\0\0\0":
            self.position += 4
        self.position += len(word)
        return word if word.strip(b"\0") else b""


class _FileReader(_ByteReader):
    def skip(self, count: int) -> None:
        self.stream.seek(count, 1)
        self.position += count


Member = tuple[str, _ByteReader, int]  # name, reader standing at the data, size of the data


def unreadable(what: Inside, why: str) -> RdnaError:
    """The error for an image that cannot be understood."""
    return RdnaError(
        "image-unreadable", f"the initramfs image cannot be read: {why}", context=str(what), exit_code=Exit.FAILED
    )


def _members(root: Sysroot, image: Inside, stack: contextlib.ExitStack) -> Iterator[Member]:
    """Every member of the image; the consumer takes or skips its data and the padding behind it."""
    plain = _FileReader(stack.enter_context(root.path(image).open("rb")), image)
    rest = yield from _archives(plain)
    if not rest:
        if plain.position < HEADER:
            raise unreadable(image, "it is empty")
        return
    offset = plain.position - len(rest)
    argv = next((argv for magic, argv in DECOMPRESSORS.items() if rest.startswith(magic)), None)
    if argv is None:
        raise unreadable(image, f"no archive and no known compression at byte {offset}")
    packed = _ByteReader(stack.enter_context(filtered(argv, root, image, offset)), image)
    rest = yield from _archives(packed)
    if rest or not packed.position:
        raise unreadable(image, f"{argv[0]} gives no archive from byte {offset} on")


def _archives(reader: _ByteReader) -> Generator[Member, None, bytes]:
    """Members of all archives that follow one another; returns the first bytes of what is none, b"" at the end."""
    while word := reader.padding():
        start = word + reader.take(2)
        if start not in MAGIC:
            return start
        while (yield from _member(reader, start)) != TRAILER:
            start = reader.take(6)
            if start not in MAGIC:
                raise unreadable(reader.what, f"a broken archive at byte {reader.position}")
    return b""


def _member(reader: _ByteReader, start: bytes) -> Generator[Member, None, str]:
    header = start + reader.take(HEADER - len(start))
    try:
        size, length = int(header[54:62], 16), int(header[94:102], 16)
    except ValueError:
        raise unreadable(reader.what, f"a broken header at byte {reader.position}") from None
    if not 0 <= length <= NAME_LIMIT or size < 0:  # int() takes a sign; going back would never end
        raise unreadable(reader.what, f"a broken header at byte {reader.position}")
    name = reader.take(length).rstrip(b"\0").decode("utf-8", "surrogateescape")
    reader.skip(-(HEADER + length) % 4)
    if name != TRAILER:
        yield name, reader, size
    return name
