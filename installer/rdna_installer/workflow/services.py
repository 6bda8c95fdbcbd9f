"""Named services: who wins over our drop-ins, what reads them again, and what is started again by consent."""

from __future__ import annotations

from calendar import timegm
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import PurePosixPath
from time import strptime

from rdna_installer.detect.units import UNIT, in_force, instances, service_of, template_of
from rdna_installer.detect.users import invoking_user, user_of
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.asuser import look
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.machine.systemd import commander, reread, runs, systemctl
from rdna_installer.model import Change, Check, Conflict, Generation, HostFacts, Layer, Policy, ServiceUnit, Setting
from rdna_installer.plan.plan import layer_of
from rdna_installer.plan.render import FISH, section
from rdna_installer.plan.services import drop_in_of, stronger
from rdna_installer.workflow.owners import Owner

RESTART_SECONDS = 120.0  # systemd ends what does not stop after 90


def in_the_way(root: Sysroot, facts: HostFacts, policy: Policy) -> Iterator[Conflict]:
    """Lines and files of others that win over what is about to be written for services and fish."""
    for unit in facts.services:
        pairs = {s.key: s.value for s in policy.settings if s.site == str(unit.folder)}
        ours = (drop_in_of(str(unit.folder)), section(unit, pairs.items()))
        yield from stronger(unit.name, pairs, ours[0], deciding(root, unit.name, unit.owner, ours))
    masking = facts.user.home / ".config/fish/conf.d" / FISH.name
    if facts.fish and any(s.layer is Layer.ENV for s in policy.settings) and look(partial(root.exists, masking), bool):
        hint = f"fish reads {masking} instead of ours, which has the same name: give it another"
        yield Conflict(FISH.name, None, "a file of the same name", str(masking), hint)


def deciding(
    root: Sysroot, name: str, owner: int, ours: tuple[PurePosixPath, str] | None
) -> Mapping[str, tuple[str, str | None]]:
    """What decides in a unit, read with its owner's rights. Raises RdnaError, OSError."""
    user = user_of(root, owner) if owner else None
    work = partial(in_force, root, name, ours, user)
    return look(work, dict[str, tuple[str, str | None]], user if root.live else None)


def units_of(changes: Iterable[Change]) -> tuple[str, ...]:
    """The services whose drop-ins change, as systemd calls them."""
    return tuple(service_of(c.path.parent.stem) for c in changes if layer_of(c.path) is Layer.SERVICES)


def to_restart(names: Iterable[str], changes: Iterable[Change], more: Iterable[ServiceUnit] = ()) -> tuple[str, ...]:
    """What is to be said of those that ``--restart`` names. ``more``: may be named though their drop-ins do not change.

    Raises RdnaError("no-such-restart"): no service of this change has that name (exit 2).
    """
    changed, others = units_of(changes), {service_of(unit.name) for unit in more}
    for name in names:
        if not {*_meant(name)} & {*changed, *others}:
            message = f"--restart {name}: this changes no service of that name, so none is started again"
            hint = f"what changes is {', '.join(changed) or 'no service'}: leave --restart out, or name one of it"
            raise RdnaError("no-such-restart", message, hint=hint, exit_code=Exit.USAGE)
    said = "does not change: it is not started again"
    return tuple(f"{unit} {said}" for unit in others if unit not in changed and any(unit in _meant(n) for n in names))


def _meant(name: str) -> tuple[str, str]:
    """As systemd calls it, and the template that it may be an instance of."""
    service = service_of(name if UNIT.fullmatch(name) else f"{name}.service")
    return service, template_of(service)


def checks(owner: Owner, current: Generation, before: tuple[Setting, ...]) -> tuple[Check, ...]:
    """What is to be said of an owner's services, and of those that his last changes took a drop-in from."""
    from rdna_installer.check.services import check_services, watched

    root, manager = owner.store.root, owner.user.uid if owner.user else None
    units = watched(current.settings, before, manager, timegm(strptime(current.time, "%Y-%m-%dT%H:%M:%SZ")) + 1)
    return tuple(check_services(root, units, lambda name, uid: deciding(root, name, uid, None)))


def take_up(
    owner: Owner, units: tuple[str, ...], gone: tuple[tuple[str, str], ...], restart: Sequence[str]
) -> tuple[str, ...]:
    """After a change: those of ``units`` that are named in ``restart`` are started again; the others are named.

    The services' manager of the user it is about (of a change of the system's: who asked for it) reads its files again,
    and loses what of ``gone`` it has by that very value: a session had imported it. What fails is said, no more.
    """
    root = owner.store.root
    user = owner.user or invoking_user(root)
    try:
        if user.uid and runs(root, user.uid):
            _let_go(root, user.uid, gone)
        manager = owner.user.uid if owner.user else None
        return tuple(_taken_up(root, manager, units, restart))
    except (RdnaError, OSError) as err:
        return (f"the services of {owner.name} may not know of the change yet ({err}): log out and in again",)


def _let_go(root: Sysroot, manager: int, gone: tuple[tuple[str, str], ...]) -> None:
    reread(root, manager)
    has = systemctl(manager, "show-environment").text.splitlines()
    if keys := [key for key, value in gone if f"{key}={value}" in has]:
        systemctl(manager, "unset-environment", *keys)


def _taken_up(root: Sysroot, manager: int | None, units: tuple[str, ...], restart: Sequence[str]) -> Iterator[str]:
    here = runs(root, manager)
    if units and restart and not here:
        yield f"--restart {' '.join(restart)}: nothing is started again where no systemd runs"
    for unit in units if here else ():
        again = [name for name, *template in map(_meant, restart) if unit in (name, *template)]
        if again and systemctl(manager, "restart", *map(instances, again), seconds=RESTART_SECONDS).code != 0:
            yield f"{unit} did not start again: {commander(manager)} status {' '.join(again)}"
        active = systemctl(manager, "list-units", "--plain", "--no-legend", "--state=active", instances(unit)).text
        for name in (line.split()[0] for line in active.splitlines()):
            if not {name, unit} & {*again}:
                yield f"restart pending, {name} runs with what it was started with: {commander(manager)} restart {name}"
