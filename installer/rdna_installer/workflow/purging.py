"""Forget everything, after an uninstall: every owner's state, users' first."""

from __future__ import annotations

import os
from functools import partial

from rdna_installer.change.outcomes import OUTCOMES
from rdna_installer.change.recover import purge as purge_store
from rdna_installer.change.store import Store
from rdna_installer.detect.users import invoking_user
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.workflow.committing import may_write
from rdna_installer.workflow.owners import EVERYBODY, Owner, find_owners


def purge(root: Sysroot, chosen: str | None = None) -> tuple[str, ...]:
    """Remove the states of all as root, else the acting user's, after an uninstall; lines about what stays.

    Raises RdnaError (exit 6): the machine is as it was before us, and some of the system's state is left.
    """
    everybody = EVERYBODY if chosen is None and os.geteuid() == 0 else chosen
    *users, system = find_owners(root, invoking_user(root), chosen=everybody)
    lines = []
    for owner in users:
        try:
            lines += _purge(owner)
        except (RdnaError, OSError) as err:
            name = owner.name
            lines.append(f"note: the state of {name} stays ({err}); as {name}: rdna-installer uninstall --purge")
    if not may_write(root, system) or chosen not in (None, EVERYBODY, system.name):
        return tuple(lines)
    try:
        return (*lines, *_purge(system))
    except RdnaError as err:
        message = f"all was put back, but what we know of it is not all removed: {err.message}"
        hint = f"{err.hint or 'see above'}; then run it again"
        raise RdnaError(err.reference, message, context=err.context, hint=hint, exit_code=Exit.INCOMPLETE) from err


def _purge(owner: Owner) -> list[str]:
    left = owner.do(partial(_purge_store, owner.store), tuple[str, ...] | None, changes=True)
    if left is None:
        return []
    stays = (
        f"; left in place, not made by rdna-installer: {', '.join(n for n in left if n != OUTCOMES)}"
        if {*left} - {OUTCOMES}
        else ""
    )
    waits = f"; {OUTCOMES} stays: a user's part of a change waits for it" if OUTCOMES in left else ""
    return [f"removed the state of {owner.name}{stays}{waits}"]


def _purge_store(store: Store) -> tuple[str, ...] | None:
    return purge_store(store) if store.exists else None
