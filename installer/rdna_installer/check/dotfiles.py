"""The start-up files of the user and of the system that set variables of ours, each read with the right rights."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePosixPath

from rdna_installer.check.assignments import Assignment, in_environment, in_shell, in_unit
from rdna_installer.errors import RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import User
from rdna_installer.record import record

Reader = Callable[[str], Sequence[Assignment]]

HOME: tuple[tuple[str, Reader], ...] = (
    (".pam_environment", in_environment),
    (".config/environment.d/*.conf", in_environment),
    (".profile", in_shell),
    (".bash_profile", in_shell),
    (".bash_login", in_shell),
    (".bashrc", in_shell),
    (".zshenv", in_shell),
    (".zprofile", in_shell),
    (".zshrc", in_shell),
    (".zlogin", in_shell),
    (".config/fish/config.fish", in_shell),
    (".config/fish/conf.d/*.fish", in_shell),
    (".config/systemd/user/*.service", in_unit),
    (".config/systemd/user/*.d/*.conf", in_unit),
)
SYSTEM: tuple[tuple[str, Reader], ...] = (
    ("/etc/environment", in_environment),
    ("/etc/environment.d/*.conf", in_environment),
    ("/etc/profile", in_shell),
    ("/etc/profile.d/*.sh", in_shell),
    ("/etc/bash.bashrc", in_shell),
    ("/etc/bashrc", in_shell),
    ("/etc/zsh/zshenv", in_shell),
    ("/etc/zsh/zprofile", in_shell),
    ("/etc/zsh/zshrc", in_shell),
    ("/etc/zshenv", in_shell),
    ("/etc/fish/config.fish", in_shell),
    ("/etc/fish/conf.d/*.fish", in_shell),
    ("/etc/systemd/user/*.service", in_unit),
    ("/etc/systemd/user/*.d/*.conf", in_unit),
    ("/etc/systemd/system/*.d/*.conf", in_unit),
)


@record(frozen=True)
class Found:
    """One assignment and where: ``shown`` is the path as people write it (``~/.bashrc``)."""

    path: PurePosixPath
    shown: str
    assignment: Assignment

    @property
    def where(self) -> str:
        """``~/.bashrc:12``."""
        return f"{self.shown}:{self.assignment.line}"


@record(frozen=True)
class Scan:
    """All assignments found, and the files that exist and could not be read."""

    found: tuple[Found, ...] = ()
    unreadable: tuple[str, ...] = ()


def scan(root: Sysroot, user: User, ours: Iterable[PurePosixPath]) -> Scan:
    """Look through the system's files, then the user's own (as that user). ``ours`` are left out."""
    skip = frozenset(ours)
    system = _scan(root, SYSTEM, PurePosixPath("/"), "", skip)
    try:
        home = _as_user(root, user, skip)
    except (OSError, RdnaError):
        home = Scan((), ("~",))
    return Scan(system.found + home.found, system.unreadable + home.unreadable)


def _as_user(root: Sysroot, user: User, skip: frozenset[PurePosixPath]) -> Scan:
    def look() -> Scan:
        return _scan(root, HOME, user.home, "~/", skip)

    if os.geteuid() == user.uid:
        return look()
    from rdna_installer.machine.process import as_user

    return as_user(user, look)


def _scan(
    root: Sysroot,
    places: Iterable[tuple[str, Reader]],
    base: PurePosixPath,
    prefix: str,
    skip: frozenset[PurePosixPath],
) -> Scan:
    found: list[Found] = []
    unreadable: list[str] = []
    for pattern, reader in places:
        for path in _matching(root, base / pattern):
            if path in skip:
                continue
            shown = prefix + str(path.relative_to(base)) if prefix else str(path)
            try:
                found += [Found(path, shown, a) for a in reader(root.read_text(path))]
            except PermissionError:
                unreadable.append(shown)
            except OSError:
                continue  # absent, a directory, a device: nothing a shell would read either
    return Scan(tuple(found), tuple(unreadable))


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
