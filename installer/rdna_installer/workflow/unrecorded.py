"""Files that this program wrote and no history that can be found knows: of a state that was moved, removed or closed.

They are told from others' by their first line; nobody but who has that history can put back what was before them.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import PurePosixPath

from rdna_installer.change.staging import STAMP
from rdna_installer.detect.users import user_of
from rdna_installer.errors import RdnaError
from rdna_installer.machine.asuser import look
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Change, Generation, HostFacts
from rdna_installer.plan.render import ENVIRONMENT_CONF, FISH, PACKAGE, PROFILE_SH
from rdna_installer.plan.trial import OPTIONS_CONF
from rdna_installer.workflow.owners import Owner, system_uid

OF_SYSTEM = (OPTIONS_CONF, PROFILE_SH, ENVIRONMENT_CONF, FISH)
HEAD = 4096  # bytes in which a header is, if any


def unrecorded(root: Sysroot, facts: HostFacts, owners: Iterable[Owner]) -> tuple[str, ...]:
    """What is to be said of each place of the owners' with a file of ours that none of them has a record of."""
    said: list[str] = []
    for owner in owners:
        uid = system_uid(root) if owner.user is None else owner.user.uid
        hooks = (site.site_packages / PACKAGE / "__init__.py" for site in facts.sites if site.owner == uid)
        places = (*hooks, *(OF_SYSTEM if owner.is_system else ()))
        try:
            found = look(partial(_stamped, root, places), tuple[PurePosixPath, ...], user_of(root, uid))
            kept = owner.do(owner.store.generations, tuple[Generation, ...]) if found else ()
        except (RdnaError, OSError):  # what cannot be read is said elsewhere
            continue
        known = {managed.path for generation in kept for managed in generation.managed}
        said += [_lost(p, owner) for p in found if p not in known and owner.store.base not in p.parents]
    return tuple(said)


def _lost(path: PurePosixPath, owner: Owner) -> str:
    """That a file of ours has no record, and what can be done about it."""
    first = f"{path} stays: rdna-installer wrote it, and there is no history of it in {owner.store.base}"
    if owner.user is None:
        return f"{first}; remove it yourself"
    return f"{first}; as {owner.name}, with the XDG_STATE_HOME it was made with: rdna-installer uninstall"


def without_record(changes: Iterable[Change], owners: Iterable[Owner]) -> bool:
    """Whether what is in the place of one of the changes is of ours, and none of the owners knows it."""
    ours = {change.path for change in changes if STAMP.search((change.before.content or b"")[:HEAD])}
    known = {m.path for owner in owners if ours and (now := owner.current()) for m in now.managed}
    return bool(ours - known)


def _stamped(root: Sysroot, places: Iterable[PurePosixPath]) -> tuple[PurePosixPath, ...]:
    return tuple(p for p in places if root.exists(p) and STAMP.search(root.read_bytes(p, limit=HEAD)))
