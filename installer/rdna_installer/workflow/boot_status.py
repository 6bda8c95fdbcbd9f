"""How a trial stands, what the last boot check found, and whether every installed kernel still takes our options."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from rdna_installer import codec
from rdna_installer.change import boot_counting
from rdna_installer.change.boot_counting import BootOutcome, BootResult
from rdna_installer.check.kernel import made_this_boot, unkept
from rdna_installer.detect.host import missing_boot_files
from rdna_installer.detect.kernels import find_kernels
from rdna_installer.errors import RdnaError
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, Generation, HostFacts, Layer, Status
from rdna_installer.plan.trial import LIMIT, running
from rdna_installer.record import record
from rdna_installer.workflow.owners import system_owner

CONFIRM = "log in at the machine, or: sudo rdna-installer confirm"


@record(frozen=True)
class TrialStatus:
    """Everything ``status`` says about boots. ``boots`` None: no trial; ``settled``: nor does a check run."""

    boots: tuple[str, ...] | None
    last: BootResult | None
    kernels: tuple[str, ...]
    settled: bool = True

    @property
    def good(self) -> bool:
        """Whether all has settled, and well."""
        return self.settled and (self.last is None or self.last.outcome.good)

    def data(self) -> dict[str, Any]:
        """As JSON has it."""
        trial = None if self.boots is None else {"boots": len(self.boots), "limit": LIMIT, "counted": list(self.boots)}
        last = None if self.last is None else {"schema": 1, **codec.encode(self.last), "ok": self.last.outcome.good}
        return {"trial": trial, "boot": last, "kernels": list(self.kernels), "settled": self.settled}

    def lines(self) -> list[str]:
        """For people."""
        lines = []
        if self.boots is not None:
            done = f"{len(self.boots)} of {LIMIT} boots" if self.boots else "reboot to begin"
            ends = "; the next boot takes them out" if len(self.boots) >= LIMIT else ""
            lines.append(f"on trial: {done}, not confirmed{ends}: {CONFIRM}")
        if self.last is not None:
            of = self.last.time if self.last.generation is None else f"change {self.last.generation}, {self.last.time}"
            lines.append(f"boot check: {self.last.outcome.value} ({of})")
            lines += self.last.lines
        return [*lines, *(f"kernels: {text}" for text in self.kernels)]


def tell(root: Sysroot, result: BootResult) -> str | None:
    """Keep a result where all can read it; what is wrong is said at every login of this boot, but for what is returned:
    why /run did not take it. The boot goes on all the same."""
    lost = None
    try:
        boot_counting.publish_result(root, result)
    except (OSError, RdnaError) as err:
        lost = unkept(err)
    with contextlib.suppress(OSError, RdnaError):  # a read-only or full disk: /run has it
        boot_counting.keep_result(system_owner(root).store, result)
    return lost


def trial_status(root: Sysroot, current: Generation | None) -> TrialStatus:
    """Of the system's generation in force."""
    boots = boot_counting.counted_boots(root) if running(current) else None
    last = boot_counting.read_result(root)
    now = (root.read_optional("/proc/sys/kernel/random/boot_id") or "").strip()
    newest = last is None or not now or last.boot_id == now or missing_boot_files(root)  # a result comes of every boot
    settled = boots is None and bool(newest)
    return TrialStatus(boots, last, _kernel_warnings(root, current), settled)


def _kernel_warnings(root: Sysroot, current: Generation | None) -> tuple[str, ...]:
    """Kernels installed since, or changed: the options are proved again, by type (their range has not moved)."""
    settings = [s for s in current.settings if s.layer is Layer.KERNEL] if current else []
    if not settings:
        return ()
    from rdna_installer.plan.prove import prove  # verify, which loads this file too, has its own rows of kernels

    release = (root.read_optional("/proc/sys/kernel/osrelease") or "").strip() if root.live else None
    proof = prove(settings, find_kernels(root, True), release, {})
    return (*(r.reason for r in proof.refused), *proof.warnings)


def trial_checks(root: Sysroot, facts: HostFacts, current: Generation | None) -> Iterator[Check]:
    """Lines of ``verify``: a running trial, and what the check of this boot could not put right."""
    if not facts.live or current is None:
        return
    if running(current):
        if missing := missing_boot_files(root):
            hint = "nothing would load the driver; install the program again, or go back: sudo rdna-installer rollback"
            yield Check("trial:units", Status.FAILED, "our boot units", f"missing: {', '.join(missing)}", None, hint)
        done = f"{len(boot_counting.counted_boots(root))} of {LIMIT} boots, not confirmed"
        if made_this_boot(facts, current):
            yield Check("trial", Status.PENDING_REBOOT, "a confirmed boot", done, None, "reboot")
        else:
            yield Check("trial", Status.OK, "a confirmed boot", done, None, CONFIRM)
    last = boot_counting.read_result(root)
    if last is not None and last.boot_id == facts.boot_id and last.outcome is not BootOutcome.OK:
        status = Status.OK if last.outcome.good else TOLD.get(last.outcome, Status.FAILED)
        yield Check("boot", status, None, last.outcome.value, "rdna-installer-boot.service", "; ".join(last.lines))


TOLD = {BootOutcome.ROLLED_BACK: Status.NOT_APPLICABLE, BootOutcome.RESCUED: Status.NOT_APPLICABLE}
