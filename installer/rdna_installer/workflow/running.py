"""``verify --running``: what is to be known of each process that uses a GPU, gathered with the right rights."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import TypeVar

from rdna_installer.check.running import COMPUTES, STARTER, Around, Hook, Place, judge_process, place_of
from rdna_installer.check.wanted import Ask, InForce
from rdna_installer.detect.assignments import in_shell
from rdna_installer.detect.dotfiles import USERS, FoundAssignment, scan
from rdna_installer.detect.running import Container, Process, Running, container_of, find_running
from rdna_installer.detect.users import group_names, user_of
from rdna_installer.errors import RdnaError
from rdna_installer.machine.asuser import look, refusal
from rdna_installer.machine.bounds import Rights
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.machine.systemd import control, pairs
from rdna_installer.model import Check, HostFacts, PythonSite, Report, RunningProgram, Status, User
from rdna_installer.plan.conflicts import PREFIXES
from rdna_installer.record import record, replace

SHOWN = "--property=Id,NeedDaemonReload,ExecStart,FragmentPath,DropInPaths"
# Start-up files, as places.tsv calls them, by what they reach: services of the system, of users, sessions below a
# user's manager (a desktop's terminals), other sessions.
REACHING = {
    (True, False): ("system",),
    (True, True): ("login", "manager"),
    (False, True): ("login", "manager", "session"),
    (False, False): ("login", "session"),
}
Found = tuple[FoundAssignment, ...]

T = TypeVar("T")


@record(frozen=True)
class _Seen:
    """What all rows share. ``blocks``, ``units``: what managers say of themselves and of their units."""

    root: Sysroot
    facts: HostFacts
    wanted: InForce
    files: Found
    hooks: Sequence[tuple[PythonSite, Hook]]
    blocks: Mapping[int | None, Mapping[str, str]]
    units: Mapping[tuple[int | None, str], Mapping[str, str]]


def with_running(report: Report, root: Sysroot, facts: HostFacts, wanted: InForce, ask: Ask) -> Report:
    """The report with a row for each process that uses a GPU, and what could not be looked into."""
    line = Check("running", Status.NOT_APPLICABLE, hint="not the running system")
    running = None
    try:  # what is read of a process may be served by its owner, who need not answer
        running = look(partial(find_running, root), Running) if facts.live else None
    except (OSError, RdnaError) as err:
        line = Check("running", Status.UNKNOWN, None, f"what runs cannot be looked into ({err})", "/proc")
    if running is None:
        return replace(report, checks=(*report.checks, line))
    seen = _look(report, root, facts, wanted, running)
    rows = tuple(_row(seen, process, ask) for process in running.processes)
    from rdna_installer.workflow.idle import check_idle

    lines = (*_lines(root, running), *check_idle(root, facts, running))
    return replace(report, checks=(*report.checks, *lines), running=rows)


def _lines(root: Sysroot, running: Running) -> Iterator[Check]:
    if running.unseen:
        why = "no other root may look into them" if os.geteuid() == 0 else "run it with sudo: only root can see this"
        told = f"{running.unseen} processes of others may use the GPU"
        yield Check("running:others", Status.UNKNOWN, None, told, "/proc", why)
    elif not running.processes:
        yield Check("running", Status.OK, None, "no program uses an AMD GPU now")
    group, number = device_group(root)
    for manager in running.managers:
        user = user_of(root, manager.uid)
        if group in user.groups and number not in (manager.gid, *manager.groups):
            hint = f"reboot, or end its session, for {COMPUTES}: sudo loginctl terminate-user {user.name}"
            told, pid = f"began before {user.name} was put into the group {group}", f"systemd --user, pid {manager.pid}"
            yield Check(f"running:manager:{user.name}", Status.FAILED, f"with the group {group}", told, pid, hint)


def device_group(root: Sysroot, node: str = COMPUTES) -> tuple[str, int]:
    """Whose it is, by name and number."""
    found = root.status(node)
    name = group_names(root).get(found.st_gid) if found else None
    return (name, found.st_gid) if found and name else ("render", -1)


def _look(report: Report, root: Sysroot, facts: HostFacts, wanted: InForce, running: Running) -> _Seen:
    me, family = os.geteuid(), [each for process in running.processes for each in (process, *process.elders)]
    placed = [place_of(process) for process in running.processes]
    people = [user_of(root, uid) for uid in dict.fromkeys(p.uid for p in family) if me in (0, uid)]
    mine = [(user, [s for s in facts.sites if s.owner in (user.uid, 0)]) for user in people]
    files = scan(root, facts.user, (), PREFIXES, mine).found
    blocks: dict[int | None, Mapping[str, str]] = {}
    units: dict[tuple[int | None, str], Mapping[str, str]] = {}
    for manager in {place.manager for place in placed}:
        names = sorted({p.service for p in placed if p.manager == manager and p.service})
        if names and (me == 0 or manager in (me, None)):
            blocks[manager] = pairs(control(manager, "show-environment"))
            for told in map(pairs, control(manager, "show", SHOWN, "--", *names).split("\n\n")):
                units[manager, told.get("Id", "")] = told
    hooks = [(site, _hook(report, root, site, wanted)) for site in facts.sites]
    return _Seen(root, facts, wanted, files, hooks, blocks, units)


def _hook(report: Report, root: Sysroot, site: PythonSite, wanted: InForce) -> Hook:
    """By what ``verify`` has just found of it."""
    python = str(site.python)
    none = Check("", Status.FAILED, hint="it is not there")
    check = next((c for c in report.checks if c.id == f"hook:{python}"), none)
    ok = {Status.OK: True, Status.UNKNOWN: None}.get(check.status, False)
    since = _looked(partial(_changed, root, [site.site_packages / "_rdna_hook/__init__.py"]), float, 0.0)
    return Hook(python, wanted.sites.get(python, {}), ok, since, check.hint or "")


def _changed(root: Sysroot, paths: Sequence[PurePosixPath]) -> float:
    """When the last of them was."""
    return max((found.st_mtime for path in paths if (found := root.status(path)) is not None), default=0.0)


def _looked(work: Callable[[], T], answer: object, otherwise: T, user: User | None = None) -> T:
    try:
        return look(work, answer, user)
    except (OSError, RdnaError):
        return otherwise


def _row(seen: _Seen, process: Process, ask: Ask) -> RunningProgram:
    root, user, place = seen.root, user_of(seen.root, process.uid), place_of(process)
    keepers = (e.uid for e in process.elders if e.name == "conmon")  # of a rootless container
    owner = user_of(root, next(keepers, process.uid))
    box = _looked(partial(container_of, root, process), Container | None, None, owner)
    inside = box is not None or process.abroad
    hook = None if inside else next((hook for site, hook in seen.hooks if _runs(site, process)), None)
    told = seen.units.get((place.manager, place.service or ""), {})
    files = [PurePosixPath(p) for p in (told.get("FragmentPath", ""), *told.get("DropInPaths", "").split()) if p]
    beside = [file.parent / f"{told.get('Id')}.d" for file in files[:1]]
    keeper = None if place.manager is None else owner  # whose files its unit's are
    scripts = partial(_scripts, root, process, told.get("ExecStart", ""))
    starters: Found = () if inside else _looked(scripts, Found, (), user)
    lines = (*_of_unit(seen, place, owner), *starters, *_starts(seen, process, place, box, hook, owner))
    own = box.image if box else "" if inside else os.path.join(process.folder, next(iter(process.command), ""))
    sets = hook.sets if hook else seen.wanted.sites.get(own, {})  # of a program with kernels of its own
    around = Around(
        place, user.name, {**seen.wanted.env, **sets}, hook, lines, box,
        seen.blocks.get(place.manager, {}) if place.service else {},
        _looked(partial(_changed, root, [*files, *beside, *(file.parent for file in files)]), float, 0.0, keeper),
        told.get("NeedDaemonReload") == "yes", own,
    )  # fmt: skip
    closed = set(nodes(root)) if process.abroad and os.geteuid() == 0 else set[str]()
    closed -= {n for n in closed if _looked(partial(root.exists, f"/proc/{process.pid}/root{n}"), bool, False)}
    return judge_process(process, around, ask, tuple(access(root, process, owner, place, closed)))


def _runs(site: PythonSite, process: Process) -> bool:
    """Whether its interpreter started the process, or its libraries are loaded."""
    first = next(iter(process.command), "")
    if "/" not in first and re.match("python|ipython|jupyter", first):
        first = f"{(process.variables or {}).get('VIRTUAL_ENV', '/usr')}/bin/{first}"
    here = os.path.normpath(os.path.join(process.folder, first, ".."))
    return here == str(site.prefix / "bin") or any(p.startswith(f"{site.site_packages}/") for p in process.loaded)


def _of_unit(seen: _Seen, place: Place, owner: User) -> Found:
    """What its unit sets, as its manager would read it now; of an instance without files of its own, its template."""
    name, whose = (place.service or "").removesuffix(".service"), "" if place.manager is None else USERS
    names = {f"{whose}{name}.service", f"{whose}{name}.container"} if name else set()
    template = f"{whose}{re.sub('@.+', '@', name)}.service"
    lines = [f for f in seen.files if f.unit in {*names, template} and _is_ones(f, owner)]
    return tuple([f for f in lines if f.unit in names] or lines)


def _is_ones(found: FoundAssignment, owner: User) -> bool:
    """Whether a file of a home is in this one's."""
    return not str(found.path).startswith(("/home/", "/root/")) or owner.home in found.path.parents


