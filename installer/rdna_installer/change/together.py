"""One change over several owners, all of it or nothing: the system decides from its own records, users' parts follow.

Order: recover; the change is open in the public list; the system prepares; each user's part is prepared, opened and
put in place, and *held*; the system swaps, seals and activates. That done durably is the commit point: the list says
so, each user's part is sealed, the system cleans up. Before it everything goes back: the system first (nobody is told
to go back while its seal could still be found), then the list, then the users. ``tests/protocol`` has the proof.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rdna_installer.change import finish, outcomes
from rdna_installer.change.finish import Activate
from rdna_installer.change.outcomes import Outcomes, Ruling
from rdna_installer.change.records import LED, Undo
from rdna_installer.change.recover import Decide, recover, seal
from rdna_installer.change.staging import Draft, draft, prepare
from rdna_installer.change.store import Store
from rdna_installer.change.transaction import begun, no_activation, recover_first, swap_all, undoing
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.interrupts import Interrupts
from rdna_installer.model import Change, Generation, Step
from rdna_installer.record import record, replace


@record(frozen=True)
class Follower:
    """A user's part, as calls that run with his rights. ``vote`` gets the change's id and what decides older ones."""

    uid: int
    name: str
    vote: Callable[[str, frozenset[str]], Generation]
    follow: Callable[[str, Ruling], None]


class PartError(RdnaError):
    """A change that failed because of users' parts (``uids``); the system's part is undone."""

    uids: tuple[int, ...] = ()

    @classmethod
    def of(cls, err: RdnaError, uids: Sequence[int]) -> PartError:
        """The same error, and whose it is."""
        made = cls(err.reference, err.message, context=err.context, hint=err.hint, exit_code=err.exit_code)
        made.uids = tuple(uids)
        return made


def by_records(settled: frozenset[str]) -> Decide:
    """How root decides for users, with the system's lock held and the system recovered."""
    return lambda change: Ruling.FORWARD if change in settled else Ruling.BACK


def vote(
    store: Store, changes: Sequence[Change], wish: Generation, settled: frozenset[str], *, replace_links: bool
) -> Generation:
    """A user's part up to where all is in place, and held; with his rights. Raises RdnaError: nothing is left."""
    with begun(store) as (locked, interrupts):
        recover_first(locked, no_activation, interrupts, by_records(settled))
        work = draft(locked, changes, wish, (), replace_links=replace_links, coordinator=LED)
        with undoing(locked, no_activation):
            prepare(locked, work, interrupts)
            swap_all(locked, work.undo, interrupts)
        return work.manifest.generation


def follow(store: Store, change: str, found: Ruling) -> None:
    """A user's part after the decision. To be called with his rights. Raises RdnaError."""
    recover(store, no_activation, lambda asked: found if asked == change else Ruling.HELD)


@record(frozen=True)
class Run:
    """One change on its way."""

    store: Store
    change: str
    opened: Outcomes
    asked: list[Follower]  # a part may be held of each of these
    failed: list[int]
    settled: frozenset[str]
    activate: Activate
    followers: Sequence[Follower]
    interrupts: Interrupts


def commit_together(
    store: Store,
    changes: Sequence[Change],
    wish: Generation,
    steps: Sequence[Step],
    activate: Activate,
    followers: Sequence[Follower],
    *,
    replace_links: bool = False,
) -> tuple[Generation, dict[int, Generation]]:
    """Carry out the system's ``changes`` (there may be none) and every follower's. The generations made.

    Raises RdnaError: exit 3 refused, 1 all was undone, 6 something is left for `recover`; PartError where a user's
    part was the reason.
    """
    with begun(store) as (locked, interrupts):
        recover_first(locked, activate, interrupts)
        known = outcomes.read(locked) or Outcomes()
        settled = outcomes.settled(locked, known)
        change, opened = known.begun(follower.uid for follower in followers)
        work = draft(locked, changes, _of(wish, change, followers), steps, replace_links=replace_links)
        outcomes.write(locked, opened)
        run = Run(locked, change, opened, [], [], settled, activate, followers, interrupts)
        try:
            votes = _carry_out(run, work)
            finish.settle(locked, work.undo, activate, interrupts)
        except BaseException as err:
            raise _abort(run, err) from err
        _tell(run, work.undo)
        locked.log(f"generation {work.undo.number} is in force")
        return replace(work.manifest.generation, pending=()), votes


