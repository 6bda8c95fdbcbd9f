"""Where the details of a bug go: the state's log, or a file of the user's own."""

from __future__ import annotations

import traceback

from rdna_installer.change.store import Store
from rdna_installer.detect.users import invoking_user
from rdna_installer.errors import RdnaError
from rdna_installer.machine.sysroot import Sysroot


def record_bug(err: Exception, root_folder: str) -> str:
    """Keep the traceback in the log of that root; returns the place to name to the user."""
    text = "".join(traceback.format_exception(err))
    root = Sysroot(root_folder)
    for user in (None, invoking_user(root)):
        try:
            place = Store.open(root, user).keep_details(text)
        except (OSError, RdnaError):
            continue
        return place
    return "nowhere: no log can be written here"
