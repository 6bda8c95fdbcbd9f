"""Parts of several owners as one change: coordinated by the system where root acts, alone where a user does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TypeVar

from rdna_installer.change.activation import Progress, activate
from rdna_installer.change.boot_counting import forget_boots
from rdna_installer.change.finish import Activate
from rdna_installer.change.outcomes import Ruling, own_change
from rdna_installer.change.together import Follower, commit_together, follow, vote
from rdna_installer.change.transaction import commit
from rdna_installer.detect.host import can_be_rescued, missing_boot_files
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.interrupts import Interrupts
from rdna_installer.machine.process import own_command
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Change, Generation, Layer, Step
from rdna_installer.plan.plan import layers_of
from rdna_installer.plan.trial import LIMIT, OPTIONS_CONF, begins, running, safe_order, touches
from rdna_installer.printable import parted
from rdna_installer.record import record, replace
from rdna_installer.workflow import refusals
from rdna_installer.workflow.owners import Owner

Done = tuple[tuple[str, Generation], ...]

T = TypeVar("T")
LOOK = "check that it works: rdna-installer verify"
BLACK = "black screen? boot with modprobe.blacklist=amdgpu, then: sudo rdna-installer rollback"
ON_TRIAL = (
    "reboot: the new kernel options are on trial",
    "to keep them, log in at the machine after the reboot, or: sudo rdna-installer confirm",
    f"black screen? switch off and on again: after {LIMIT} boots without a login the old options come back",
    "to go back at once: in the boot menu press e, add rdna_installer=off to the line beginning with linux, press F10",
    "if that fails too: add modprobe.blacklist=amdgpu there, then: sudo rdna-installer rollback",
)


def next_lines(layers: frozenset[Layer], generations: Sequence[Generation], rescue: bool) -> list[str]:
    """What to do after layers changed. ``rescue``: rdna_installer=off would work at the next boot."""
    if layers == {Layer.SERVICES}:
        return [LOOK]
    if Layer.KERNEL in layers:
        if any(running(g) for g in generations):
            return list(ON_TRIAL)
        if not any(m.path == OPTIONS_CONF and m.after.there for g in generations for m in g.managed):
            return [f"reboot, then {LOOK}"]
        off = "black screen? boot with rdna_installer=off on the kernel command line: the options are taken out"
        return [f"reboot, then {LOOK}", *([off] if rescue else []), BLACK]
    who = "log in again" if Layer.ENV in layers else "start your Python programs again"
    return [f"{who}; no reboot is needed", LOOK]


@record(frozen=True)
class Part:
    """One owner's transaction; ``to``: the generation it goes back to, ``was``: what it leaves."""

    owner: Owner
    changes: tuple[Change, ...]
    wish: Generation
    steps: tuple[Step, ...] = ()
    to: int = 0
    was: Generation | None = None


@record(frozen=True)
class Applied:
    """What was done: the new generation of each owner, what happens next, and whose part had to be left."""

    generations: Done
    after: tuple[str, ...]
    left: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """What happened and exactly what happens next."""
        done = [f"done: change {g.number} of {name} ({g.reason})" for name, g in self.generations]
        return [
            *done,
            *(f"{'  ' if n else 'next: '}{text}" for each in self.after for n, text in enumerate(parted(each))),
        ]


def may_write(root: Sysroot, owner: Owner) -> bool:
    """Whether this process may change an owner's files."""
    me = os.geteuid()
    mine = owner.user is not None and owner.user.uid == me
    if me == 0 or mine:
        return True
    made = None if root.live else root.status(owner.store.base)
    return not root.live and (made is None or made.st_uid == me)


def check_rights(root: Sysroot, owners: Iterable[Owner], instead: str = "") -> None:
    """Raises RdnaError("not-root") when an owner's files cannot be written by this process. ``instead``: what can be
    done without."""
    for owner in owners:
        if not may_write(root, owner):
            hint = f"run the same with sudo{instead}"
            raise RdnaError("not-root", f"this changes files of {owner.name}, which needs root", hint=hint)


def check_boot_files(root: Sysroot, changes: Iterable[Change]) -> None:
    """Raises RdnaError("no-boot-units") when a trial would begin that nothing ends."""
    if begins(changes):
        refusals.require_boot_files(missing_boot_files(root))


