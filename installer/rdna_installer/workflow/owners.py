"""The owners of a machine's state: the system, and each user whose venvs hold our hook."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TypeVar

from rdna_installer.change.store import Store
from rdna_installer.detect.users import all_users, user_of
from rdna_installer.machine.process import as_user
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Generation, HostFacts, PythonSite, User
from rdna_installer.record import record

SYSTEM = "system"

T = TypeVar("T")


@record(frozen=True)
class Owner:
    """One state directory and who writes it. ``user`` None: the system."""

    name: str
    store: Store
    user: User | None = None

    @property
    def is_system(self) -> bool:
        """Whether this is the machine's own state."""
        return self.user is None

    def do(self, work: Callable[[], T]) -> T:
        """The result of ``work`` with this owner's rights: whatever they put in root's way is read as theirs only."""
        if self.user is None:
            return work()
        # Imported late by what is done here; with dropped rights our own installation may be closed.
        import difflib  # noqa: F401

        return as_user(self.user, work)

    def current(self) -> Generation | None:
        """The generation in force. Raises RdnaError("state-corrupted", "no-permission")."""
        return self.do(self.store.current)


def find_owners(
    root: Sysroot, user: User, sites: Iterable[PythonSite] = (), *, everybody: bool = False
) -> tuple[Owner, ...]:
    """The users first (their transactions come first), the system last.

    Users are those who own a site, those whom the system's latest command concerned, and the invoking one where
    there is state of theirs; ``everybody``: as root all users with state. Raises RdnaError("state-newer",
    "state-corrupted").
    """
    public = Store.open(root).public()
    others = public.parts if public and os.geteuid() == 0 else ()  # nobody else may look into another's state
    ids = [*(site.owner for site in sites if site.owner != system_uid(root)), *others]
    known = all_users(root) if everybody and os.geteuid() == 0 else (user,)
    ids += [u.uid for u in known if u.uid != system_uid(root) and Store.place(root, u).exists]
    users = [user_of(root, uid) for uid in sorted(set(ids))]
    return (*(_user(root, u) for u in users), system_owner(root))


def system_owner(root: Sysroot) -> Owner:
    """The machine's own state. Raises RdnaError("state-newer", "state-corrupted")."""
    return Owner(SYSTEM, Store.open(root))


def _user(root: Sysroot, user: User) -> Owner:
    return Owner(user.name, as_user(user, lambda: Store.open(root, user)), user)


def system_uid(root: Sysroot) -> int:
    """Who owns the system's files: root, or below a scratch root whoever works on it."""
    return 0 if root.live or os.geteuid() == 0 else os.geteuid()


def owner_of(path: PurePosixPath, facts: HostFacts, owners: tuple[Owner, ...]) -> Owner:
    """Whose transaction a path belongs to: its site's owner's, else the system's."""
    site = next((s for s in facts.sites if s.site_packages in path.parents), None)
    by_id = {o.user.uid: o for o in owners if o.user}
    return by_id.get(site.owner, owners[-1]) if site else owners[-1]


def merged(generations: Iterable[Generation | None]) -> Generation | None:
    """Several owners' current generations as one to verify against; numbered as the last (the system's)."""
    present = [g for g in generations if g is not None]
    if not present:
        return None
    return replace(
        present[-1],
        managed=tuple(m for g in present for m in g.managed),
        settings=tuple(s for g in present for s in g.settings),
        pending=tuple(s for g in present for s in g.pending),
        gpus=tuple(dict.fromkeys(gpu for g in present for gpu in g.gpus)),
    )
