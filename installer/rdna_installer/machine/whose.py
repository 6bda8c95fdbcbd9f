"""Whose a Python environment is: who may put code into it decides who may run it, and that is never root.

Looked at are the interpreter with every link to it, the environment, its configuration, the directories that hold
code, each with what lies directly in it, and all directories above: whoever may write one of these may replace it.
What is root's or belongs to several people is run by a user id that nobody has. Not by ``nobody``: whatever else runs
with that id could write into the child's memory, and be written into by it.

Before root runs a program of another root (``--root``), where any part of the tree may belong to anybody, is asked
whether what stands there is root's alone.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from rdna_installer.errors import RdnaError
from rdna_installer.machine.asuser import ask
from rdna_installer.machine.bounds import Rights
from rdna_installer.machine.durable import discard, make_folders
from rdna_installer.machine.folder import Folder, take
from rdna_installer.machine.sysroot import Inside, Sysroot
from rdna_installer.model import PythonSite

ACL = "system.posix_acl_access"
SEEN_LIMIT = 20_000  # names in one directory
RANGE = range(61184, 65520)  # systemd's for users that come and go; nobody gives these to people
LOCKS = PurePosixPath("/run/rdna-installer")
TRIES = 50
OTHERS = stat.S_IWGRP | stat.S_IWOTH


def owner_of_site(site: PythonSite) -> int | None:
    """The uid of its only owner besides root; None for root's own and for what several people can write.
    Asked in a child with our rights: a look below somebody's path may hang. Raises RdnaError("child-died")."""
    import grp
    import pwd

    private = _private_groups(grp.getgrall(), pwd.getpwall(), site.owner)
    rights = Rights(os.geteuid(), os.getegid())
    return ask(rights, lambda: _only_owner(site, private), int | None, who="root")


def _private_groups(groups: list[Any], users: list[Any], uid: int) -> frozenset[int]:
    """Groups in which there is nobody but ``uid``: what they may write, only that user may."""
    names = {user.pw_name for user in users if user.pw_uid == uid}
    others = {user.pw_gid for user in users if user.pw_uid != uid}
    own = {user.pw_gid for user in users if user.pw_uid == uid}
    alone = {group.gr_gid for group in groups if set(group.gr_mem) <= names}
    return frozenset(alone & own - others)


def _only_owner(site: PythonSite, private: frozenset[int]) -> int | None:
    if site.owner == 0:
        return None
    trusted = (0, site.owner)
    try:
        seen = all(_is_safe(path, status, above, trusted, private) for path, status, above in _all(site))
    except OSError:
        return None
    return site.owner if seen else None


def _is_safe(path: str, status: os.stat_result, above: bool, trusted: tuple[int, int], private: frozenset[int]) -> bool:
    """Whether nobody but the trusted may write it; in a sticky directory ``above`` nobody else may replace anything."""
    if status.st_uid not in trusted:
        return False
    if stat.S_ISLNK(status.st_mode) or (above and status.st_mode & stat.S_ISVTX):
        return True
    if status.st_mode & stat.S_IWOTH:
        return False
    if not status.st_mode & stat.S_IWGRP:
        return True
    return status.st_gid in (0, *private) and not _has_acl(path)


def _has_acl(path: str) -> bool:
    """Where there is one the group's bits of the mode are its mask: it may name anybody."""
    try:
        return ACL in os.listxattr(path)
    except OSError:
        return False


def _all(site: PythonSite) -> Iterator[tuple[str, os.stat_result, bool]]:
    """Path, lstat, and whether it only lies above."""
    yield from _way(str(site.python))
    for place, names in ((site.prefix / "bin", "python"), (site.prefix / "lib", "python"), (site.site_packages, "")):
        yield from _way(str(place))
        yield from _inside(place, names)
    yield from _way(str(site.prefix / "pyvenv.cfg"))


def _way(path: str) -> Iterator[tuple[str, os.stat_result, bool]]:
    end = os.path.realpath(path)
    for place in map(str, Sysroot().way(path)[1:]):
        try:
            yield place, os.lstat(place), place != end
        except FileNotFoundError:
            return  # what is not there is nobody's, and where it could be put was looked at


def _inside(place: PurePosixPath, names: str) -> Iterator[tuple[str, os.stat_result, bool]]:
    """What lies in a directory under a name that begins with ``names``."""
    with os.scandir(place) as entries:
        for number, entry in enumerate(entries):
            if number > SEEN_LIMIT:
                raise OSError("too many names")
            if entry.name.startswith(names):
                yield entry.path, entry.stat(follow_symlinks=False), False


@contextmanager
def free_uid() -> Iterator[int]:
    """Hold a uid (and gid) without name, process or other run. Root only. Raises RdnaError("no-free-uid"), OSError."""
    make_folders(Sysroot(), LOCKS, 0o755)
    with Folder.open(Sysroot(), LOCKS, writing=True) as folder:
        busy = _in_use()
        start = int.from_bytes(os.urandom(4), "big")
        for number in range(TRIES):
            uid = RANGE[(start + number) % len(RANGE)]
            if uid in busy or _has_name(uid):
                continue
            try:
                fd = take(folder, f"uid-{uid}")
            except RdnaError:  # another run holds it
                continue
            try:
                yield uid
                return
            finally:
                discard(folder, f"uid-{uid}")
                os.close(fd)
    raise RdnaError("no-free-uid", f"none of the user ids {RANGE.start} to {RANGE.stop - 1} is free")


def _has_name(uid: int) -> bool:
    import grp
    import pwd

    for look in (pwd.getpwuid, grp.getgrgid):
        try:
            look(uid)
        except KeyError:
            continue
        return True
    return False


def _in_use() -> set[int]:
    found = set()
    for pid in Sysroot().numbers("/proc"):
        text = Sysroot().read_optional(f"/proc/{pid}/status") or ""
        line = next((line for line in text.splitlines() if line.startswith("Uid:")), "")
        found |= {int(number) for number in line.split()[1:]}
    return found


def not_roots(root: Sysroot, inside: Inside) -> str | None:
    """What somebody else may change on the way to a path, or at its end, and how; None where all is root's."""
    try:
        way = root.way(inside)
    except OSError as err:
        return f"{inside}: {os.strerror(err.errno or 0)}"
    return next((why for path in way if (why := _others_may(path))), None)


def not_roots_below(root: Sysroot, inside: Inside, *, deep: bool) -> str | None:
    """``not_roots`` for a directory and what is in it (``deep``: at any depth); it need not exist."""
    return not_roots(root, inside) or next((why for why in _below(root, inside, deep) if why), None)


def _below(root: Sysroot, inside: Inside, deep: bool) -> Iterator[str | None]:
    top = root.path(inside)
    for folder, folders, files in os.walk(top):
        for name in (*folders, *files):
            path = Path(folder, name)
            if path.is_symlink():
                # Its directory is root's, so nobody else can point it elsewhere; where it leads is another matter.
                yield not_roots(root, root.inside(path))
            else:
                yield _others_may(path)
        if not deep:
            return


def _others_may(path: Path) -> str | None:
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return None  # nobody else can put anything there, for its directory was looked at before it
    except OSError as err:
        return f"{path}: {err.strerror}"
    if status.st_uid != 0:
        return f"{path} belongs to uid {status.st_uid}"
    # In a sticky directory (/tmp) nobody else can replace what is root's, and that it is comes next.
    if stat.S_ISLNK(status.st_mode) or (stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX):
        return None
    return f"{path} can be written by others than root" if status.st_mode & OTHERS else None