def _scripts(root: Sysroot, process: Process, started: str) -> Found:
    """What the scripts that start it export: its unit's, and those its ancestors run."""
    argv = re.search(r"argv\[\]=(.*?) ;", started)
    words = [("/", word) for word in (argv[1].split() if argv else ())]
    words += [(p.folder, word) for p in (process, *process.elders[:3]) for word in p.command[:3]]
    paths = dict.fromkeys(os.path.normpath(os.path.join(folder, word)) for folder, word in words)
    texts = ((path, root.read_optional(path) or "") for path in paths)
    lines = (
        (path, a)
        for path, text in texts
        if text[:2] == "#!" or path.endswith(".sh")
        for a in in_shell(text, launched=True)
    )
    found = ((PurePosixPath(path), path, a) for path, a in lines if a.value is not None)
    return tuple(FoundAssignment(*each, reach=STARTER) for each in found)


def _starts(
    seen: _Seen, process: Process, place: Place, box: Container | None, hook: Hook | None, owner: User
) -> Iterator[FoundAssignment]:
    """Lines of start-up files that reach such a process."""
    family = " ".join(word for each in (process, *process.elders) for word in (each.name, *each.command))
    active = "activated" if "VIRTUAL_ENV" in (process.variables or {}) else "-"
    block, reaching = seen.blocks.get(place.manager, {}), REACHING[place.service is not None, place.manager is not None]
    for found in seen.files:
        path, reach, others = str(found.path), found.reach, found.site and not (hook and hook.python == found.site)
        if found.assignment.value is None or found.unit or others or not _is_ones(found, owner):
            continue
        if box or reach == "container":
            images = path.startswith("/var/lib/docker/") or "/storage/" in path
            reaches = box is not None and reach == "container" and not images
        elif reach in ("login", "session", "manager", "system"):
            handed = place.service and reach != "system" and block.get(found.assignment.key) == found.assignment.value
            reaches = reach in reaching or bool(handed)
        else:
            reaches = reach == active or reach in family or path in family
        if reaches:
            yield found


