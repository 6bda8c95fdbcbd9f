"""The Python environments the python layer may be written to: those named, and those with a torch in usual places."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from rdna_installer.detect.places import DEPTH, ENVIRONMENTS, OURS, SHARED, SHARED_DEPTH, PlaceSearch
from rdna_installer.detect.users import other_people, user_of
from rdna_installer.errors import Exit, RdnaError, absent, explaining
from rdna_installer.machine.asuser import look
from rdna_installer.machine.sysroot import Sysroot, from_here, real
from rdna_installer.model import PythonSite, User
from rdna_installer.record import record, replace

SYSTEM = "/usr/bin/python3"
LOCAL = "/usr/local/bin/python3"  # what images for containers have
NO_HOMES = (PurePosixPath("/"), PurePosixPath("/nonexistent"))
BINARY = r"python(?:3(?:\.[0-9]{1,3}t?)?)?"
LIBRARY = r"python(3\.[0-9]{1,3}t?)"
MAX_LINKS = 10


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
        if isinstance(err, OSError):
            absent(err)
        return FoundSites((), (f"{owner.home if owner else 'outside the homes'}: not searched ({err})",))


def _of_session(root: Sysroot, user: User, here: Sequence[str]) -> FoundSites:
    """What is activated, the system's Python, where we stand, and the user's home."""
    active = [os.environ[name] for name in ("VIRTUAL_ENV", "CONDA_PREFIX") if root.live and os.environ.get(name)]
    active += [f"{os.environ['XDG_STATE_HOME']}/{OURS}"] if root.live and os.environ.get("XDG_STATE_HOME") else []
    beside = [f"{base}/{name}" for base in here for name in ENVIRONMENTS if root.is_dir(f"{base}/{name}")]
    near = _with_torch(root, [*active, f"/var/lib/{OURS}", SYSTEM, LOCAL, *beside], user, (SYSTEM,))
    home = _of_home(root, user)
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
            torches = (f"{path}/lib/{name}/site-packages/torch" for name in root.names(f"{path}/lib"))
            if err.reference != "not-a-python" and any(map(root.exists, torches)):  # else it is not worth a word
                notes.append(f"{path}: {err.message}")
            continue
        if site.torch:
            sites.append(site)
    return FoundSites(tuple(sites), tuple(notes), looked)


def absolute(root: Sysroot, path: str) -> str:
    """A path of the command line, whatever the working folder is."""
    return from_here(path) if root.live else f"/{path.lstrip('/')}"


def working_folder(root: Sysroot) -> list[str]:
    """Where the command was called, for a look that happens elsewhere."""
    try:
        return [str(Path.cwd())] if root.live else []
    except OSError:  # it was removed under us
        return []


def _site(root: Sysroot, found: Interpreter, user: User) -> PythonSite:
    from rdna_installer.detect.torch import read_torch  # with all that reads libraries; most machines have no torch

    folders = [*_user_folders(root, found, user), *found.folders]
    torches = ((torch, place) for place in folders if (torch := read_torch(root, place)))
    torch, place = next(torches, (None, found.folders[0]))
    folder = found.folders[0] if place in found.folders else place
    status = root.status(folder)
    if status is None:
        raise RdnaError("site-unreadable", "cannot tell who owns this environment", context=str(folder))
    if folder == found.folders[0]:
        _refuse_mixed_owners(root, found, status.st_uid)
    # A new file gets its owner's own group, or the directory's where that is set-group-id.
    group = status.st_gid if status.st_mode & stat.S_ISGID else user_of(root, status.st_uid).gid
    return PythonSite(found.python, found.prefix, folder, found.version, status.st_uid, group, torch)


def _user_folders(root: Sysroot, found: Interpreter, user: User) -> list[PurePosixPath]:
    """The user's own packages (pip install --user) come before the system's; environments do not see them."""
    if found.prefix != PurePosixPath("/usr"):
        return []
    folder = user.home / f".local/lib/python{found.version}/site-packages"
    return [real(root, folder)] if root.is_dir(folder) else []


def _refuse_mixed_owners(root: Sysroot, found: Interpreter, owner: int) -> None:
    """One site is one owner's transaction; the interpreter does not count: a venv's python links to the system's."""
    status = root.status(found.marker) if found.marker else None
    if status is not None and status.st_uid != owner:
        message = f"{found.marker} belongs to user {status.st_uid}, but {found.folders[0]} to user {owner}"
        import shlex  # where a command is shown

        typed = shlex.join(["sudo", "chown", "-R", str(status.st_uid), str(found.prefix)])
        hint = f"give the environment one owner: {typed}"
        raise RdnaError("mixed-owners", message, context=str(found.prefix), hint=hint)


@record(frozen=True)
class Interpreter:
    """One Python. ``folders``: where its packages are, the one to write to first; ``marker``: the file or folder
    whose owner must own ``folders[0]`` too (None: an interpreter that is no environment)."""

    python: PurePosixPath
    prefix: PurePosixPath
    version: str
    folders: tuple[PurePosixPath, ...]
    marker: PurePosixPath | None


