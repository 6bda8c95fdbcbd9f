"""Going back: rollback and uninstall, over all owners that a command concerns, and forgetting everything then.

A user can keep his own part from going back, and no more: it is left and named, and the rest goes back without it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial

from rdna_installer.change import chain
from rdna_installer.change.activation import Progress, named, plan_step, reload_steps, untrusted
from rdna_installer.change.chain import Destination, Kept, changes_to, kept, rollback_wish
from rdna_installer.change.outcomes import OUTCOMES
from rdna_installer.change.records import corrupted
from rdna_installer.change.recover import purge as purge_store
from rdna_installer.change.staging import booted_with
from rdna_installer.change.store import ENVIRONMENTS, LIBRARIES, WHEELS, Store
from rdna_installer.change.together import PartError
from rdna_installer.detect.host import Ask, detect
from rdna_installer.detect.users import invoking_user
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine import durable
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Change, Generation, HostFacts, Layer, OnDrift, Step, bulky
from rdna_installer.plan.plan import layer_of
from rdna_installer.plan.summary import UNDO, Summary, summarise
from rdna_installer.plan.trial import begins
from rdna_installer.record import record, replace
from rdna_installer.workflow.applying import require_steps
from rdna_installer.workflow.committing import Applied, Part, check_boot_files, check_rights, commit_all, may_write
from rdna_installer.workflow.owners import EVERYBODY, Owner, find_owners, lost, system_owner, system_uid, user_owner

ON_TRIAL = "these kernel options were taken out by a failed trial or rdna_installer=off: they are on trial again"


@record(frozen=True)
class RollbackJob:
    """One ``rollback`` or ``uninstall``; ``to`` None is the change before. ``owner``: as ``--owner`` has it."""

    root: Sysroot
    to: int | None
    initramfs: bool = True
    on_drift: OnDrift = OnDrift.REFUSE
    reason: str | None = None
    owner: str | None = None
    restart: tuple[str, ...] = ()  # services that are started again


@record(frozen=True)
class PlannedRollback:
    """All owners' ways back, users first. ``notes``: what one should know; ``left``: whose part fails and stays.
    ``refusal``: why this must not be carried out; ``one_way``: what it leaves cannot be gone back to."""

    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    refusal: RdnaError | None = None
    one_way: bool = False

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes."""
        return tuple(c for part in self.parts for c in part.changes)

    @property
    def steps(self) -> tuple[Step, ...]:
        """All activation steps."""
        return tuple(s for part in self.parts for s in part.steps)

    @property
    def reboot_needed(self) -> bool:
        """Whether kernel options change."""
        return any(layer_of(c.path) is Layer.KERNEL for c in self.changes)

    @property
    def title(self) -> str:
        """One line saying what this goes back to."""
        shown = [p for p in self.parts if p.changes] or self.parts
        first = " and ".join(p.owner.title for p in shown if not p.to)
        where = [f"the state before rdna-installer, for {first}"] if first else []
        where += [f"change {p.to} of {p.owner.title}" for p in shown if p.to]
        return "Back to " + ", and to ".join(where) if where else "Nothing to go back to"

    def total(self, *, for_good: bool) -> Summary:
        """What it comes to; how to redo it, unless the history goes too."""
        moved = sum(len({*part.wish.settings} ^ {*(part.was.settings if part.was else ())}) for part in self.parts)
        was = self.parts[-1].was if self.parts else None
        again = "" if for_good or self.one_way or was is None else f"{UNDO} --to {was.number}"
        return summarise(moved, self.changes, self.steps, self.reboot_needed, again)


def plan_rollback(job: RollbackJob) -> PlannedRollback:
    """What would change. Raises RdnaError("drift", "no-such-generation", "nothing-to-roll-back", "no-such-restart")."""
    planned = _planned(job)
    origins = {m.path: m.origin for part in planned.parts if part.to and part.was for m in part.was.managed}
    torchs = (c for c in planned.changes if bulky(c.path) and c.path in origins and c.after.same_as(origins[c.path]))
    own = (f"{change.path} becomes the library that its torch came with" for change in torchs)
    planned = replace(planned, notes=(*planned.notes, *own))
    if job.restart and planned.changes:
        from rdna_installer.workflow.services import to_restart

        to_restart(job.restart, planned.changes)
    gone = next(filter(None, map(_gone, planned.parts)), None)
    one_way = any(part.was and part.changes and lost(part.owner, [part.was]) for part in planned.parts[-1:])
    return replace(planned, refusal=planned.refusal or gone, one_way=one_way)


