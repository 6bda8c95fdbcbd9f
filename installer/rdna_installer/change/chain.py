"""Where a rollback goes: along ``before``, never back to what was left or refused.

``stands_for`` is the change whose content a generation has; ``left`` are changes that a rollback took back; ``refused``
kernel layers that a rescue or a failed trial took out. All are handed on. ``tests/protocol/check_chain.py`` has the
histories that show why each is needed. Where it goes is pure; going there is a list of changes, for a rollback is a
transaction like any other and makes a new generation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from rdna_installer import codec
from rdna_installer.change.soundness import compare, refuse, refuse_between
from rdna_installer.change.staging import booted_with
from rdna_installer.change.store import Store
from rdna_installer.errors import RdnaError
from rdna_installer.machine.folder import read_actual
from rdna_installer.model import Change, Drift, FileState, Generation, Layer, Managed, OnDrift, Setting, bulky
from rdna_installer.plan.plan import layer_of, make_change, taken_back, to_restore
from rdna_installer.plan.trial import TRIAL_CONF, running
from rdna_installer.record import record, replace

Kept = Mapping[int, Generation]
NOTHING = "0"  # what generation 0 stands for, and whoever goes back to it
# What a transaction fills in, and what is said of the command that makes it.
UNMADE: dict[str, Any] = {"number": 0, "time": "", "managed": (), "pending": (), "change": "", "parts": ()}


@record(frozen=True)
class Destination:
    """What going back leads to. ``files`` and ``kernel``: whose files, and whose kernel layer."""

    files: Generation
    kernel: Generation
    undone: frozenset[str]  # the changes gone back from, those passed over too
    parts: bool = False  # whether users' files were part of any of them

    @property
    def managed(self) -> tuple[Managed, ...]:
        """Every path as it is going to be."""
        rest = (m for m in self.files.managed if not is_kernel(m))
        return (*rest, *(m for m in self.kernel.managed if is_kernel(m)))

    @property
    def settings(self) -> tuple[Setting, ...]:
        """What is in force then."""
        rest = (s for s in self.files.settings if s.layer is not Layer.KERNEL)
        return (*rest, *(s for s in self.kernel.settings if s.layer is Layer.KERNEL))


def is_kernel(managed: Managed) -> bool:
    """Whether a path is of the kernel layer."""
    return layer_of(managed.path) is Layer.KERNEL


def stands_for(generation: Generation) -> str:
    """The change whose content it has. One of 0.1.0 stands for its own command."""
    if generation.number == 0:
        return NOTHING
    return generation.stands_for or generation.change or f"generation {generation.number}"


def kernel_layer(generation: Generation) -> str:
    """Names the kernel options of a generation, on trial or not; "" where it has none."""
    held = {m.path: m.after.digest for m in generation.managed if is_kernel(m) and m.path != TRIAL_CONF}
    options = [f"{path} {digest}\n" for path, digest in sorted(held.items()) if digest is not None]
    return codec.digest("".join(options).encode("utf-8", "surrogateescape")) if options else ""


def ancestors(current: Generation, kept: Kept) -> list[Generation]:
    """Those it comes from, nearest first; what was pruned is skipped, and generation 0 is nobody's change."""
    return [kept[n] for n in current.before or () if n in kept and n != 0]


def step_back(
    current: Generation, kept: Kept, *, users: bool, lost: frozenset[int] = frozenset()
) -> Destination | None:
    """Where ``rollback`` goes from ``current``: the nearest change before it that was not left, and changes something.
    ``users``: a change with users' parts is one too, whatever their files say. ``lost``: those with files that are no
    longer there, which are passed over. None: nothing to go back to."""
    here, undone, parts = current, frozenset[str](), False
    left = frozenset((*current.left, *(stands_for(kept[number]) for number in lost)))
    while here.number and here.before:
        left |= {stands_for(here)}
        gone, to = _nearest(here, kept, left)
        undone |= {stands_for(g) for g in gone}
        parts = parts or (users and any(change == stands_for(g) for g in gone for _, change in g.users))
        target = Destination(to, settled(current, allowed_kernel(to, kept, current.refused)), undone, parts)
        if parts or differ(current, target.managed):
            return target
        here = to
    return None


