"""What happens next, after a change: said at its end in lines that somebody with a black screen will remember."""

from __future__ import annotations

from collections.abc import Sequence

from rdna_installer.model import Generation, Layer
from rdna_installer.plan.trial import LIMIT, OPTIONS_CONF, running

LOOK = "`rdna-installer verify` says what is really in force"
BLACK = "black screen? boot with modprobe.blacklist=amdgpu, then roll back"
ON_TRIAL = (
    "reboot: the new kernel options are on trial",
    "checked then: options in force, GPUs and screens as before, no GPU faults; `rdna-installer status` shows it",
    "they stay once you log in at the machine or run `sudo rdna-installer confirm` (no screen: the checks decide)",
    f"black screen? switch off and on again: after {LIMIT} boots nobody confirmed, the options are gone by themselves",
    "at once: in the boot menu press e, add rdna_installer=off to the line beginning with linux, press F10",
    "without our help: modprobe.blacklist=amdgpu there instead, then `sudo rdna-installer rollback`",
)


def next_lines(layers: frozenset[Layer], generations: Sequence[Generation], rescue: bool) -> list[str]:
    """What to do after layers changed. ``rescue``: rdna_installer=off would work at the next boot."""
    if Layer.KERNEL in layers:
        if any(running(g) for g in generations):
            return list(ON_TRIAL)
        if not any(m.path == OPTIONS_CONF and m.after.there for g in generations for m in g.managed):
            return [f"reboot, then {LOOK}"]
        off = "black screen? boot with rdna_installer=off on the kernel command line: the options are taken out"
        return [f"reboot, then {LOOK}", *([off] if rescue else []), BLACK]
    who = "log in again" if Layer.ENV in layers else "start your Python programs again"
    return [f"{who}; no reboot is needed", LOOK]
