"""``verify --running``: what is to be known of each process that uses a GPU, gathered with the right rights.

The places are those of detect/dotfiles.py and detect/units.py, for the people whose processes these are.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath

from rdna_installer.check.running import COMPUTES, Around, Hook, Line, Place, judge_process, place_of
from rdna_installer.check.wanted import Ask, InForce
from rdna_installer.detect.assignments import in_shell
from rdna_installer.detect.dotfiles import EVERY_USERS_UNITS, OWN_UNITS, UNITS, FoundAssignment, scan
from rdna_installer.detect.running import Container, Process, Running, container_of, find_running
from rdna_installer.detect.units import Decided, decided
from rdna_installer.detect.users import user_of
from rdna_installer.errors import RdnaError
from rdna_installer.machine.access import refusal
from rdna_installer.machine.asuser import look
from rdna_installer.machine.bounds import Rights
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, HostFacts, PythonSite, Report, RunningProgram, Status, User
from rdna_installer.plan.assignment import PREFIXES
from rdna_installer.record import record

PASSING = ("transient", "generator", "system.control")  # of systemd's directories in /run: what holds until a reboot
SHOWN = "--property=Id,NeedDaemonReload,ExecStart,FragmentPath,DropInPaths"
# A file whose path has the first reaches only what has the second in its command, or in an ancestor's.
ONLY = (
    ("kernel.json", "ipykernel"),
    ("/Code", "code"),
    ("vscode-server", "vscode"),
    ("/cron", "cron"),
    ("/ssh/", "ssh"),
)
SECONDS = 10.0


@record(frozen=True)
class _Look:
    """What all rows share. ``since``: when each file was last changed; ``blocks``, ``units``: what managers say."""

    root: Sysroot
    facts: HostFacts
    wanted: InForce
    files: Sequence[FoundAssignment]
    since: Mapping[PurePosixPath, float]
    hooks: Mapping[str, Hook]
    blocks: Mapping[int | None, Mapping[str, str]]
    units: Mapping[tuple[int | None, str], Mapping[str, str]]


def with_running(report: Report, root: Sysroot, facts: HostFacts, wanted: InForce, ask: Ask) -> Report:
    """The report with a row for each process that uses a GPU, and what could not be looked into."""
    if not facts.live:
        line = Check("running", Status.NOT_APPLICABLE, hint="not the running system")
        return replace(report, checks=(*report.checks, line))
    running = find_running(root)
    places = {p.pid: place_of(p, running.elders[p.pid]) for p in running.processes}
    shared = _shared(root, facts, wanted, running, places, _hooks(report, root, facts, wanted))
    rows = tuple(_row(shared, p, running.elders[p.pid], places[p.pid], ask) for p in running.processes)
    return replace(report, checks=(*report.checks, *_lines(root, running)), running=rows)


def _lines(root: Sysroot, running: Running) -> Iterator[Check]:
    if running.unseen:
        why = "they are not this root's to look into" if os.geteuid() == 0 else "unknown, run with sudo"
        told = f"{running.unseen} processes of others may use the GPU"
        yield Check("running:others", Status.UNKNOWN, None, told, "/proc", why)
    elif not running.processes:
        yield Check("running", Status.OK, None, "no program uses an AMD GPU now")
    for manager in running.managers:
        user = user_of(root, manager.uid)
        if (group := _not_joined(root, manager, user)) is not None:
            hint = f"its services cannot open {COMPUTES}: `sudo loginctl terminate-user {user.name}`, or reboot"
            told = f"began before {user.name} was put into the group {group}"
            line = f"running:manager:{user.name}"
            yield Check(
                line, Status.FAILED, f"with the group {group}", told, f"systemd --user, pid {manager.pid}", hint
            )


def _not_joined(root: Sysroot, process: Process, user: User) -> str | None:
    """The group of the device, where the user is in it by now and the process is not."""
    node = root.status(COMPUTES)
    rows = (line.split(":") for line in (root.read_optional("/etc/group") or "").splitlines())
    name = next((r[0] for r in rows if node and len(r) > 2 and r[2] == str(node.st_gid)), None)
    has = node is None or node.st_gid in (process.gid, *process.groups)
    return name if name in user.groups and not has and process.uid else None


def _hooks(report: Report, root: Sysroot, facts: HostFacts, wanted: InForce) -> dict[str, Hook]:
    """By what ``verify`` has just found of each hook; where none is applied, there is none."""
    found = {}
    for site in facts.sites:
        sets = wanted.sites.get(str(site.python), {})
        check = next((c for c in report.checks if c.id == f"hook:{site.python}"), None)
        file = look(
            partial(_changed, root, [site.site_packages / "_rdna_hook/__init__.py"]), dict[PurePosixPath, float]
        )
        ok: bool | None = False
        why = "it is not there: `rdna-installer apply`"
        if check is not None:
            ok, why = {Status.OK: True, Status.UNKNOWN: None}.get(check.status, False), check.hint or ""
        found[str(site.python)] = Hook(sets, ok, max(file.values(), default=0.0), why)
    return found


def _changed(root: Sysroot, paths: Iterable[PurePosixPath]) -> dict[PurePosixPath, float]:
    return {path: found.st_mtime for path in dict.fromkeys(paths) if (found := root.status(path)) is not None}


def _shared(
    root: Sysroot, facts: HostFacts, wanted: InForce, running: Running, places: Mapping[int, Place],
    hooks: Mapping[str, Hook],
) -> _Look:  # fmt: skip
    family = [p for row in running.processes for p in (row, *running.elders[row.pid]) if p.variables is not None]
    me = os.geteuid()
    people = [user_of(root, uid) for uid in dict.fromkeys(p.uid for p in family) if me in (0, uid)]
    mine = {user.uid: [s for s in facts.sites if s.owner in (user.uid, 0)] for user in people}
    files = scan(root, facts.user, (), PREFIXES, [(user, mine[user.uid]) for user in people]).found
    since = look(partial(_changed, root, [f.path for f in files]), dict[PurePosixPath, float])
    blocks: dict[int | None, Mapping[str, str]] = {}
    units: dict[tuple[int | None, str], Mapping[str, str]] = {}
    for manager in {place.manager for place in places.values()}:
        names = sorted({p.service for p in places.values() if p.manager == manager and p.service})
        if names and (me == 0 or manager in (me, None)):
            blocks[manager] = _pairs(_ask(manager, "show-environment"))
            for text in _ask(manager, "show", SHOWN, "--", *names).split("\n\n"):
                units[manager, _pairs(text).get("Id", "")] = _pairs(text)
    return _Look(root, facts, wanted, files, since, hooks, blocks, units)


def _ask(uid: int | None, *words: str) -> str:
    """What a manager says: the system's (None), or the one of a user's services."""
    from rdna_installer.machine.process import run

    whose = [] if uid is None else ["--user", *([f"--machine={uid}@.host"] if os.geteuid() == 0 else [])]
    try:
        return run(["systemctl", *whose, *words], env={"XDG_RUNTIME_DIR": f"/run/user/{uid}"}, timeout=SECONDS).text
    except (OSError, RdnaError):
        return ""


def _pairs(text: str) -> dict[str, str]:
    return {key: value for key, equals, value in (line.partition("=") for line in text.split("\n")) if equals}


def _row(shared: _Look, process: Process, elders: Sequence[Process], place: Place, ask: Ask) -> RunningProgram:
    root, user = shared.root, user_of(shared.root, process.uid)
    keeper = next((e.uid for e in elders if e.name == "conmon"), process.uid)
    owner = user_of(root, keeper)
    try:
        box = look(partial(container_of, root, process, elders), Container | None, owner)
    except (OSError, RdnaError):
        box = None
    site = None if box or process.abroad else _site(shared.facts.sites, process)
    told = shared.units.get((place.manager, place.service or ""), {})
    names = [place.service, f"{place.service[:-8]}.container"] if place.service else []
    unit = _unit_lines(shared, names, owner if place.manager is not None else None)
    hook = shared.hooks.get(str(site.python)) if site else None
    scripts = () if box or process.abroad else _scripts(root, user, process, elders, told.get("ExecStart", ""))
    around = Around(
        place, user.name, elders, {**shared.wanted.env, **(hook.sets if hook else {})}, site, hook, unit,
        tuple(_starts(shared, process, elders, place, box, site, owner)), scripts, box,
        shared.blocks.get(place.manager, {}) if place.service else {}, _unit_changed(root, told),
        told.get("NeedDaemonReload") == "yes",
    )  # fmt: skip
    row = judge_process(process, around, ask)
    return replace(row, problems=tuple(_closed(root, process, user, owner, place, box, row)))


def _site(sites: Iterable[PythonSite], process: Process) -> PythonSite | None:
    """The Python whose interpreter it was started by, or whose libraries it has loaded."""
    first = next(iter(process.command), "")
    seen = process.variables or {}
    if "/" not in first and re.match("python|ipython|jupyter", first):
        first = f"{seen.get('VIRTUAL_ENV', '/usr')}/bin/{first}"
    folder = os.path.dirname(os.path.join(process.folder or "/", first))
    for site in sites:
        loaded = any(path.startswith(f"{site.site_packages}/") for path in process.loaded)
        if loaded or os.path.normpath(folder) == str(site.prefix / "bin"):
            return site
    return None


def _unit_lines(shared: _Look, names: Sequence[str], owner: User | None) -> tuple[Line, ...]:
    """What its unit sets, as its manager reads it now. ``owner``: whose manager; None: the system's."""
    if not names:
        return ()
    if owner is None:
        folders = [*(PurePosixPath(f"/run/systemd/{name}") for name in PASSING), *UNITS]
    else:
        passing = [PurePosixPath(f"/run/user/{owner.uid}/systemd/{name}") for name in PASSING]
        folders = [*passing, *(owner.home / place for place in OWN_UNITS), *EVERY_USERS_UNITS]
    home = str(owner.home) if owner else "%h"

    def lines() -> list[tuple[str, str, str, float]]:
        found: list[Decided] = list(decided(shared.root, folders, (), home, names))
        since = _changed(shared.root, [path for path, *_ in found])
        return [(f"{p}:{a.line}", a.key, a.value or "", since.get(p, 0.0)) for p, a, _, _ in found]

    try:
        return tuple(Line(*each) for each in look(lines, list[tuple[str, str, str, float]], owner))
    except (OSError, RdnaError):
        return ()


