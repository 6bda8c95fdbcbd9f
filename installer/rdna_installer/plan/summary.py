"""What a change comes to, in numbers and one line: the same in the plan, in the question and in JSON. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rdna_installer.model import Change, Step
from rdna_installer.record import record

UNDO = "rdna-installer rollback"


@record(frozen=True)
class Summary:
    """``undo``: the command that takes it back; "" where nothing does."""

    settings: int
    files: int
    boot_images: int
    reboot: bool
    undo: str

    @property
    def line(self) -> str:
        """``5 settings, 4 files, 1 boot image, reboot. Undo: sudo rdna-installer rollback``."""
        if not self.files:
            return "Nothing to change."
        counts = ((self.settings, "setting"), (self.files, "file"), (self.boot_images, "boot image"))
        parts = [plural(count, what) for count, what in counts if count]
        way = f"Undo: {self.undo}" if self.undo else "It cannot be undone."
        return f"{', '.join([*parts, 'reboot' if self.reboot else 'no reboot'])}. {way}"


def plural(count: int, what: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def size(count: int) -> str:
    """Bytes in the unit people read: KiB below 1 MiB, else MiB or GiB."""
    if count < 1 << 20:
        return f"{(count + 1023) >> 10} KiB"
    return f"{count / (1 << 20):.1f} MiB" if count < 1 << 30 else f"{count / (1 << 30):.1f} GiB"


def summarise(
    settings: int, changes: Collection[Change], steps: Sequence[Step], reboot: bool, undo: str = UNDO
) -> Summary:
    """The sum of a plan, a rollback or an uninstall."""
    images = sum(len(step.kernels) for step in steps)
    return Summary(settings, len(changes), images, reboot, with_rights(undo, changes) if undo else "")


def with_rights(command: str, changes: Collection[Change]) -> str:
    """The command as its user has to give it: with sudo where root's own files change."""
    return f"sudo {command}" if any(change.after.owner == 0 for change in changes) else command
