"""The start-up files of the user and of the system that set variables of ours, each read with the right rights."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from rdna_installer.detect.assignment import Assignment
from rdna_installer.errors import RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import PythonSite, User
from rdna_installer.record import record

# A pattern below the home (or the root), and how such a file is read.
HOME: tuple[tuple[str, str], ...] = (
    (".pam_environment", "environment"),
    (".config/environment.d/*.conf", "environment"),
    (".profile", "shell"),
    (".bash_profile", "shell"),
    (".bash_login", "shell"),
    (".bashrc", "shell"),
    (".zshenv", "shell"),
    (".zprofile", "shell"),
    (".zshrc", "shell"),
    (".zlogin", "shell"),
    (".xprofile", "shell"),
    (".xsessionrc", "shell"),
    (".config/plasma-workspace/env/*.sh", "shell"),
    (".config/fish/config.fish", "shell"),
    (".config/fish/conf.d/*.fish", "shell"),
    (".config/systemd/user/*.service", "unit"),
    (".config/systemd/user/*.d/*.conf", "unit"),
    ("*compose*.y*ml", "compose"),
    ("*/*compose*.y*ml", "compose"),
)
# Below an environment: what its activation sets; below the folder it lies in: what its program is started with.
ENVIRONMENT = (
    ("bin/activate", "shell"),
    ("bin/activate.fish", "shell"),
    ("etc/conda/activate.d/*.sh", "shell"),
    ("conda-meta/state", "conda"),
)
BESIDE = (("webui-user.sh", "shell"),)
SYSTEM: tuple[tuple[str, str], ...] = (
    ("/etc/environment", "environment"),
    ("/etc/environment.d/*.conf", "environment"),
    ("/etc/profile", "shell"),
    ("/etc/profile.d/*.sh", "shell"),
    ("/etc/bash.bashrc", "shell"),
    ("/etc/bashrc", "shell"),
    ("/etc/zsh/zshenv", "shell"),
    ("/etc/zsh/zprofile", "shell"),
    ("/etc/zsh/zshrc", "shell"),
    ("/etc/zshenv", "shell"),
    ("/etc/fish/config.fish", "shell"),
    ("/etc/fish/conf.d/*.fish", "shell"),
    ("/etc/systemd/user/*.service", "unit"),
    ("/etc/systemd/user/*.d/*.conf", "unit"),
    ("/etc/systemd/system/*.service", "unit"),
    ("/etc/systemd/system/*.d/*.conf", "unit"),
)


@record(frozen=True)
class FoundAssignment:
    """One assignment and where: ``shown`` is the path as people write it (``~/.bashrc``).

    ``contained``: it acts inside a container only. ``site``: the Python it is for, where it is for just one.
    """

    path: PurePosixPath
    shown: str
    assignment: Assignment
    contained: bool = False
    site: str | None = None

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
    skip = frozenset(ours)
    scans = [_Reader(root, None, "", skip, about).read(SYSTEM, PurePosixPath("/"))]
    for owner, sites in ((user, ()),) if users is None else users:
        reader = _Reader(root, owner.home, "~" if owner.uid == user.uid else f"~{owner.name}", skip, about)
        try:
            scans.append(_as_user(reader, owner, sites))
        except (OSError, RdnaError):
            scans.append(Scan((), (reader.tilde,)))
    return _joined(scans)


def _joined(scans: Sequence[Scan]) -> Scan:
    return Scan(tuple(f for s in scans for f in s.found), tuple(p for s in scans for p in s.unreadable))


def _as_user(reader: _Reader, user: User, sites: Sequence[PythonSite]) -> Scan:
    def look() -> Scan:
        scans = [reader.read(HOME, user.home)]
        for site in sites:
            python = str(site.python)
            scans += [reader.read(ENVIRONMENT, site.prefix, python), reader.read(BESIDE, site.prefix.parent, python)]
        return _joined(scans)

    if os.geteuid() == user.uid:
        return look()
    # Imported here, for with dropped rights our own installation may be closed.
    from rdna_installer.detect import assignments  # noqa: F401
    from rdna_installer.machine.asuser import as_user

    return as_user(user, look, Scan)


@record(frozen=True)
class _Reader:
    """One person's look (``home`` None: at the system's files). ``tilde``: how that home is written."""

    root: Sysroot
    home: PurePosixPath | None
    tilde: str
    skip: frozenset[PurePosixPath]
    about: Sequence[str]

    def read(self, places: Iterable[tuple[str, str]], base: PurePosixPath, site: str | None = None) -> Scan:
        found: list[FoundAssignment] = []
        unreadable: list[str] = []
        paths = ((path, kind) for pattern, kind in places for path in _matching(self.root, base / pattern))
        for path, kind in paths:
            if path in self.skip:
                continue
            mine = self.home is not None and path.is_relative_to(self.home)
            shown = f"{self.tilde}/{path.relative_to(self.home or '/')}" if mine else str(path)
            try:
                found += self._all(path, shown, kind, self.root.read_text(path), site)
            except PermissionError:
                unreadable.append(shown)
            except OSError:
                continue  # absent, a directory, a device: nothing a shell would read either
        return Scan(tuple(found), tuple(unreadable))

    def _all(
        self, path: PurePosixPath, shown: str, kind: str, text: str, site: str | None
    ) -> Iterator[FoundAssignment]:
        """What a file sets, and what the files set that a unit names."""
        if not self.about or any(word in text for word in self.about):
            yield from (FoundAssignment(path, shown, a, kind == "compose", site) for a in _read(kind, text))
        if kind != "unit" or "EnvironmentFile=" not in text:
            return
        from rdna_installer.detect.assignments import environment_files

        for name in environment_files(text):
            more = self.root.read_optional(name) or ""
            if any(word in more for word in self.about) or not self.about:
                yield from (FoundAssignment(PurePosixPath(name), name, a) for a in _read("environment", more))


def _read(kind: str, text: str) -> Sequence[Assignment]:
    from rdna_installer.detect import assignments

    readers = {
        "shell": assignments.in_shell,
        "environment": assignments.in_environment,
        "unit": assignments.in_unit,
        "compose": assignments.in_compose,
        "conda": assignments.in_conda_state,
    }
    return readers[kind](text)


def _matching(root: Sysroot, pattern: PurePosixPath) -> list[PurePosixPath]:
    """Paths that fit; ``*`` may stand in the last two parts. Dotfiles do not fit ``*``."""
    if "*" not in str(pattern):
        return [pattern]
    folders = _matching(root, pattern.parent) if "*" in str(pattern.parent) else [pattern.parent]
    return [
        folder / name
        for folder in folders
        for name in root.names(folder)
        if not name.startswith(".") and PurePosixPath(name).match(pattern.name)
    ]