def _unit_changed(root: Sysroot, told: Mapping[str, str]) -> float:
    """When anything was last changed where its files lie."""
    files = [
        PurePosixPath(path) for path in (told.get("FragmentPath", ""), *told.get("DropInPaths", "").split()) if path
    ]
    beside = [PurePosixPath(f"{place.parent}/{told['Id']}.d") for place in files[:1]]
    return max(_changed(root, [*files, *beside, *(file.parent for file in files)]).values(), default=0.0)


def _scripts(root: Sysroot, user: User, process: Process, elders: Sequence[Process], started: str) -> tuple[Line, ...]:
    """What the scripts that start it export: its unit's, and those its ancestors run."""
    argv = re.search(r"argv\[\]=(.*?) ;", started)
    words: list[tuple[str | None, str]] = [(None, word) for word in (argv[1].split() if argv else ())]
    words += [(p.folder, word) for p in (process, *elders[:3]) for word in p.command[:3]]
    paths = dict.fromkeys(os.path.normpath(os.path.join(folder or "/", word)) for folder, word in words)

    def lines() -> list[tuple[str, str, str]]:
        texts = ((path, root.read_optional(path) or "") for path in paths)
        return [
            (f"{path}:{a.line}", a.key, a.value)
            for path, text in texts
            if text.startswith("#!") or path.endswith("sh")
            for a in in_shell(text)
            if a.value is not None and not text.startswith("\x7fELF")
        ]

    try:
        return tuple(Line(*each, 0.0) for each in look(lines, list[tuple[str, str, str]], user))
    except (OSError, RdnaError):
        return ()


