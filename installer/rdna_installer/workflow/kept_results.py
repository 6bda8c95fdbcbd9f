"""What probes have found here, for ``plan``, ``apply``, ``env`` and ``run``; a stale result is said to be."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from functools import partial

from rdna_installer import __version__
from rdna_installer.amd.case import Measured
from rdna_installer.change.store import Store
from rdna_installer.errors import RdnaError
from rdna_installer.machine.asuser import as_user
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import HostFacts, PythonSite, Request, User
from rdna_installer.probe.reading import file_name, load, stale
from rdna_installer.probe.types import Identity, Probed, choice, passed
from rdna_installer.record import record, replace
from rdna_installer.workflow.owners import system_uid

PROBE = "probe"  # the value of --conv that asks for a probe's choice
KEPT_LIMIT = 1 << 22  # bytes


@record(frozen=True)
class Known:
    """What follows from kept results: ``--conv probe`` answered, the rules measured, each Python's cost model."""

    request: Request
    measured: tuple[Measured, ...] = ()
    warnings: tuple[str, ...] = ()
    costs: tuple[tuple[str, str], ...] = ()


def known(root: Sysroot, facts: HostFacts, request: Request) -> Known:
    """Raises RdnaError where ``--conv probe`` has no fresh result: no-probe, probe-stale, probe-found-none."""
    sites = [site for site in facts.sites if site.torch is not None]
    kept = {str(site.python): found for site in sites if (found := read_kept(root, facts, site)) is not None}
    now = {str(site.python): identity(facts, site) for site in sites if str(site.python) in kept}
    moved = {p: "; ".join(stale(found.identity, now[p])) for p, found in kept.items()}
    fresh = {p: found for p, found in kept.items() if not moved[p]}
    old = tuple(f"the probe of {p} is stale ({why}) and does not count: probe again" for p, why in moved.items() if why)
    measured = tuple(m for python, found in fresh.items() for m in _measured(python, found))
    costs = tuple((p, found.costs.model) for p, found in fresh.items() if found.costs and found.costs.model)
    if request.conv == PROBE:
        request = replace(request, conv=_chosen(sites, kept, fresh, old))
    return Known(request, measured, old, costs)


def read_kept(root: Sysroot, facts: HostFacts, site: PythonSite) -> Probed | None:
    """The latest kept result of one interpreter: the invoking user's own, else the system's. Raises RdnaError."""
    for store in (probe_store(root, facts.user), Store.open(root)):
        place = store.base / file_name(str(site.python))
        try:
            read = partial(root.read_bytes, place, limit=KEPT_LIMIT)
            return load(as_user(store.user, read, bytes) if store.user else read(), str(place))
        except OSError:
            continue
    return None


def probe_store(root: Sysroot, user: User) -> Store:
    """Where the results of who probes are kept: root's with the system's state."""
    return Store.open(root) if user.uid == system_uid(root) else Store.open(root, user)


def identity(facts: HostFacts, site: PythonSite) -> Identity:
    """What a probe of this interpreter, now, would hold for."""
    torch = site.torch
    return Identity(
        gpus=tuple(f"{gpu.gfx} {gpu.pci or gpu.kfd_node}" for gpu in facts.gpus) if torch and torch.for_rocm else (),
        kernel=facts.running_kernel or os.uname().release,
        torch=torch.version if torch else "",
        rocm=torch.rocm if torch else None,
        python=str(site.python),
        version=__version__,
    )


def _measured(python: str, found: Probed) -> Iterator[Measured]:
    for variables in found.sets:
        verdict = passed(found, variables) if variables.rule else None
        if variables.rule and verdict is not None:
            yield Measured(variables.rule, python, verdict)


def _chosen(sites: list[PythonSite], kept: dict[str, Probed], fresh: dict[str, Probed], old: tuple[str, ...]) -> str:
    missing = [str(site.python) for site in sites if str(site.python) not in fresh]
    if missing or not sites:
        python = missing[0] if missing else "PATH"
        never = ("no-probe", f"{python} has not been probed")
        reference, message = ("probe-stale", old[0]) if python in kept else never
        raise RdnaError(reference, message, hint=shlex.join(["rdna-installer", "probe", "--python", python]))
    found = {python: choice(probed) for python, probed in fresh.items()}
    for python, best in found.items():
        if best is None:
            hint = "see what would work: rdna-installer advise"
            raise RdnaError("probe-found-none", "no method worked on this card", context=python, hint=hint)
    strategies = {best.strategy for best in found.values() if best}
    if len(strategies) > 1:
        why = "another strategy is best in each Python"
        raise RdnaError("several-sites", why, context=", ".join(found), hint="name one: --python PATH")
    return strategies.pop()