def along(current: Generation, kept: Kept, undone: frozenset[str]) -> Destination | None:
    """Where a user's part goes that stands for a change which the system takes back. None: it is none of it."""
    here, left, gone = current, frozenset(current.left), frozenset[str]()
    while here.number and here.before and stands_for(here) in undone:
        left |= {stands_for(here)}
        gone |= {stands_for(here)}
        here = _nearest(here, kept, left)[1]
    return None if here is current else Destination(here, here, gone)


def _nearest(here: Generation, kept: Kept, left: frozenset[str]) -> tuple[list[Generation], Generation]:
    """The generations gone back from, and the first before them whose change was not left."""
    line = [here, *ancestors(here, kept)]
    place = next((n for n, g in enumerate(line) if n and stands_for(g) not in left), len(line))
    return line[:place], line[place] if place < len(line) else kept[0]


def allowed_kernel(generation: Generation, kept: Kept, refused: Iterable[str]) -> Generation:
    """The generation whose kernel layer goes with another's files: its own, or the first before it not refused."""
    bad = set(refused)
    line: list[Generation] = [generation, *ancestors(generation, kept), kept[0]]
    return next(g for g in line if kernel_layer(g) not in bad or not kernel_layer(g))


def settled(current: Generation, goal: Generation) -> Generation:
    """A generation without its trial, where the very options are in force now and on trial no more."""
    options = kernel_layer(goal)
    if running(current) or not options or options != kernel_layer(current):
        return goal
    tried: Generation = replace(goal, managed=tuple(m for m in goal.managed if m.path != TRIAL_CONF))
    return tried


def differ(current: Generation, managed: Iterable[Managed]) -> bool:
    """Whether a path would be another than the current generation has."""
    return _look(current.managed) != _look(managed)


def _look(managed: Iterable[Managed]) -> dict[PurePosixPath, tuple[FileState, object]]:
    """What each path has, and of a library also what it is in the place of: that is another after an upgrade."""
    changed = [m for m in managed if not m.after.same_as(m.origin)]
    return {m.path: (replace(m.after, content=None, xattrs=()), bulky(m.path) and m.origin.digest) for m in changed}


def rescued(current: Generation, kept: Kept, good: Callable[[Generation], bool]) -> Destination:
    """The current files with the kernel layer of the first ``good`` generation before; the bad ones are ``undone``."""
    line = [current, *ancestors(current, kept), kept[0]]
    kernel = next(g for g in line if good(g))
    bad = frozenset(kernel_layer(g) for g in line if g.number > kernel.number and kernel_layer(g) and not good(g))
    return Destination(current, kernel, bad)


def on_trial(goal: Generation, kept: Kept) -> Generation:
    """A generation with the file that holds amdgpu back, as its options had it. Raises RdnaError("no-trial")."""
    for other in sorted(kept.values(), key=lambda g: -g.number):
        held = [m for m in other.managed if m.path == TRIAL_CONF and m.after.there]
        if held and kernel_layer(other) == kernel_layer(goal):
            back: Generation = replace(goal, managed=(*(m for m in goal.managed if m.path != TRIAL_CONF), *held))
            return back
    of = f"the kernel options of generation {goal.number}"
    message = f"{of} were refused, and how they were on trial is no longer kept"
    raise RdnaError("no-trial", message, hint="plan them again: rdna-installer apply")


def carried(current: Generation | None, reason: str, boot_id: str | None) -> Generation:
    """A generation with the content and the chain of the current one: for who changes next to nothing."""
    if current is None:
        return Generation(reason, boot_id=boot_id, stands_for=NOTHING)
    return replace(current, **UNMADE, reason=reason, boot_id=boot_id, stands_for=stands_for(current))


