"""What became of root's changes, for every user to read: ``outcomes.json`` of the system's state.

A user's part of a change is held (``tx``) until the system has decided. The list tells him how, whenever he asks: an
``open`` line, a ``committed`` one, or none at all for a change that has begun (``high``) and is not forgotten
(``floor``): that one was taken back. Absence alone never means so. Written by who holds the system's lock.
"""

from __future__ import annotations

import enum
import re
import stat
from collections.abc import Iterable
from typing import Annotated, Any

from rdna_installer.change import records
from rdna_installer.change.store import SYSTEM, Store, exposed
from rdna_installer.codec import Count, Form
from rdna_installer.errors import RdnaError
from rdna_installer.machine import durable
from rdna_installer.machine.folder import Folder
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.record import record, replace

OUTCOMES = "outcomes.json"
# In a transaction's directory: the list as it will be when this one ends. Written beforehand, so that saying how it
# ended is a rename, which needs no space.
IF_COMMITTED, IF_ABORTED = "outcomes.committed", "outcomes.aborted"
LIMIT = 1 << 20  # bytes
KEPT = 256  # lines with nothing left to do
CHANGE = r"(\d{1,9})-[0-9a-f]{32}"


class Ruling(enum.Enum):
    """What becomes of a held part."""

    FORWARD = "forward"
    BACK = "back"
    HELD = "held"


@record(frozen=True)
class OutcomeLine:
    """One change. ``committed``: the system's generation, None while it is open; ``parts``: users not done yet."""

    change: Annotated[str, Form(lambda text: re.fullmatch(CHANGE, text) is not None, "a change's id")]
    committed: Count | None = None
    parts: tuple[Count, ...] = ()


@record(frozen=True)
class Outcomes:
    """``high``: the largest number of any change that has begun; ``floor``: the largest that is forgotten."""

    high: Count = 0
    floor: Count = 0
    lines: tuple[OutcomeLine, ...] = ()

    def line(self, change: str) -> OutcomeLine | None:
        """What is said of a change."""
        return next((line for line in self.lines if line.change == change), None)

    def begun(self, parts: Iterable[int]) -> tuple[str, Outcomes]:
        """The id of the next change, and the list with it open."""
        change = f"{self.high + 1}-{durable.random_hex(16)}"
        return change, replace(self, high=self.high + 1, lines=(*self.lines, OutcomeLine(change, None, tuple(parts))))

    def committed(self, change: str, number: int) -> Outcomes:
        """With an open change committed as the system's generation ``number``."""
        return self._with(change, committed=number)

    def aborted(self, change: str) -> Outcomes:
        """Without a change that was taken back."""
        return replace(self, lines=tuple(line for line in self.lines if line.change != change))

    def done(self, change: str, uids: Iterable[int]) -> Outcomes:
        """With these users' parts done; what nobody waits for is forgotten at last."""
        line, gone = self.line(change), set(uids)
        parts = tuple(uid for uid in line.parts if uid not in gone) if line else ()
        return self._with(change, parts=parts).pruned()

    def pruned(self) -> Outcomes:
        """Without the oldest of the lines that nobody waits for."""
        idle = [line for line in self.lines if line.committed is not None and not line.parts]
        dropped = idle[: max(0, len(idle) - KEPT)]
        floor = max([self.floor, *(number_of(line.change) for line in dropped)])
        return replace(self, floor=floor, lines=tuple(line for line in self.lines if line not in dropped))

    def _with(self, change: str, **new: Any) -> Outcomes:
        lines = (replace(line, **new) if line.change == change else line for line in self.lines)
        return replace(self, lines=tuple(lines))


def number_of(change: str) -> int:
    """A change's number; 0 for what is no change of root's (one owner's own, or of 0.1.0)."""
    found = re.fullmatch(CHANGE, change)
    return int(found[1]) if found else 0


def own_change() -> str:
    """The id of a change that one user makes alone: no list names it."""
    return f"0-{durable.random_hex(16)}"


