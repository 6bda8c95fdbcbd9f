"""What ``advise`` answers on this machine. Reads only."""

from __future__ import annotations

from rdna_installer.detect.host import Ask
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Request
from rdna_installer.plan.advise import Advice, advise
from rdna_installer.workflow.planning import Job, decide, gather


def advise_machine(root: Sysroot, ask: Ask, request: Request) -> tuple[Advice, ...]:
    """Advice for each kind of GPU. Raises RdnaError("no-gpu") as ``plan`` does."""
    found = decide(root, gather(Job(root, ask, request)), request)
    return advise(found.facts, found.book, request, found.probed.measured, found.items)
