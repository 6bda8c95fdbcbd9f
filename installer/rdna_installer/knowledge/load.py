"""Load the knowledge base: ours from the package, the administrator's and the user's rules from their directories.

Rules and targets are read at once; routes, profiles and catalogues when they are first asked for (``detect`` and a
``recommended`` plan without kernel options need neither).
"""

from __future__ import annotations

import functools
import stat
from collections.abc import Collection, Iterable, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from rdna_installer.errors import Exit, RdnaError
from rdna_installer.knowledge.fields import Fields, check_unique, closest
from rdna_installer.knowledge.shipped import Form, names, shipped
from rdna_installer.knowledge.yamlfile import SIZE_LIMIT, YamlNode, bad, parse
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Layer, User
from rdna_installer.record import record

if TYPE_CHECKING:
    from rdna_installer.knowledge.catalogue import Entry
    from rdna_installer.knowledge.rules import Profile, Rule
    from rdna_installer.knowledge.targets import Targets

SYSTEM_RULES = PurePosixPath("/etc/rdna-installer/rules.d")


@record(frozen=True)
class Book:
    """Everything known. ``rules`` are those of ``recommended``, the user's included."""

    rules: tuple[Rule, ...]

    @property
    def targets(self) -> Targets:
        """The table of all targets."""
        return _targets()

    @functools.cached_property
    def env(self) -> dict[str, Entry]:
        """The catalogue of environment variables."""
        found: dict[str, Entry] = shipped("env")
        return found

    @functools.cached_property
    def kernel(self) -> dict[str, Entry]:
        """The catalogue of kernel parameters (``plan.prove`` asks it for ranges)."""
        found: dict[str, Entry] = shipped("kernel")
        return found

    @functools.cached_property
    def profile_names(self) -> tuple[str, ...]:
        """The names ``--profile`` takes."""
        found = names("profiles")
        return ("recommended", *(name for name in found if name != "recommended"))

    def profile(self, name: str) -> Profile:
        """One profile. Raises RdnaError("unknown-profile")."""
        if name not in self.profile_names:
            hint = closest(name, self.profile_names) or f"name one of: {', '.join(self.profile_names)}"
            raise RdnaError("unknown-profile", f"there is no profile {name!r}", hint=hint, exit_code=Exit.USAGE)
        return _profile(name)

    def entry(self, key: str) -> Entry | None:
        """The catalogue entry of a variable or parameter."""
        from rdna_installer.knowledge.catalogue import find

        return find(self.env, key) or find(self.kernel, key)


def user_rules(home: PurePosixPath, config_home: str | None = None) -> PurePosixPath:
    """The invoking user's rule directory (``config_home`` is their XDG_CONFIG_HOME)."""
    base = PurePosixPath(config_home) if config_home and config_home.startswith("/") else home / ".config"
    return base / "rdna-installer" / "rules.d"


def load_book(
    extra_dirs: Sequence[PurePosixPath | str] = (),
    root: Sysroot | None = None,
    owner: int = 0,
    user: User | None = None,
    about: Iterable[str] | None = None,
) -> Book:
    """The book. ``extra_dirs`` are rule directories inside ``root``; ``owner`` is the invoking user's id, and with the
    rights of ``user`` all but the administrator's are read. ``about``: without files of ours that are about none of
    these targets (every rule of ours names its own), as long as nobody else's rules are there.

    Raises RdnaError("bad-rule") with file:line, or RdnaError("untrusted-file") for a file others may write.
    """
    files = [file for folder in extra_dirs for file in _extra(str(folder), root or Sysroot(), owner, user)]
    words = [b""] if about is None or files else [n.encode() for gfx in about for n in (gfx, f"{gfx[:-1]}x")]
    rules: list[Rule] = []
    for name in names("rules"):
        rules += shipped(f"rules/{name}", words) or ()
    book = Book(tuple(rules))
    extra = [rule for path, content in files for rule in _read_rules(parse(content, path), book.targets.targets)]
    for rule in extra:
        _check_settings(book, rule)
    check_unique("rule", [*rules, *extra])
    return Book((*rules, *extra)) if extra else book