def nodes(root: Sysroot) -> list[str]:
    """The device that computes, where there is one, and the render nodes of AMD GPUs."""
    drm = "/sys/class/drm/{}/device/vendor"
    names = (name for name in root.names("/dev/dri") if name.startswith("renderD"))
    renders = [f"/dev/dri/{name}" for name in names if root.read_optional(drm.format(name)) in (None, "0x1002\n")]
    return [COMPUTES, *renders] if root.status(COMPUTES) else []


def access(root: Sysroot, process: Process, owner: User, place: Place, closed: Collection[str]) -> Iterator[Check]:
    """Whether it could open the GPU, a render node too, but what is ``closed``; what has it open has proved it."""
    known = nodes(root)
    for some in (known[:1], known[1:]):
        if not {*some} & {*process.uses}:
            tried = [_opened(root, process, owner, place, node, node in closed) for node in some]
            if tried and all(tried):
                yield from (check for check in tried[:1] if check)
                return


def _opened(root: Sysroot, process: Process, owner: User, place: Place, node: str, closed: bool) -> Check | None:
    """Why it cannot open a node, tried with its own rights, and the one line that helps."""
    me = (os.geteuid(), {os.getegid(), *os.getgroups()})
    failed, why, helps = -1, "not in its container", "make it again with --device /dev/kfd --device /dev/dri"
    if me[0] != 0 and me != (process.uid, {process.gid, *process.groups}):
        return Check(node, Status.UNKNOWN, "open to it", None, None, "run it with sudo: only root can see this")
    if flatpak := re.search(r"app-flatpak-([\w.]+)-\d", process.cgroup):
        helps = f"give it the card: flatpak override --user --device=all {flatpak[1]}"
    if not closed:
        failed = refusal(root, node, Rights(process.uid, process.gid, process.groups), owner.name)
        why, helps = os.strerror(failed), "the driver is not there; see why: sudo journalctl -k -b --grep amdgpu"
    if failed in (errno.EACCES, errno.EPERM):
        group = device_group(root, node)[0]
        joins = ("join the group, then ", f": sudo usermod -aG {group} {owner.name}")
        first, last = ("", "") if group in owner.groups else joins
        helps = f"{first}log out and in again{last}"
        if process.abroad:
            how = "--group-add keep-groups (podman with crun; GroupAdd= of a quadlet)"
            helps = f"{first}make it again with {how}{last}"
        elif place.service and place.manager is None:
            helps = f"below [Service] write SupplementaryGroups={group}: sudo systemctl edit {place.service}"
        elif place.manager is not None:
            helps = f"{first}reboot{last or f', or end its session: sudo loginctl terminate-user {owner.name}'}"
    return Check(node, Status.FAILED, "open to it", f"it cannot open {node} ({why})", None, helps) if failed else None
