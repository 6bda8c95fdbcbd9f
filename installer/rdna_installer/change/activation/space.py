"""Free space for a rebuilt image, checked before anything is changed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from rdna_installer.errors import RdnaError
from rdna_installer.machine.sysroot import Sysroot

MARGIN = 8 << 20  # bytes; beside a tenth of the image, for what a newer tool or kernel adds to it


def require_space(root: Sysroot, images: Iterable[PurePosixPath]) -> None:
    """Raises RdnaError("boot-full") when a new image does not fit beside the old one (the tools write it there).

    Images are rebuilt one after the other, so the largest of a file system decides.
    """
    for image in images:
        status = root.status(image)
        if status is None:
            continue
        need = status.st_size + status.st_size // 10 + MARGIN
        free = root.free_bytes(image.parent)
        if free < need:
            raise RdnaError(
                "boot-full",
                f"rebuilding the initramfs needs {_mib(need)} beside the old one, {image.parent} has {_mib(free)} free",
                context=str(image),
                hint="remove old kernels (on Debian and Ubuntu: `sudo apt autoremove --purge`), then run this again",
            )


def _mib(size: int) -> str:
    return f"{-(-size // (1 << 20))} MiB"
