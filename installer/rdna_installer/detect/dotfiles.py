"""The start-up files of the user and of the system that set variables of ours, each read with the right rights."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from rdna_installer.detect.assignment import Assignment
from rdna_installer.errors import RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import PythonSite, User
from rdna_installer.record import record

# How a file is read -> patterns below the home, below the root, below an environment (what its activation sets) and
# below the folder that an environment lies in (what its program is started with).
Places = Mapping[str, tuple[str, ...]]
HOME: Places = {
    "environment": (".pam_environment", ".config/environment.d/*.conf"),
    "shell": (
        ".profile", ".bash_profile", ".bash_login", ".bashrc", ".zshenv", ".zprofile", ".zshrc", ".zlogin", ".xprofile",
        ".xsessionrc", ".config/plasma-workspace/env/*.sh", ".config/fish/config.fish", ".config/fish/conf.d/*.fish",
    ),
    "unit": (".config/systemd/user/*.service", ".config/systemd/user/*.d/*.conf"),
    "compose": ("*compose*.y*ml", "*/*compose*.y*ml"),
}  # fmt: skip
SYSTEM: Places = {
    "environment": ("/etc/environment", "/etc/environment.d/*.conf"),
    "shell": (
        "/etc/profile", "/etc/profile.d/*.sh", "/etc/bash.bashrc", "/etc/bashrc", "/etc/zsh/zshenv",
        "/etc/zsh/zprofile", "/etc/zsh/zshrc", "/etc/zshenv", "/etc/fish/config.fish", "/etc/fish/conf.d/*.fish",
    ),
    "unit": (
        "/etc/systemd/user/*.service", "/etc/systemd/user/*.d/*.conf", "/etc/systemd/system/*.service",
        "/etc/systemd/system/*.d/*.conf",
    ),
}  # fmt: skip
ENVIRONMENT: Places = {
    "shell": ("bin/activate", "bin/activate.fish", "etc/conda/activate.d/*.sh"),
    "conda": ("conda-meta/state",),
}
BESIDE: Places = {"shell": (".envrc", "webui-user.sh", "start*.sh", "run*.sh", "launch*.sh")}


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

    def read(self, places: Places, base: PurePosixPath, site: str | None = None) -> Scan:
        found: list[FoundAssignment] = []
        unreadable: list[str] = []
        patterns = ((kind, base / pattern) for kind, patterns in places.items() for pattern in patterns)
        for kind, path in ((kind, path) for kind, pattern in patterns for path in _matching(self.root, pattern)):
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
