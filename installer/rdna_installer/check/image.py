"""Whether each kernel's boot image carries our files of modprobe.d as they are: stale ones act at the next boot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from rdna_installer import codec
from rdna_installer.check.boot import kernel_files
from rdna_installer.check.kernel import REBUILD
from rdna_installer.detect.image import read_image
from rdna_installer.errors import RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, Generation, HostFacts, Status

WANTED = "our options as they are"


def check_images(facts: HostFacts, generation: Generation, root: Sysroot) -> Iterator[Check]:
    """A line for each image that can be read: all are looked at, for any may be what the boot menu starts next."""
    managed = kernel_files(generation)
    if not facts.live or not managed or not facts.initramfs.copies:
        return
    wanted = {m.path: m.after.digest for m in managed}
    for release, image in facts.initramfs.images.items():
        try:
            yield _check(f"initramfs:{release}", image, wanted, facts, root)
        except PermissionError:
            continue  # not for this reader; root's verify looks into it


def _check(
    line: str, image: PurePosixPath, wanted: Mapping[PurePosixPath, str | None], facts: HostFacts, root: Sysroot
) -> Check:
    try:
        found = read_image(root, image, [str(path) for path in wanted])
    except (FileNotFoundError, RdnaError) as err:
        why = err.message if isinstance(err, RdnaError) else "it is gone"
        return Check(line, Status.UNKNOWN, WANTED, None, str(image), why)
    if found.squashed:
        return Check(line, Status.NOT_APPLICABLE, WANTED, None, str(image), "its files are in an image of their own")
    differs = [str(p) for p, digest in wanted.items() if _digest(found.files.get(str(p))) != digest]
    if not differs:
        return Check(line, Status.OK, WANTED, "the same bytes inside", str(image))
    if not found.amdgpu:
        return Check(line, Status.OK, WANTED, "amdgpu is not inside: its own are not read", str(image))
    rebuild = REBUILD.get(facts.initramfs.tool, "rebuild it")
    hint = f"{', '.join(differs)}: another one is inside, and amdgpu too: {rebuild}"
    return Check(line, Status.FAILED, WANTED, "stale initramfs", str(image), hint)


def _digest(content: bytes | None) -> str | None:
    return None if content is None else codec.digest(content)
