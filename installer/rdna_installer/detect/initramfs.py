"""Who owns the initramfs images: by the images and the tools that are installed, never by os-release.

Ubuntu since 25.10 keeps the name initrd.img-REL and builds it with dracut; several tools may be installed at once.

An image is looked into in the kernel's own format (Documentation/driver-api/early-userspace/buffer-format.rst):
archives in cpio's "newc" format one after the other, zero padding between them, each plain or compressed. So one
reader serves the images of every tool, also several archives in one file, and needs no scratch space.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import IO

from rdna_installer.detect.rocm import dpkg_status
from rdna_installer.errors import Exit, RdnaError, absent
from rdna_installer.machine.process import filtered, find
from rdna_installer.machine.sysroot import Inside, Sysroot
from rdna_installer.model import Initramfs, InitramfsTool, KernelImage
from rdna_installer.record import record

# The program that builds, not a front end that another tool may provide as well (update-initramfs).
BUILDERS = {
    InitramfsTool.INITRAMFS_TOOLS: "mkinitramfs",
    InitramfsTool.DRACUT: "dracut",
    InitramfsTool.MKINITCPIO: "mkinitcpio",
}
PACKAGES = {InitramfsTool.INITRAMFS_TOOLS: "initramfs-tools", InitramfsTool.DRACUT: "dracut"}
PRESETS = "/etc/mkinitcpio.d"
DRACUT_CONF = ("/usr/lib/dracut/dracut.conf.d", "/etc/dracut.conf.d")
OUR_CONF = "/etc/modprobe.d/rdna-installer.conf"
HEADER = 110  # bytes of a newc header
MAGIC = (b"070701", b"070702")
TRAILER = "TRAILER!!!"
CHUNK = 1 << 16
NAME_LIMIT = 1 << 16  # bytes
FILE_LIMIT = 1 << 20  # bytes; what we look for is a small text
DECOMPRESSORS = {
    b"\x1f\x8b": ("gzip", "-dc"), b"\x28\xb5\x2f\xfd": ("zstd", "-dcq"), b"\xfd7zXZ\0": ("xz", "-dc"),
    b"\x5d\0\0": ("xz", "--format=lzma", "-dc"), b"BZh": ("bzip2", "-dc"), b"\x02\x21\x4c\x18": ("lz4", "-dc"),
    b"\x89LZO": ("lzop", "-dc"),
}  # fmt: skip
AMDGPU = r"/amdgpu\.ko(\.[a-z0-9]+)?$"
SQUASHED = r"^(squash-root|squashfs-root|erofs-root)\.img$"


def find_initramfs(root: Sysroot, kernels: Iterable[KernelImage]) -> Initramfs:
    """The tool that owns the images of ``kernels``, where they are, and whether it copies modprobe.d into them."""
    images = {k.release: k.image for k in kernels if k.image is not None}
    tool = _owner(root, images.values())
    copies, why = copies_modprobe(root, tool)
    return Initramfs(tool, images, copies, why)


def image_of(root: Sysroot, release: str) -> PurePosixPath | None:
    """The image of one kernel inside the root, or None."""
    return next((PurePosixPath(path) for path in _candidates(root, release) if root.exists(path)), None)


def _candidates(root: Sysroot, release: str) -> Iterator[str]:
    """Where images are, by distribution: Debian, Fedora, openSUSE, Arch's presets, then boot loader entries."""
    yield f"/boot/initrd.img-{release}"
    yield f"/boot/initramfs-{release}.img"
    yield f"/boot/initrd-{release}"
    if preset := preset_of(root, release):
        yield from _assignments(root.read_optional(f"{PRESETS}/{preset}.preset") or "", "default_image")
    if package := _pkgbase(root, release):
        yield f"/boot/initramfs-{package}.img"
    if machine := (root.read_optional("/etc/machine-id") or "").strip():
        for boot in ("/boot", "/efi", "/boot/efi"):
            yield f"{boot}/{machine}/{release}/initrd"


def preset_of(root: Sysroot, release: str) -> str | None:
    """The name of the mkinitcpio preset of one kernel: that of its package (Arch writes it beside the modules)."""
    package = _pkgbase(root, release)
    return package if package and root.exists(f"{PRESETS}/{package}.preset") else None


def _pkgbase(root: Sysroot, release: str) -> str | None:
    files = (root.read_optional(f"{folder}/{release}/pkgbase") for folder in ("/usr/lib/modules", "/lib/modules"))
    return next((name for text in files if (name := (text or "").strip())), None)


def _owner(root: Sysroot, images: Iterable[PurePosixPath]) -> InitramfsTool:
    dated = ((status.st_mtime if (status := root.status(image)) else 0.0, image) for image in images)
    newest = max(dated, key=lambda pair: pair[0], default=(0.0, None))[1]
    if newest is None:
        return InitramfsTool.NONE
    installed = [tool for tool, program in BUILDERS.items() if find(program, root) is not None]
    if len(installed) > 1:
        installed = _by_evidence(root, newest, installed)
    return installed[0] if len(installed) == 1 else InitramfsTool.UNKNOWN


