"""The Python environments the python layer may be written to: those named, and those with a torch in usual places."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from rdna_installer.detect.interpreters import Interpreter, interpreter_at
from rdna_installer.detect.places import DEPTH, ENVIRONMENTS, SHARED, SHARED_DEPTH, PlaceSearch
from rdna_installer.detect.users import other_people, user_of
from rdna_installer.errors import Exit, RdnaError, explaining
from rdna_installer.machine.asuser import look
from rdna_installer.machine.sysroot import Sysroot, real
from rdna_installer.model import PythonSite, Torch, User
from rdna_installer.record import record, replace

SYSTEM = "/usr/bin/python3"
LOCAL = "/usr/local/bin/python3"  # what images for containers have
NO_HOMES = (PurePosixPath("/"), PurePosixPath("/nonexistent"))


@record(frozen=True)
class FoundSites:
    """Sites found, those left out with the reason, where was looked; those that could not be, as in ``HostFacts``."""

    sites: tuple[PythonSite, ...]
    notes: tuple[str, ...]
    looked: tuple[str, ...] = ()
    unseen: tuple[tuple[str, str], ...] = ()


def find_sites(root: Sysroot, pythons: Sequence[str], user: User) -> tuple[PythonSite, ...]:
    """The sites named with --python, each once, torch or not.

    Raises RdnaError: "not-a-python", "python-gone", "mixed-owners"; what the disk says of one that cannot be read.
    """
    sites = (_site(root, _named(root, absolute(root, path)), user) for path in pythons)
    return tuple({site.site_packages: site for site in sites}.values())


def _named(root: Sysroot, path: str) -> Interpreter:
    try:
        return interpreter_at(root, path)
    except RdnaError:
        with explaining(Exit.REFUSED):
            root.require_readable(path)
        raise


def search_sites(root: Sysroot, user: User) -> FoundSites:
    """The system's Python, and those with a torch in the homes of the people concerned and in places for all.

    Whose files are read decides with whose rights: each home is searched as its owner.
    """
    here = working_folder(root)
    parts = [_searched(root, user, partial(_of_session, root, user, here))]
    parts += [_searched(root, person, partial(_of_home, root, person)) for person in other_people(root, user)]
    parts += [_searched(root, None, partial(_below, root, user, p, SHARED_DEPTH)) for p in SHARED if root.is_dir(p)]
    sites: dict[PurePosixPath, PythonSite] = {}
    for part in parts:
        for site in part.sites:
            sites.setdefault(site.site_packages, site)
    notes = dict.fromkeys(note for part in parts for note in part.notes)
    return FoundSites(tuple(sites.values()), tuple(notes), tuple(place for part in parts for place in part.looked))


def owner_of(root: Sysroot, path: str) -> int:
    """Whose rights it is looked at with; root's where nothing is there."""
    status = root.status(path)
    return status.st_uid if status is not None else 0


def load_for_children() -> None:
    """What a look with another's rights needs of Python and of ours, which may be closed to them by then."""
    import ast  # noqa: F401
    import warnings  # noqa: F401
    import zlib  # noqa: F401

    from rdna_installer.detect import codeobjects, torch  # noqa: F401
    from rdna_installer.machine import process  # noqa: F401


def _searched(root: Sysroot, owner: User | None, work: Callable[[], FoundSites]) -> FoundSites:
    """``work`` with the rights of the owner of what is read; below another root, whose ids mean nothing here, ours."""
    try:
        return look(work, FoundSites, owner if root.live else None)
    except (OSError, RdnaError) as err:
        return FoundSites((), (f"{owner.home if owner else 'outside the homes'}: not searched ({err})",))


def _of_session(root: Sysroot, user: User, here: Sequence[str]) -> FoundSites:
    """What is activated, the system's Python, where we stand, and the user's home."""
    active = [os.environ[name] for name in ("VIRTUAL_ENV", "CONDA_PREFIX") if root.live and os.environ.get(name)]
    beside = [f"{base}/{name}" for base in here for name in ENVIRONMENTS if root.is_dir(f"{base}/{name}")]
    near, home = _with_torch(root, [*active, SYSTEM, LOCAL, *beside], user, (SYSTEM,)), _of_home(root, user)
    return FoundSites(near.sites + home.sites, near.notes + home.notes, near.looked + home.looked)


