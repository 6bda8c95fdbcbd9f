"""``verify --running``: what is to be known of each process that uses a GPU, gathered with the right rights.

The places are those of detect/dotfiles.py and detect/units.py, for the people whose processes these are.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath
from typing import TypeVar

from rdna_installer.check.running import COMPUTES, Around, Hook, Line, Place, judge_process, place_of
from rdna_installer.check.wanted import Ask, InForce
from rdna_installer.detect.assignments import in_shell
from rdna_installer.detect.dotfiles import EVERY_USERS_UNITS, OWN_UNITS, UNITS, FoundAssignment, scan
from rdna_installer.detect.running import Container, Process, Running, container_of, find_running
from rdna_installer.detect.units import decided
from rdna_installer.detect.users import user_of
from rdna_installer.errors import RdnaError
from rdna_installer.machine.access import refusal
from rdna_installer.machine.asuser import look
from rdna_installer.machine.bounds import Rights
from rdna_installer.machine.process import run
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, HostFacts, PythonSite, Report, RunningProgram, Status, User
from rdna_installer.plan.assignment import PREFIXES
from rdna_installer.record import record

PASSING = ("transient", "generator", "system.control")  # of systemd's directories in /run: what holds until a reboot
SHOWN = "--property=Id,NeedDaemonReload,ExecStart,FragmentPath,DropInPaths"
SECONDS = 10.0
Found = tuple[str, str, str, float]  # of a Line

T = TypeVar("T")


@record(frozen=True)
class _Seen:
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
    placed = [(p, running.elders[p.pid], place_of(p, running.elders[p.pid])) for p in running.processes]
    seen = _seen(root, facts, wanted, placed, {str(s.python): _hook(report, root, s, wanted) for s in facts.sites})
    rows = tuple(_row(seen, *each, ask) for each in placed)
    return replace(report, checks=(*report.checks, *_lines(root, running)), running=rows)


def _lines(root: Sysroot, running: Running) -> Iterator[Check]:
    if running.unseen:
        why = "not this root's to look into" if os.geteuid() == 0 else "unknown, run with sudo"
        told = f"{running.unseen} processes of others may use the GPU"
        yield Check("running:others", Status.UNKNOWN, None, told, "/proc", why)
    elif not running.processes:
        yield Check("running", Status.OK, None, "no program uses an AMD GPU now")
    group, number = _device_group(root)
    for manager in running.managers:
        user = user_of(root, manager.uid)
        if group in user.groups and number not in (manager.gid, *manager.groups):
            hint = f"its services cannot open {COMPUTES}: `sudo loginctl terminate-user {user.name}`, or reboot"
            told, pid = f"began before {user.name} was put into the group {group}", f"systemd --user, pid {manager.pid}"
            yield Check(f"running:manager:{user.name}", Status.FAILED, f"with the group {group}", told, pid, hint)


def _device_group(root: Sysroot) -> tuple[str, int]:
    node = root.status(COMPUTES)
    rows = (line.split(":") for line in (root.read_optional("/etc/group") or "").splitlines())
    return next(((r[0], node.st_gid) for r in rows if node and len(r) > 2 and r[2] == str(node.st_gid)), ("render", -1))


def _hook(report: Report, root: Sysroot, site: PythonSite, wanted: InForce) -> Hook:
    """By what ``verify`` has just found of it."""
    python, file = str(site.python), site.site_packages / "_rdna_hook/__init__.py"
    check = next(
        (c for c in report.checks if c.id == f"hook:{python}"), Check("", Status.FAILED, hint="it is not there")
    )
    ok = {Status.OK: True, Status.UNKNOWN: None}.get(check.status, False)
    since = _times(root, [file]).get(file, 0.0)
    return Hook(python, wanted.sites.get(python, {}), ok, since, check.hint or "")


def _changed(root: Sysroot, paths: Iterable[PurePosixPath]) -> dict[PurePosixPath, float]:
    return {path: found.st_mtime for path in dict.fromkeys(paths) if (found := root.status(path)) is not None}


def _times(root: Sysroot, paths: Iterable[PurePosixPath]) -> Mapping[PurePosixPath, float]:
    return _looked(partial(_changed, root, paths), dict[PurePosixPath, float], {})


def _looked(work: Callable[[], T], answer: object, otherwise: T, user: User | None = None) -> T:
    try:
        return look(work, answer, user)
    except (OSError, RdnaError):
        return otherwise


def _seen(
    root: Sysroot, facts: HostFacts, wanted: InForce, placed: Sequence[tuple[Process, Sequence[Process], Place]],
    hooks: Mapping[str, Hook],
) -> _Seen:  # fmt: skip
    me, family = os.geteuid(), [each for process, elders, _ in placed for each in (process, *elders)]
    people = [user_of(root, uid) for uid in dict.fromkeys(p.uid for p in family) if me in (0, uid)]
    mine = [(user, [s for s in facts.sites if s.owner in (user.uid, 0)]) for user in people]
    files = scan(root, facts.user, (), PREFIXES, mine).found
    since = _times(root, [f.path for f in files])
    blocks: dict[int | None, Mapping[str, str]] = {}
    units: dict[tuple[int | None, str], Mapping[str, str]] = {}
    for manager in {place.manager for _, _, place in placed}:
        names = sorted({p.service for _, _, p in placed if p.manager == manager and p.service})
        if names and (me == 0 or manager in (me, None)):
            blocks[manager] = _pairs(_ask(manager, "show-environment"))
            for told in map(_pairs, _ask(manager, "show", SHOWN, "--", *names).split("\n\n")):
                units[manager, told.get("Id", "")] = told
    return _Seen(root, facts, wanted, files, since, hooks, blocks, units)


def _ask(uid: int | None, *words: str) -> str:
    """What a manager says: the system's (None), or the one of a user's services."""
    whose = [] if uid is None else ["--user", *([f"--machine={uid}@.host"] if os.geteuid() == 0 else [])]
    try:
        return run(["systemctl", *whose, *words], env={"XDG_RUNTIME_DIR": f"/run/user/{uid}"}, timeout=SECONDS).text
    except (OSError, RdnaError):
        return ""


def _pairs(text: str) -> dict[str, str]:
    return {key: value for key, equals, value in (line.partition("=") for line in text.split("\n")) if equals}


def _row(seen: _Seen, process: Process, elders: Sequence[Process], place: Place, ask: Ask) -> RunningProgram:
    root, user = seen.root, user_of(seen.root, process.uid)
    owner = user_of(root, next((e.uid for e in elders if e.name == "conmon"), process.uid))  # of a rootless container
    box = _looked(partial(container_of, root, process, elders), Container | None, None, owner)
    inside = box is not None or process.abroad
    hook = None if inside else next((seen.hooks[str(s.python)] for s in seen.facts.sites if _runs(s, process)), None)
    told = seen.units.get((place.manager, place.service or ""), {})
    keeper = None if place.manager is None else owner
    scripts = partial(_scripts, root, process, elders, told.get("ExecStart", ""))
    around = Around(
        place, user.name, elders, {**seen.wanted.env, **(hook.sets if hook else {})}, hook,
        _lines_of(_looked(partial(_unit, root, place, owner), list[Found], [], keeper)),
        tuple(_starts(seen, process, elders, place, box, hook, owner)),
        () if inside else _lines_of(_looked(scripts, list[Found], [], user)),
        box, seen.blocks.get(place.manager, {}) if place.service else {}, _unit_changed(root, told),
        told.get("NeedDaemonReload") == "yes",
    )  # fmt: skip
    return judge_process(process, around, ask, tuple(_closed(root, process, user, owner, place)))


def _lines_of(found: Iterable[Found]) -> tuple[Line, ...]:
    return tuple(Line(*each) for each in found)


def _runs(site: PythonSite, process: Process) -> bool:
    """Whether its interpreter started the process, or its libraries are loaded."""
    first = next(iter(process.command), "")
    if "/" not in first and re.match("python|ipython|jupyter", first):
        first = f"{(process.variables or {}).get('VIRTUAL_ENV', '/usr')}/bin/{first}"
    here = os.path.normpath(os.path.join(process.folder, first, ".."))
    return here == str(site.prefix / "bin") or any(p.startswith(f"{site.site_packages}/") for p in process.loaded)


def _unit(root: Sysroot, place: Place, owner: User) -> list[Found]:
    """What its unit sets, as its manager would read it now."""
    name = (place.service or "").removesuffix(".service")
    if place.manager is None:
        folders = [*(PurePosixPath(f"/run/systemd/{name}") for name in PASSING), *UNITS]
    else:
        passing = [PurePosixPath(f"/run/user/{owner.uid}/systemd/{name}") for name in PASSING]
        folders = [*passing, *(owner.home / place for place in OWN_UNITS), *EVERY_USERS_UNITS]
    names = [f"{name}.service", f"{name}.container"] if name else []
    found = list(decided(root, folders, (), str(owner.home), names)) if names else []
    since = _changed(root, [path for path, *_ in found])
    return [(f"{path}:{a.line}", a.key, a.value or "", since.get(path, 0.0)) for path, a, _, _ in found]


def _unit_changed(root: Sysroot, told: Mapping[str, str]) -> float:
    """When anything was last changed where its files lie."""
    files = [PurePosixPath(p) for p in (told.get("FragmentPath", ""), *told.get("DropInPaths", "").split()) if p]
    beside = [file.parent / f"{told.get('Id')}.d" for file in files[:1]]
    return max(_changed(root, [*files, *beside, *(file.parent for file in files)]).values(), default=0.0)


def _scripts(root: Sysroot, process: Process, elders: Sequence[Process], started: str) -> list[Found]:
    """What the scripts that start it export: its unit's, and those its ancestors run."""
    argv = re.search(r"argv\[\]=(.*?) ;", started)
    words = [("/", word) for word in (argv[1].split() if argv else ())]
    words += [(p.folder, word) for p in (process, *elders[:3]) for word in p.command[:3]]
    paths = dict.fromkeys(os.path.normpath(os.path.join(folder, word)) for folder, word in words)
    texts = ((path, root.read_optional(path) or "") for path in paths)
    lines = ((path, a) for path, text in texts if text[:2] == "#!" or path.endswith(".sh") for a in in_shell(text))
    return [(f"{path}:{a.line}", a.key, a.value, 0.0) for path, a in lines if a.value is not None]


