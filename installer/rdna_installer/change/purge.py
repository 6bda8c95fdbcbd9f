"""Remove a state directory after an uninstall: only entries we know, never through a link, and to the end.

``purging`` is made first and goes last: whoever finds it goes on and asks nothing again, for what the questions are
about may be gone already.
"""

from __future__ import annotations

import re

from rdna_installer.change import outcomes, records
from rdna_installer.change.boot_counting import BOOTS, LOAD, RESULT
from rdna_installer.change.finish import throw_away
from rdna_installer.change.outcomes import OUTCOMES
from rdna_installer.change.records import CURRENT
from rdna_installer.change.store import PURGING, UNFINISHED, Store, lock
from rdna_installer.errors import Exit, RdnaError, explaining
from rdna_installer.machine import durable
from rdna_installer.machine.folder import Folder
from rdna_installer.machine.interrupts import Interrupts

FILES = (CURRENT, BOOTS, LOAD, RESULT, "format", "log", *UNFINISHED)  # and the list, the marker, and "lock" last of all
PROBED = re.compile(r"probe-[0-9a-f]{16}\.json")


def purge(store: Store) -> tuple[str, ...]:
    """Remove all we know; returns names of others that stay (and the directory with them). The list of outcomes stays
    as long as a user's part of a change waits for it.

    Raises RdnaError("still-applied", "recover-first", "busy"), or what the disk says (exit 6: run it again).
    """
    if not store.exists:
        return ()
    with explaining(Exit.INCOMPLETE, note="the state is partly removed: run it again"), Interrupts():
        with lock(store) as locked, locked.folder() as base:
            empty(locked)
            left = tuple(name for name in base.names() if name != "lock")
            durable.discard(base, "lock")
            durable.sync(base)
        if not left:
            with Folder.open(store.root, store.base.parent, writing=True) as parent:
                durable.remove_folder(parent, store.base.name)
                durable.sync(parent)
    return left


def finish_purge(store: Store) -> bool:
    """Whether a purge had begun, which is then finished. Raises as ``purge``."""
    if not store.purging:
        return False
    purge(store)
    return True


def empty(store: Store) -> None:
    """Remove all but the lock, for who holds it. Raises RdnaError, OSError."""
    with store.folder() as base:
        if base.status(PURGING) is None:
            durable.remove_tree(base, records.RUBBISH)
            _require_uninstalled(store)
            if base.status("generations") is not None or base.status(CURRENT) is not None:
                durable.write_tree(base, {PURGING: b""})
        durable.remove_tree(base, records.RUBBISH)
        if base.status("generations") is not None:
            throw_away(store, "generations")
        for name in (*FILES, *(n for n in base.names() if PROBED.fullmatch(n))):
            durable.remove_tree(base, name)
        known = outcomes.read(store)
        if known is None or not any(line.parts for line in known.lines):
            durable.discard(base, OUTCOMES)
        # The marker must not go before what it is about.
        durable.sync(base)
        durable.discard(base, PURGING)
        durable.sync(base)


def _require_uninstalled(store: Store) -> None:
    if store.needs_recovery():
        raise RdnaError("recover-first", "an earlier run is not finished", hint="rdna-installer recover")
    last = max(store.numbers(), default=0)
    if last and store.manifest(last).generation.managed:
        raise RdnaError(
            "still-applied",
            f"generation {last} is in force: its way back must not be removed",
            context=str(store.base),
            hint="rdna-installer uninstall --purge",
        )