def _of_home(root: Sysroot, person: User) -> FoundSites:
    return FoundSites((), ()) if person.home in NO_HOMES else _below(root, person, person.home, DEPTH)


def _below(root: Sysroot, user: User, place: PurePosixPath, depth: int) -> FoundSites:
    search = PlaceSearch(root)
    paths = search.below_home(place) if place == user.home else search.below(place)
    found = _with_torch(root, paths, user, ())
    end = f", stopped after {search.looked} folders" if search.stopped else ""
    return replace(found, looked=(f"{place} ({depth} levels deep{end})",) if root.is_dir(place) else ())


def _with_torch(root: Sysroot, paths: Iterable[str], user: User, looked: tuple[str, ...]) -> FoundSites:
    """Those of the paths that are Pythons with a torch."""
    sites, notes = [], []
    for path in paths:
        try:
            site = _site(root, interpreter_at(root, path), user)
        except RdnaError as err:
            if err.reference != "not-a-python" and _seems_to_have_torch(root, path):
                notes.append(f"{path}: {err.message}")
            continue
        if site.torch:
            sites.append(site)
    return FoundSites(tuple(sites), tuple(notes), looked)


def _seems_to_have_torch(root: Sysroot, prefix: str) -> bool:
    """Whether an environment that cannot be used is worth a word."""
    return any(root.exists(f"{prefix}/lib/{name}/site-packages/torch") for name in root.names(f"{prefix}/lib"))


def absolute(root: Sysroot, path: str) -> str:
    """A path of the command line, whatever the working folder is."""
    return os.path.abspath(path) if root.live else f"/{path.lstrip('/')}"


def working_folder(root: Sysroot) -> list[str]:
    """Where the command was called, for a look that happens elsewhere."""
    try:
        return [str(Path.cwd())] if root.live else []
    except OSError:  # it was removed under us
        return []


def _site(root: Sysroot, found: Interpreter, user: User) -> PythonSite:
    folders = [*_user_folders(root, found, user), *found.folders]
    torch, place = _first_torch(root, folders)
    folder = place if place and place not in found.folders else found.folders[0]
    status = root.status(folder)
    if status is None:
        raise RdnaError("site-unreadable", "cannot tell who owns this environment", context=str(folder))
    if folder == found.folders[0]:
        _refuse_mixed_owners(root, found, status.st_uid)
    return PythonSite(
        python=found.python,
        prefix=found.prefix,
        site_packages=folder,
        python_version=found.version,
        owner=status.st_uid,
        group=_group_of_new(root, status),
        torch=torch,
    )


def _group_of_new(root: Sysroot, status: os.stat_result) -> int:
    """The group a new file of the owner gets there: his own, or the directory's where it is set-group-id."""
    return status.st_gid if status.st_mode & stat.S_ISGID else user_of(root, status.st_uid).gid


def _user_folders(root: Sysroot, found: Interpreter, user: User) -> list[PurePosixPath]:
    """The user's own packages (pip install --user) come before the system's; environments do not see them."""
    if found.prefix != PurePosixPath("/usr"):
        return []
    folder = user.home / f".local/lib/python{found.version}/site-packages"
    return [real(root, folder)] if root.is_dir(folder) else []


def _first_torch(root: Sysroot, folders: Sequence[PurePosixPath]) -> tuple[Torch | None, PurePosixPath | None]:
    from rdna_installer.detect.torch import read_torch  # with all that reads libraries; most machines have no torch

    for folder in folders:
        if torch := read_torch(root, folder):
            return torch, folder
    return None, None


def _refuse_mixed_owners(root: Sysroot, found: Interpreter, owner: int) -> None:
    """One site is one owner's transaction; the interpreter does not count: a venv's python links to the system's."""
    status = root.status(found.marker) if found.marker else None
    if status is not None and status.st_uid != owner:
        raise RdnaError(
            "mixed-owners",
            f"{found.marker} belongs to user {status.st_uid}, but {found.folders[0]} to user {owner}",
            context=str(found.prefix),
            hint=f"give the environment one owner, e.g. chown -R {status.st_uid} {found.prefix}",
        )
