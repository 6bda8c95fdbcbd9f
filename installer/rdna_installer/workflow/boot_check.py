"""``rdna-installer boot-check``, run by rdna-installer-boot.service in every boot once the machine is up.

It recovers what a power cut left, takes back what a trial or rdna_installer=off has refused, checks what is in force,
and waits with a trial for somebody to log in at the machine. Everything it changes is an ordinary transaction.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator

from rdna_installer.change import boot_counting, chain
from rdna_installer.change.activation import Progress, plan_step
from rdna_installer.change.boot_counting import BootOutcome, BootResult, forget_boots
from rdna_installer.change.chain import changes_to, kept
from rdna_installer.change.recover import recover
from rdna_installer.change.staging import booted_with
from rdna_installer.check.device import has_screen, somebody_is_at_the_seat
from rdna_installer.check.kernel import kernel_files, leave_result, made_this_boot
from rdna_installer.detect.host import Ask, boot_id, command_line, detect
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.process import run
from rdna_installer.machine.sysroot import Inside, Sysroot
from rdna_installer.model import Generation, HostFacts, OnDrift, Report
from rdna_installer.plan.trial import LIMIT, OFF, OPTIONS_CONF, running
from rdna_installer.printable import Lines
from rdna_installer.record import record, replace
from rdna_installer.workflow.boot_confirm import WITHOUT_OPTIONS, BootJudgement, accept, judge
from rdna_installer.workflow.committing import Part, activator, commit_all
from rdna_installer.workflow.owners import Owner, system_owner

TIMES = 4  # the rescue unit and the trial script may both have hidden our file
PAUSE = 5.0  # seconds between two looks
GRACE = 3  # looks that may go wrong before it is said: screens and KFD nodes come up one after the other
PATIENCE = 24  # before nothing more is expected
WAITS = "the new kernel options work; to keep them, log in at this machine, or: sudo rdna-installer confirm"

Sleep = Callable[[float], None]


@record(frozen=True)
class Boot:
    """One run: where, whose state, what was recovered first, and how it tells and waits."""

    root: Sysroot
    owner: Owner
    facts: HostFacts
    recovered: tuple[str, ...]
    progress: Progress
    sleep: Sleep

    def result(self, outcome: BootOutcome, *lines: str) -> BootResult:
        """A result of now, for what is in force now."""
        return BootResult(outcome, self.number, self.facts.boot_id, (*self.recovered, *lines))

    @property
    def number(self) -> int:
        """The generation in force."""
        current = self.owner.current()
        return current.number if current else 0


def boot_check(root: Sysroot, progress: Progress, sleep: Sleep) -> Iterator[BootResult]:
    """Each result as it comes; the last one stays. None where there is nothing to say."""
    owner = system_owner(root)
    try:
        _uncover(root, OPTIONS_CONF)
        recovered = _recover(root, owner, progress)
        boot = Boot(root, owner, detect(root, Ask(search_sites=False)), recovered, progress, sleep)
        yield from _look(boot, owner.current())
    except RdnaError as err:
        hints = err.hint.split("\n") if isinstance(err.hint, Lines) else [err.hint]
        lines = tuple(filter(None, [err.message, err.context, *hints]))
        yield BootResult(BootOutcome.ERROR, None, boot_id(root), lines)


def _recover(root: Sysroot, owner: Owner, progress: Progress) -> tuple[str, ...]:
    """The system's only: users' own changes wait for them."""
    done = recover(owner.store, activator(root, progress))
    if done is None:
        return ()
    if not _is_over(root):
        # This boot may have had an image of before: it is no boot of what is on trial.
        forget_boots(owner.store)
    return (f"an interrupted change was {done.what}: generation {done.number} ({done.reason})",)


def _is_over(root: Sysroot) -> bool:
    """Whether a trial has had its boots. The script does not run where a power cut in the rollback took its file."""
    note = boot_counting.read_note(root)
    return note == "limit" or (note == "" and len(boot_counting.counted_boots(root)) >= LIMIT)


def _look(boot: Boot, current: Generation | None) -> Iterator[BootResult]:
    note, off = boot_counting.read_note(boot.root), OFF in command_line(boot.root).split()
    if current is None or made_this_boot(boot.facts, current):  # by ourselves, too: nothing is rolled back twice
        yield from [boot.result(BootOutcome.OK)] if boot.recovered else []
    elif off and kernel_files(current):
        why = f"the kernel command line said {OFF}"
        yield _roll_back(boot, lambda g: not kernel_files(g), BootOutcome.RESCUED, OFF, why)
    elif running(current) and _is_over(boot.root):
        why = "two boots passed without a login"
        yield _roll_back(boot, lambda g: not running(g), BootOutcome.ROLLED_BACK, "trial failed", why)
    elif note == "uncounted":
        yield boot.result(BootOutcome.UNCOUNTED, WITHOUT_OPTIONS[note])
    else:
        yield from _watch(boot, current)


def _roll_back(
    boot: Boot, good: Callable[[Generation], bool], outcome: BootOutcome, reason: str, why: str
) -> BootResult:
    """The kernel layer of the nearest generation before that is ``good``, and nothing else; what somebody edited
    meanwhile is kept in the new one."""
    store = boot.owner.store
    history = kept(store)
    current = history[boot.number]
    target = chain.rescued(current, history, good)
    changes = changes_to(store, target.managed, OnDrift.OVERWRITE)
    step, _ = plan_step(boot.facts)
    to = target.kernel.number
    options = f"kernel options of change {to}" if chain.kernel_layer(target.kernel) else "no kernel options"
    wish = chain.rescue(current, target, f"{reason}: {options}", boot.facts.boot_id)
    wish = replace(wish, booted=booted_with(current, boot.facts.boot_id))
    part = Part(boot.owner, changes, wish, (step,) if step else ())
    images = "; the boot images are rebuilt" if step else ""
    commit_all([part], boot.root, boot.progress, links=True, after=())
    where = f"are those of generation {to}" if chain.kernel_layer(target.kernel) else "are gone"
    return boot.result(outcome, f"{why}: rolled back: our kernel options {where}{images}")


def _watch(boot: Boot, current: Generation) -> Iterator[BootResult]:
    """Judge until all is well; then wait with a trial until somebody is there who sees it."""
    wrong = 0
    while wrong < PATIENCE:
        judged = judge(boot.root, current, first=_is_first(boot.root, current))
        if judged.wrong:
            wrong += 1
            if wrong == GRACE:
                yield _found(boot, judged, BootOutcome.FAILED, *judged.wrong)
            boot.sleep(PAUSE)
            continue
        wrong = 0
        if not running(current):
            yield _found(boot, judged, BootOutcome.OK)
            return
        if not has_screen(current.devices) or somebody_is_at_the_seat():
            accept(boot.root, boot.owner, current, judged.facts, boot.progress)
            yield boot.result(BootOutcome.CONFIRMED)
            return
        yield _found(boot, judged, BootOutcome.WAITING, WAITS)
        while not somebody_is_at_the_seat():
            boot.sleep(PAUSE)
            if boot.number != current.number:
                return  # confirmed or rolled back by hand


def _is_first(root: Sysroot, current: Generation) -> bool:
    """Whether no boot has found this generation good yet. Later a screen may be unplugged."""
    last = boot_counting.read_result(root)
    found_good = last is not None and last.generation == current.number and last.outcome.good
    return running(current) or (current.confirmed_boot is None and not found_good)


def _found(boot: Boot, judged: BootJudgement, outcome: BootOutcome, *lines: str) -> BootResult:
    """A result of checks; they are left for readers without root too."""
    if lost := leave_result(Report(judged.checks, False, boot.number), judged.facts, boot.root):
        boot.progress(f"note: {lost}")
    return boot.result(outcome, *lines)


def _uncover(root: Sysroot, path: Inside) -> None:
    """Bring back the file that /dev/null was mounted over. Raises RdnaError("still-hidden")."""
    for _ in range(TIMES):
        status = root.status(path, follow=False)
        if status is None or not stat.S_ISCHR(status.st_mode) or not root.live:
            return
        done = run(["umount", str(path)])
        if done.code != 0:
            break
    said = done.err.decode("utf-8", "replace").strip()
    raise RdnaError("still-hidden", f"the mount over our file cannot be taken away: {said}", exit_code=Exit.FAILED)