def _gone(part: Part) -> RdnaError | None:
    """Why a part must not go where it leads: into an environment that is no longer there."""
    if not any(f"/{ENVIRONMENTS}/" in str(change.path) for change in part.changes):
        return None
    from rdna_installer.workflow.environments import refuse_gone

    return refuse_gone(part.owner, part.changes)


def _planned(job: RollbackJob) -> PlannedRollback:
    facts = detect(job.root, Ask(search_sites=job.to == 0))
    chosen = EVERYBODY if job.to == 0 and job.owner is None and os.geteuid() == 0 else job.owner
    planned = _known(job, facts, chosen)
    if job.to != 0 or not (left := _unrecorded(job, facts, chosen)):
        return planned
    return replace(planned, notes=planned.notes if planned.parts else (), left=(*planned.left, *left))


def _unrecorded(job: RollbackJob, facts: HostFacts, chosen: str | None) -> tuple[str, ...]:
    """Files of ours that stay because nothing that can be found here knows them: of those whose files may change."""
    from rdna_installer.workflow.unrecorded import unrecorded

    if os.geteuid() == 0:
        *users, system = find_owners(job.root, facts.user, facts.sites, chosen=chosen)
    else:
        system, users = system_owner(job.root), []
        users += [user_owner(job.root, facts.user)] if facts.user.uid != system_uid(job.root) else []
    of_all = job.owner in (None, EVERYBODY, system.name) and may_write(job.root, system)
    return unrecorded(job.root, facts, (*users, *([system] if of_all else [])))


def _known(job: RollbackJob, facts: HostFacts, chosen: str | None) -> PlannedRollback:
    *users, system = find_owners(job.root, facts.user, chosen=chosen)
    if not (acting := may_write(job.root, system)) and system_uid(job.root) == os.geteuid():
        check_rights(job.root, [system])  # below another root he has no part of his own beside the system's
    if (job.owner is not None and job.owner not in (EVERYBODY, system.name)) or not acting:
        return _of_users(job, facts, users, system if acting else None)
    planned = _of_all(job, facts, users, system)
    refusal = next((err for step in planned.steps if (err := untrusted(step, job.root))), None)
    return replace(planned, refusal=refusal)


def _of_all(job: RollbackJob, facts: HostFacts, users: list[Owner], system: Owner) -> PlannedRollback:
    """Root's: the system by its own records; users follow it. With nothing of the system: nothing but users' own."""
    current, history = system.current(), kept(system.store)
    if current is None:
        return _of_users(job, facts, users, system)
    if job.to is None:
        target, notes = _back(system, current, history, users=True)
        if target is None:
            return PlannedRollback((), tuple(notes))
        wish = chain.gone_back(current, target, job.reason or f"rollback to {target.files.number}", facts.boot_id)
        named: dict[int, str] = {uid: change for uid, change in current.users if change in target.undone}
    else:
        target, wish = _named_target(system.store, current, history, job, facts.boot_id)
        named, notes = dict(current.users), []
    parts, left = list[Part](), list[str]()
    if (chain.kernel_layer(target.kernel) or None) in current.refused:
        notes.append(ON_TRIAL)
    for owner in users:
        found = _guarded(job, owner, left, partial(_user_part, job, facts, owner, target, named, wish))
        notes += (item for item in found if isinstance(item, str))
        parts += (item for item in found if isinstance(item, Part) and item.changes)
    known = {owner.user.uid for owner in users if owner.user}
    notes += [f"the part of user {uid} stays as it is" for uid in named if uid not in known]
    changes = changes_to(system.store, target.managed, job.on_drift)
    wish = replace(wish, booted=booted_with(current, facts.boot_id))
    parts.append(Part(system, changes, wish, _steps(job, facts, changes), target.files.number, current))
    if job.to is not None and not any(part.changes for part in parts):
        parts = []
    return PlannedRollback(tuple(parts), tuple(notes), tuple(left))


