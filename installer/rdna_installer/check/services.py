"""Services with a drop-in of ours: whether systemd uses it, who wins over it, and what the process really has."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from rdna_installer.detect.running import TICK, Process, read_process
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.machine.systemd import commander, control, pairs, runs_in
from rdna_installer.model import Check, Layer, Setting, Status
from rdna_installer.plan.services import InForce, drop_in_of, stronger
from rdna_installer.record import record

SHOWN = "Id,LoadState,ActiveState,NeedDaemonReload,MainPID,ExecMainStartTimestampMonotonic,DropInPaths"
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


def watched(
    now: Iterable[Setting], before: Iterable[Setting], manager: int | None, since: float
) -> tuple[Watched, ...]:
    """The units of an owner's settings, and of those that an earlier change of his had."""
    found: dict[str, tuple[dict[str, str], dict[str, str]]] = {}
    for place, settings in enumerate((now, before)):
        for s in settings:
            if s.layer is Layer.SERVICES and s.site:
                found.setdefault(s.site, ({}, {}))[place][s.key] = s.value
    return tuple(
        Watched(PurePosixPath(folder), manager, wanted, {k: v for k, v in had.items() if k not in wanted}, since)
        for folder, (wanted, had) in found.items()
    )


def check_services(root: Sysroot, units: Iterable[Watched], deciding: Callable[[str, int], InForce]) -> Iterator[Check]:
    """Lines for each unit. ``deciding``: what decides in a unit of an owner, by its files."""
    for unit in units:
        path = drop_in_of(str(unit.folder))
        if unit.wanted:
            files = deciding(unit.name, unit.manager or 0)
            for c in stronger(unit.name, unit.wanted, path, files):
                hint = c.hint.replace("keep it with", "apply again and keep it with")
                yield Check(f"service:{unit.name}:{c.key}", Status.MISMATCH, c.wanted, c.found, c.source, hint)
        if not root.live or not root.is_dir(runs_in(unit.manager)):
            continue
        for shown in _shown(unit):
            yield from _running(root, unit, path, shown)


def _shown(unit: Watched) -> list[dict[str, str]]:
    """What systemd says of a unit, of a template each instance that it knows."""
    service = unit.name.replace(".container", ".service").replace("@.", "@*.")
    blocks = map(pairs, control(unit.manager, "show", service, f"--property={SHOWN}").split("\n\n"))
    return [block for block in blocks if block.get("Id")]


def _running(root: Sysroot, unit: Watched, path: PurePosixPath, shown: Mapping[str, str]) -> Iterator[Check]:
    name, again = shown["Id"], f"{commander(unit.manager)} restart {shown['Id']}"
    line, wanted = f"service:{name}", " ".join(f"{k}={v}" for k, v in unit.wanted.items()) or None
    source = str(path)
    used = shown["DropInPaths"].split()
    hides = next((p for p in used if p != source and p.endswith(f"/{path.name}")), None)
    # NeedDaemonReload does not tell of a directory that was made since: systemd knows the names of those it has seen.
    unread = wanted and unit.name.endswith(".service") and source not in used and root.exists(path) and not hides
    if shown["LoadState"] in ("not-found", "masked"):
        hint = f"{name} is {shown['LoadState']}: the drop-in does nothing until it comes back"
        yield from [Check(line, Status.NOT_APPLICABLE, wanted, None, source, hint)] if wanted else []
    elif shown["NeedDaemonReload"] == "yes" or unread:
        reload = f"{commander(unit.manager)} daemon-reload"
        hint = f"systemd has not read its files since they changed; do it: {reload} && {again}"
        yield Check(line, PENDING, wanted, None, source, hint)
    elif wanted and not root.exists(path):
        hint = (
            "our drop-in is gone (systemd's revert takes it away): apply it again, or go back: rdna-installer rollback"
        )
        yield Check(line, Status.MISMATCH, wanted, None, source, hint)
    elif wanted and hides and source not in used:
        hint = f"{hides} hides our drop-in, which has the same name: give it another"
        yield Check(line, Status.MISMATCH, wanted, None, source, hint)
    elif shown["ActiveState"] not in ("active", "reloading", "activating") or shown["MainPID"] == "0":
        yield from [Check(line, Status.OK, wanted, wanted, "it does not run now")] if wanted else []
    else:
        yield from _of_process(root, unit, shown, Check(line, Status.OK, wanted, wanted, source, again))


def _of_process(root: Sysroot, unit: Watched, shown: Mapping[str, str], good: Check) -> Iterator[Check]:
    """What the process was started with; of who may not look into it, when it was started."""
    process = _main(root, int(shown["MainPID"]))
    status = root.status(good.source or "/")
    changed = max(unit.since, status.st_mtime if status else 0.0) if unit.gone else (status.st_mtime if status else 0.0)
    began = int(shown["ExecMainStartTimestampMonotonic"]) / 1e6 + time.time() - time.monotonic()
    old = (process.started if process else began) + TICK < changed
    has = process.variables if process else None
    if has is None:
        hint = "only root can see what it has: sudo rdna-installer verify"
        late = f"it was started before the change: {good.hint}"
        word, said = (PENDING, late) if old else (Status.NOT_APPLICABLE, hint)
        yield from [Check(good.id, word, good.wanted, None, good.source, said)] if good.wanted or old else []
        return
    wrong = [f"{k}={has[k]}" if k in has else f"no {k}" for k, v in unit.wanted.items() if has.get(k) != v]
    wrong += [f"{k}={v}" for k, v in unit.gone.items() if has.get(k) == v]
    if not wrong:
        yield from [Check(good.id, Status.OK, good.wanted, good.wanted, good.source)] if good.wanted else []
        return
    hint = f"restart pending: it runs with what it was started with; do it: {good.hint}"
    if not old:
        hint = f"it was started after the change: what it starts sets this, or a file that wins: see {good.source}"
    word = PENDING if old else Status.MISMATCH
    yield Check(good.id, word, good.wanted or "unset", ", ".join(wrong), good.source, hint)


def _main(root: Sysroot, pid: int) -> Process | None:
    """The main process; of a quadlet the container's first, which conmon started."""
    process = read_process(root, pid)
    if process is not None and process.name == "conmon":
        children = (root.read_optional(f"/proc/{pid}/task/{pid}/children") or "").split()
        return read_process(root, int(children[0])) if children else None
    return process
