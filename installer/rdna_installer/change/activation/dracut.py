"""dracut (Fedora, openSUSE, Ubuntu since 25.10, EndeavourOS)."""

from __future__ import annotations

from pathlib import PurePosixPath

from rdna_installer.machine.process import find, run
from rdna_installer.machine.sysroot import Sysroot

LSINITRD_SECONDS = 120.0


def command(_root: Sysroot, release: str, image: PurePosixPath) -> list[str]:
    """The command for one kernel's image, named so that dracut need not guess where it is."""
    return ["dracut", "--force", "--kver", release, str(image)]


def squashed_bytes(root: Sysroot, image: PurePosixPath, path: PurePosixPath) -> bytes | None:
    """A file of an image whose tree is a file system of its own inside it: only lsinitrd can look into that."""
    if find("lsinitrd", root) is None:
        return None
    for prefix in ("squashfs-root", "erofs-root"):
        done = run(["lsinitrd", "-f", f"{prefix}{path}", str(image)], root=root, timeout=LSINITRD_SECONDS)
        if done.out:
            return done.out
    return None
