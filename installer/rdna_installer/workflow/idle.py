"""``verify --running`` of what does not run now: could it open the GPU? Tried with the rights its start gives it."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath

from rdna_installer.check.running import Place
from rdna_installer.detect.running import Process, Running
from rdna_installer.detect.users import all_users, group_names
from rdna_installer.machine.asuser import rights_of
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.machine.systemd import control, pairs
from rdna_installer.model import Check, HostFacts, Status, User
from rdna_installer.record import replace
from rdna_installer.workflow.foreign import PYTHON, own_kernels, whose
from rdna_installer.workflow.running import access, nodes

SHOWN = "--property=Id,ExecStart,User,SupplementaryGroups,PrivateDevices,ActiveState,SourcePath"
DYNAMIC = User(61184, 61184, "its dynamic user", PurePosixPath("/"), "", frozenset())  # the first id of DynamicUser=
FLATPAK = re.compile(r"(.*/flatpak)/app/([\w.-]+)/")
OPEN = re.compile(r"(?m)^devices=.*\ball\b")
BOXES = ("podman", "docker")


def check_idle(root: Sysroot, facts: HostFacts, running: Running) -> Iterator[Check]:
    """A line for each service, quadlet and flatpak that does not run, and for the people whose programs are here."""
    if not nodes(root):
        return
    known = own_kernels(root, facts)
    for user, sites in whose(root, facts):
        if sites and user.uid != facts.user.uid:  # who asks has lines of his own
            yield _tried(root, f"{user.name}'s own programs and Jupyter kernels", _process(user), user)
    for app in filter(None, map(FLATPAK.match, known)):  # its metadata, or an override, lets the device in
        stores = ("/var/lib/flatpak", facts.user.home / ".local/share/flatpak")
        files = (f"{place}/overrides/{name}" for place in stores for name in ("global", app[2]))
        texts = (root.read_optional(file) or "" for file in (f"{app[1]}/app/{app[2]}/current/active/metadata", *files))
        process = replace(_process(facts.user), cgroup=f"app-flatpak-{app[2]}-0")
        yield _tried(root, app[2], process, facts.user, closed=() if any(map(OPEN.search, texts)) else nodes(root))
    pythons = {str(site.prefix / "bin") for site in facts.sites if site.torch}
    for manager in (None, *(m for m in running.managers if os.geteuid() in (0, m.uid))):
        uid = manager.uid if manager else None
        listed = control(uid, "list-unit-files", "--type=service", "--plain", "--no-legend").split("\n")
        names = [line.split()[0] for line in listed if ".service " in line and "@." not in line]
        for told in map(pairs, control(uid, "show", SHOWN, "--", *names).split("\n\n")):
            argv = match[1].split() if (match := re.search(r"argv\[\]=(.*?) ;", told.get("ExecStart", ""))) else ["/"]
            program = PurePosixPath(argv[0])
            computes = argv[0] in known or (str(program.parent) in pythons and re.fullmatch(PYTHON, program.name))
            boxed = program.name in BOXES and any("/dev/kfd" in word or word in known for word in argv)
            if (computes or boxed) and told.get("ActiveState") != "active":
                yield _of_service(root, told, argv, manager)


def _of_service(root: Sysroot, told: Mapping[str, str], argv: list[str], manager: Process | None) -> Check:
    ids, closed = {name: number for number, name in group_names(root).items()}, list[str]()
    runs_as = manager.uid if manager else told.get("User") or "root"
    owner = next((user for user in all_users(root) if runs_as in (user.name, user.uid)), DYNAMIC)
    more = (ids[name] for name in told.get("SupplementaryGroups", "").split() if name in ids)
    process = _process(owner, *more) if manager is None else replace(_process(owner), groups=manager.groups)
    if PurePosixPath(argv[0]).name in BOXES:
        given = [word.removeprefix("--device=").split(":")[0] for word in argv if "/dev" in word]
        anything = "--privileged" in argv or any("amd.com/" in word for word in argv)
        closed = [node for node in nodes(root) if not (anything or any(map(node.startswith, given)))]
        kept = process.groups if owner.uid == 0 or "keep-groups" in " ".join(argv) else ()
        process = replace(process, abroad=True, groups=kept)
    place = Place(told["Id"], manager.uid if manager else None, None)
    found = _tried(root, told["Id"], process, owner, place, closed)
    if told.get("PrivateDevices") == "yes":
        hint = f"below [Service] write PrivateDevices=no: sudo systemctl edit {told['Id']}"
        found = replace(found, status=Status.FAILED, running="PrivateDevices= hides it", hint=hint)
    return replace(found, source=told.get("SourcePath") or None)


def _process(user: User, *more: int) -> Process:
    """One as he would have it from a new login, or of a service that gives it more groups."""
    return Process(0, 0, user.uid, user.gid, (*rights_of(user).groups, *more), "", 0.0, (), "")


def _tried(
    root: Sysroot, what: str, process: Process, user: User, place: Place | None = None, closed: Collection[str] = ()
) -> Check:
    well = Check("", Status.OK, "open to it", "it could open it")
    return replace(next(access(root, process, user, place or Place(None, None, None), closed), well), id=f"idle:{what}")
