"""The start-up files of the user and of the system that set variables of ours, each read with the right rights."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path, PurePosixPath

from rdna_installer.errors import RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import PythonSite, User
from rdna_installer.record import record

Place = tuple[str, str, str]  # how a file is read, whom it reaches, where it lies: a row of places.tsv
CONTAINED = frozenset({"container", "flatpak", "webui", "script"})
SYSTEMD = ("/etc/systemd/{}", "/run/systemd/{}", "/usr/local/lib/systemd/{}", "/usr/lib/systemd/{}", "/lib/systemd/{}")
FIRST = ("/run/systemd/transient", *(place.format("system") for place in SYSTEMD))  # the strongest first
QUADLETS = ("/etc/containers/systemd", "/run/containers/systemd", "/usr/share/containers/systemd")
UNITS = tuple(map(PurePosixPath, (*FIRST, *QUADLETS)))
EVERY_USERS_UNITS = tuple(PurePosixPath(place.format("user")) for place in SYSTEMD)
OWN_UNITS = (
    "/run/user/{}/systemd/transient", ".config/systemd/user", ".local/share/systemd/user", ".config/containers/systemd"
)  # fmt: skip
USERS = "~"  # what stands before the names of users' units


@cache
def places() -> Mapping[str, Sequence[Place]]:
    """The start-up files of a home, the system, an environment, and beside one."""
    found: dict[str, list[Place]] = {}
    for line in Path(__file__).with_name("places.tsv").read_text("ascii").split("\n")[6:-1]:
        whose, how, reach, pattern = line.split("\t")
        found.setdefault(whose, []).append((how, reach, pattern))
    return found


@record(frozen=True)
class Assignment:
    """``key`` set to ``value`` (None: unset) in a line, counted from 1."""

    line: int
    key: str
    value: str | None


@record(frozen=True)
class FoundAssignment:
    """One assignment and where: ``shown`` is the path as people write it (``~/.bashrc``).

    ``contained``: no Python that was found sees it (a container, another program). ``site``: the only Python it is for.
    ``unit``: the only service or container. ``reach``: whom the file reaches, as places.tsv has it.
    """

    path: PurePosixPath
    shown: str
    assignment: Assignment
    contained: bool = False
    site: str | None = None
    unit: str | None = None
    reach: str = ""
    since: float = 0.0  # when the file was last changed

    @property
    def where(self) -> str:
        """``~/.bashrc:12``."""
        return f"{self.shown}:{self.assignment.line}"


@record(frozen=True)
class Scan:
    """All assignments found, and the files that exist and could not be read."""

    found: tuple[FoundAssignment, ...] = ()
    unreadable: tuple[str, ...] = ()


def scan(
    root: Sysroot,
    user: User,
    ours: Iterable[PurePosixPath],
    about: Sequence[str] = (),
    users: Iterable[tuple[User, Sequence[PythonSite]]] | None = None,
) -> Scan:
    """Look through the system's files, then those of ``users`` (``user``, who asks, where none is named) as each.

    With each go the environments that are read as that user. ``ours`` are left out. ``about``: only files with one of
    these words (the parser is not even loaded for others).
    """
    from rdna_installer.machine.asuser import look

    skip = frozenset(ours)
    people = [(user, ())] if users is None else list(users)
    everybody = _Reader(root, None, "", skip, about)
    scans = []
    try:  # what a unit names, and what lies in /opt, may be somebody's
        scans.append(look(partial(_of_the_system, everybody, [owner.name for owner, _ in people]), Scan))
    except (OSError, RdnaError):
        scans.append(Scan((), ("the system's own files",)))
    for owner, sites in people:
        reader = _Reader(root, owner.home, "~" if owner.uid == user.uid else f"~{owner.name}", skip, about)
        try:
            scans.append(_as_user(reader, owner, sites))
        except (OSError, RdnaError):
            scans.append(Scan((), (reader.tilde,)))
    return _joined(scans)


def _of_the_system(reader: _Reader, people: Sequence[str]) -> Scan:
    root = os.geteuid() == 0
    tables = [f"/var/spool/cron/{sub}{name}" for name in people if root for sub in ("crontabs/", "")]
    read = reader.read([*places()["system"], *(("jobs", "cron", table) for table in tables)], PurePosixPath("/"))
    return _joined([read, reader.units(UNITS), reader.units(EVERY_USERS_UNITS, USERS)])


def _joined(scans: Sequence[Scan]) -> Scan:
    """Each line once; what was learned of it last (whose Python it starts) counts."""
    found = {(f.path, f.assignment): f for s in scans for f in s.found}
    return Scan(tuple(found.values()), tuple(p for s in scans for p in s.unreadable))


def _as_user(reader: _Reader, user: User, sites: Sequence[PythonSite]) -> Scan:
    def look() -> Scan:
        folders = [user.home / place.format(user.uid) for place in OWN_UNITS]
        scans = [reader.read(places()["home"], user.home), reader.units(folders, USERS)]
        for site in sites:
            python = str(site.python)
            scans += [reader.read(places()["environment"], site.prefix, python)]
            scans += [reader.read(places()["beside"], site.prefix.parent, python)]
        return _joined(scans)

    if os.geteuid() == user.uid:
        return look()
    # Imported here, for with dropped rights our own installation may be closed.
    from rdna_installer.detect import assignments, units  # noqa: F401
    from rdna_installer.machine.asuser import as_user

    places()
    return as_user(user, look, Scan)


@record(frozen=True)
class _Reader:
    """One person's look (``home`` None: at the system's files). ``tilde``: how that home is written."""

    root: Sysroot
    home: PurePosixPath | None
    tilde: str
    skip: frozenset[PurePosixPath]
    about: Sequence[str]

    def read(self, rows: Iterable[Place], base: PurePosixPath, site: str | None = None, *, follow: int = 2) -> Scan:
        found: list[FoundAssignment] = []
        unreadable: list[str] = []
        for how, reach, path in (
            (h, r, path) for h, r, pattern in rows for path in matching(self.root, base / pattern)
        ):
            if path in self.skip or (how == "crontab" and "." in path.name):  # cron leaves those out
                continue
            shown = self._shown(path)
            try:
                text = self.root.read_text(path)
                if how == "compose" and "env_file" in text:
                    from rdna_installer.detect.compose import env_files

                    more = [("contained", reach, name) for name in env_files(text)]
                    found += self.read(more, path.parent).found
                if how in ("shell", "launcher") and follow and (". " in text or "source" in text):
                    from rdna_installer.detect.assignments import sourced

                    home = str(self.home or "/nobody")
                    files = [(how, reach, name.replace("~", home, 1)) for name in sourced(text)]
                    found += self.read(files, PurePosixPath("/"), site, follow=follow - 1).found
                if (not self.about or any(word in text for word in self.about)) and self._counts(how):
                    contained = site is None and reach in CONTAINED
                    lines = read_as(how, text)
                    since = self._since(path) if lines else 0.0
                    found += [FoundAssignment(path, shown, a, contained, site, None, reach, since) for a in lines]
            except PermissionError:
                unreadable.append(shown)
            except OSError:
                continue  # absent, a directory, a device: nothing a shell would read either
        return Scan(tuple(found), tuple(unreadable))

    def _counts(self, how: str) -> bool:
        """sshd reads a user's file only where it is told to."""
        if how != "sshenv":
            return True
        config = self.root.read_optional("/etc/ssh/sshd_config") or ""
        return re.search(r"^\s*PermitUserEnvironment[\s=]+(?!no\b)", config, re.MULTILINE | re.IGNORECASE) is not None

    def units(self, folders: Sequence[PurePosixPath], whose: str = "") -> Scan:
        """What decides in each service and container."""
        if not any(map(self.root.is_dir, folders)):
            return Scan()
        from rdna_installer.detect.units import decided

        found = decided(self.root, folders, self.about, str(self.home or "%h"))
        lines = ((*each, self._since(each[0])) for each in found if each[0] not in self.skip)
        return Scan(
            tuple(FoundAssignment(p, self._shown(p), a, c, None, whose + unit, "", t) for p, a, c, unit, t in lines)
        )

    def _since(self, path: PurePosixPath) -> float:
        status = self.root.status(path)
        return status.st_mtime if status else 0.0

    def _shown(self, path: PurePosixPath) -> str:
        mine = self.home is not None and path.is_relative_to(self.home)
        return f"{self.tilde}/{path.relative_to(self.home or '/')}" if mine else str(path)


