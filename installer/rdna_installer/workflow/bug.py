"""Where the details of a bug go: the state's log, or a file of the user's own."""

from __future__ import annotations

import traceback

from rdna_installer.change.store import Store
from rdna_installer.detect.users import invoking_user
from rdna_installer.errors import RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.printable import printable, printable_lines


def record_bug(err: Exception, root_folder: str) -> str:
    """Keep the traceback in the log of that root; returns the place to name to the user."""
    text = "\n".join(_told(part) for part in traceback.format_exception(err))
    root = Sysroot(root_folder)
    for user in (None, invoking_user(root)):
        try:
            place = Store.open(root, user).keep_details(text)
        except (OSError, RdnaError):
            continue
        return place
    return "nowhere: no log can be written here"


def _told(part: str) -> str:
    """One entry of a traceback: a frame has lines of its own, what an exception says is one."""
    text = part.strip("\n")
    return printable_lines(text) if text.startswith("  File ") else printable(text)
