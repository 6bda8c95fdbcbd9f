"""Recover over all owners: the system first, and by its records every user's part of what root began."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from functools import partial
from typing import TypeVar

from rdna_installer.change import outcomes
from rdna_installer.change.activation import Progress, untrusted
from rdna_installer.change.finish import Activate
from rdna_installer.change.outcomes import Outcomes, Ruling
from rdna_installer.change.recover import Decide, Recovered, finish_purge, recover, recover_locked, steps_left
from rdna_installer.change.store import ENVIRONMENTS, Store, lock
from rdna_installer.change.together import by_records
from rdna_installer.change.transaction import no_activation
from rdna_installer.detect.users import invoking_user
from rdna_installer.errors import Exit, RdnaError, explaining
from rdna_installer.machine.interrupts import Interrupts
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Generation
from rdna_installer.workflow.committing import activator, check_rights, may_write
from rdna_installer.workflow.owners import EVERYBODY, Owner, find_owners, system_owner

T = TypeVar("T")


def recover_all(root: Sysroot, progress: Progress, *, initramfs: bool = True) -> tuple[str, ...]:
    """``_recover_all``; then what is left of environments, of who acts, goes. Raises as that, and OSError explained."""
    done = _recover_all(root, progress, initramfs=initramfs)
    mine = [Store.place(root)] if may_write(root, system_owner(root)) else [Store.place(root, invoking_user(root))]
    if any(store.root.is_dir(store.base / ENVIRONMENTS) for store in mine):
        from rdna_installer.workflow.environments import collect

        return (*done, *(line for store in mine for line in collect(store)))
    return done


def _recover_all(root: Sysroot, progress: Progress, *, initramfs: bool) -> tuple[str, ...]:
    """Finish or undo what an interrupted run left, as root everybody's; one line for each owner who had something.

    Without ``initramfs`` the boot images are left as they are. Raises RdnaError: "root-not-trusted", with nothing done;
    exit 6 ("part-left", "held") when something still is in the way, after all else was done.
    """
    *users, system = find_owners(root, invoking_user(root), chosen=EVERYBODY)
    if not may_write(root, system):
        done = _recover_own(system, users)
        check_rights(root, [system] if system.store.recoverable() else [])
        return done
    lines, left = _recover(system, users, root, progress, initramfs)
    if left:
        for line in lines:
            progress(line)
        hint = "all else is done; that user has to finish it: rdna-installer recover"
        raise RdnaError("part-left", f"not recovered: {'; '.join(left)}", hint=hint, exit_code=Exit.INCOMPLETE)
    return tuple(lines)


def recover_first(root: Sysroot, progress: Progress, *, initramfs: bool = True) -> bool:
    """``recover_all`` before a change is planned, as far as our rights go: half a change would make a wrong plan.
    A user's part that cannot be recovered is named; who asks for a change of his is refused by it there.
    Whether something was recovered."""
    *users, system = find_owners(root, invoking_user(root), chosen=EVERYBODY)
    left: list[str] = []
    if not may_write(root, system):
        lines = [*_recover_own(system, users, Exit.REFUSED)]
    else:
        lines, left = _recover(system, users, root, progress, initramfs)
    for line in (*lines, *(f"note: not recovered: {text}" for text in left)):
        progress(line)
    return bool(lines)


def unfinished(root_folder: str) -> bool:
    """Whether something is left to recover, as far as our rights go and it can be told."""
    root = Sysroot(root_folder)
    try:
        owners = find_owners(root, invoking_user(root), chosen=EVERYBODY)
        return any(owner.do(owner.store.recoverable, bool) for owner in owners if may_write(root, owner))
    except (RdnaError, OSError):
        return False


def decide_own(root: Sysroot, *, forward: bool) -> str:
    """A user's word over his own held part, whatever root's change came to. Raises RdnaError("nothing-held")."""
    if os.geteuid() == 0 and root.live:
        raise RdnaError("not-for-root", "--decide is for a user's own part", hint="sudo rdna-installer recover")
    owner = next((o for o in find_owners(root, invoking_user(root)) if o.user and o.user.uid == os.geteuid()), None)
    found = Ruling.FORWARD if forward else Ruling.BACK
    done = recover(owner.store, no_activation, lambda change: found) if owner else None
    if owner is None or done is None:
        raise RdnaError("nothing-held", "no part of a change is held here")
    ends = "root's ends with its command, the next boot or `sudo rdna-installer recover`"
    return f"{_line(owner, done)}; your own part only: {ends}"


def _recover_own(system: Owner, users: Iterable[Owner], code: Exit | None = None) -> tuple[str, ...]:
    lines = []
    for owner in users:
        if owner.user is None or owner.user.uid != os.geteuid() or not owner.store.recoverable():
            continue
        try:
            done = recover(owner.store, activator(owner.store.root, lambda line: None))
        except RdnaError as err:
            if err.reference == "held" and code is not None:
                err.exit_code = code
            raise
        lines += [_line(owner, done), *_since(system, owner)] if done else []
    return tuple(lines)


def _recover(
    system: Owner, users: Iterable[Owner], root: Sysroot, progress: Progress, initramfs: bool
) -> tuple[list[str], list[str]]:
    """What was done, a line for each owner who had something, and whose part could not be recovered.
    With the system's lock held to the end: nobody begins a change while users are told how the last one ended."""
    act = _activation(system, root, progress, initramfs)
    lines = ["finished: uninstall --purge of system"] if finish_purge(system.store) else []
    left: list[str] = []
    waiting = [o for o in users if o.problem is not None or _asks(o, left, o.store.recoverable, bool)]
    listed = outcomes.read_public(root)
    parts_wait = listed is not None and any(line.parts for line in listed.lines)
    if not waiting and not system.store.recoverable() and not parts_wait:
        return lines, []
    held = lock(system.store) if system.store.exists else nullcontext()
    with explaining(Exit.REFUSED), held as locked, Interrupts() as interrupts:
        decide: Decide = lambda change: Ruling.HELD  # noqa: E731
        opened = (outcomes.read(locked) if locked is not None else None) or Outcomes()
        if locked is not None:
            locked.check_format()
            done = recover_locked(locked, act, interrupts)
            lines += [_line(system, done)] if done else []
            decide = by_records(outcomes.settled(locked, outcomes.read(locked) or Outcomes()))
        for owner in waiting:
            work = partial(recover, owner.store, no_activation, decide)
            done = _asks(owner, left, work, Recovered | None, changes=True)
            lines += [_line(owner, done), *_since(system, owner)] if done else []
        if locked is not None:
            lines += _strike(locked, users, left, opened)
    return lines, left