def _back(owner: Owner, current: Generation, history: Kept, *, users: bool) -> tuple[Destination | None, list[str]]:
    """Where a plain rollback goes, past what is no longer there, and what is said of that. All at once nothing is
    taken back that nobody asked for: RdnaError("environment-gone")."""
    gone = lost(owner, [*history.values()])
    if target := chain.step_back(current, history, users=users, lost=gone):
        undone = target.undone - {chain.stands_for(current)}
        over = [n for n in sorted(gone) if chain.stands_for(history[n]) in undone]
        if over and target.files.number == 0:
            message = f"the environment of change {over[-1]}, which was before, was removed"
            raise RdnaError("environment-gone", message, hint="take back all: rdna-installer rollback --to 0")
        return target, [f"change {n} is passed over: its environment was removed" for n in over]
    known = (n for n in sorted(history, reverse=True) if n and n not in gone)
    again = next((n for n in known if chain.differ(current, history[n].managed)), None)
    way = f"to bring it again: rdna-installer rollback --to {again}" if again else "all changes: rdna-installer history"
    return None, [f"nothing to go back to; {way}"]


def _named_target(
    store: Store, current: Generation, history: Kept, job: RollbackJob, boot_id: str | None
) -> tuple[Destination, Generation]:
    """Of ``--to N`` and uninstall. Kernel options that a trial refused come back on trial."""
    number = job.to or 0
    wish = rollback_wish(store, number, boot_id, job.reason)
    goal = store.load(number)
    if chain.kernel_layer(goal) in current.refused:
        goal = chain.on_trial(goal, history)
    goal = chain.settled(current, goal)
    return Destination(goal, goal, frozenset()), wish


def _user_part(
    job: RollbackJob, facts: HostFacts, owner: Owner, target: Destination, named: Mapping[int, str], wish: Generation
) -> Iterator[Part | str]:
    """A user's way along his own chain, or why his part stays. Only his own tree depends on what his records say."""
    if owner.do(owner.store.needs_recovery, bool):
        raise RdnaError("part-open", "an earlier change is not finished there: rdna-installer recover comes first")
    current = owner.current()
    if current is None or owner.user is None:
        return
    uid, history = owner.user.uid, _history(owner)
    if job.to == 0:
        goal = Destination(history[0], history[0], frozenset())
    elif job.to is None:
        found = chain.along(current, history, target.undone) if uid in named else None
        if found is None:
            if uid in named:
                yield _his_own(owner)
            return
        goal = found
    else:
        mine, wanted = named.get(uid, chain.NOTHING), dict(wish.users).get(uid, chain.NOTHING)
        if mine == wanted:
            return
        newest = {chain.stands_for(g): g for g in history.values()}
        was, files = newest.get(mine), newest.get(wanted)
        if was is None or chain.differ(current, was.managed):  # going back that moved no file of his made none of his
            yield _his_own(owner)
            return
        if files is None:
            yield f"the part of {owner.name} stays: its earlier state is not kept any more"
            return
        goal = Destination(files, files, frozenset())
    part = _part(job, facts, owner, current, goal)
    _require_way(job, part, goal)
    yield part


def _require_way(job: RollbackJob, part: Part, goal: Destination) -> None:
    """A part that stays where it is has not gone back, whatever root's own does. Raises RdnaError("drift")."""
    stays = not part.changes and part.was is not None and chain.differ(part.was, goal.managed)
    if job.on_drift is OnDrift.KEEP and job.to != 0 and stays:
        raise RdnaError("drift", "all of its files were changed since, and --keep leaves them as they are")


def _part(job: RollbackJob, facts: HostFacts, owner: Owner, current: Generation, goal: Destination) -> Part:
    changes = owner.do(partial(changes_to, owner.store, goal.managed, job.on_drift), tuple[Change, ...])
    reason = job.reason or f"rollback to {goal.files.number}"
    mine = owner.user is not None and owner.user.uid == os.geteuid()
    steps = reload_steps(changes, job.root, owner.user) if mine else ()  # root tells others' managers afterwards
    return Part(
        owner, changes, chain.gone_back(current, goal, reason, facts.boot_id), steps, goal.files.number, current
    )


def _history(owner: Owner) -> Kept:
    found = {one.number: one for one in owner.do(owner.store.generations, tuple[Generation, ...])}
    if 0 not in found:  # his home answers in part
        raise corrupted(owner.store.base / "generations", "the first of them is missing")
    return found


def _his_own(owner: Owner) -> str:
    name = owner.name
    went = f"the part of {name} was changed, taken back or kept by itself since"
    return f"{went}: it stays; as {name}: rdna-installer rollback"


