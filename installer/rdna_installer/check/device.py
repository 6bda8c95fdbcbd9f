"""What of the GPUs works: for whom (KFD nodes, /dev/kfd, render nodes, groups of the session), and since when.

What works is remembered in short words before new kernel options and compared after the boot; by PCI address, since
card and render numbers change with the order in which drivers are loaded. ("screen … DP-1" is a DRM connector with a
picture; one whose GPU has another driver counts as "other-screen".)
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterable, Iterator

from rdna_installer.detect.kfd import ADDRESS, CARDS
from rdna_installer.detect.users import group_names
from rdna_installer.errors import RdnaError
from rdna_installer.machine.process import run
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, Generation, Gpu, HostFacts, Status, User
from rdna_installer.record import record

CONTAINER = "in a container, start it with: --device /dev/kfd --device /dev/dri --group-add <gid of render>"
LOG = "see why: sudo journalctl -k -b --grep"
USUAL = ("render", "video")
RULES = {  # systemd's own 50-udev-default.rules has both
    True: 'SUBSYSTEM=="kfd", KERNEL=="kfd", GROUP="render", MODE="0660"',
    False: 'SUBSYSTEM=="drm", KERNEL=="renderD*", GROUP="render", MODE="0660"',
}
MAX_PARENTS = 32
DRIVER = "/sys/bus/pci/drivers/amdgpu"
OTHER = "other-screen"
SHOWS = {
    "driver": "amdgpu bound to {}",
    "kfd": "a compute node for {}",
    "render": "a render node for {}",
    "screen": "a picture on {}",
}
PEOPLE = ("user", "user-early", "user-light", "user-early-light")  # logind's classes of somebody logged in
SECONDS = 20.0


@record(frozen=True)
class Access:
    """Who asks: the user, the groups of the machine by id, and those the calling session really has."""

    user: User
    names: dict[int, str]
    session: frozenset[int] | None  # None: the session was not found


def check_device(facts: HostFacts, root: Sysroot, user: User) -> Iterator[Check]:
    """Lines for the KFD node of each GPU, /dev/kfd and each render node."""
    if not facts.live:
        yield Check("device:kfd", Status.NOT_APPLICABLE, hint="not the running system")
        return
    access = Access(user, group_names(root), session_groups(root, user.uid))
    yield from _compute_nodes(facts)
    yield _node("device:kfd", "/dev/kfd", facts, root, access)
    minors = sorted({g.render_minor for g in facts.gpus if g.render_minor is not None})
    for minor in minors:
        yield _node(f"device:render:renderD{minor}", f"/dev/dri/renderD{minor}", facts, root, access)
    if facts.gpus and not minors:
        hint = f"no render node is known for it: is amdgpu bound to it? {CONTAINER}"
        yield Check("device:render", Status.FAILED, "a render node", None, "/sys/class/drm", hint)


def _compute_nodes(facts: HostFacts) -> Iterator[Check]:
    """/dev/kfd exists as soon as amdgpu is loaded, with or without a GPU: only a GPU that ROCm can see counts."""
    usable = any(g.kfd_node is not None for g in facts.gpus)
    if not facts.gpus:
        hint = "no AMD GPU was found: check the slot and its power cable, then: sudo lspci -d 1002:"
        if facts.hidden_nodes:
            hint = f"{facts.hidden_nodes} KFD nodes cannot be read: hidden by this container; {CONTAINER}"
        yield Check("device:gpu", Status.FAILED, "a GPU that ROCm can see", None, "/sys/class/kfd", hint)
    for gpu in facts.gpus:
        yield _compute_node(gpu, facts, usable)


def _compute_node(gpu: Gpu, facts: HostFacts, usable: bool) -> Check:
    line = f"device:gpu:{gpu.pci or gpu.gfx}"
    if gpu.kfd_node is not None:
        return Check(line, Status.OK, "a GPU that ROCm can see", f"node {gpu.kfd_node} ({gpu.gfx})", "/sys/class/kfd")
    if gpu.integrated and usable:
        hint = f"the integrated GPU ({gpu.gfx}) is not used for computing; that is normal"
        return Check(line, Status.NOT_APPLICABLE, hint=hint)
    hint = f"the compute driver left it out (no PCIe atomics?); {LOG} kfd"
    if facts.hidden_nodes:
        hint = f"{facts.hidden_nodes} KFD nodes cannot be read: hidden by this container; {CONTAINER}"
    elif not facts.amdgpu.loaded:
        hint = "amdgpu is not loaded; load it, and the kernel log says why it fails: sudo modprobe amdgpu"
    return Check(line, Status.FAILED, "a GPU that ROCm can see", None, "/sys/class/kfd", hint)


def _node(line: str, path: str, facts: HostFacts, root: Sysroot, access: Access) -> Check:
    wanted = f"{path} readable and writable by {access.user.name}"
    found = root.status(path)
    if found is None:
        missing = CONTAINER if facts.amdgpu.loaded else "amdgpu is not loaded; load it: sudo modprobe amdgpu"
        return Check(line, Status.FAILED, wanted, "no such device", path, missing)
    running = f"{stat.S_IMODE(found.st_mode):04o} {found.st_uid}:{access.names.get(found.st_gid, found.st_gid)}"
    try:
        allowed, hint = _allowed(path, found, root, access)
    except (OSError, RdnaError) as err:
        return Check(line, Status.UNKNOWN, wanted, running, path, f"run it as {access.user.name} ({err})")
    return Check(line, Status.OK if allowed else Status.FAILED, wanted, running, path, hint)


def _allowed(path: str, found: os.stat_result, root: Sysroot, access: Access) -> tuple[bool, str | None]:
    from rdna_installer.machine.asuser import refusal, rights_of

    failed = refusal(root, path, rights_of(access.user), access.user.name)
    if failed == errno.EPERM:  # a device cgroup or a security module; modes answer EACCES
        return False, f"something beyond its mode refuses; {CONTAINER}"
    if failed not in (0, errno.EACCES):
        return False, f"no driver answers ({os.strerror(failed)}); {LOG} amdgpu"
    hint = _why_not(found, RULES[path == "/dev/kfd"], access) if failed else None
    return hint is None, hint


def _why_not(found: os.stat_result, rule: str, access: Access) -> str | None:
    group = access.names.get(found.st_gid)
    if found.st_mode & 0o060 != 0o060 or found.st_gid == 0:
        return f"its group may not use it. Write this udev rule: {rule}; then: sudo udevadm trigger"
    if group is None:
        return f"its group has no name here; in a container, start it with: --group-add {found.st_gid}"
    if group not in access.user.groups:
        groups = dict.fromkeys([*(name for name in USUAL if name in access.names.values()), group])
        return f"join the group, then log out and in again: sudo usermod -aG {','.join(groups)} {access.user.name}"
    if os.geteuid() == access.user.uid or (access.session is not None and found.st_gid not in access.session):
        return f"{access.user.name} is in {group}, but this session began before that: log out and in again"
    return None


def session_groups(root: Sysroot, uid: int) -> frozenset[int] | None:
    """Groups of the nearest process of ``uid``, from ourselves upwards: through sudo, the caller's shell."""
    process = "self"
    for _ in range(MAX_PARENTS):
        lines = (root.read_optional(f"/proc/{process}/status") or "").splitlines()
        fields = {name: rest.split() for name, _, rest in (line.partition(":") for line in lines)}
        if fields.get("Uid", [""])[:1] == [str(uid)]:
            return frozenset(int(g) for g in [*fields.get("Groups", []), *fields.get("Gid", [])[:1]] if g.isdecimal())
        process = "".join(fields.get("PPid", [])[:1])
        if process in ("", "0"):
            return None
    return None


