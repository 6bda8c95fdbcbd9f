"""``rdna-installer boot-check``, run by rdna-installer-boot.service in every boot once the machine is up.

It recovers what a power cut left, takes back what a trial or rdna_installer=off has refused, checks what is in force,
and waits with a trial for somebody to log in at the machine. Everything it changes is an ordinary transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator

from rdna_installer.change.activation import plan_step
from rdna_installer.change.boots import BootResult, Outcome, forget_boots, read_note, read_result
from rdna_installer.change.recover import recover
from rdna_installer.change.rollback import rollback_changes, rollback_meta
from rdna_installer.check.boot import kernel_files, made_this_boot
from rdna_installer.check.devices import has_screen
from rdna_installer.check.lastresult import leave_result
from rdna_installer.check.seat import somebody_is_at_the_seat
from rdna_installer.detect.host import Ask, detect
from rdna_installer.detect.system import command_line
from rdna_installer.errors import RdnaError
from rdna_installer.machine.mounts import uncover
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Foreign, Generation, HostFacts, Report
from rdna_installer.plan.trial import OFF, OPTIONS_CONF, running
from rdna_installer.workflow.applying import Part, Progress, activator, commit_all
from rdna_installer.workflow.confirming import WITHOUT_OPTIONS, Judgement, accept, judge
from rdna_installer.workflow.owners import Owner, system_owner

PAUSE = 5.0  # seconds between two looks
GRACE = 3  # looks that may go wrong before it is said: screens and KFD nodes come up one after the other
PATIENCE = 24  # before nothing more is expected
WAITS = "the new kernel options work so far; they stay once you log in at the machine or `sudo rdna-installer confirm`"

Sleep = Callable[[float], None]


def boot_check(root: Sysroot, progress: Progress, sleep: Sleep) -> Iterator[BootResult]:
    """Each result as it comes; the last one stays. Nothing where nothing of ours is applied."""
    owner = system_owner(root)
    try:
        uncover(root, OPTIONS_CONF)
        recovered = _recover(root, owner, progress)
        current = owner.current()
        facts = detect(root, Ask(search_sites=False))
        if current is None:
            yield from [_result(Outcome.OK, facts, None, recovered)] if recovered else []
            return
        yield from _look(root, owner, current, facts, recovered, progress, sleep)
    except RdnaError as err:
        lines = filter(None, [err.message, err.context, err.hint])
        yield BootResult(Outcome.ERROR, None, _boot_id(root), tuple(lines))


def _boot_id(root: Sysroot) -> str | None:
    return (root.read_optional("/proc/sys/kernel/random/boot_id") or "").strip() or None


def _recover(root: Sysroot, owner: Owner, progress: Progress) -> tuple[str, ...]:
    """The system's only: users' own changes wait for them."""
    done = recover(owner.store, activator(root, progress))
    if done is None:
        return ()
    if read_note(root) in ("", "counted"):
        # This boot may have had an image of before: it is no boot of what is on trial.
        forget_boots(owner.store)
    return (f"an interrupted change was {done.what}: generation {done.number} ({done.reason})",)


def _look(
    root: Sysroot,
    owner: Owner,
    current: Generation,
    facts: HostFacts,
    recovered: tuple[str, ...],
    progress: Progress,
    sleep: Sleep,
) -> Iterator[BootResult]:
    note, off = read_note(root), OFF in command_line(root).split()
    if made_this_boot(facts, current):  # also what we have rolled back ourselves: never twice
        yield _result(Outcome.OK, facts, current, (*recovered, "generation made in this boot: checked after the next"))
    elif off and kernel_files(current):
        yield _roll_back(root, owner, facts, lambda g: not kernel_files(g), Outcome.RESCUED, progress)
    elif note == "limit" and running(current):
        yield _roll_back(root, owner, facts, lambda g: not running(g), Outcome.ROLLED_BACK, progress)
    elif note == "uncounted":
        yield _result(Outcome.UNCOUNTED, facts, current, (*recovered, WITHOUT_OPTIONS[note]))
    else:
        yield from _watch(root, owner, current, recovered, progress, sleep)


def _result(outcome: Outcome, facts: HostFacts, current: Generation | None, lines: tuple[str, ...] = ()) -> BootResult:
    return BootResult(outcome, current.number if current else None, facts.boot_id, lines)


def _roll_back(
    root: Sysroot,
    owner: Owner,
    facts: HostFacts,
    good: Callable[[Generation], bool],
    outcome: Outcome,
    progress: Progress,
) -> BootResult:
    """Back to the newest generation that is ``good``; what somebody edited meanwhile is kept in the new one."""
    store = owner.store
    number = max(store.numbers())
    to = max((g.number for g in store.generations() if g.number < number and good(g)), default=0)
    changes = rollback_changes(store, to, Foreign.OVERWRITE)
    step, _ = plan_step(facts)
    reason = "trial failed" if outcome is Outcome.ROLLED_BACK else OFF
    meta = rollback_meta(store, to, facts.boot_id, f"{reason}: back to {to}", secrets.token_hex(8))
    part = Part(owner, changes, meta, (step,) if step else ())
    commit_all([part], root, progress, links=True, after=())
    why = (
        "two boots with the new kernel options were not confirmed"
        if outcome is Outcome.ROLLED_BACK
        else f"the kernel command line said {OFF}"
    )
    said = f"{why}: rolled back to {f'generation {to}' if to else 'the machine before us'}; the boot images are rebuilt"
    return _result(outcome, facts, owner.current(), (said,))


def _watch(
    root: Sysroot, owner: Owner, current: Generation, lines: tuple[str, ...], progress: Progress, sleep: Sleep
) -> Iterator[BootResult]:
    """Judge until all is well; then wait with a trial until somebody is there who sees it."""
    wrong = 0
    while wrong < PATIENCE:
        judged = judge(root, current, first=_is_first(root, current))
        if judged.wrong:
            wrong += 1
            if wrong == GRACE:
                yield _found(root, judged, current, Outcome.FAILED, (*lines, *judged.wrong))
            sleep(PAUSE)
            continue
        wrong = 0
        if not running(current):
            yield _found(root, judged, current, Outcome.OK, lines)
            return
        if not has_screen(current.devices) or somebody_is_at_the_seat():
            accept(root, owner, current, judged.facts, progress)
            yield _result(Outcome.CONFIRMED, judged.facts, owner.current(), lines)
            return
        yield _found(root, judged, current, Outcome.WAITING, (*lines, WAITS))
        while not somebody_is_at_the_seat():
            sleep(PAUSE)
            if _number(owner) != current.number:
                return  # confirmed or rolled back by hand


def _number(owner: Owner) -> int:
    current = owner.current()
    return current.number if current else 0


def _is_first(root: Sysroot, current: Generation) -> bool:
    """Whether no boot has found this generation good yet. Later a screen may be unplugged."""
    last = read_result(root)
    found_good = last is not None and last.generation == current.number and last.outcome.good
    return running(current) or (current.confirmed_boot is None and not found_good)


def _found(
    root: Sysroot, judged: Judgement, current: Generation, outcome: Outcome, lines: tuple[str, ...]
) -> BootResult:
    """A result of checks; they are left for readers without root too."""
    leave_result(Report(judged.checks, False, current.number), judged.facts, root)
    return _result(outcome, judged.facts, current, lines)
