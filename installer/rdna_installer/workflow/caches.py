"""The caches of the invoking user: what is there, whether it matters here, and removing it with their rights."""

from __future__ import annotations

import os
from collections.abc import Iterable

from rdna_installer.detect.caches import Place, find_places
from rdna_installer.detect.gpus import find_gpus
from rdna_installer.detect.users import invoking_user
from rdna_installer.errors import Exit
from rdna_installer.machine import trees
from rdna_installer.machine.asuser import as_user
from rdna_installer.machine.oserrors import explaining
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Layer, User
from rdna_installer.record import record
from rdna_installer.workflow.owners import find_owners

WRITES_NOTHING = "gfx101"  # where Triton's kernels compiled without AMDGCN_USE_BUFFER_OPS=0 stay wrong (unsloth#11614)


@record(frozen=True)
class Cache:
    """One cache as it is now. ``chosen``: it is to be cleared; else ``why`` says why not."""

    place: Place
    tree: trees.Tree
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
    places = find_places(user, _variables(root, user))
    with explaining(Exit.FAILED, note="nothing was removed"):
        seen = as_user(user, lambda: [_look(root, place, user) for place in places], list[trees.Tree])
    triton = everything or any(gpu.gfx.startswith(WRITES_NOTHING) for gpu in find_gpus(root).gpus)
    return Caches(user, tuple(_judge(p, t, triton) for p, t in zip(places, seen, strict=True)))


def _look(root: Sysroot, place: Place, user: User) -> trees.Tree:
    return trees.look(root, place.path, user.uid)


def _variables(root: Sysroot, user: User) -> dict[str, str]:
    """The user's environment where it is ours too, and over it what we have put in force."""
    own = dict(os.environ) if root.live and user.uid == os.geteuid() else {}
    current = [owner.current() for owner in find_owners(root, user)]
    settings = [s for generation in current if generation for s in generation.settings]
    return {**{s.key: s.value for s in settings if s.layer is not Layer.KERNEL}, **own}


def _judge(place: Place, tree: trees.Tree, triton: bool) -> Cache:
    problem = place.problem or tree.problem
    if not tree.there:
        return Cache(place, tree, False, "not there")
    if problem:
        return Cache(place, tree, False, problem)
    if not place.miopen and not triton:
        return Cache(place, tree, False, "does not matter for the GPUs here; --all clears it too")
    return Cache(place, tree, True, None)


def clear(root: Sysroot, user: User, caches: Iterable[Cache]) -> None:
    """Remove caches with the user's own rights. Raises RdnaError; what was removed by then is gone."""
    paths = [cache.place.path for cache in caches]

    def work() -> None:
        for path in paths:
            trees.clear(root, path, user.uid)

    with explaining(Exit.FAILED, note="some of it may be gone, which does no harm"):
        as_user(user, work, None, changes=True)
