"""verify, status and history: what is in force and what can be gone back to. Reads only."""

from __future__ import annotations

import functools
import os
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from rdna_installer import __version__
from rdna_installer.change.drift import drift
from rdna_installer.change.store import Store
from rdna_installer.check.lastresult import leave_result
from rdna_installer.check.verify import Seen, verify
from rdna_installer.detect.host import Ask, detect
from rdna_installer.detect.users import invoking_user
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Drift, Generation, HostFacts, Report, Status
from rdna_installer.record import record
from rdna_installer.workflow.foreign import scan_files
from rdna_installer.workflow.owners import find_owners, merged, still_there, system_owner
from rdna_installer.workflow.trials import trial_checks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdna_installer.amd.case import Case, Judged
    from rdna_installer.knowledge.rules import Rule

STATE = tuple[Generation | None, tuple[Drift, ...]]


@record(frozen=True)
class OwnerStatus:
    """What is applied for one owner, and what somebody changed since."""

    name: str
    current: Generation | None
    drift: tuple[Drift, ...]


def is_outdated(generation: Generation) -> bool:
    """Whether another version of this program wrote some of it."""
    return any(m.version != __version__ for m in generation.managed)


def verify_machine(root: Sysroot, ask: Ask, *, gpu: bool = False) -> Report:
    """Check everything the current generations wanted. Root's result is left for readers without root.

    ``gpu``: also compute something on it.
    """
    user = invoking_user(root)
    generation = merged(owner.current() for owner in find_owners(root, user))
    if not ask.pythons:
        ask = replace(ask, pythons=_sites(generation, root))
    facts = detect(root, ask)
    seen = _seen(root, facts, generation)
    report = verify(facts, generation, root, user, seen)
    if any(c.id.startswith("kernel:") and c.status in (Status.FAILED, Status.MISMATCH) for c in report.checks):
        # Whether a stale image is to blame costs a look into the whole of it.
        facts = detect(root, replace(ask, with_image=True))
        report = verify(facts, generation, root, user, seen)
    report = _with_trial(report, root, facts)
    if gpu:
        from rdna_installer.workflow.smoke import smoke_test

        report = replace(report, checks=(*report.checks, *smoke_test(facts)))
    if root.live and os.geteuid() == 0:
        leave_result(report, facts, root)
    return report


def _seen(root: Sysroot, facts: HostFacts, generation: Generation | None) -> Seen:
    """What others have set. The judge is loaded with the first question: most machines ask none."""

    @functools.cache
    def case() -> Case:
        from rdna_installer.amd.case import case_of
        from rdna_installer.workflow.planning import load_rules

        return case_of(facts, load_rules(root, facts.user), ours=generation.settings if generation else ())

    def ask(key: str, value: str) -> Judged:
        from rdna_installer.amd.judge import judge_setting

        return judge_setting(case(), key, value)

    def faults() -> Iterator[Rule]:
        from rdna_installer.amd.known_faults import known_faults

        return known_faults(facts, case().book)

    ours = [m.path for m in generation.managed] if generation else []
    return Seen(scan_files(root, facts, ours), dict(os.environ), ask, faults)


def _with_trial(report: Report, root: Sysroot, facts: HostFacts) -> Report:
    checks = (*report.checks, *trial_checks(root, facts, system_owner(root).current()))
    pending = any(c.status is Status.PENDING_REBOOT for c in checks)
    return replace(report, checks=checks, reboot_pending=pending)


def _sites(generation: Generation | None, root: Sysroot) -> tuple[str, ...]:
    """The Pythons to ask; those that are gone are the hook check's finding, not a usage error."""
    settings = generation.settings if generation else ()
    named = tuple(dict.fromkeys(s.site for s in settings if s.site))
    return still_there(root, named)


def read_status(root: Sysroot) -> tuple[OwnerStatus, ...]:
    """Every owner's current generation and its drift, the system first."""
    found = []
    for owner in reversed(find_owners(root, invoking_user(root))):
        found.append(OwnerStatus(owner.name, *owner.do(partial(_state, root, owner.store), STATE)))
    return tuple(found)


def _state(root: Sysroot, store: Store) -> tuple[Generation | None, tuple[Drift, ...]]:
    current = store.current()
    return current, drift(root, current) if current else ()


def read_history(root: Sysroot) -> tuple[tuple[str, tuple[Generation, ...]], ...]:
    """Every owner's kept generations, the system first."""
    owners = reversed(find_owners(root, invoking_user(root)))
    return tuple((owner.name, owner.do(owner.store.generations, tuple[Generation, ...])) for owner in owners)
