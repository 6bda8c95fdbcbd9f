"""The environments of an owner: in his state, each at the place where it stays. What no kept change names is rubbish.

``environments/N`` is the environment, ``N.json`` its lock, written when all of it is on the disk and proved; a link
``current`` names the one in force. That link is managed like any file of ours: what refers to an environment are the
generations, and a rollback brings the old one back by putting the old link back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from rdna_installer import codec
from rdna_installer.change.store import ENVIRONMENTS, Store
from rdna_installer.check.files import WHOLE
from rdna_installer.codec import MisfitError
from rdna_installer.detect.sites import find_sites
from rdna_installer.detect.users import user_of
from rdna_installer.environments import lock as locks
from rdna_installer.environments.lock import Lock
from rdna_installer.environments.proof import replaced
from rdna_installer.errors import Exit, RdnaError, explaining
from rdna_installer.machine import durable
from rdna_installer.machine.asuser import look
from rdna_installer.machine.built import held
from rdna_installer.machine.folder import Folder
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Change, Check, Generation, HostFacts, Status
from rdna_installer.record import record
from rdna_installer.workflow.owners import Owner

if TYPE_CHECKING:
    from rdna_installer.detect.running import Process

CURRENT = "current"
AGAIN = "install the same again, beside it: {}rdna-installer setup --repair"
LOCK_LIMIT = 4 << 20  # bytes


@record(frozen=True)
class Environment:
    """Its number, its place, what it was made of, and whether its Python is there."""

    number: int
    prefix: PurePosixPath
    lock: Lock
    there: bool


def reference(store: Store) -> PurePosixPath:
    """The link that names the environment in force."""
    return store.base / ENVIRONMENTS / CURRENT


def prefix(store: Store, number: int) -> PurePosixPath:
    """Where an environment is: its real place, which no link leads to."""
    return store.base / ENVIRONMENTS / str(number)


def number_in(generation: Generation | None, store: Store) -> int | None:
    """The environment that a generation has in force."""
    managed = generation.managed if generation else ()
    return next((_number(m.after.link or "") for m in managed if m.path == reference(store)), None)


def _number(name: str) -> int | None:
    head = name.removeprefix(".").partition(".")[0]  # ".3.txt.new": of a write that was cut off
    return int(head) if head.isascii() and head.isdigit() else None


def in_force(owner: Owner) -> Environment | None:
    """The environment of an owner, of which no more than its record may be left; None, too, where that has gone.
    Raises RdnaError of his state."""
    number = number_in(owner.current(), owner.store)
    try:
        return None if number is None else owner.do(partial(recorded, owner.store, number), Environment)
    except RdnaError as err:
        if err.reference != "environment-gone":
            raise
        return None


def recorded(store: Store, number: int) -> Environment:
    """One of which there is the record, whatever else is left. Raises RdnaError("environment-gone")."""
    place = prefix(store, number)
    try:
        text = store.root.read_bytes(place.with_name(f"{number}.json"), limit=LOCK_LIMIT)
        there = store.root.exists(place / "bin/python")
        return Environment(number, place, codec.read(Lock, text, "lock", locks.FORMAT), there)
    except (OSError, MisfitError) as err:
        why = (err.strerror if isinstance(err, OSError) else None) or str(err)
        removed = isinstance(err, FileNotFoundError)
        message = "this environment was removed" if removed else f"the record of this environment: {why}"
        raise _gone(store, number, message, "install another: {}rdna-installer setup") from err


def read(store: Store, number: int) -> Environment:
    """One that is there: its record and its Python. Raises RdnaError("environment-gone") with how to get it again."""
    return whole(store, recorded(store, number))


def whole(store: Store, made: Environment) -> Environment:
    """The same, which can be used. Raises as ``read``."""
    if not made.there:
        raise _gone(store, made.number, "the Python of this environment is no longer there", AGAIN)
    return made


def _gone(store: Store, number: int, message: str, way: str) -> RdnaError:
    hint = way.format("" if store.user else "sudo ")
    return RdnaError("environment-gone", message, context=str(prefix(store, number)), hint=hint)


def lost(store: Store, generations: Iterable[Generation]) -> frozenset[int]:
    """The numbers of generations that cannot be gone back to: their environment is no longer there. To be called with
    the owner's rights."""
    named = {generation.number: number_in(generation, store) for generation in generations}
    there = set[int]()
    for number in filter(None, {*named.values()}):
        with suppress(RdnaError):
            there.add(read(store, number).number)
    return frozenset(of for of, number in named.items() if number is not None and number not in there)


def refuse_gone(owner: Owner, changes: Iterable[Change]) -> RdnaError | None:
    """Why changes that name an environment which is no longer there, or write into its place, must not be made."""
    for number in dict.fromkeys(filter(None, (_written(owner.store, change) for change in changes))):
        try:
            owner.do(partial(read, owner.store, number), Environment)
        except RdnaError as err:
            if number != number_in(owner.current(), owner.store):
                err.hint = "see what you can go back to: rdna-installer history"
            return err
    return None


def _written(store: Store, change: Change) -> int | None:
    inside = str(change.path).removeprefix(f"{store.base}/{ENVIRONMENTS}/").partition("/")[0]
    name = change.after.link if inside == CURRENT else inside
    return _number(name or "") if change.after.there else None


