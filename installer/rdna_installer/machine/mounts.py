"""Take a bind mount off a file: how our options are hidden for one boot without a write to the disk."""

from __future__ import annotations

import stat

from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.process import run
from rdna_installer.machine.sysroot import Inside, Sysroot

TIMES = 4  # the rescue unit and the trial script may both have hidden it


def uncover(root: Sysroot, path: Inside) -> None:
    """Bring back the file that /dev/null was mounted over. Raises RdnaError("still-hidden")."""
    for _ in range(TIMES):
        status = root.status(path, follow=False)
        if status is None or not stat.S_ISCHR(status.st_mode) or not root.live:
            return
        done = run(["umount", str(path)])
        if done.code != 0:
            break
    said = done.err.decode("utf-8", "replace").strip()
    raise RdnaError("still-hidden", f"the mount over our file cannot be taken away: {said}", exit_code=Exit.FAILED)