def interpreter_at(root: Sysroot, path: str) -> Interpreter:
    """The Python that ``path`` names: a venv, a conda environment, another prefix, or the program itself.

    Raises RdnaError: "not-a-python" (wrong argument, exit 2), or "python-gone" for a venv whose Python was removed
    (a missing precondition, exit 3).
    """
    given = PurePosixPath("/") / path
    found = _prefix(root, given) if root.is_dir(given) else _program(root, given)
    if found is None:
        message = "this is neither a Python interpreter nor a virtual or conda environment"
        message = message if root.exists(given) else "there is nothing at this place"
        context = f"--python {path}" + ("" if root.live else f" (inside {root.root})")
        hint = "name the environment's folder, or its bin/python"
        raise RdnaError("not-a-python", message, context=context, hint=hint, exit_code=Exit.USAGE)
    return found


def _prefix(root: Sysroot, prefix: PurePosixPath) -> Interpreter | None:
    """A folder that holds bin/python and lib/python3.N."""
    prefix = real(root, prefix)
    is_venv = root.exists(prefix / "pyvenv.cfg")
    names = ("python", "python3")
    python = next((prefix / "bin" / name for name in names if root.exists(prefix / "bin" / name)), None)
    if python is None:
        if is_venv:
            raise _gone(root, prefix)
        return None
    return _interpreter(root, prefix, python)


def _program(root: Sysroot, path: PurePosixPath) -> Interpreter | None:
    """A program named like Python; its links are followed until one lies in a prefix that has the library."""
    for _ in range(MAX_LINKS):
        prefix = path.parent.parent
        if path.parent.name == "bin" and re.fullmatch(BINARY, path.name):
            if root.exists(prefix / "pyvenv.cfg"):
                return _prefix(root, prefix)
            if root.exists(path) and (found := _interpreter(root, real(root, prefix), path)):
                return found
        target = root.readlink(path)
        if target is None:
            return None
        path = path.parent / target
    return None


def _gone(root: Sysroot, prefix: PurePosixPath) -> RdnaError:
    names = ("bin/python", "bin/python3")
    target = next((text for name in names if (text := root.readlink(prefix / name))), "bin/python")
    message = f"the virtual environment's Python no longer exists ({target})"
    hint = "recreate the environment, or install that Python again"
    return RdnaError("python-gone", message, context=str(prefix), hint=hint)


def _interpreter(root: Sysroot, prefix: PurePosixPath, python: PurePosixPath) -> Interpreter | None:
    """An environment, with what its pyvenv.cfg says, or a Python with a prefix of its own (conda's, the system's)."""
    venv, conda = prefix / "pyvenv.cfg", prefix / "conda-meta"
    pairs = (line.partition("=")[::2] for line in (root.read_optional(venv) or "").splitlines() if "=" in line)
    config = {key.strip().lower(): value.strip() for key, value in pairs}
    version = _version(root, prefix, python, config)
    if version is None:
        return None
    folders = _folders(prefix, version)
    if config.get("include-system-site-packages", "").lower() == "true" and config.get("home", "").startswith("/"):
        folders += _folders(PurePosixPath(config["home"]).parent, version)
    marker = venv if root.exists(venv) else conda if root.is_dir(conda) else None
    there = tuple(dict.fromkeys(real(root, folder) for folder in folders if root.is_dir(folder)))
    return Interpreter(python, prefix, version, there, marker) if there else None


def _folders(prefix: PurePosixPath, version: str) -> list[PurePosixPath]:
    """Debian's dist-packages (the administrator's before dpkg's), then site-packages; Fedora has lib64 as well."""
    folders = [prefix / f"lib/python{version}/site-packages", prefix / f"lib64/python{version}/site-packages"]
    if prefix == PurePosixPath("/usr"):
        local = prefix / "local"
        debian = [local / f"lib/python{version}/dist-packages", prefix / "lib/python3/dist-packages"]
        fedora = [local / f"{lib}/python{version}/site-packages" for lib in ("lib", "lib64")]
        folders = [*debian, *folders, *fedora]
    return folders


def _version(root: Sysroot, prefix: PurePosixPath, python: PurePosixPath, config: Mapping[str, str]) -> str | None:
    """ "3.11" from the real program's name, pyvenv.cfg, or the only lib/python3.N; it must have that library."""
    versions = [found[1] for name in root.names(prefix / "lib") if (found := re.fullmatch(LIBRARY, name))]
    named = re.fullmatch(LIBRARY, real(root, python).name)
    told = re.match(r"3\.[0-9]{1,3}", config.get("version", "") or config.get("version_info", ""))
    wanted = [named[1] if named else None, told[0] if told else None]
    return next((v for v in wanted if v in versions), versions[0] if len(versions) == 1 else None)