def activator(root: Sysroot, progress: Progress, before: int = 0) -> Activate:
    """What the transaction calls for each step, which comes after ``before`` others."""
    return lambda step, wanted: activate(step, root, wanted, progress, before)


def commit_all(
    parts: Sequence[Part],
    root: Sysroot,
    progress: Progress,
    *,
    links: bool,
    after: tuple[str, ...] | None = None,
    restart: Sequence[str] = (),
) -> Applied:
    """One change; says what was done. ``restart``: services that are started again after it.

    ``parts`` end with the system's where root acts (with or without a file): only it can decide over several.

    ``after``: what happens next, where that is not a matter of the layers changed. Raises RdnaError (PartError where
    users' parts were the reason).
    """
    *users, last = parts
    if users and [part.owner for part in parts if part.owner.is_system] != [last.owner]:
        raise ValueError("parts of several owners need the system's, as the last of them")
    check_boot_files(root, [change for part in parts for change in part.changes])
    act = activator(root, progress, before=1)
    if images := sum(len(step.kernels) for part in parts for step in part.steps):
        progress(f"[1/{1 + 2 * images}] Writing {sum(len(part.changes) for part in parts)} files")
    with Interrupts() as interrupts:
        if last.owner.is_system:
            made = _together(last, users, act, links)
        else:
            wish = replace(last.wish, change=last.wish.change or own_change())
            ways = safe_order(last.changes)
            work = partial(commit, last.owner.store, ways, wish, last.steps, act, replace_links=links)
            made = ((last.owner.name, _done(last.owner, work, Generation)),)
        interrupts.done()
    if after is None:
        layers = layers_of(change for part in parts for change in part.changes)
        after = tuple(next_lines(layers, [generation for _, generation in made], can_be_rescued(root)))
    for part in parts:
        after = (*_services(part, restart), *after)
    applied = Applied(made, tuple(line.replace("rdna-installer ", f"{own_command()} ") for line in after))
    for line in applied.lines():
        progress(line)
    return applied


def _services(part: Part, restart: Sequence[str]) -> tuple[str, ...]:
    """What is left to be done for services of one owner whose drop-ins changed."""
    from rdna_installer.workflow.services import take_up, units_of

    owner, units = part.owner, units_of(part.changes)
    had, has = (part.was.settings if part.was else ()), part.wish.settings
    gone = {(s.key, s.value) for s in had if s.key.isupper()} - {(s.key, s.value) for s in has}
    if not units and not gone:
        return ()
    return take_up(owner, units, tuple(sorted(gone)), restart)


def _done(owner: Owner, work: Callable[[], T], answer: object) -> T:
    """A change with its owner's rights, and what is said where its child was interrupted and answers no more."""
    try:
        return owner.do(work, answer, changes=True)
    except KeyboardInterrupt as err:
        if owner.user is None:
            raise
        message = f"interrupted; what was begun for {owner.name} may be half done"
        raise RdnaError("interrupted", message, hint="rdna-installer recover", exit_code=Exit.INCOMPLETE) from err


def _together(system: Part, users: Sequence[Part], act: Activate, links: bool) -> Done:
    """What is on trial anew has had no boots."""
    changes, store = safe_order(system.changes), system.owner.store
    if touches(changes):
        forget_boots(store)
    asked = [_follower(part, links) for part in users]
    made, votes = commit_together(store, changes, system.wish, system.steps, act, asked, replace_links=links)
    of_users = ((part.owner.name, votes[_uid(part)]) for part in users)
    return (*of_users, (system.owner.name, made))


def _follower(part: Part, links: bool) -> Follower:
    owner = part.owner

    def ask(change: str, settled: frozenset[str]) -> Generation:
        wish = replace(part.wish, change=change, stands_for=part.wish.stands_for or change)
        work = partial(vote, owner.store, part.changes, wish, settled, replace_links=links)
        return _done(owner, work, Generation)

    def tell(change: str, found: Ruling) -> None:
        _done(owner, partial(follow, owner.store, change, found), None)

    return Follower(_uid(part), owner.name, ask, tell)


def _uid(part: Part) -> int:
    if part.owner.user is None:
        raise ValueError("the system is nobody's follower")
    return part.owner.user.uid
