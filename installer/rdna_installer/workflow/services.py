"""Named services: who wins over our drop-ins, what reads them again, and what is started again by consent."""

from __future__ import annotations

from calendar import timegm
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import PurePosixPath
from time import strptime

from rdna_installer.detect.units import in_force
from rdna_installer.detect.users import invoking_user, user_of
from rdna_installer.errors import RdnaError
from rdna_installer.machine.asuser import look
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.machine.systemd import commander, reread, runs_in, systemctl
from rdna_installer.model import Change, Check, Conflict, Generation, HostFacts, Layer, Policy, Setting
from rdna_installer.plan.plan import layer_of
from rdna_installer.plan.render import FISH, drop_in_lines
from rdna_installer.plan.services import drop_in_of, stronger
from rdna_installer.workflow.owners import Owner

RESTART_SECONDS = 120.0  # systemd ends what does not stop after 90


def in_the_way(root: Sysroot, facts: HostFacts, policy: Policy) -> Iterator[Conflict]:
    """Lines and files of others that win over what is about to be written for services and fish."""
    for unit in facts.services:
        pairs = {s.key: s.value for s in policy.settings if s.site == str(unit.folder)}
        section = "Container" if unit.name.endswith(".container") else "Service"
        ours = (drop_in_of(str(unit.folder)), f"[{section}]\n{drop_in_lines(pairs.items())}\n")
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


def units_of(changes: Iterable[Change]) -> dict[str, PurePosixPath]:
    """The services whose drop-ins change, as systemd calls them, and the drop-ins."""
    paths = (c.path for c in changes if layer_of(c.path) is Layer.SERVICES)
    return {path.parent.stem.replace(".container", ".service"): path for path in paths}


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
        if user.uid:
            _let_go(root, user.uid, gone)
        manager = owner.user.uid if owner.user else None
        return _taken_up(root, manager, units, tuple(restart))
    except (RdnaError, OSError) as err:
        return (f"the services of {owner.name} may not know of the change yet ({err}): log out and in again",)


def _let_go(root: Sysroot, manager: int, gone: tuple[tuple[str, str], ...]) -> None:
    if not root.is_dir(runs_in(manager)):
        return
    reread(root, manager)
    has = systemctl(manager, "show-environment").text.splitlines()
    if keys := [key for key, value in gone if f"{key}={value}" in has]:
        systemctl(manager, "unset-environment", *keys)


def _taken_up(root: Sysroot, manager: int | None, units: tuple[str, ...], restart: tuple[str, ...]) -> tuple[str, ...]:
    control = commander(manager)
    lines = []
    for unit in units if root.is_dir(runs_in(manager)) else ():
        if {unit, unit.removesuffix(".service")} & {*restart}:
            done = systemctl(manager, "restart", unit, seconds=RESTART_SECONDS)
            lines += [] if done.code == 0 else [f"{unit} did not start again: {control} status {unit}"]
        elif systemctl(manager, "is-active", "--quiet", unit).code == 0:
            lines.append(f"restart pending, {unit} runs with what it was started with: {control} restart {unit}")
    return tuple(lines)