def _starts(
    shared: _Look, process: Process, elders: Sequence[Process], place: Place, box: Container | None,
    site: PythonSite | None, owner: User,
) -> Iterator[Line]:  # fmt: skip
    """Lines of start-up files that reach such a process."""
    family = " ".join(word for each in (process, *elders) for word in (each.name, *each.command))
    block = shared.blocks.get(place.manager, {})
    not_activated = "VIRTUAL_ENV" not in (process.variables or {})
    for found in shared.files:
        path, key, value = str(found.path), found.assignment.key, found.assignment.value
        if value is None or found.unit is not None or (found.site and (site is None or found.site != str(site.python))):
            continue
        if path.startswith(("/home/", "/root/")) and owner.home not in found.path.parents:
            continue
        if any(part in path and word not in family for part, word in ONLY):
            continue
        if found.site and site and (path not in family if site.prefix not in found.path.parents else not_activated):
            continue
        of_managers = ".conf" in path and "/systemd/" in path
        manager = "environment" in path or "/systemd/user.conf" in path
        if box is not None:
            reaches = found.contained and "/overlay-images/" not in path
        elif found.contained and found.path.name != "webui-user.sh":
            reaches = False
        elif place.of_system:
            reaches = "/systemd/system.conf" in path
        elif place.service is not None:
            reaches = manager or (block.get(key) == value and not of_managers)
        else:
            reaches = not of_managers and (place.manager is not None or "environment.d" not in path)
        if reaches:
            yield Line(found.where, key, value, shared.since.get(found.path, 0.0))


