"""The boots of a running trial, and what the boot check found: small files of the system's state that all may read.

``trial.boots`` and ``trial.load`` are written by the script of rdna-installer-trial.service, which knows no Python: a
boot id a line; and how amdgpu's load stands in the boot counted last ("ID started", "ID ended CODE", "ID signal N").
"""

from __future__ import annotations

import enum
from pathlib import PurePosixPath

from rdna_installer.change import records
from rdna_installer.change.store import SYSTEM, Store, now
from rdna_installer.errors import Exit, RdnaError, explaining
from rdna_installer.machine import durable
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.printable import printable
from rdna_installer.record import record, replace

BOOTS, LOAD, RESULT = "trial.boots", "trial.load", "boot.json"
WELL = "ended 0"  # what modprobe said when the module is there and its start has ended
NOTE = PurePosixPath("/run/rdna-installer/trial")  # what the script did in this boot
MESSAGE = PurePosixPath("/run/motd.d/rdna-installer")  # pam_motd shows what is there
LIMIT = 64 << 10  # bytes read of either


class BootOutcome(enum.Enum):
    """How a boot ended for what is in force."""

    OK = "ok"
    CONFIRMED = "confirmed"
    WAITING = "waiting"  # all is well so far; a trial waits for somebody to log in
    FAILED = "failed"
    ROLLED_BACK = "rolled-back"  # the trial had its boots
    RESCUED = "rescued"  # rdna_installer=off, and rolled back
    UNCOUNTED = "uncounted"  # without our options: the boot could not be counted
    ERROR = "error"  # something that must be done could not be done

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return self in (BootOutcome.OK, BootOutcome.CONFIRMED, BootOutcome.WAITING)


@record(frozen=True)
class BootResult:
    """What the boot check found. ``lines`` say it to people."""

    outcome: BootOutcome
    generation: int | None
    boot_id: str | None
    lines: tuple[str, ...]
    time: str = ""  # when it was written


def counted_boots(root: Sysroot) -> tuple[str, ...]:
    """The boots counted so far."""
    text = root.read_optional(SYSTEM / BOOTS) or ""
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def read_load(root: Sysroot, boot_id: str | None) -> str | None:
    """How the load of amdgpu stands in a boot of the trial, in the script's words; None where there is no record."""
    boot, _, how = (root.read_optional(SYSTEM / LOAD) or "").strip().partition(" ")
    return how if boot and boot == boot_id else None


def read_note(root: Sysroot) -> str:
    """The word the script left in this boot; "" where it had nothing to do."""
    return (root.read_optional(NOTE) or "").strip()


def forget_boots(store: Store) -> None:
    """Count anew. Raises RdnaError (exit 1)."""
    if not store.exists:
        return
    with explaining(Exit.FAILED), store.folder() as base:
        if durable.discard(base, BOOTS):
            durable.sync(base)


def _text(result: BootResult) -> bytes:
    return records.dump(replace(result, time=result.time or now()))


def publish_result(root: Sysroot, result: BootResult) -> None:
    """Leave it in /run, and whatever somebody should do about it in the login message of this boot. Raises OSError."""
    durable.publish(root, NOTE.with_name(RESULT), _text(result))
    if result.outcome in (BootOutcome.OK, BootOutcome.CONFIRMED):
        durable.withdraw(root, MESSAGE)
    else:
        lines = [f"rdna-installer: {printable(line)}" for line in result.lines]
        text = "\n".join([*lines, "Details: rdna-installer status", ""])
        durable.publish(root, MESSAGE, text.encode("utf-8", "replace"))


def keep_result(store: Store, result: BootResult) -> None:
    """Keep it in the state, for later boots too. Raises OSError, RdnaError."""
    with store.folder() as base:
        durable.replace(base, RESULT, _text(result), 0o644)


def read_result(root: Sysroot) -> BootResult | None:
    """The last result: of this boot from /run, where a read-only disk could not take it; else the kept one."""
    for place in (NOTE.with_name(RESULT), SYSTEM / RESULT):
        try:
            return records.parse(BootResult, root.read_bytes(place, limit=LIMIT), place)
        except (OSError, RdnaError):
            continue  # none, or half a one: as good as none
    return None