def next_number(store: Store) -> int:
    """A number that no environment has, nor had as far as anything says."""
    names = store.root.names(store.base / ENVIRONMENTS)
    return max([*filter(None, map(_number, names)), *referenced(store)], default=0) + 1


def referenced(store: Store) -> frozenset[int]:
    """Those that a kept generation has in force: a rollback may bring them back. Raises RdnaError."""
    found = (number_in(store.manifest(n).generation, store) for n in store.numbers())
    return frozenset(n for n in found if n is not None)


def rubbish(store: Store) -> list[int]:
    """The numbers of what lies there and is not to be kept: half built, or of changes that are forgotten."""
    numbers = {_number(name) for name in store.root.names(store.base / ENVIRONMENTS)} - referenced(store)
    return sorted(n for n in numbers if n is not None)


def collect(store: Store) -> tuple[str, ...]:
    """Remove what no kept generation has in force; a line for each. To be called with the owner's rights, when his
    state is recovered. Nothing where somebody is building. Raises OSError, RdnaError."""
    if not store.root.is_dir(store.base / ENVIRONMENTS):
        return ()
    with explaining(Exit.INCOMPLETE), store.folder(ENVIRONMENTS) as folder, held(folder) as free:
        numbers = collect_held(store, folder) if free else []
        return tuple(f"removed: environment {number}, which nothing needs" for number in numbers)


def collect_held(store: Store, folder: Folder) -> list[int]:
    """``collect`` for who holds the lock: the numbers of what was removed."""
    numbers = rubbish(store)
    for number in numbers:
        remove(folder, number)
    return numbers


def remove(folder: Folder, number: int) -> None:
    """Remove an environment and what belongs to it: first what says that it is whole. Raises OSError."""
    mine = [name for name in folder.names() if _number(name) == number]
    if durable.discard(folder, f"{number}.json"):
        durable.sync(folder)
    for name in mine:
        durable.remove_tree(folder, name)
    durable.sync(folder)


def prunable(owner: Owner, keep: int) -> tuple[int, ...]:
    """All but the one that is used and the newest ``keep`` others, and those that programs run with now."""
    store, current = owner.store, number_in(owner.current(), owner.store)
    numbers = sorted({n for n in map(_number, store.root.names(store.base / ENVIRONMENTS)) if n not in (None, current)})
    return tuple(n for n in numbers[: max(0, len(numbers) - keep)] if not users_of(store.root, prefix(store, n)))


def prune(store: Store, numbers: Iterable[int]) -> None:
    """Remove environments, which can no longer be gone back to. Raises RdnaError("busy", …)."""
    with explaining(Exit.INCOMPLETE), store.folder(ENVIRONMENTS) as folder, held(folder) as free:
        if not free:
            raise busy()
        for number in numbers:
            remove(folder, number)


def none_yet() -> RdnaError:
    """What is said where there would have to be one."""
    return RdnaError("no-environment", "there is no environment yet, or it has gone", hint="rdna-installer setup")


def busy() -> RdnaError:
    """What is said where an environment is being made."""
    return RdnaError("busy", "another setup is running", hint="wait until it has ended, then run it again")


def users_of(root: Sysroot, place: PurePosixPath) -> tuple[str, ...]:
    """Programs that run now and use an environment, as far as they use the GPU or may be looked into."""
    from rdna_installer.detect.running import Process, find_running  # with all that reads start-up files

    found = look(lambda: [p for p in find_running(root).processes if _uses(p, f"{place}/")], list[Process])
    return tuple(f"{process.name} (pid {process.pid})" for process in found)


def _uses(process: Process, place: str) -> bool:
    venv = (process.variables or {}).get("VIRTUAL_ENV", "")
    return any(path.startswith(place) for path in (*process.command[:1], *process.loaded, f"{venv}/"))


def checks(facts: HostFacts, applied: Iterable[tuple[Owner, Generation | None]]) -> Iterator[Check]:
    """Whether each environment in force still has the torch of its lock."""
    from rdna_installer.check.installed import check_locked  # with all that reads libraries; most have no environment

    for owner, generation in applied:
        number = number_in(generation, owner.store)
        if number is None:
            continue
        place = prefix(owner.store, number)
        site = next((site for site in facts.sites if site.prefix == place), None)
        try:
            made = owner.do(partial(read, owner.store, number), Environment)
            again = AGAIN.format("" if owner.user else "sudo ")
            known = site and owner.do(partial(check_locked, owner.store.root, site, made.lock, again), Check)
        except RdnaError as err:
            known = Check(f"environment:{place}", Status.FAILED, WHOLE, err.message, None, err.hint)
        if known:
            yield known


def said(root: Sysroot, store: Store, current: Generation | None) -> tuple[str, ...]:
    """For ``status``, with the rights of the state's owner: the environment in force, whether its torch was replaced,
    and what `recover` would remove."""
    lines = []
    if (number := number_in(current, store)) is not None:
        from rdna_installer.check.installed import torch_of

        try:
            made = read(store, number)
            why = replaced(made.lock, torch_of(root, find_sites(root, [str(made.prefix)], user_of(root, 0))[0]))
            lines.append(f"environment {made.prefix}: {why or f'torch {made.lock.torch}'}")
        except RdnaError as err:
            lines.append(f"environment {prefix(store, number)}: {err.message}; {err.hint}")
    if store.numbers() and (numbers := rubbish(store)):
        lines.append(f"environment {', '.join(map(str, numbers))} is not in use: rdna-installer recover removes it")
    return tuple(lines)