def _starts(
    seen: _Seen, process: Process, elders: Sequence[Process], place: Place, box: Container | None, hook: Hook | None,
    owner: User,
) -> Iterator[Line]:  # fmt: skip
    """Lines of start-up files that reach such a process."""
    family = " ".join(word for each in (process, *elders) for word in (each.name, *each.command))
    block = seen.blocks.get(place.manager, {})
    active = "activated" if "VIRTUAL_ENV" in (process.variables or {}) else "-"
    for found in seen.files:
        path, key, value, reach = str(found.path), found.assignment.key, found.assignment.value, found.reach
        elsewhere = path.startswith(("/home/", "/root/")) and owner.home not in found.path.parents
        others = found.site and (hook is None or hook.python != found.site)
        if value is None or found.unit or elsewhere or others:
            continue
        if box or reach == "container":
            reaches = bool(box) and reach == "container" and "-images/" not in path
        elif reach in ("login", "session", "manager", "system"):
            reaches = reach in _reaching(place) or (
                bool(place.service) and reach != "system" and block.get(key) == value
            )
        else:
            reaches = reach == active or reach in family or path in family
        if reaches:
            yield Line(found.where, key, value, seen.since.get(found.path, 0.0))


def _reaching(place: Place) -> tuple[str, ...]:
    if place.service:
        return ("login", "manager") if place.manager is not None else ("system",)
    return ("login", "session", "manager") if place.manager is not None else ("login", "session")