def gone_back(current: Generation, target: Destination, reason: str, boot_id: str | None) -> Generation:
    """What a rollback's generation says of itself: content and chain of the target, and what was left."""
    files = target.files
    return Generation(
        reason=reason,
        profile=files.profile,
        settings=target.settings,
        gpus=files.gpus,
        boot_id=boot_id,
        words=files.words,
        before=() if files.number == 0 else files.before,
        stands_for=stands_for(files),
        users=files.users,
        left=tuple(sorted({*current.left, *target.undone} - {stands_for(files)})),
        refused=current.refused,
        devices=target.kernel.devices if running(target.kernel) else (),  # compared after a trial's boot only
    )


def rescue(current: Generation, target: Destination, reason: str, boot_id: str | None) -> Generation:
    """What a rescue's generation says of itself: all of the current one but its kernel layer."""
    return replace(
        carried(current, reason, boot_id),
        settings=target.settings,
        confirmed_boot=target.kernel.confirmed_boot,
        devices=target.kernel.devices if running(target.kernel) else (),  # compared after a trial's boot only
        refused=tuple(sorted({*current.refused, *target.undone})),
    )


def _current(store: Store) -> Generation:
    if current := store.current():
        return current
    message = "nothing to undo: rdna-installer has changed nothing here"
    raise RdnaError("nothing-to-roll-back", message, context=str(store.base))


def changes_to(store: Store, target: Iterable[Managed], on_drift: OnDrift) -> tuple[Change, ...]:
    """The changes that lead from what is there now to what a generation manages, or its files with another's kernel.

    ``on_drift`` says what becomes of files somebody changed meanwhile. Raises RdnaError("drift",
    "changed-meanwhile", "nothing-to-roll-back", "state-corrupted").
    """
    current = _current(store)
    ours = {m.path: m for m in current.managed}
    theirs = {m.path: m for m in target}
    changes, drifted = [], []
    for path in sorted({*ours, *theirs}):
        found = read_actual(store.root, path)
        goal, here = theirs.get(path), ours.get(path)
        if goal and here and bulky(path) and goal.origin.digest != here.origin.digest:
            goal = None  # it was for a package that has gone
        wanted, expected = _has(goal, here), _has(here, goal)
        difference = compare(expected, found)
        if difference and path in ours and not ours[path].ours:  # its owner has gone on with it
            continue
        if difference and not found.same_as(wanted):
            drifted.append(Drift(path, *difference))
            if on_drift is OnDrift.KEEP:
                continue
        if found.special is None or on_drift is not OnDrift.REFUSE:  # else it is drift, and refused as such
            change = make_change(found, to_restore(path, wanted, found))
            if difference and change is None:  # somebody took it back already: it is managed no longer, no more
                change = taken_back(found, to_restore(path, wanted, found))
            changes.append(change)
    refuse_between(store, current, [d.path for d in drifted])
    refuse(drifted, on_drift)
    return tuple(change for change in changes if change is not None)


def _has(first: Managed | None, second: Managed | None) -> FileState:
    """What a path has by the first of two generations: its own file, or what was there before us."""
    if first is not None:
        return first.after
    return second.origin if second is not None else FileState(PurePosixPath("/"))


def rollback_wish(store: Store, to: int, boot_id: str | None, reason: str | None = None) -> Generation:
    """What the new generation says of itself that goes back to ``to`` because somebody named it."""
    current, target = _current(store), store.load(to)
    wish = gone_back(current, Destination(target, target, frozenset()), reason or f"rollback to {to}", boot_id)
    refused = tuple(name for name in current.refused if name != kernel_layer(target))
    return replace(wish, refused=refused, booted=booted_with(current, boot_id))


def kept(store: Store) -> dict[int, Generation]:
    """All kept generations by number; () where nothing was ever applied. Raises RdnaError("state-corrupted")."""
    return {generation.number: generation for generation in store.generations()}
