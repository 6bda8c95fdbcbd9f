"""The start-up files of the user and of the system that set variables of ours, each read with the right rights."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
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
        ".profile", ".bash_profile", ".bash_login", ".bashrc", ".bash_aliases", ".bashrc.d/*", ".zshenv", ".zprofile",
        ".zshrc", ".zlogin", ".config/zsh/.zshenv", ".config/zsh/.zprofile", ".config/zsh/.zshrc", ".cshrc",
        ".tcshrc", ".login", ".xprofile", ".xsessionrc", ".xsession", ".xinitrc", ".config/uwsm/env",
        ".config/plasma-workspace/env/*.sh", ".config/fish/config.fish", ".config/fish/conf.d/*.fish",
    ),
    "hyprland": (".config/hypr/hyprland.conf",),
    "desktop": (".config/autostart/*.desktop", ".local/share/applications/*.desktop"),
    "universal": (".config/fish/fish_variables",),
    "lists": (
        ".config/containers/containers.conf", ".config/containers/containers.conf.d/*.conf",
        ".local/share/containers/storage/overlay-images/*/=*",
    ),
    "contained": (".local/share/flatpak/overrides/*",),
    "json": (
        ".local/share/jupyter/kernels/*/kernel.json", ".config/Code/User/settings.json",
        ".config/VSCodium/User/settings.json", ".vscode-server/data/Machine/settings.json",
    ),
    "launcher": ("*/webui-user.sh", "*/*/webui-user.sh"),
    "compose": ("*compose*.y*ml", "*/*compose*.y*ml"),
}  # fmt: skip
SYSTEM: Places = {
    "environment": (
        "/etc/environment", "/etc/environment.d/*.conf", "/usr/lib/environment.d/*.conf",
        "/usr/local/lib/environment.d/*.conf", "/run/environment.d/*.conf", "/etc/security/pam_env.conf",
    ),
    "shell": (
        "/etc/profile", "/etc/profile.d/*.sh", "/etc/bash.bashrc", "/etc/bashrc", "/etc/zsh/zshenv",
        "/etc/zsh/zprofile", "/etc/zsh/zshrc", "/etc/zsh/zlogin", "/etc/zshenv", "/etc/zprofile", "/etc/zshrc",
        "/etc/csh.cshrc", "/etc/csh.login", "/etc/xprofile", "/etc/X11/Xsession.d/*", "/etc/X11/xinit/xinitrc.d/*.sh",
        "/etc/xdg/plasma-workspace/env/*.sh", "/etc/fish/config.fish", "/etc/fish/conf.d/*.fish",
    ),
    "unit": (
        "/etc/systemd/system.conf", "/etc/systemd/system.conf.d/*.conf", "/etc/systemd/user.conf",
        "/etc/systemd/user.conf.d/*.conf", "/run/systemd/system.conf", "/run/systemd/system.conf.d/*.conf",
        "/run/systemd/user.conf", "/run/systemd/user.conf.d/*.conf", "/usr/lib/systemd/system.conf",
        "/usr/lib/systemd/system.conf.d/*.conf", "/usr/lib/systemd/user.conf", "/usr/lib/systemd/user.conf.d/*.conf",
    ),
    "lists": (
        "/etc/containers/containers.conf", "/etc/containers/containers.conf.d/*.conf",
        "/usr/share/containers/containers.conf", "/etc/cdi/*.json", "/var/run/cdi/*.json",
        "/var/lib/containers/storage/overlay-images/*/=*",
    ),
    "compose": ("/etc/cdi/*.y*ml", "/opt/*/*compose*.y*ml", "/srv/*/*compose*.y*ml"),
    "contained": ("/var/lib/flatpak/overrides/*",),
    "json": ("/usr/local/share/jupyter/kernels/*/kernel.json", "/usr/share/jupyter/kernels/*/kernel.json"),
    "crontab": ("/etc/crontab", "/etc/cron.d/*"),
    "sshd": ("/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d/*.conf"),
}  # fmt: skip
ENVIRONMENT: Places = {
    "shell": ("bin/activate", "bin/activate.fish", "etc/conda/activate.d/*.sh"),
    "json": ("share/jupyter/kernels/*/kernel.json",),
    "conda": ("conda-meta/state",),
}  # fmt: skip
BESIDE: Places = {
    "shell": (".envrc", "webui-user.sh", "start*.sh", "run*.sh", "launch*.sh"),
}  # fmt: skip
SYSTEMD = ("/etc/systemd/{}", "/run/systemd/{}", "/usr/local/lib/systemd/{}", "/usr/lib/systemd/{}", "/lib/systemd/{}")
QUADLETS = ("/etc/containers/systemd", "/run/containers/systemd", "/usr/share/containers/systemd")
UNITS = tuple(map(PurePosixPath, (*(place.format("system") for place in SYSTEMD), *QUADLETS)))  # the strongest first
EVERY_USERS_UNITS = tuple(PurePosixPath(place.format("user")) for place in SYSTEMD)
OWN_UNITS = (".config/systemd/user", ".local/share/systemd/user", ".config/containers/systemd")


@record(frozen=True)
class FoundAssignment:
    """One assignment and where: ``shown`` is the path as people write it (``~/.bashrc``).

    ``contained``: no Python that was found sees it (a container, another program). ``site``: the only Python it is for.
    ``unit``: the only service or container.
    """

    path: PurePosixPath
    shown: str
    assignment: Assignment
    contained: bool = False
    site: str | None = None
    unit: str | None = None

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
    scheduled = {"crontab": tuple(f"/var/spool/cron/{sub}{name}" for name in people for sub in ("crontabs/", ""))}
    tables = (SYSTEM, scheduled) if os.geteuid() == 0 else (SYSTEM,)
    read = [reader.read(table, PurePosixPath("/")) for table in tables]
    return _joined([*read, *map(reader.units, (UNITS, EVERY_USERS_UNITS))])


def _joined(scans: Sequence[Scan]) -> Scan:
    """Each line once; what was learned of it last (whose Python it starts) counts."""
    found = {(f.path, f.assignment): f for s in scans for f in s.found}
    return Scan(tuple(found.values()), tuple(p for s in scans for p in s.unreadable))


def _as_user(reader: _Reader, user: User, sites: Sequence[PythonSite]) -> Scan:
    def look() -> Scan:
        scans = [reader.read(HOME, user.home), reader.units([user.home / place for place in OWN_UNITS])]
        for site in sites:
            python = str(site.python)
            scans += [reader.read(ENVIRONMENT, site.prefix, python), reader.read(BESIDE, site.prefix.parent, python)]
        return _joined(scans)

    if os.geteuid() == user.uid:
        return look()
    # Imported here, for with dropped rights our own installation may be closed.
    from rdna_installer.detect import assignments, units  # noqa: F401
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
            if path in self.skip or (kind == "crontab" and "." in path.name):  # cron leaves those out
                continue
            shown = self._shown(path)
            try:
                found += self._all(path, shown, kind, self.root.read_text(path), site)
            except PermissionError:
                unreadable.append(shown)
            except OSError:
                continue  # absent, a directory, a device: nothing a shell would read either
        return Scan(tuple(found), tuple(unreadable))

    def units(self, folders: Sequence[PurePosixPath]) -> Scan:
        """What decides in each service and container."""
        if not any(map(self.root.is_dir, folders)):
            return Scan()
        from rdna_installer.detect.units import decided

        found = decided(self.root, folders, self.about, str(self.home or "%h"))
        lines = (FoundAssignment(p, self._shown(p), a, c, None, unit) for p, a, c, unit in found if p not in self.skip)
        return Scan(tuple(lines))

    def _shown(self, path: PurePosixPath) -> str:
        mine = self.home is not None and path.is_relative_to(self.home)
        return f"{self.tilde}/{path.relative_to(self.home or '/')}" if mine else str(path)

    def _all(
        self, path: PurePosixPath, shown: str, kind: str, text: str, site: str | None
    ) -> Iterator[FoundAssignment]:
        if not self.about or any(word in text for word in self.about):
            contained = kind in ("compose", "contained", "launcher", "lists")
            yield from (FoundAssignment(path, shown, a, contained, site) for a in _read(kind, text))


def _read(kind: str, text: str) -> Sequence[Assignment]:
    """What holds at the end of a file: what it unsets later is not set."""
    from rdna_installer.detect import assignments, units

    readers: dict[str, Callable[[str], Sequence[Assignment]]] = {
        "shell": assignments.in_shell,
        "launcher": assignments.in_shell,
        "environment": assignments.in_environment,
        "contained": assignments.in_environment,
        "unit": units.in_unit,
        "compose": assignments.in_compose,
        "conda": assignments.in_conda_state,
        "lists": assignments.in_lists,
        "json": assignments.in_lists,
        "universal": assignments.in_fish_variables,
        "crontab": assignments.in_crontab,
        "sshd": partial(assignments.in_lines, assignments.SETENV),
        "hyprland": assignments.in_hyprland,
        "desktop": partial(assignments.in_lines, assignments.EXEC),
    }
    found = readers[kind](text)
    gone = {a.key: place for place, a in enumerate(found) if a.value is None}
    return [a for place, a in enumerate(found) if place >= gone.get(a.key, 0)]


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