def _by_evidence(root: Sysroot, image: PurePosixPath, installed: list[InitramfsTool]) -> list[InitramfsTool]:
    """Of several tools: the one whose mark the image bears, else the one whose owning package is installed.

    dracut begins an image that has an early part with a file ``early_cpio``. On Debian dracut-core (the program) can
    stand beside initramfs-tools; the package dracut (which builds images) cannot.
    """
    if _first_member(root, image) == b"early_cpio" and InitramfsTool.DRACUT in installed:
        return [InitramfsTool.DRACUT]
    here = rb"(?m)^Package: %s\nStatus: \S+ ok installed$"
    names = ((tool, PACKAGES[tool].encode()) for tool in installed if tool in PACKAGES)
    return [tool for tool, name in names if re.search(here % name, dpkg_status(root))]


def _first_member(root: Sysroot, image: PurePosixPath) -> bytes:
    """Name of the first real member of an image that begins with an uncompressed archive, else b""."""
    try:
        head = root.read_bytes(image, limit=4 * HEADER)
    except OSError as err:
        absent(err)
        return b""
    names = re.findall(rb"0707\d\d[0-9a-fA-F]{104}([^\0]+)\0", head)
    return next((name for name in names if name != b"."), b"")


def copies_modprobe(root: Sysroot, tool: InitramfsTool) -> tuple[bool | None, str]:
    """Whether the tool puts /etc/modprobe.d into its images, and what says so."""
    if tool is InitramfsTool.INITRAMFS_TOOLS:
        return True, "initramfs-tools always copies modprobe.d"
    if tool is InitramfsTool.DRACUT:
        return _dracut_copies(root)
    if tool is InitramfsTool.MKINITCPIO:
        return _mkinitcpio_copies(root)
    return None, ""


def _dracut_copies(root: Sysroot) -> tuple[bool, str]:
    """dracut copies /etc/modprobe.d in host-only mode (module base or kernel-modules), or what install_items names."""
    hostonly, where = "", "dracut's default"
    for path, text in _dracut_files(root):
        for value in _assignments(text, "hostonly"):
            hostonly, where = value, path
        if any(OUR_CONF in value for value in _assignments(text, "install_items")):
            return True, f"{path} installs {OUR_CONF}"
    if hostonly and hostonly != "no":
        return True, f"hostonly={hostonly} in {where}"
    return False, f"not in host-only mode ({where})"


def _dracut_files(root: Sysroot) -> Iterator[tuple[str, str]]:
    """dracut.conf, then the drop-ins by name; one in /etc masks one in /usr/lib."""
    names = ((folder, name) for folder in DRACUT_CONF for name in root.names(folder) if name.endswith(".conf"))
    chosen = {name: f"{folder}/{name}" for folder, name in names}
    for path in ("/etc/dracut.conf", *(chosen[name] for name in sorted(chosen))):
        yield path, root.read_optional(path) or ""


def _mkinitcpio_copies(root: Sysroot) -> tuple[bool, str]:
    """mkinitcpio copies modprobe.d with the hook modconf, or what FILES names."""
    main, folder = "/etc/mkinitcpio.conf", "/etc/mkinitcpio.conf.d"
    copies, why = False, f"no hook modconf in {main}"
    for path in (main, *(f"{folder}/{name}" for name in root.names(folder) if name.endswith(".conf"))):
        text = root.read_optional(path) or ""
        for hooks in _assignments(text, "HOOKS"):
            copies = "modconf" in hooks.split()
            why = f"{'hook' if copies else 'no hook'} modconf in {path}"
        if any(OUR_CONF in files for files in _assignments(text, "FILES")):
            return True, f"{path} adds {OUR_CONF}"
    return copies, why


def _assignments(text: str, name: str) -> Iterator[str]:
    """Values given to a variable of a simple shell file (``x=y``, ``x+="y"``, ``X=(a b)``), in order."""
    for match in re.finditer(rf"^[ \t]*{name}\+?=(\([^)]*\)|\"[^\"]*\"|'[^']*'|\S*)", text, re.MULTILINE):
        yield match.group(1).strip("()\"'").strip()


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
        if self.stream.seekable():
            self.stream.seek(count, 1)
            self.position += count
            return
        while count > 0:
            count -= len(self.take(min(count, CHUNK)))

    def padding(self) -> bytes:
        """Leave zero bytes out up to the next word that has others; b"" at the end."""
        while (word := self.stream.read(4)) == b"\0\0\0\0":
            self.position += 4
        self.position += len(word)
        return word if word.strip(b"\0") else b""


Member = tuple[str, _ByteReader, int]  # name, reader standing at the data, size of the data


def unreadable(what: Inside, why: str) -> RdnaError:
    """The error for an image that cannot be understood."""
    message = f"the initramfs image cannot be read: {why}"
    return RdnaError("image-unreadable", message, context=str(what), exit_code=Exit.FAILED)


def _members(root: Sysroot, image: Inside, stack: contextlib.ExitStack) -> Iterator[Member]:
    """Every member of the image; the consumer takes or skips its data and the padding behind it."""
    plain = _ByteReader(stack.enter_context(root.path(image).open("rb")), image)
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
        size = length = -1
    if not 0 <= length <= NAME_LIMIT or size < 0:  # int() takes a sign; going back would never end
        raise unreadable(reader.what, f"a broken header at byte {reader.position}")
    name = reader.take(length).rstrip(b"\0").decode("utf-8", "surrogateescape")
    reader.skip(-(HEADER + length) % 4)
    if name != TRAILER:
        yield name, reader, size
    return name
