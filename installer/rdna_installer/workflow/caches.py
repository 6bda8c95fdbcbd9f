"""The caches of the invoking user: what is there, whether it matters here, and removing it with their rights."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from rdna_installer.detect.dotfiles import scan
from rdna_installer.detect.gpus import find_gpus
from rdna_installer.detect.places import mounts
from rdna_installer.detect.users import invoking_user
from rdna_installer.errors import Exit, explaining
from rdna_installer.machine import durable
from rdna_installer.machine.asuser import as_user
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Layer, User
from rdna_installer.record import record, replace
from rdna_installer.workflow.owners import find_owners

NAMED = ("MIOPEN_", "TRITON_", "TORCHINDUCTOR_")  # what a start-up file must hold to name a cache
# Where Inductor's code compiled without AMDGCN_USE_BUFFER_OPS=0 may stay wrong (unsloth#11614).
WRITES_NOTHING = "gfx101"
NETWORK = frozenset({"nfs", "nfs4", "smb3", "cifs", "smbfs", "coda", "ocfs2", "afs", "lustre", "ceph"})
FIND = {"MIOPEN_FIND_MODE": "NORMAL"}  # looks at every solver and keeps what it compiled and measured
FIND_OFF = ("MIOPEN_DEBUG_DISABLE_FIND_DB", "MIOPEN_DISABLE_CACHE", "MIOPEN_DEBUG_COMPILE_ONLY")


@record(frozen=True)
class CachePlace:
    """One cache. ``variable``: the variable that named ``path``, None for the default."""

    id: str
    what: str
    path: PurePosixPath
    variable: str | None
    problem: str | None


def find_places(user: User, variables: Mapping[str, str], networked: bool = False) -> Iterator[CachePlace]:
    """The caches of ``user``, there or not. ``variables`` are theirs, as far as they are known.
    ``networked``: their home is on a network, where MIOpen writes below the temporary directory instead."""
    triton = PurePosixPath(variables.get("TRITON_HOME") or user.home)
    temporary = variables.get("TMPDIR") or "/tmp"  # noqa: S108 - where Inductor puts it; looked at with care
    inductor = PurePosixPath(temporary) / f"torchinductor_{user.name}"
    miopen = PurePosixPath(temporary) if networked else user.home  # src/db_path.cpp.in, src/binary_cache.cpp
    for key, what, variable, default in (
        ("miopen-kernels", "MIOpen's compiled kernels", "MIOPEN_CUSTOM_CACHE_DIR", miopen / ".cache/miopen"),
        ("miopen-database", "MIOpen's choice of solvers", "MIOPEN_USER_DB_PATH", miopen / ".config/miopen"),
        ("triton", "Triton's compiled kernels", "TRITON_CACHE_DIR", triton / ".triton/cache"),
        ("inductor", "Inductor's compiled code", "TORCHINDUCTOR_CACHE_DIR", inductor),
    ):
        if path := variables.get(variable):
            named = PurePosixPath(path.replace("~", str(user.home)) if key.startswith("miopen") else path)
            yield CachePlace(key, what, named, variable, _doubtful(named, key, user, variables))
        else:
            yield CachePlace(key, what, default, None, None)


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


@record(frozen=True)
class Cache:
    """One cache as it is now. ``chosen``: it is to be cleared; else ``why`` says why not."""

    place: CachePlace
    tree: durable.Tree
    chosen: bool
    why: str | None


@record(frozen=True)
class Caches:
    """All caches of one user."""

    user: User
    items: tuple[Cache, ...]

    @property
    def chosen(self) -> tuple[Cache, ...]:
        """Those to be cleared."""
        return tuple(item for item in self.items if item.chosen)


def find_caches(root: Sysroot, everything: bool) -> Caches:
    """Look at the caches. ``everything``: also those that do not matter for the GPUs here. Raises RdnaError."""
    user = invoking_user(root)
    places = list(find_places(user, _variables(root, user), is_networked(root, user.home)))
    with explaining(Exit.FAILED, note="nothing was removed"):
        seen = as_user(user, lambda: [durable.look(root, place.path, user.uid) for place in places], list[durable.Tree])
    wrong_code = everything or any(gpu.gfx.startswith(WRITES_NOTHING) for gpu in find_gpus(root).gpus)
    return Caches(user, tuple(_judge(p, t, wrong_code, everything) for p, t in zip(places, seen, strict=True)))


def is_networked(root: Sysroot, home: PurePosixPath) -> bool:
    """Whether MIOpen takes a home for one on a network (IsNetworkedFilesystem in its src/expanduser.cpp)."""
    holding = [(len(place.parts), kind) for place, kind in mounts(root) if place in (home, *home.parents)]
    return max(holding, default=(0, ""))[1] in NETWORK


def built_by(
    root: Sysroot, argv: Sequence[str], env: Mapping[str, str], tell: Callable[[str], None]
) -> tuple[int, list[tuple[CachePlace, int, int]]]:
    """Run a command with Find on: its exit code, and by how many files and bytes each cache of MIOpen grew.
    ``tell``: that its output is lost."""
    from rdna_installer.machine.watch import watch

    wanted = {key: value for key, value in env.items() if key not in FIND_OFF} | FIND
    user = replace(invoking_user(root), home=PurePosixPath(env.get("HOME") or "/"), uid=os.geteuid())
    places = list(find_places(user, wanted, is_networked(root, user.home)))[:2]

    def seen() -> list[durable.Tree]:
        return [durable.look(root, place.path, user.uid) for place in places]

    before = seen()
    code = watch(argv, wanted, lambda _: None, tell)
    grown = zip(places, before, seen(), strict=True)
    return code, [(place, new.files - old.files, new.size - old.size) for place, old, new in grown]


def _variables(root: Sysroot, user: User) -> dict[str, str]:
    """What we have put in force, over it the user's start-up files (theirs wins), over it a session of their own."""
    own = dict(os.environ) if root.live and user.uid == os.geteuid() else {}
    current = [owner.current() for owner in find_owners(root, user)]
    settings = [s for generation in current if generation for s in generation.settings]
    files = {f.assignment.key: f.assignment.value for f in scan(root, user, (), NAMED).found if not f.contained}
    lasting = {key: _at_home(value, user) for key, value in files.items() if value is not None}
    return {**{s.key: s.value for s in settings if s.layer is not Layer.KERNEL}, **lasting, **own}


def _at_home(value: str, user: User) -> str:
    """A value as the user's shell reads it, as far as it is about their home; other $ stay, and name no place."""
    for start in ("$HOME", "${HOME}", "~"):
        if value == start or value.startswith(start + "/"):
            return str(user.home) + value.removeprefix(start)
    return value


def _judge(place: CachePlace, tree: durable.Tree, wrong_code: bool, everything: bool) -> Cache:
    why = place.problem or tree.problem
    if place.problem is None and not tree.there:
        why = "not there"
    elif why is None and not tree.files:
        why = "it is empty"
    elif why is None and place.id == "triton" and not everything:
        why = "Triton notices changed settings itself; --all clears it too"
    elif why is None and not place.id.startswith("miopen") and not wrong_code:
        why = "does not matter for the GPUs here; --all clears it too"
    return Cache(place, tree, why is None, why)


def clear(root: Sysroot, user: User, caches: Iterable[Cache]) -> None:
    """Remove caches with the user's own rights. Raises RdnaError; what was removed by then is gone."""
    paths = [cache.place.path for cache in caches]

    def work() -> None:
        for path in paths:
            durable.clear(root, path, user.uid)

    with explaining(Exit.FAILED, note="some of it may be gone, which does no harm"):
        as_user(user, work, None, changes=True)
