"""Where the compiled kernels and decisions of MIOpen, Triton and Inductor are kept for one user."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from rdna_installer.model import User
from rdna_installer.record import record


@record(frozen=True)
class CachePlace:
    """One cache. ``variable``: the variable that named ``path``, None for the default.

    ``miopen``: it matters after a change of MIOpen's solver switches; the others after one of Triton's.
    """

    id: str
    what: str
    path: PurePosixPath
    variable: str | None
    miopen: bool
    problem: str | None = None


def find_places(user: User, variables: Mapping[str, str]) -> tuple[CachePlace, ...]:
    """The caches of ``user``, there or not. ``variables`` are theirs, as far as they are known."""
    triton = PurePosixPath(variables.get("TRITON_HOME") or user.home)
    temporary = variables.get("TMPDIR") or "/tmp"  # noqa: S108 - where Inductor puts it; looked at with care
    defaults = {
        "miopen-kernels": ("MIOpen's compiled kernels", "MIOPEN_CUSTOM_CACHE_DIR", user.home / ".cache/miopen"),
        "miopen-database": ("MIOpen's choice of solvers", "MIOPEN_USER_DB_PATH", user.home / ".config/miopen"),
        "triton": ("Triton's compiled kernels", "TRITON_CACHE_DIR", triton / ".triton/cache"),
        "inductor": (
            "Inductor's compiled code",
            "TORCHINDUCTOR_CACHE_DIR",
            PurePosixPath(temporary) / f"torchinductor_{user.name}",
        ),
    }
    return tuple(_place(key, *rest, user, variables) for key, rest in defaults.items())


def _place(
    key: str, what: str, variable: str, default: PurePosixPath, user: User, variables: Mapping[str, str]
) -> CachePlace:
    named = variables.get(variable, "")
    miopen = key.startswith("miopen")
    if not named:
        return CachePlace(key, what, default, None, miopen)
    path = PurePosixPath(named)
    return CachePlace(key, what, path, variable, miopen, _doubtful(path, key, user, variables))


def _doubtful(path: PurePosixPath, key: str, user: User, variables: Mapping[str, str]) -> str | None:
    """Why a directory that a variable names is not taken for a cache: it may hold anything."""
    shipped = PurePosixPath(variables.get("MIOPEN_SYSTEM_DB_PATH") or "/usr")
    if path in (shipped, *shipped.parents):
        return "the databases MIOpen comes with are there (MIOPEN_SYSTEM_DB_PATH)"
    if not path.is_absolute() or ".." in path.parts:
        return "the variable does not name one place"
    words = ("cache", key.partition("-")[0])
    if path in (user.home, *user.home.parents) or not any(word in path.name.lower() for word in words):
        return "its name does not say that it is a cache: look into it and remove it by hand"
    return None
