"""What a named service is to have: of the machine's settings, of its Python's, for its own kernels; who wins over it.
Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from rdna_installer.gfx import HOOKED
from rdna_installer.model import USUAL, Conflict, HostFacts, Layer, Policy, Request, ServiceUnit, Setting
from rdna_installer.plan.render import DROP_IN
from rdna_installer.record import replace

OWN_KERNELS = "own-kernels"
WHY = "It ships kernels of its own, none of them for this GPU."

InForce = Mapping[str, tuple[str, str | None]]  # of a unit: variable -> (file:line, value; None: taken away)


def narrowed(
    policy: Policy, request: Request, facts: HostFacts, runs: Mapping[str, str], needs: Mapping[str, Mapping[str, str]]
) -> Policy:
    """The policy of ``request`` made of one that has all layers of variables.

    ``runs``: the program of a unit, by its directory, as settings name it; ``needs``: what those with kernels of their
    own need.
    """
    kept = tuple(s for s in policy.settings if s.layer in request.layers & USUAL)
    settings, warnings = list[Setting](), list[str]()
    for unit in facts.services:
        found = {s.key: s for s in _of_unit(policy, request, unit, runs.get(str(unit.folder), unit.runs), needs)}
        settings += found.values()
        if not found:
            warnings.append(f"{unit.name} needs no variable on this machine: nothing is set for it")
    why = [(OWN_KERNELS, WHY)] if any(s.rule == OWN_KERNELS for s in settings) else []
    return replace(
        policy,
        settings=(*kept, *settings),
        warnings=(*policy.warnings, *warnings),
        asked=policy.asked or bool(settings),
        reasons=(*policy.reasons, *why),
    )


def _of_unit(
    policy: Policy, request: Request, unit: ServiceUnit, program: str, needs: Mapping[str, Mapping[str, str]]
) -> Iterator[Setting]:
    """The later outranks the earlier of one name: what is wished of all named services comes last."""
    place = str(unit.folder)
    of_all = [s for s in policy.settings if s.layer is Layer.ENV]
    of_python = [s for s in policy.settings if s.layer is Layer.PYTHON and s.site == program]
    for s in (*of_all, *of_python):
        if not s.key.startswith(HOOKED):  # those our hook sets where it reads them
            yield Setting(Layer.SERVICES, place, s.key, s.value, s.rule)
    for key, value in needs.get(program, {}).items():
        if key not in request.unset:
            yield Setting(Layer.SERVICES, place, key, value, OWN_KERNELS)
    for s in policy.settings:
        if s.layer is Layer.SERVICES:
            yield replace(s, site=place)


def stronger(name: str, wanted: Mapping[str, str], drop_in: PurePosixPath, found: InForce) -> Iterator[Conflict]:
    """Who wins over a drop-in of ours in one unit; never fought over."""
    for key, value in wanted.items():
        where, theirs = found.get(key, (str(drop_in), value))
        if where.rpartition(":")[0] == str(drop_in) or theirs == value:
            continue
        what = f"sets another value for {name}" if theirs is not None else f"takes it away from {name}"
        hint = f"{where} {what} and wins over a drop-in: remove it there, or keep it with --unset {key}"
        yield Conflict(key, value, theirs if theirs is not None else "(nothing)", where, hint)


def drop_in_of(folder: str) -> PurePosixPath:
    """Our file in a unit's directory of drop-ins."""
    return PurePosixPath(folder) / DROP_IN
