"""Services with a drop-in of ours: whether systemd uses it, who wins over it, and what the process really has."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from rdna_installer.detect.running import TICK, Process, read_process
from rdna_installer.detect.units import instances, service_of
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.machine.systemd import commander, control, pairs, runs
from rdna_installer.model import Check, Layer, Setting, Status
from rdna_installer.plan.services import InForce, drop_in_of, stronger
from rdna_installer.record import record, replace

SHOWN = "Id,LoadState,ActiveState,NeedDaemonReload,MainPID,ExecMainStartTimestampMonotonic,DropInPaths"
NUMBERS = ("MainPID", "ExecMainStartTimestampMonotonic")
PENDING = Status.PENDING_RESTART


@record(frozen=True)
class Watched:
    """A unit with what it is to have, and what a change took from it since ``since`` (seconds since 1970)."""

    folder: PurePosixPath
    manager: int | None  # whose services' manager runs it; None: the system's
    wanted: Mapping[str, str]
    gone: Mapping[str, str]
    since: float

    @property
    def name(self) -> str:
        """The unit, as its files are named."""
        return self.folder.stem


def watched(now: Sequence[Setting], before: Sequence[Setting], manager: int | None, since: float) -> Iterator[Watched]:
    """The units of an owner's settings, and of those that an earlier change of his had."""
    for folder in dict.fromkeys(s.site for s in (*now, *before) if s.layer is Layer.SERVICES and s.site):
        wanted = {s.key: s.value for s in now if s.site == folder}
        gone = {s.key: s.value for s in before if s.site == folder and s.key not in wanted}
        yield Watched(PurePosixPath(folder), manager, wanted, gone, since)


def check_services(root: Sysroot, units: Iterable[Watched], deciding: Callable[[str, int], InForce]) -> Iterator[Check]:
    """Lines for each unit. ``deciding``: what decides in a unit of an owner, by its files."""
    for unit in units:
        path = drop_in_of(str(unit.folder))
        if unit.wanted:
            files = deciding(unit.name, unit.manager or 0)
            for c in stronger(unit.name, unit.wanted, path, files):
                hint = c.hint.replace("keep it with", "apply again and keep it with")
                yield Check(f"service:{unit.name}:{c.key}", Status.MISMATCH, c.wanted, c.found, c.source, hint)
        for shown in _shown(unit) if runs(root, unit.manager) else ():
            yield from _running(root, unit, path, shown)


def _shown(unit: Watched) -> list[dict[str, str]]:
    """What systemd says of a unit, of a template each instance that it knows."""
    text = control(unit.manager, "show", instances(service_of(unit.name)), f"--property={SHOWN}")
    return [block for block in map(pairs, text.split("\n\n")) if block.get("Id")]


def _running(root: Sysroot, unit: Watched, path: PurePosixPath, shown: Mapping[str, str]) -> Iterator[Check]:
    """What systemd makes of our file, then what the process has; of a unit that only lost ours, what is wrong."""
    name, wanted = shown["Id"], " ".join(f"{k}={v}" for k, v in unit.wanted.items()) or None
    again = f"{commander(unit.manager)} restart {name}"
    good = Check(f"service:{name}", Status.OK, wanted, wanted, str(path))
    told = (key for key, value in shown.items() if value.isdecimal() or key not in NUMBERS)
    look = f"{commander(unit.manager)} status {name}"
    if untold := ", ".join(sorted({*SHOWN.split(",")} - {*told})):
        hint = f"systemd does not tell its {untold}; see: {look}"
        yield replace(good, status=Status.UNKNOWN, running=None, hint=hint)
        return
    used, there = shown["DropInPaths"].split(), root.exists(path)
    hides = next((p for p in used if p != good.source and p.endswith(f"/{path.name}")), None)
    # NeedDaemonReload does not tell of a directory that was made since: systemd knows the names of those it has seen.
    unread = wanted and unit.name.endswith(".service") and good.source not in used and there and not hides
    status, hint = Status.MISMATCH, ""
    if shown["LoadState"] in ("not-found", "masked"):
        status = Status.NOT_APPLICABLE
        hint = f"{name} is {shown['LoadState']}: the drop-in does nothing until it comes back"
    elif shown["NeedDaemonReload"] == "yes" or unread:
        status, reload = PENDING, f"{commander(unit.manager)} daemon-reload && {again}"
        hint = f"systemd has not read its files since they changed; do it: {reload}"
    elif wanted and not there:
        hint = "our drop-in is gone: write it again as its line says, or leave it out: rdna-installer rollback"
    elif wanted and hides and good.source not in used:
        hint = f"{hides} hides our drop-in, which has the same name: give it another"
    elif shown["ActiveState"] not in ("active", "reloading", "activating") or shown["MainPID"] == "0":
        found = replace(good, source="it does not run now")
    else:
        found = _of_process(root, unit, shown, good, again)
    found = replace(good, status=status, running=None, hint=hint) if hint else found
    if wanted or found.status in (PENDING, Status.MISMATCH):
        yield found


def _of_process(root: Sysroot, unit: Watched, shown: Mapping[str, str], good: Check, again: str) -> Check:
    """What the process was started with; of who may not look into it, when it was started. ``again`` restarts it."""
    process, status = _main(root, int(shown["MainPID"])), root.status(good.source or "/")
    changed = max(unit.since if unit.gone else 0.0, status.st_mtime if status else 0.0)
    began = int(shown["ExecMainStartTimestampMonotonic"]) / 1e6 + time.time() - time.monotonic()
    old = (process.started if process else began) + TICK < changed
    has = process.variables if process else None
    if has is None:
        hint = "only root can see what it has: sudo rdna-installer verify"
        late = f"restart pending: it was started before the change; do it: {again}"
        return replace(good, status=PENDING if old else Status.NOT_APPLICABLE, running=None, hint=late if old else hint)
    wrong = [f"{k}={has[k]}" if k in has else f"no {k}" for k, v in unit.wanted.items() if has.get(k) != v]
    wrong += [f"{k}={v}" for k, v in unit.gone.items() if has.get(k) == v]
    if not wrong:
        return good
    hint = f"restart pending: it runs with what it was started with; do it: {again}"
    if not old:
        hint = f"it was started after the change: what it starts sets this, or a file that wins: see {good.source}"
    word, wanted = PENDING if old else Status.MISMATCH, good.wanted or "unset"
    return replace(good, status=word, wanted=wanted, running=", ".join(wrong), hint=hint)


def _main(root: Sysroot, pid: int) -> Process | None:
    """The main process; of a quadlet the container's first, which conmon started."""
    process = read_process(root, pid)
    if process is not None and process.name == "conmon":
        children = (root.read_optional(f"/proc/{pid}/task/{pid}/children") or "").split()
        return read_process(root, int(children[0])) if children else None
    return process