def _of(wish: Generation, change: str, followers: Sequence[Follower]) -> Generation:
    """What a generation says of the change that makes it; ``users`` of those whose files are its own."""
    uids = tuple(follower.uid for follower in followers)
    users = tuple((uid, known or change) for uid, known in wish.users)
    return replace(wish, change=change, stands_for=wish.stands_for or change, parts=uids, users=users)


def _carry_out(run: Run, work: Draft) -> dict[int, Generation]:
    votes = {}
    with undoing(run.store, run.activate):
        prepare(run.store, work, run.interrupts, outcomes.staged(run.opened, run.change, work.undo.number))
        for follower in run.followers:
            run.interrupts.check()
            run.asked.append(follower)
            votes[follower.uid] = _ask(run, follower)
        swap_all(run.store, work.undo, run.interrupts)
        seal(run.store, work.undo)
    return votes


def _ask(run: Run, follower: Follower) -> Generation:
    try:
        return follower.vote(run.change, run.settled)
    except (RdnaError, OSError) as err:
        run.failed.append(follower.uid)
        if isinstance(err, RdnaError) and err.exit_code is not Exit.INCOMPLETE:
            run.asked.remove(follower)  # refused, or undone by himself: there is nothing to be told
        raise


def _abort(run: Run, err: BaseException) -> BaseException:
    """After the system's part was undone: the list, then the users. Returns the error to raise."""
    if isinstance(err, RdnaError) and err.reference == "undo-incomplete":
        return err  # the seal may still be found: the change stays open, users' parts are held
    try:
        known = outcomes.read(run.store)
        if known is None or known.line(run.change) is not None:
            outcomes.write(run.store, run.opened.aborted(run.change))
    except (OSError, RdnaError) as second:
        if run.asked:
            return finish.incomplete(err, second)
        run.store.log(f"the list still has {run.change} open: {second}")
    left = [(follower, why) for follower in reversed(run.asked) if (why := _follows(run, follower, Ruling.BACK))]
    if left:
        undone = f"everything of the system was undone, but not the part of {_names(left)}"
        message, hint = f"{err or type(err).__name__}; {undone}", "once the cause is gone: sudo rdna-installer recover"
        err = RdnaError("undo-incomplete", message, hint=hint, exit_code=Exit.INCOMPLETE)
    uids = [*run.failed, *(follower.uid for follower, _ in left)]
    return PartError.of(err, uids) if uids and isinstance(err, RdnaError) else err


def _tell(run: Run, undo: Undo) -> None:
    """After the commit point nothing goes back: what fails is said, and left for `recover`."""
    problems: list[str] = []
    try:
        finish.say_settled(run.store, undo)
    except OSError as err:
        problems.append(str(err))  # the system's records say it too, and recover makes the list of them
    left = [(follower, why) for follower in run.followers if (why := _follows(run, follower, Ruling.FORWARD))]
    problems += [f"the part of {_names(left)} is not finished"] if left else []
    done = {follower.uid for follower in run.followers} - {follower.uid for follower, _ in left}
    try:
        if done and (known := outcomes.read(run.store)) is not None:
            outcomes.write(run.store, known.done(run.change, done))
        finish.conclude(run.store, undo)
    except (OSError, RdnaError) as err:
        problems.append(str(err))
    if problems:
        message = f"the change works, but this was left: {'; '.join(problems)}"
        raise RdnaError("left-for-recover", message, hint=finish.HINT, exit_code=Exit.INCOMPLETE)


def _follows(run: Run, follower: Follower, found: Ruling) -> str:
    try:
        follower.follow(run.change, found)
    except (RdnaError, OSError) as err:
        run.store.log(f"the part of {follower.name} did not go {found.value}: {err}")
        return str(err)
    return ""


def _names(left: Sequence[tuple[Follower, str]]) -> str:
    return ", ".join(f"{follower.name} ({why})" for follower, why in left)