@functools.cache
def _targets() -> Targets:
    found: Targets = shipped("targets")
    return found


@functools.cache
def _profile(name: str) -> Profile:
    found: Profile = shipped(f"profiles/{name}")
    return found


def form(name: str) -> Form:
    """What a file of ours becomes, and how it is read."""
    of = name.partition("/")[0]
    if of == "targets":
        from rdna_installer.knowledge.targets import Targets, read_targets

        return Targets, read_targets
    if of == "routes":
        from rdna_installer.knowledge.routes import Routes, read_routes

        return Routes, lambda node: read_routes(node, _targets().families, _targets().targets)
    if of in ("env", "kernel"):
        from rdna_installer.knowledge.catalogue import Entry, read_catalogue

        return dict[str, Entry], lambda node: read_catalogue(node, _targets().targets)
    if of in ("rules", "profiles"):
        from rdna_installer.knowledge.rules import Profile, Rule, read_profile

        read = _read_rules if of == "rules" else read_profile
        return tuple[Rule, ...] if of == "rules" else Profile, lambda node: read(node, _targets().targets)
    return YamlNode, lambda node: node


def _read_rules(root: YamlNode, targets: Collection[str]) -> tuple[Rule, ...]:
    from rdna_installer.knowledge.rules import read_rule

    fields = Fields(root, "rule file")
    rules = fields.each("rules", lambda node: read_rule(node, targets))
    fields.done()
    return rules


def _extra(folder: str, root: Sysroot, owner: int, user: User | None) -> list[tuple[str, bytes]]:
    read = functools.partial(_contents, folder, root, owner)
    if user is None or folder == str(SYSTEM_RULES):
        return read()
    from rdna_installer.machine.asuser import as_user

    return as_user(user, read, list[tuple[str, bytes]])


def _contents(folder: str, root: Sysroot, owner: int) -> list[tuple[str, bytes]]:
    names = [name for name in root.names(folder) if name.endswith(".yaml") and not name.startswith(".")]
    found = []
    if names:
        _check_trust(root, folder, owner)
    for name in names:
        path = f"{folder}/{name}"
        _check_trust(root, path, owner)
        try:
            found.append((path, root.read_bytes(path, limit=SIZE_LIMIT + 1)))
        except OSError as err:
            raise bad(path, f"cannot read this rule file: {err.strerror}") from err
    return found


def _check_trust(root: Sysroot, path: str, owner: int) -> None:
    status = root.status(path)
    if status is None:
        raise bad(path, "this rule file has gone, or is a link to nothing")
    if status.st_uid not in (0, owner) or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        why = "rules are read only from files and directories that nobody but root and you may write"
        import shlex  # where a command is shown

        hint = f"it must be yours or root's, and nobody else may write to it: chmod go-w {shlex.quote(path)}"
        raise RdnaError("untrusted-file", why, context=path, hint=hint)


def _check_settings(book: Book, rule: Rule) -> None:
    """Holds a user's rule against the catalogues (ours are held against them by the tests)."""
    from rdna_installer.knowledge.catalogue import Emit, find

    for wanted in rule.settings:
        known = book.kernel if wanted.layer is Layer.KERNEL else book.env
        entry = find(known, wanted.key)
        if entry is None:
            raise bad(wanted.where, f"{wanted.key} is in no catalogue", closest(wanted.key, known))
        if entry.emit is Emit.NEVER:
            raise bad(wanted.where, f"{wanted.key} is never set: {entry.reason}")
        if wanted.layer is Layer.ENV and entry.layer is not Layer.ENV:
            raise bad(wanted.where, f"{wanted.key} belongs to one PyTorch, not to the machine", "put it under python")
        problem = entry.problem(wanted.value)
        if problem:
            raise bad(wanted.where, problem)
