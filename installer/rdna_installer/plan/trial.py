"""Trial boots: whether new kernel options are to be confirmed by a boot, and the file that holds amdgpu back till then.

A module that hangs or crashes leaves no witness. So during a trial the file at TRIAL_CONF keeps amdgpu from loading,
also in the boot image, until rdna-installer-trial.service has counted the boot on the disk. That file being managed
and there *is* the trial: there is no other marker. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from rdna_installer.errors import RdnaError
from rdna_installer.model import Change, FileState, Generation, HostFacts, InitramfsTool, Managed, TrialWish
from rdna_installer.plan.conflicts import is_ours
from rdna_installer.record import record

OPTIONS_CONF = PurePosixPath("/etc/modprobe.d/rdna-installer.conf")
TRIAL_CONF = PurePosixPath("/etc/modprobe.d/rdna-installer-trial.conf")
OFF = "rdna_installer=off"  # on the kernel command line: the rescue
LIMIT = 2  # boots; the script in templates/systemd says the same
WITHOUT = "use --trial off to go without: a bad option then takes modprobe.blacklist=amdgpu and a rollback by hand"


@record(frozen=True)
class TrialDecision:
    """Whether a change of kernel options is put on trial; ``why`` not, and the refusal where that must be said."""

    on: bool
    why: str | None = None
    refusal: RdnaError | None = None


def decide(wish: TrialWish, facts: HostFacts, current: Generation | None) -> TrialDecision:
    """A trial wherever it can work, and as long as one is running. Without systemd nothing could count boots: none.

    ``refusal``: a trial asked for, or expected where systemd is, would not protect.
    """
    if wish is TrialWish.OFF:
        return TrialDecision(False, "no trial boots (--trial off): a bad option is taken back by hand only")
    if running(current):
        return TrialDecision(True)
    notes = (n for n in facts.modprobe_notes if n.module == "amdgpu" and n.kind in ("blacklist", "install"))
    held = next((n.source for n in notes if not is_ours(n.source)), None)
    why = f"{held} keeps amdgpu from loading, and a trial would load it" if held is not None else None
    if not facts.systemd:
        why = "this system does not boot with systemd, which counts trial boots and takes bad options back"
    if why is not None:
        return TrialDecision(False, f"no trial boots: {why}", _refusal(why) if wish is TrialWish.ON else None)
    tool = facts.initramfs.tool
    if tool not in (InitramfsTool.INITRAMFS_TOOLS, InitramfsTool.NONE):
        name = "an unknown tool's" if tool is InitramfsTool.UNKNOWN else f"{tool.value}'s"
        why = f"trial boots work with initramfs-tools only; the boot images here are {name}"
        return TrialDecision(False, None, _refusal(why))
    return TrialDecision(True)


def notes(tried: TrialDecision, facts: HostFacts, changes: Iterable[Change]) -> tuple[str, ...]:
    """What is worth saying about new options on trial, or not on trial."""
    switched = f"the kernel command line says {OFF}: with it the next boot would take the new options back again"
    said = [tried.why, switched if OFF in facts.cmdline.split() and touches(changes) else None]
    return tuple(text for text in said if text)


def _refusal(why: str) -> RdnaError:
    return RdnaError("no-trial", f"new kernel options cannot be tried safely on this system: {why}", hint=WITHOUT)


def running(generation: Generation | None) -> bool:
    """Whether a generation is on trial."""
    return generation is not None and any(m.path == TRIAL_CONF and m.after.there for m in generation.managed)


def without_needless(wanted: Sequence[FileState], managed: Iterable[Managed]) -> tuple[FileState, ...]:
    """``wanted`` without the trial's file where the options are those in force already and no trial is running."""
    now = {m.path: m.after.digest for m in managed}
    same = any(r.there and now.get(r.path) == r.digest for r in wanted if r.path == OPTIONS_CONF)
    return tuple(r for r in wanted if r.path != TRIAL_CONF or TRIAL_CONF in now or not same)


def safe_order(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Never options without the file that holds amdgpu back, wherever the power fails: it comes first and goes last."""
    return tuple(sorted(changes, key=lambda c: 1 if c.path != TRIAL_CONF else 0 if c.after.there else 2))


def begins(changes: Iterable[Change]) -> bool:
    """Whether amdgpu is held back from now on: then something must be there to load it."""
    return any(c.path == TRIAL_CONF and c.after.there for c in changes)


def touches(changes: Iterable[Change]) -> bool:
    """Whether what is on trial changes: its boots are then counted anew."""
    return any(c.path in (OPTIONS_CONF, TRIAL_CONF) and c.after.there for c in changes)