def dialect(path: str) -> str:
    """How a file of this name is read, wherever it lies; shell code where nobody can tell."""
    rows = (row for rows in places().values() for row in rows)
    known = (how for how, _, pattern in rows if PurePosixPath(path).match(pattern.lstrip("/")))
    unit = path.endswith((".service", ".container")) or "/systemd/" in path
    plain = "environment" in path or path.endswith(".env")
    return next(known, "unit" if unit else "environment" if plain else "shell")


def read_as(kind: str, text: str) -> Sequence[Assignment]:
    """What holds at the end of a file: what it unsets later is not set."""
    from rdna_installer.detect import assignments, units

    if kind == "compose":
        from rdna_installer.detect.compose import in_compose

        return in_compose(text)
    readers: dict[str, Callable[[str], Sequence[Assignment]]] = {
        "shell": assignments.in_shell,
        "launcher": assignments.in_launcher,
        "navi": assignments.in_branch,
        "sshenv": assignments.in_environment,
        "environment": assignments.in_environment,
        "pam": partial(assignments.in_environment, export=True),
        "contained": partial(assignments.in_environment, export=True),
        "unit": units.in_unit,
        "conda": assignments.in_conda_state,
        "lists": assignments.in_lists,
        "json": assignments.in_lists,
        "universal": partial(assignments.in_pairs, assignments.UNIVERSAL),
        "dollar": partial(assignments.in_pairs, assignments.DOLLAR),
        "python": partial(assignments.in_pairs, assignments.PYTHON),
        "crontab": assignments.in_crontab,
        "jobs": partial(assignments.in_crontab, users=False),
        "sshd": partial(assignments.in_lines, assignments.SETENV),
        "supervisor": partial(assignments.in_lines, assignments.SUPERVISOR),
        "hyprland": partial(assignments.in_pairs, assignments.HYPRLAND),
        "desktop": assignments.in_entry,
    }
    found = readers[kind](text)
    gone = {a.key: place for place, a in enumerate(found) if a.value is None}
    return [a for place, a in enumerate(found) if place >= gone.get(a.key, 0)]


def matching(root: Sysroot, pattern: PurePosixPath) -> list[PurePosixPath]:
    """Paths that fit. Dotfiles do not fit ``*``."""
    if "*" not in str(pattern):
        return [pattern]
    folders = matching(root, pattern.parent)
    if "*" not in pattern.name:
        return [folder / pattern.name for folder in folders]
    names = ((folder, name) for folder in folders for name in root.names(folder) if not name.startswith("."))
    return [folder / name for folder, name in names if PurePosixPath(name).match(pattern.name)]