def _closed(root: Sysroot, process: Process, user: User, owner: User, place: Place) -> Iterator[str]:
    """Whether it could open the GPU, tried with its own rights; what has it open has proved it."""
    me = (os.geteuid(), {os.getegid(), *os.getgroups()})
    if COMPUTES in process.uses or root.status(COMPUTES) is None:
        return
    if me[0] != 0 and me != (process.uid, {process.gid, *process.groups}):
        yield f"whether it can open {COMPUTES}: unknown, run with sudo"
    elif me[0] == 0 and process.abroad and root.status(f"/proc/{process.pid}/root{COMPUTES}") is None:
        flatpak = re.search(r"app-flatpak-([\w.]+)-\d", process.cgroup)
        way = f"`flatpak override --user --device=all {flatpak[1]}`" if flatpak else "make it anew with"
        yield f"{COMPUTES} is not in its container: {way}{'' if flatpak else ' --device /dev/kfd --device /dev/dri'}"
    elif failed := refusal(root, COMPUTES, Rights(process.uid, process.gid, process.groups), user.name):
        group, helps = _device_group(root)[0], "the driver is not there: `journalctl -k -b --grep amdgpu`"
        if failed in (errno.EACCES, errno.EPERM):
            joined = "" if group in owner.groups else f"`sudo usermod -aG {group} {owner.name}`, then "
            helps = f"{joined}log out and in again"
            if process.abroad:
                helps = f"{joined}make it anew with --group-add keep-groups (podman with crun)"
            elif place.service and place.manager is None:
                helps = f"`sudo systemctl edit {place.service}`, [Service], SupplementaryGroups={group}"
            elif place.manager is not None:
                helps = f"{joined}`sudo loginctl terminate-user {owner.name}`, or reboot: its manager keeps its groups"
        yield f"it cannot open {COMPUTES} ({os.strerror(failed)}): {helps}"
