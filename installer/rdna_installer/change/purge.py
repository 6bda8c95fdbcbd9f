"""Remove the state directory after an uninstall: only entries we know, never through a link."""

from __future__ import annotations

import re

from rdna_installer.change import journal
from rdna_installer.change.boots import BOOTS, LOAD, RESULT
from rdna_installer.change.finish import throw_away
from rdna_installer.change.manifest import CURRENT
from rdna_installer.change.store import Store, lock
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine import durable
from rdna_installer.machine.folder import Folder
from rdna_installer.machine.interrupts import Interrupts
from rdna_installer.machine.oserrors import explaining

# "lock" is held until the end.
FILES = (CURRENT, f".{CURRENT}.new", ".format.new", BOOTS, LOAD, RESULT, f".{RESULT}.new", "format", "log", "lock")
PROBED = re.compile(r"probe-[0-9a-f]{16}\.json")


def purge(store: Store) -> tuple[str, ...]:
    """Remove all we know; returns names of others that stay (and the directory with them).

    Raises RdnaError("still-applied", "recover-first", "busy"), or what the disk says (exit 6: run it again).
    """
    if not store.exists:
        return ()
    with explaining(Exit.INCOMPLETE, note="the state is partly removed: run it again"), Interrupts():
        with lock(store) as locked:
            left = _empty(locked)
        if not left:
            with Folder.open(store.root, store.base.parent, writing=True) as parent:
                durable.remove_folder(parent, store.base.name)
                durable.sync(parent)
    return left


def _empty(store: Store) -> tuple[str, ...]:
    with store.folder() as base:
        durable.remove_tree(base, journal.RUBBISH)
        _require_uninstalled(store)
        if base.status("generations") is not None:
            throw_away(store, "generations")
        for name in (*FILES, *(n for n in base.names() if PROBED.fullmatch(n))):
            durable.remove_tree(base, name)
        durable.sync(base)
        return tuple(base.names())


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
