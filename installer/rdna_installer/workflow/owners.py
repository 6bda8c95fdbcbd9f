"""The owners of a machine's state: the system, and each user whose venvs hold our hook."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from functools import partial
from itertools import chain
from pathlib import PurePosixPath
from typing import TypeVar

from rdna_installer.change.outcomes import read_public
from rdna_installer.change.store import ENVIRONMENTS, Store
from rdna_installer.detect.users import all_users, user_of
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.asuser import as_user, look
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Generation, HostFacts, PythonSite, ServiceUnit, User
from rdna_installer.record import record, replace

SYSTEM, EVERYBODY = "system", "all"

T = TypeVar("T")


@record(frozen=True)
class Owner:
    """One state directory and who writes it. ``user`` None: the system."""

    name: str
    store: Store
    user: User | None = None
    problem: RdnaError | None = None  # why a user's state cannot be read: his matter, and no reason to stop root

    @property
    def is_system(self) -> bool:
        """Whether this is the machine's own state."""
        return self.user is None

    @property
    def title(self) -> str:
        """The owner in a sentence."""
        return "the system" if self.user is None else self.name

    def do(self, work: Callable[[], T], answer: object, *, changes: bool = False) -> T:
        """The result of ``work`` with this owner's rights: whatever they put in root's way is read as theirs only.

        ``answer``: its type. ``changes``: where it is not known how it ended, something may be left for `recover`.
        Raises ``problem`` where there is one.
        """
        if self.problem is not None:
            raise self.problem
        if self.user is None:
            return work()
        # Imported or read late by what is done here; with dropped rights our own installation may be closed.
        import difflib  # noqa: F401

        if changes:
            from rdna_installer.change.rescue import shell_code

            shell_code()
        return as_user(self.user, work, answer, changes=changes)

    def current(self) -> Generation | None:
        """The generation in force. Raises RdnaError("state-corrupted", "no-permission")."""
        return self.do(self.store.current, Generation | None)


def find_owners(
    root: Sysroot, user: User, sites: Iterable[PythonSite | ServiceUnit] = (), *, chosen: str | None = None
) -> tuple[Owner, ...]:
    """The users first (by id), the system last.

    Users are those who own a site or a named unit, those whom the system's records concern, and the invoking one where
    there is state of theirs; ``chosen``: "all" as root all users with state, "system" nobody, else the user of that
    name or number. Root without sudo looks at all. Raises RdnaError("state-newer", "state-corrupted", "no-such-owner");
    a user's own problem is in his ``Owner`` where somebody else is acting.
    """
    others = _concerned(root) if os.geteuid() == 0 else ()  # nobody else may look into another's state
    ids = {*(site.owner for site in sites if site.owner != system_uid(root)), *others}
    if chosen == EVERYBODY or (chosen is None and os.geteuid() == 0 and user.uid == system_uid(root)):
        known = all_users(root) if os.geteuid() == 0 else (user,)
    else:
        known = (user,)
    ids |= set(_with_state(root, [u for u in known if u.uid != system_uid(root)]))
    users = [user_of(root, uid) for uid in sorted(ids)]
    if chosen not in (None, EVERYBODY):
        users = [] if chosen == SYSTEM else [_named(root, chosen or "", users)]
    return (*(user_owner(root, u) for u in users), system_owner(root))


def _with_state(root: Sysroot, users: list[User]) -> list[int]:
    """Those of the users who have state. Asked all at once; where one's home hangs, of each alone, and not of that one:
    nothing of theirs can be read or written now."""
    places = {user.uid: Store.place(root, user) for user in users}

    def among(ids: Collection[int]) -> list[int]:
        try:
            return look(lambda: [uid for uid in ids if places[uid].exists], list[int]) if ids else []
        except RdnaError:
            return [] if len(ids) == 1 else [uid for uid in ids if among([uid])]

    return among(places)


def still_there(root: Sysroot, sites: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the Pythons that have not gone. Raises RdnaError("child-died") where one hangs."""
    return look(lambda: tuple(s for s in sites if root.exists(s)), tuple[str, ...]) if sites else ()


def _concerned(root: Sysroot) -> tuple[int, ...]:
    public, listed = Store.open(root).public(), read_public(root)
    lines = listed.lines if listed else ()
    of_lines = (uid for line in lines for uid in line.parts)
    return tuple({*(public.parts if public else ()), *(uid for uid, _ in (public.users if public else ())), *of_lines})


def _named(root: Sysroot, name: str, known: Iterable[User]) -> User:
    found = next((u for u in (*known, *all_users(root)) if name in (u.name, str(u.uid))), None)
    if found is None or found.uid == system_uid(root):
        hint = f"name {SYSTEM}, {EVERYBODY} or a user"
        raise RdnaError("no-such-owner", f"--owner {name}: no such user here", hint=hint, exit_code=Exit.USAGE)
    return found


def system_owner(root: Sysroot) -> Owner:
    """The machine's own state. Raises RdnaError("state-newer", "state-corrupted")."""
    return Owner(SYSTEM, Store.open(root))


def user_owner(root: Sysroot, user: User) -> Owner:
    """A user's own state; what is wrong with it is in ``problem`` where somebody else is acting."""
    store = Store.place(root, user)
    try:
        as_user(user, store.check_format, None)
    except RdnaError as err:
        if os.geteuid() == user.uid:
            raise
        return Owner(user.name, store, user, err)
    return Owner(user.name, store, user)


def system_uid(root: Sysroot) -> int:
    """Who owns the system's files: root, or below a scratch root whoever works on it."""
    return 0 if root.live or os.geteuid() == 0 else os.geteuid()


def owner_of(path: PurePosixPath, facts: HostFacts, owners: tuple[Owner, ...]) -> Owner:
    """Whose transaction a path is part of: whose state it is in, its site's or unit's owner's, else the system's."""
    text = str(path)
    if holder := next((owner for owner in owners if text.startswith(f"{owner.store.base}/")), None):
        return holder
    folders = ((s.site_packages, s.owner) for s in facts.sites), ((u.folder, u.owner) for u in facts.services)
    of = next((uid for folder, uid in chain(*folders) if text.startswith(f"{folder}/")), None)
    return next((o for o in owners if o.user and o.user.uid == of), owners[-1])


def with_environments(generations: Iterable[Generation | None]) -> bool:
    """Whether any of them has files of ours in an environment: most machines have none."""
    return any(f"/{ENVIRONMENTS}/" in str(m.path) for g in generations if g for m in g.managed)


def lost(owner: Owner, generations: Collection[Generation]) -> frozenset[int]:
    """The numbers of those that cannot be gone back to: their environment is no longer there."""
    if not with_environments(generations):
        return frozenset()
    from rdna_installer.workflow import environments

    return owner.do(partial(environments.lost, owner.store, generations), frozenset[int])


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