def _closed(
    root: Sysroot, process: Process, user: User, owner: User, place: Place, box: Container | None, row: RunningProgram
) -> Iterator[str]:
    """Whether it could open the GPU, tried with its own rights; what has it open has proved it."""
    if COMPUTES in process.uses or row.notes[:1] and row.notes[0].startswith("only") or root.status(COMPUTES) is None:
        return
    ours = (os.geteuid(), sorted({os.getegid(), *os.getgroups()}))
    if os.geteuid() not in (0,) and ours != (process.uid, sorted({process.gid, *process.groups})):
        yield f"whether it can open {COMPUTES}: unknown, run with sudo"
        return
    inside = f"/proc/{process.pid}/root{COMPUTES}"
    if process.abroad and os.geteuid() == 0 and root.status(inside) is None:
        way = "create it anew with --device /dev/kfd --device /dev/dri"
        flatpak = re.search(r"app-flatpak-([\w.]+)-\d", process.cgroup)
        way = f"`flatpak override --user --device=all {flatpak[1]}`" if flatpak else way
        yield f"{COMPUTES} is not in its container: {way}"
        return
    failed = refusal(root, COMPUTES, Rights(process.uid, process.gid, process.groups), user.name)
    if failed:
        yield f"it cannot open {COMPUTES} ({os.strerror(failed)}): {_helps(root, process, user, owner, place, box, failed)}"


def _helps(
    root: Sysroot, process: Process, user: User, owner: User, place: Place, box: Container | None, failed: int
) -> str:
    """The one line that helps."""
    if failed not in (errno.EACCES, errno.EPERM):
        return "the driver is not there for it: `journalctl -k -b --grep amdgpu`"
    node = root.status(COMPUTES)
    rows = (line.split(":") for line in (root.read_optional("/etc/group") or "").splitlines())
    group = next((r[0] for r in rows if node and len(r) > 2 and r[2] == str(node.st_gid)), "render")
    join = f"`sudo usermod -aG {group} {owner.name}`, then "
    join = "" if group in owner.groups or place.of_system else join
    if box is not None or process.abroad:
        return f"{join}create it anew with --group-add keep-groups (podman with crun)"
    if place.of_system:
        return f"`sudo systemctl edit {place.service}`: [Service] SupplementaryGroups={group}"
    if place.manager is not None:
        return f"{join}`sudo loginctl terminate-user {owner.name}`, or reboot: its manager keeps its groups"
    return f"{join}log out and in again"
