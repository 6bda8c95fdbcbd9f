"""``verify --running`` of what does not run now: could it open the GPU? Tried with the rights its start gives it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from rdna_installer.check.running import Place
from rdna_installer.detect.running import Process, Running
from rdna_installer.detect.users import all_users, group_names
from rdna_installer.machine.asuser import rights_of
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, HostFacts, Status, User
from rdna_installer.record import replace
from rdna_installer.workflow.foreign import PYTHON, own_kernels, whose
from rdna_installer.workflow.running import access, control, nodes, pairs

SHOWN = "--property=Id,ExecStart,User,SupplementaryGroups,PrivateDevices,ActiveState,SourcePath"
DYNAMIC = User(61184, 61184, "its dynamic user", PurePosixPath("/"), "", frozenset())  # the first id of DynamicUser=
FLATPAK = re.compile(r"(.*/flatpak)/app/([\w.-]+)/")
OPEN = re.compile(r"(?m)^devices=.*\ball\b")
BOXES = ("podman", "docker")


def check_idle(root: Sysroot, facts: HostFacts, running: Running) -> Iterator[Check]:
    """A line for each service, quadlet and flatpak that does not run, and for the people whose programs are here."""
    if not nodes(root):
        return
    people = {user.name: user for user in all_users(root)}
    for user, sites in whose(root, facts):
        if sites and user.uid != facts.user.uid:  # who asks has lines of his own
            yield _tried(root, f"{user.name}'s own programs and Jupyter kernels", _process(user), user)
    known = own_kernels(root, facts)
    for app in filter(None, map(FLATPAK.match, known)):
        yield _of_flatpak(root, facts.user, app[1], app[2])
    pythons = {str(site.prefix / "bin") for site in facts.sites if site.torch}
    for manager in (None, *(m for m in running.managers if os.geteuid() in (0, m.uid))):
        uid = manager.uid if manager else None
        listed = control(uid, "list-unit-files", "--type=service", "--plain", "--no-legend").split("\n")
        names = [line.split()[0] for line in listed if ".service " in line and "@." not in line]
        for told in map(pairs, control(uid, "show", SHOWN, "--", *names).split("\n\n")):
            argv = match[1].split() if (match := re.search(r"argv\[\]=(.*?) ;", told.get("ExecStart", ""))) else []
            if told.get("ActiveState") != "active" and _computes(argv, known, pythons):
                yield _of_service(root, told, argv, manager, people)


def _computes(argv: Sequence[str], known: Mapping[str, object], pythons: set[str]) -> bool:
    """Whether what a unit starts is one of the programs here, or a container that gets the GPU or has one inside."""
    program = PurePosixPath(argv[0] if argv else "/")
    if program.name in BOXES:
        return any("/dev/kfd" in word or word in known for word in argv)
    return str(program) in known or (PYTHON.fullmatch(program.name) is not None and str(program.parent) in pythons)


def _of_service(
    root: Sysroot, told: Mapping[str, str], argv: Sequence[str], manager: Process | None, people: Mapping[str, User]
) -> Check:
    ids = {name: number for number, name in group_names(root).items()}
    more = tuple(ids[name] for name in told.get("SupplementaryGroups", "").split() if name in ids)
    owner = people.get(told.get("User") or "root", DYNAMIC)
    process, place, closed = _process(owner, more), Place(told["Id"], None, None), set[str]()
    if manager:
        owner = next((user for user in people.values() if user.uid == manager.uid), owner)
        process, place = replace(_process(owner), groups=manager.groups), replace(place, manager=manager.uid)
    if PurePosixPath(argv[0]).name in BOXES:
        kept = process.groups if owner.uid == 0 or "keep-groups" in " ".join(argv) else ()
        given = [word.removeprefix("--device=").split(":")[0] for word in argv if "/dev" in word]
        anything = "--privileged" in argv or any("amd.com/" in word for word in argv)
        closed = {node for node in nodes(root) if not (anything or any(map(node.startswith, given)))}
        process = replace(process, abroad=True, groups=kept)
    if told.get("PrivateDevices") == "yes":
        hint = f"`sudo systemctl edit {told['Id']}`, [Service], PrivateDevices=no"
        return Check(f"idle:{told['Id']}", Status.FAILED, "open to it", "PrivateDevices= hides it", None, hint)
    return replace(_tried(root, told["Id"], process, owner, place, closed), source=told.get("SourcePath") or None)


def _of_flatpak(root: Sysroot, user: User, store: str, name: str) -> Check:
    """Whether its sandbox has the device at all: its metadata, or an override of the system's or the user's."""
    places = ("/var/lib/flatpak", user.home / ".local/share/flatpak")
    files = (f"{place}/overrides/{each}" for place in places for each in ("global", name))
    texts = (root.read_optional(file) or "" for file in (f"{store}/app/{name}/current/active/metadata", *files))
    process = replace(_process(user), cgroup=f"app-flatpak-{name}-0")
    return _tried(root, name, process, user, closed=set() if any(map(OPEN.search, texts)) else {*nodes(root)})


def _process(user: User, more: tuple[int, ...] = ()) -> Process:
    """One as he would have it from a new login, or of a service that gives it ``more`` groups."""
    return Process(0, 0, user.uid, user.gid, (*rights_of(user).groups, *more), "", 0.0, (), "")


def _tried(
    root: Sysroot, what: str, process: Process, user: User, place: Place | None = None, closed: set[str] | None = None
) -> Check:
    well = Check("", Status.OK, "open to it", "it could open it")
    found = access(root, process, user, place or Place(None, None, None), closed or set())
    return replace(next(found, well), id=f"idle:{what}")