def _activation(system: Owner, root: Sysroot, progress: Progress, initramfs: bool) -> Activate:
    """Raises RdnaError("root-not-trusted") where it would run programs of another root that others can change."""
    if not initramfs:
        return lambda step, _: progress(f"not done (--no-initramfs), so do it yourself: {step.summary}")
    refusal = next((err for step in steps_left(system.store) if (err := untrusted(step, root))), None)
    if refusal:
        raise refusal
    return activator(root, progress)


def _asks(owner: Owner, left: list[str], work: Callable[[], T], answer: object, *, changes: bool = False) -> T | None:
    """What a user's state says; a problem of his is named and stops nobody."""
    try:
        return owner.do(work, answer, changes=changes)
    except (RdnaError, OSError) as err:
        left.append(f"{owner.name} ({err})")
        return None


def _strike(store: Store, users: Iterable[Owner], left: list[str], opened: Outcomes) -> tuple[str, ...]:
    """Forget parts that are done. A user who decided otherwise for himself is done too: named, and not followed."""
    known, said = outcomes.read(store) or Outcomes(), list[str]()
    names = {text.split(" (")[0] for text in left}
    new, waiting = known, {o.user.uid for o in users if o.user and o.name in names}
    for line in (*opened.lines, *known.lines):
        done, ended = set(line.parts) - waiting, known.line(line.change) is not None
        for owner in (o for o in users if o.user and o.user.uid in done):
            said += _decided(owner, line.change, ended)
        new = new.done(line.change, done)
    if new != known:
        outcomes.write(store, new)
    return tuple(dict.fromkeys(said))


def _decided(owner: Owner, change: str, forward: bool) -> Iterator[str]:
    """What he says of it harms only himself."""
    kept = _asks(owner, [], owner.store.generations, tuple[Generation, ...]) or ()
    if any(generation.change == change for generation in kept) != forward:
        what = "undone" if forward else "finished"
        yield f"{owner.name} has {what} the part of change {outcomes.number_of(change)} alone: it stays so"


def _since(system: Owner, owner: Owner) -> Iterator[str]:
    """What a part that followed late is told where root has gone back from that change meanwhile."""
    public, mine = (_asks(of, [], of.store.public, Generation | None) for of in (system, owner))
    if public is not None and mine is not None and mine.change in public.left:
        number = outcomes.number_of(mine.change)
        yield f"root has gone back from change {number} since; as {owner.name}: rdna-installer rollback"


def _line(owner: Owner, done: Recovered) -> str:
    if done.number == 0:  # no change: the end of them
        return f"{done.what}: {done.reason} of {owner.name}"
    saved = "".join(f"; the changed version was saved as {path}" for path in done.saved)
    return f"{done.what}: change {done.number} of {owner.name} ({done.reason}){saved}"