def _guarded(
    job: RollbackJob, owner: Owner, left: list[str], work: Callable[[], Iterator[Part | str]], *, alone: bool = False
) -> list[Part | str]:
    """A user whose state cannot be read keeps his part, and stops nobody else (``alone``: there is nobody else).
    Raises RdnaError("drift") as long as root has not said what becomes of files that the user changed."""
    try:
        found = list(work())
        if gone := next(filter(None, (_gone(part) for part in found if isinstance(part, Part))), None):
            raise gone
    except (RdnaError, OSError) as err:
        asked = isinstance(err, RdnaError) and err.reference == "drift" and job.on_drift is OnDrift.REFUSE
        if asked or alone:
            raise
        left.append(_stays(owner, err))
        return []
    return found


def _stays(owner: Owner, err: BaseException) -> str:
    return f"the part of {owner.name} stays ({err}); as {owner.name}: rdna-installer rollback"


def _of_users(job: RollbackJob, facts: HostFacts, users: list[Owner], system: Owner | None) -> PlannedRollback:
    """Users' own parts only: of the one acting, of whom ``--owner`` names, of all where root's system has none.
    What root does to several is one change of the system, which decides over it."""
    mine = [o for o in users if job.owner is not None or os.geteuid() == 0 or (o.user and o.user.uid == os.geteuid())]
    left, alone = list[str](), len(mine) == 1
    works = ((owner, partial(_own_part, job, facts, owner, alone)) for owner in mine)
    ways = [way for owner, work in works if (way := _guarded(job, owner, left, work, alone=alone))]
    parts = [item for way in ways for item in way if isinstance(item, Part)]
    if not ways:
        if left or job.to == 0:
            return PlannedRollback((), () if left else ("nothing to undo: nothing is applied here",), tuple(left))
        raise RdnaError("nothing-to-roll-back", "nothing to undo: rdna-installer has changed nothing here")
    said = [way for way in ways if any(isinstance(item, Part) for item in way)] or ways[:1]
    notes = [item for way in said for item in way if isinstance(item, str)]
    if parts and system is None and os.geteuid() != 0 and system_owner(job.root).store.exists:
        notes.append("this is your own part only: what root applied for the system stays")
    moved = [part for part in parts if part.changes]
    if system is not None and moved and (len(moved) > 1 or job.owner not in (None, EVERYBODY)):
        parts = [*moved, _empty(system, facts, moved)]
    elif len(parts) > 1:
        parts = moved
    return PlannedRollback(tuple(parts), tuple(notes), tuple(left))


def _own_part(job: RollbackJob, facts: HostFacts, owner: Owner, alone: bool) -> Iterator[Part | str]:
    """A user's part by his own records, and what is said of it; nothing where nothing is applied."""
    current = owner.current()
    if current is None:
        return
    history = _history(owner)
    if job.to is not None:
        files = owner.do(partial(owner.store.load, job.to), Generation)
        goal = Destination(files, files, frozenset())
    else:
        found, notes = _back(owner, current, history, users=False)
        yield from notes
        if found is None:
            return
        goal = found
    part = _part(job, facts, owner, current, goal)
    if not alone:
        _require_way(job, part, goal)
    yield part


def _empty(system: Owner, facts: HostFacts, parts: list[Part]) -> Part:
    current = system.current()
    names = ", ".join(part.owner.name for part in parts)
    wish = chain.carried(current, f"{parts[0].wish.reason} ({names}; no file of its own)", facts.boot_id)
    if current is not None:
        wish = replace(wish, boot_id=current.boot_id)
    of = {part.owner.user.uid: part.wish.stands_for for part in parts if part.owner.user}
    return Part(system, (), replace(wish, users=tuple(sorted({**dict(wish.users), **of}.items()))), was=current)


def _steps(job: RollbackJob, facts: HostFacts, changes: tuple[Change, ...]) -> tuple[Step, ...]:
    reloads = reload_steps(changes, job.root, None)
    if not job.initramfs or not any(layer_of(c.path) is Layer.KERNEL for c in changes):
        return reloads
    step = plan_step(facts)[0]
    return (*reloads, named(step, job.root)) if step else reloads


def check_rollback_rights(job: RollbackJob, planned: PlannedRollback) -> None:
    """Raises RdnaError("not-root"), and "no-boot-units" for the way back into a trial."""
    check_rights(job.root, [part.owner for part in planned.parts if part.changes])
    check_boot_files(job.root, planned.changes)


