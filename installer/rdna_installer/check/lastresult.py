"""Root's last result in /run: what a reader without root cannot see himself (parameters with mode 0600)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from rdna_installer import codec
from rdna_installer.codec import MisfitError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, Generation, HostFacts, Report
from rdna_installer.record import record

PATH = PurePosixPath("/run/rdna-installer/verify.json")
FORMAT = 2


@record(frozen=True)
class LastResult:
    """What root's last ``verify`` found, and the boot it looked at."""

    report: Report
    boot_id: str | None


def leave_result(report: Report, facts: HostFacts, root: Sysroot) -> None:
    """Write the report for readers without root. Call it as root on the running system only. Raises OSError."""
    from rdna_installer.machine.runfile import publish

    publish(root, PATH, codec.write(LastResult(report, facts.boot_id), FORMAT))


def read_result(generation: Generation, facts: HostFacts, root: Sysroot) -> Mapping[str, Check]:
    """Root's checks by id, when they were made in this boot for this generation; else nothing."""
    found = root.status(PATH, follow=False)
    if facts.boot_id is None or found is None or found.st_uid != 0:
        return {}
    try:
        last = codec.read(LastResult, root.read_bytes(PATH, limit=1 << 22), "verify", FORMAT)
    except (OSError, MisfitError):
        return {}  # half-made or of another version: as good as none
    if (last.boot_id, last.report.generation) != (facts.boot_id, generation.number):
        return {}
    return {check.id: check for check in last.report.checks}
