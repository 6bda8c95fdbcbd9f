"""The proof after a rebuild: our files are inside the image with exactly these bytes, or not inside at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from rdna_installer.change.activation import dracut
from rdna_installer.detect.image import read_image
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.sysroot import Sysroot


def require_inside(root: Sysroot, image: PurePosixPath, wanted: Mapping[PurePosixPath, bytes | None]) -> None:
    """Raises RdnaError("initramfs-unproved") unless every path is inside with its bytes (None: is not inside)."""
    found = read_image(root, image, [str(path) for path in wanted])
    for path, content in wanted.items():
        inside = found.files.get(str(path))
        if inside is None and found.squashed:
            inside = dracut.squashed_bytes(root, image, path)
        if inside != content:
            raise RdnaError(
                "initramfs-unproved",
                f"the rebuilt image {_state(inside, content)} {path}",
                context=str(image),
                exit_code=Exit.FAILED,
            )


def _state(inside: bytes | None, wanted: bytes | None) -> str:
    if wanted is None:
        return "still has"
    return "does not have" if inside is None else "has other bytes than the system for"