def go_back(job: RollbackJob, planned: PlannedRollback, progress: Progress) -> Applied:
    """Carry it out as one change. One that fails is left, and the change begun again without it."""
    require_steps(planned.steps, job.root)
    parts = list(planned.parts)
    after = _leaving(planned) if job.to == 0 and not begins(planned.changes) else None
    left = list(planned.left)
    while True:
        try:
            links = job.on_drift is OnDrift.OVERWRITE
            done = commit_all(parts, job.root, progress, links=links, after=after, restart=job.restart)
            return replace(done, left=tuple(left))
        except PartError as err:
            lost = [p for p in parts if p.owner.user and p.owner.user.uid in err.uids]
            if not lost or job.owner not in (None, EVERYBODY):
                raise
            left += [_stays(part.owner, err) for part in lost]
            for part in lost:  # said now: whatever happens to what follows
                progress(f"left: {_stays(part.owner, err)}")
            parts = [p for p in parts if p not in lost]


def _leaving(planned: PlannedRollback) -> tuple[str, ...]:
    """What ends what is in force still, once nothing of ours is left."""
    layers = {layer_of(change.path) for change in planned.changes}
    if Layer.KERNEL in layers:
        return ("reboot: until then the kernel keeps the options it has",)
    return ("log in again: until then your programs keep the old variables",) if Layer.ENV in layers else ()


def purge(root: Sysroot, chosen: str | None = None, *, keep: bool = False) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Remove the states of all as root, else the acting user's, after an uninstall; what is said of it, and whose had
    to be left. ``keep``: files that were changed since are left, and forgotten.
    Raises RdnaError (exit 6): the uninstall is done, and some of the system's state is left."""
    lines, left = list[str](), list[str]()
    for owner in _to_purge(root, chosen):
        try:
            lines += _purge(owner, keep)
        except (RdnaError, OSError) as err:
            if owner.is_system and isinstance(err, RdnaError):
                message = f"the history could not be deleted: {err.message}"
                hint = f"{err.hint or 'see above'}; then run it again"
                raise RdnaError(
                    err.reference, message, context=err.context, hint=hint, exit_code=Exit.INCOMPLETE
                ) from err
            name = owner.name
            left.append(f"the state of {name} stays ({err}); as {name}: rdna-installer uninstall --purge")
    return tuple(lines), tuple(left)


def _to_purge(root: Sysroot, chosen: str | None) -> Iterator[Owner]:
    everybody = EVERYBODY if chosen is None and os.geteuid() == 0 else chosen
    *users, system = find_owners(root, invoking_user(root), chosen=everybody)
    yield from users
    if may_write(root, system) and chosen in (None, EVERYBODY, system.name):
        yield system


def bulk(root: Sysroot, chosen: str | None) -> dict[str, int]:
    """What ``purge`` takes away beside the history, of those whose state can be read: bytes by path."""
    found: dict[str, int] = {}
    for owner in _to_purge(root, chosen):
        with suppress(RdnaError, OSError):  # said when it is purged
            found |= owner.do(partial(_bulk, owner.store), dict[str, int])
    return found


def _bulk(store: Store) -> dict[str, int]:
    numbers = (name for name in store.root.names(store.base / ENVIRONMENTS) if name.isdigit())
    places = [*(f"{ENVIRONMENTS}/{name}" for name in sorted(numbers, key=int)), LIBRARIES, WHEELS]
    uid = store.user.uid if store.user else system_uid(store.root)
    trees = {str(store.base / name): durable.look(store.root, store.base / name, uid) for name in places}
    return {path: tree.size for path, tree in trees.items() if tree.there}


def _purge(owner: Owner, keep: bool) -> list[str]:
    def work() -> tuple[str, ...] | None:
        return purge_store(owner.store, keep=keep) if owner.store.exists else None

    left = owner.do(work, tuple[str, ...] | None, changes=True)
    if left is None:
        return []
    others = ", ".join(name for name in left if name != OUTCOMES)
    stays = f"; left in place, not made by rdna-installer: {others}" if others else ""
    waits = f"; {OUTCOMES} stays: a user's part of a change waits for it" if OUTCOMES in left else ""
    return [f"forgot the history of {owner.name}; rollback is no longer possible{stays}{waits}"]
