"""What ``advise`` answers on this machine. Reads only."""

from __future__ import annotations

from rdna_installer.detect.host import Ask
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Request
from rdna_installer.plan.advise import Advice, advise
from rdna_installer.workflow.foreign import gather as gather_others
from rdna_installer.workflow.kept_results import known
from rdna_installer.workflow.planning import Job, gather, load_rules


def advise_machine(root: Sysroot, ask: Ask, request: Request) -> tuple[Advice, ...]:
    """Advice for each kind of GPU. Raises RdnaError("no-gpu") as ``plan`` does."""
    facts = gather(Job(root, ask, request))
    measured = known(root, facts, request).measured
    return advise(facts, load_rules(root, facts.user), request, measured, gather_others(root, facts))