def working_devices(facts: HostFacts, root: Sysroot) -> tuple[str, ...]:
    """What works now, sorted."""
    bound = [name for name in root.names(DRIVER) if re.fullmatch(ADDRESS, name)]
    found = {f"driver {pci}" for pci in bound}
    found |= {f"kfd {g.pci or g.gfx}" for g in facts.gpus if g.kfd_node is not None}
    found |= {f"render {g.pci or g.gfx}" for g in facts.gpus if g.render_minor is not None}
    return tuple(sorted({*found, *_screens(root, frozenset(bound))}))


def _screens(root: Sysroot, bound: frozenset[str]) -> Iterator[str]:
    for name in root.names(CARDS):
        card, dash, connector = name.partition("-")
        if not dash or (root.read_optional(f"{CARDS}/{name}/enabled") or "").strip() != "enabled":
            continue
        device = (root.readlink(f"{CARDS}/{card}/device") or "").rsplit("/", 1)[-1]
        pci = device if re.fullmatch(ADDRESS, device) else "-"
        yield f"screen {pci} {connector}" if pci in bound else f"{OTHER} {pci} {connector}"


def has_screen(devices: Iterable[str]) -> bool:
    """Whether anybody could see something: otherwise nobody is waited for."""
    return any(device.startswith(("screen ", OTHER)) for device in devices)


def check_devices(generation: Generation, facts: HostFacts, root: Sysroot) -> Iterator[Check]:
    """One line for each thing that worked before the options and does not now; one where all do."""
    before = [d for d in generation.devices if d.split(" ", 1)[0] in SHOWS]
    now = set(working_devices(facts, root))
    gone = [d for d in before if d not in now]
    for device in gone:
        hint = f"it worked before the kernel options changed; {LOG} amdgpu"
        kind, _, rest = device.partition(" ")
        yield Check(f"before:{device}", Status.FAILED, SHOWS[kind].format(rest), "not there", "/sys", hint)
    if before and not gone:
        yield Check("before", Status.OK, "all that worked before", f"{len(before)} found again", "/sys")


def somebody_is_at_the_seat() -> bool:
    """Whether a user (not the login screen, nobody over the network) has a session on seat0."""
    sessions = _loginctl("show-seat", "seat0", "--property=Sessions").get("Sessions", "").split()
    return any(_loginctl("show-session", s, "--property=Class").get("Class") in PEOPLE for s in sessions)


def _loginctl(*words: str) -> dict[str, str]:
    """``loginctl``'s properties; {} where there is no logind, no such seat or session."""
    from rdna_installer.machine.systemd import pairs  # for a trial only

    try:
        done = run(["loginctl", *words], timeout=SECONDS)
    except RdnaError:
        return {}
    return pairs(done.text) if done.code == 0 else {}