def verdict(known: Outcomes | None, change: str) -> Ruling:
    """What a user makes of his part by the list alone."""
    if known is None:
        return Ruling.HELD
    line = known.line(change)
    if line is not None:
        return Ruling.HELD if line.committed is None else Ruling.FORWARD
    return Ruling.BACK if known.floor < number_of(change) <= known.high else Ruling.HELD


def read_public(root: Sysroot) -> Outcomes | None:
    """The list as anybody may believe it: a file of root's that nobody else can write. None where it is not."""
    place = SYSTEM / OUTCOMES
    try:
        status = root.status(place, follow=False)
        if status is None or not stat.S_ISREG(status.st_mode) or status.st_size > LIMIT:
            return None
        if exposed(root, status):
            return None
        return records.parse(Outcomes, root.read_bytes(place, limit=LIMIT), place)
    except (OSError, RdnaError):
        return None


def read(store: Store) -> Outcomes | None:
    """The system's own list, for who has its lock. None where it is missing or damaged."""
    with store.folder() as base:
        try:
            return records.parse(Outcomes, base.read(OUTCOMES, LIMIT), base.place / OUTCOMES)
        except (OSError, RdnaError):
            return None


def write(store: Store, new: Outcomes) -> None:
    """Say it, durably. Raises OSError, RdnaError."""
    with store.folder() as base:
        durable.replace(base, OUTCOMES, records.dump(new), 0o644)


def staged(opened: Outcomes, change: str, number: int) -> dict[str, bytes]:
    """Both lists that may follow, as files of the transaction's directory."""
    return {
        IF_COMMITTED: records.dump(opened.committed(change, number)),
        IF_ABORTED: records.dump(opened.aborted(change)),
    }


def publish(base: Folder, transaction: Folder, name: str) -> None:
    """Put a list in force that was staged, if there is one. Raises OSError."""
    if transaction.status(name) is not None:
        durable.move(transaction, name, OUTCOMES, base)
        durable.sync(transaction)
        durable.sync(base)


def agree(store: Store) -> Outcomes:
    """Make the list say what the recovered system's own records say; returns it. Raises OSError.
    A list that was lost or is older than they are forgets all it does not know: nobody takes that for an abort."""
    known = read(store)
    newest = _change_of(store, max(store.numbers(), default=0))
    if known is not None and _fits(known, newest):
        return known
    settled = {change: number for number in store.numbers() if (change := _change_of(store, number))}
    before = known or Outcomes()
    lines = {line.change: line for line in before.lines if line.committed is not None or line.change in settled}
    for change, number in settled.items():
        parts = lines[change].parts if change in lines else store.manifest(number).generation.parts
        lines[change] = OutcomeLine(change, number, parts)
    high = max([before.high, *map(number_of, settled)])
    stale = known is None or high > known.high
    by_number = sorted(lines.values(), key=lambda o: number_of(o.change))
    new = Outcomes(high, high if stale else before.floor, tuple(by_number))
    if new != known and (new.high or known is not None):
        write(store, new.pruned())
    return new


def _fits(known: Outcomes, newest: str) -> bool:
    if any(line.committed is None for line in known.lines):
        return False
    number = number_of(newest)
    return number == 0 or number <= known.floor or known.line(newest) is not None


def _change_of(store: Store, number: int) -> str:
    """The change of a kept generation; "" where it has none of root's, or cannot be read."""
    try:
        change = store.manifest(number).generation.change if number else ""
    except RdnaError:
        return ""
    return change if number_of(change) else ""


def settled(store: Store, known: Outcomes) -> frozenset[str]:
    """All changes that the system's records know as committed. By these root decides for users, never by theirs."""
    kept = (_change_of(store, number) for number in store.numbers())
    listed = (line.change for line in known.lines if line.committed is not None)
    return frozenset({*kept, *listed} - {""})


def held(undo: records.Undo) -> str:
    """What to say to the owner of a held part."""
    ends = "it ends with root's command, the next boot or `sudo rdna-installer recover`"
    return f"change {number_of(undo.change)} of root is not decided: {ends}"
