"""The invoking user, through sudo the one who called it, and the groups that open the GPU."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import PurePosixPath

from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import User
from rdna_installer.record import replace

MAX_ID = 2**32 - 2
NOBODYS = 65534  # the group nogroup: owns nothing, opens nothing
HUMANS = range(1000, 60000)  # uids of people (login.defs)
HOMES = 20  # searched where nobody said whose


def invoking_user(root: Sysroot) -> User:
    """The user who started this, as the root's own passwd and group files describe them."""
    uid, sudo = _invoking_uid()
    user = user_of(root, uid)
    if not root.live or sudo:
        return user
    # The groups this process really has: without those added since the login.
    names = group_names(root)
    return replace(user, session_groups=frozenset(names.get(g, str(g)) for g in {os.getegid(), *os.getgroups()}))


def user_of(root: Sysroot, uid: int) -> User:
    """A user by number. One whom the root does not know gets the number as name and no home."""
    for name, _, number, gid, _, home, shell in _rows(root, "/etc/passwd", 7):
        if _id(number) == uid:
            primary = _id(gid)
            gid_number = uid if primary is None else primary
            groups = _groups(root, name, gid_number)
            return User(uid, _acting(root, uid, gid_number), name, _home(home), shell or "/bin/sh", groups)
    return (_from_name_service(root, uid) if root.live else None) or User(
        uid, _acting(root, uid, uid), str(uid), PurePosixPath("/nonexistent"), "/bin/sh", frozenset()
    )


def _acting(root: Sysroot, uid: int, gid: int) -> int:
    """The group with which we work for somebody. The number that another root gives may be root's here, or shadow's:
    it counts where it is nobody's on this machine, or the same user's."""
    if root.live or uid == 0:
        return gid
    return next((number for number in (gid, uid) if not _is_others(uid, number)), NOBODYS)


def _is_others(uid: int, gid: int) -> bool:
    if gid == 0:
        return True
    import grp
    import pwd

    try:
        grp.getgrgid(gid)
    except KeyError:
        return False
    try:
        return pwd.getpwuid(uid).pw_gid != gid
    except KeyError:
        return True


def all_users(root: Sysroot) -> tuple[User, ...]:
    """Everybody in the root's own passwd file."""
    ids = (_id(row[2]) for row in _rows(root, "/etc/passwd", 7))
    return tuple(user_of(root, uid) for uid in dict.fromkeys(ids) if uid is not None)


def other_people(root: Sysroot, user: User) -> list[User]:
    """For root itself (nobody said whose machine it is) everybody who has a home."""
    if user.uid != 0:
        return []
    return [person for person in all_users(root) if person.uid in HUMANS][:HOMES]


def group_names(root: Sysroot) -> dict[int, str]:
    """The groups by their ids; of two with one id the first counts."""
    rows = reversed([*_rows(root, "/etc/group", 4)])
    return {gid: row[0] for row in rows if (gid := _id(row[2])) is not None}


def _invoking_uid() -> tuple[int, bool]:
    """The uid, and whether sudo told it. SUDO_UID counts only for root: anyone can set a variable."""
    caller = _id(os.environ.get("SUDO_UID", "")) if os.geteuid() == 0 else None
    return (caller, True) if caller else (os.geteuid(), False)


def _from_name_service(root: Sysroot, uid: int) -> User | None:
    """Accounts that are in no file (LDAP, systemd-homed)."""
    import pwd

    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return None
    groups = _groups(root, entry.pw_name, entry.pw_gid)
    return User(uid, entry.pw_gid, entry.pw_name, _home(entry.pw_dir), entry.pw_shell or "/bin/sh", groups)


def _groups(root: Sysroot, name: str, gid: int) -> frozenset[str]:
    rows = _rows(root, "/etc/group", 4)
    return frozenset(row[0] for row in rows if name in row[3].split(",") or _id(row[2]) == gid)


def _rows(root: Sysroot, path: str, columns: int) -> Iterator[list[str]]:
    for line in (root.read_optional(path) or "").splitlines():
        row = line.split(":")
        if len(row) == columns and row[0]:
            yield row


def _id(text: str) -> int | None:
    if not (text.isascii() and text.isdecimal()) or len(text) > 10:
        return None
    return int(text) if int(text) <= MAX_ID else None


def _home(text: str) -> PurePosixPath:
    return PurePosixPath(text) if text.startswith("/") else PurePosixPath("/nonexistent")
