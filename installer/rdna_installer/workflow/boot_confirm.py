"""A trial ends well: the checks that decide it, and the transaction that lets amdgpu load by itself again."""

from __future__ import annotations

from collections.abc import Iterator

from rdna_installer.change.activation import Progress, plan_step
from rdna_installer.change.boot_counting import WELL, BootOutcome, BootResult, forget_boots, read_load, read_note
from rdna_installer.change.chain import carried
from rdna_installer.change.staging import booted_with
from rdna_installer.check.device import check_devices
from rdna_installer.check.files import repair
from rdna_installer.check.kernel import GONE, check_kernel, made_this_boot
from rdna_installer.detect.host import Ask, detect
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.machine.folder import read_actual
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, Generation, HostFacts, Status
from rdna_installer.plan.plan import make_change, to_restore
from rdna_installer.plan.trial import TRIAL_CONF, running
from rdna_installer.record import record, replace
from rdna_installer.workflow.applying import require_steps
from rdna_installer.workflow.boot_status import tell
from rdna_installer.workflow.committing import Applied, Part, check_rights, commit_all
from rdna_installer.workflow.diagnosing import kernel_faults
from rdna_installer.workflow.owners import Owner, system_owner

TRY_AGAIN = "reboot to try again, or go back: sudo rdna-installer rollback"
WITHOUT_OPTIONS = {
    "limit": "this boot runs without the options: two boots before it were not confirmed",
    "rescue": "this boot runs without the options (rdna_installer=off)",
    "uncounted": "this boot runs without the options: it could not be counted",
    "blacklisted": "this boot runs without amdgpu: the kernel command line keeps it away",
}
STARTED, NOT_ENDED = "started", "it has begun and has not ended"


@record(frozen=True)
class BootJudgement:
    """What this boot shows about the kernel options in force."""

    facts: HostFacts
    checks: tuple[Check, ...]

    @property
    def wrong(self) -> tuple[str, ...]:
        """What speaks against them, a line each. An option that this kernel does not know does no harm."""
        bad = [c for c in self.checks if c.status not in (Status.OK, Status.NOT_APPLICABLE) and c.source != GONE]
        return tuple(_words(c) for c in bad)


def judge(root: Sysroot, generation: Generation, *, first: bool) -> BootJudgement:
    """Look at the running system. ``first``: nobody has found this generation good yet; then all that worked before
    must work again."""
    judged = _judge(root, generation, Ask(search_sites=False), first)
    # Whether a stale image is to blame costs a look into the whole of it.
    return _judge(root, generation, Ask(search_sites=False, with_image=True), first) if judged.wrong else judged


def _judge(root: Sysroot, generation: Generation, ask: Ask, first: bool) -> BootJudgement:
    facts = detect(root, ask)
    checks = list(check_kernel(facts, generation, root))
    if running(generation):
        checks.append(_load(root, facts))
    if first:
        checks += [*check_devices(generation, facts, root), *_faults(root, generation)]
    return BootJudgement(facts, tuple(checks))


def _load(root: Sysroot, facts: HostFacts) -> Check:
    """A module can be seen in /sys, with all its parameters, while its start hangs or after it was killed."""
    how = read_load(root, facts.boot_id)
    found = NOT_ENDED if how == STARTED else f"modprobe {how}" if how else "no record of it"
    hint = None if how == WELL else "a reboot tries it again; see why: sudo journalctl -b -u rdna-installer-trial"
    status = Status.OK if how == WELL else Status.FAILED
    return Check("trial:load", status, f"modprobe {WELL}", found, "rdna-installer-trial.service", hint)


def _faults(root: Sysroot, generation: Generation) -> Iterator[Check]:
    now = kernel_faults(root)
    if now is None:
        yield Check("faults", Status.UNKNOWN, "no new GPU faults", None, "kernel log", "run it with sudo")
        return
    new = sorted(now - {d.removeprefix("fault ") for d in generation.devices if d.startswith("fault ")})
    hint = "see what they mean: sudo rdna-installer diagnose --kernel-log" if new else None
    status = Status.FAILED if new else Status.OK
    yield Check("faults", status, "no new GPU faults", ", ".join(new) or "none", "kernel log", hint)


def _words(check: Check) -> str:
    wanted = f" wanted {check.wanted}," if check.wanted else ""
    found = f" found {check.running or 'nothing'}"
    source = f" ({check.source})" if check.source else ""
    return f"{check.id}:{wanted}{found}{source}" + (f": {check.hint}" if check.hint else "")


def confirm(root: Sysroot, progress: Progress) -> Applied | None:
    """End a running trial well; None when none is running. Raises RdnaError("not-root", "not-booted" (3),
    "not-confirmed" (4))."""
    owner = system_owner(root)
    current = owner.current()
    if current is None or not running(current):
        return None
    check_rights(root, [owner])
    judged = _require_tried(root, current)
    if judged.wrong:
        hint = "put it right and reboot, or go back: sudo rdna-installer rollback"
        message = "the new kernel options are not what they should be in this boot"
        raise RdnaError("not-confirmed", message, context="; ".join(judged.wrong), hint=hint, exit_code=Exit.MISMATCH)
    applied = accept(root, owner, current, judged.facts, progress)
    done = BootResult(BootOutcome.CONFIRMED, applied.generations[0][1].number, judged.facts.boot_id, ())
    if lost := tell(root, done):
        progress(f"note: {lost}")
    return applied


def _require_tried(root: Sysroot, current: Generation) -> BootJudgement:
    why = WITHOUT_OPTIONS.get(read_note(root))
    judged = judge(root, current, first=True)
    if not root.live or made_this_boot(judged.facts, current):
        raise RdnaError("not-booted", "the new kernel options have not been booted with yet", hint="reboot first")
    if why is not None:
        taken = read_note(root) in ("limit", "rescue")  # a rollback after that would take the rest of the change too
        hint = "the boot check takes them out by itself; see: rdna-installer status" if taken else TRY_AGAIN
        raise RdnaError("not-confirmed", why, hint=hint, exit_code=Exit.MISMATCH)
    return judged


def accept(root: Sysroot, owner: Owner, current: Generation, facts: HostFacts, progress: Progress) -> Applied:
    """The transaction: the trial's file goes, from the boot images too. Rolled back together with what was on trial."""
    origin = next(m.origin for m in current.managed if m.path == TRIAL_CONF)
    found = read_actual(root, TRIAL_CONF)
    change = make_change(found, to_restore(TRIAL_CONF, origin, found))
    if change is None:
        hint = repair(current.number, owner.name, root=True)
        raise RdnaError("drift", "the file of the trial was removed", context=str(TRIAL_CONF), hint=hint)
    step, _ = plan_step(facts)
    steps = (step,) if step else ()
    require_steps(steps, root)
    forget_boots(owner.store)  # it has passed: a power cut from here on must not count against it
    wish = replace(
        carried(current, "confirm", facts.boot_id),
        booted=booted_with(current, facts.boot_id),
        confirmed_boot=facts.boot_id,
    )
    after = ("confirmed: the kernel options stay; nothing is left to do",)
    return commit_all([Part(owner, (change,), wish, steps)], root, progress, links=True, after=after)
