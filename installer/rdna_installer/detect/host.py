"""Everything about one root in one value: HostFacts. Reads only; nothing of the user's is executed.

(``with_modinfo`` asks the system's modinfo for parameter types, ``with_image`` may start a decompressor: the only child
processes.) And what of the system is around the GPU: distribution, what makes /etc the wrong place, init, memory, boot.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from functools import partial

from rdna_installer.detect import rocm
from rdna_installer.detect.gpus import find_gpus, with_given
from rdna_installer.detect.initramfs import amdgpu_inside, find_initramfs
from rdna_installer.detect.kernels import find_kernels, module_state
from rdna_installer.detect.modprobe import scan_modprobe
from rdna_installer.detect.sites import FoundSites, absolute, find_sites, load_for_children, owner_of, search_sites
from rdna_installer.detect.users import invoking_user, user_of
from rdna_installer.errors import RdnaError
from rdna_installer.machine.asuser import look
from rdna_installer.machine.process import find
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Distro, HostFacts, KernelImage, ModuleState, PythonSite, ServiceUnit, User
from rdna_installer.record import record, replace

UNSEEN = ("child-died", "child-lied", "io-error", "mount-gone", "no-permission")  # it is there, for all we know
STUB_INFO = "/sys/firmware/efi/efivars/StubInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
OS_RELEASE = ("/etc/os-release", "/usr/lib/os-release")
OS_RELEASE_LIMIT = 1 << 16  # bytes; real ones have less than one KiB
STEAM = ("steamos", "holoiso")  # ids in os-release
UNIT_FOLDERS = tuple(f"{place}/systemd/system" for place in ("/etc", "/usr/local/lib", "/usr/lib", "/lib"))
UNITS = (
    "sysinit.target.wants/rdna-installer-rescue.service",
    "sysinit.target.wants/rdna-installer-trial.service",
    "multi-user.target.wants/rdna-installer-boot.service",
)
SCRIPT = "rdna-installer-trial"
INIT_TOP = tuple(f"{place}/initramfs-tools/scripts/init-top/aa-rdna" for place in ("/etc", "/usr/share"))


@record(frozen=True)
class Ask:
    """What the command line adds to what can be seen: facts given for offline images, and how far to look."""

    gfx: str | None = None
    rocm: str | None = None
    pythons: tuple[str, ...] = ()
    services: tuple[str, ...] = ()  # units that may get a drop-in
    with_modinfo: bool = False
    with_image: bool = False  # reads a whole initramfs: a second
    search_sites: bool = True
    lenient: bool = False  # a named Python that hangs, or whose disk fails, is noted instead of refused


def detect(root: Sysroot, ask: Ask) -> HostFacts:
    """All facts of ``root``. Raises RdnaError for what ``ask`` names and is not there."""
    scan = find_gpus(root)
    if ask.gfx is not None:
        scan = with_given(scan, ask.gfx)
    user = invoking_user(root)
    found = _sites(root, ask, user)
    kernels = find_kernels(root, ask.with_modinfo)
    options, notes = scan_modprobe(root)
    return HostFacts(
        gpus=scan.gpus,
        hidden_nodes=scan.hidden_nodes,
        unidentified=scan.unidentified,
        rocm=rocm.find_rocm(root) if ask.rocm is None else rocm.given(ask.rocm),
        sites=found.sites,
        running_kernel=os.uname().release if root.live else None,
        kernels=kernels,
        cmdline=command_line(root),
        modprobe=options,
        modprobe_notes=notes,
        amdgpu=_amdgpu(root, ask, kernels),
        initramfs=find_initramfs(root, kernels),
        init=find_init(root),
        systemd=boots_with_systemd(root),
        wsl=is_wsl(root),
        immutable=find_immutable(root),
        container=find_container(root),
        user=user,
        boot_id=boot_id(root),
        ram_bytes=ram_bytes(root),
        live=root.live,
        looked=scan.looked,
        notes=found.notes,
        looked_for_pythons=found.looked,
        unseen=found.unseen,
        services=_services(root, ask, user),
        fish=root.is_dir("/etc/fish"),
    )


def _services(root: Sysroot, ask: Ask, user: User) -> tuple[ServiceUnit, ...]:
    if not ask.services:
        return ()
    from rdna_installer.detect.units import named

    return named(root, ask.services, user)


def _amdgpu(root: Sysroot, ask: Ask, kernels: Sequence[KernelImage]) -> ModuleState:
    """The module's state; with ``with_image`` also whether the running (else the newest) kernel's image has it."""
    state = module_state(root)
    if not ask.with_image or not kernels:
        return state
    release = os.uname().release if root.live else None
    kernel = next((k for k in kernels if k.release == release), kernels[-1])
    return replace(state, in_initramfs=amdgpu_inside(root, kernel.image))


def _sites(root: Sysroot, ask: Ask, user: User) -> FoundSites:
    """The sites named; where none is, those found."""
    if not ask.pythons and not ask.search_sites:
        return FoundSites((), ())
    if os.geteuid() == 0:
        load_for_children()
    return _named(root, ask, user) if ask.pythons else search_sites(root, user)


def _named(root: Sysroot, ask: Ask, user: User) -> FoundSites:
    """Each looked at with the rights of who owns it: what lies there leads no reader of ours elsewhere."""
    sites: list[PythonSite] = []
    unseen: dict[str, str] = {}
    for path in (absolute(root, python) for python in ask.pythons):
        try:
            owner = user_of(root, look(partial(owner_of, root, path), int))
            sites += look(partial(find_sites, root, [path], user), tuple[PythonSite, ...], owner)
        except RdnaError as err:
            if not ask.lenient or err.reference not in UNSEEN:
                raise
            unseen[path] = f"{err.message}; {err.hint}" if err.hint else err.message
    return FoundSites(tuple({site.site_packages: site for site in sites}.values()), (), unseen=tuple(unseen.items()))


def find_distro(root: Sysroot) -> Distro:
    """What os-release says of the distribution, as the `distro` package reads it; "unknown" where it cannot be read.

    For ``detect``, which shows it, and for nothing else: the package costs 46 million instructions of imports. It
    opens what it is given and looks through the running system for what is missing there: it is given a copy of a
    regular file, and asked for that file's fields only.
    """
    import distro

    fields: Mapping[str, str] = {}
    try:
        with root.copied(_os_release(root), limit=OS_RELEASE_LIMIT) as copy:
            found = distro.LinuxDistribution(os_release_file=copy, include_lsb=False, include_uname=False)
            fields = found.os_release_info()
    except (OSError, ValueError):  # ValueError: a quote that is not closed, or no UTF-8
        pass
    return Distro(*(_word(fields.get(name, "")) or "unknown" for name in ("id", "version_id")))


def _os_release(root: Sysroot) -> str:
    return next(filter(root.exists, OS_RELEASE), OS_RELEASE[0])


def _word(value: str) -> str:
    return "".join(c for c in value if c.isprintable())[:200]


def find_immutable(root: Sysroot) -> str | None:
    """What makes /etc/modprobe.d the wrong place: the kind of system that would not take, or not keep, our files."""
    release = (root.read_optional(_os_release(root)) or "").split("\n")
    name = next((line[3:].strip().strip("\"'") for line in release if line.startswith("ID=")), "")
    if root.exists("/etc/NIXOS") or name == "nixos":
        return "nixos"
    if name in STEAM:
        return "steamos"
    if _boots_unified_image(root):
        return "uki"
    # A booted system says so itself; an image at rest is known by its repository.
    if not root.exists("/run/ostree-booted") and (root.live or not root.exists("/sysroot/ostree")):
        return None
    # Both may be installed; where rpm-ostree is, it is what sets kernel arguments there.
    return "rpm-ostree" if root.exists("/usr/bin/rpm-ostree") else "bootc"


def _boots_unified_image(root: Sysroot) -> bool:
    """Kernel, initramfs and command line in one signed file: systemd-stub says so, or kernel-install is told to."""
    if root.live and root.exists(STUB_INFO):
        return True
    configuration = root.read_optional("/etc/kernel/install.conf") or ""
    return any("".join(line.split()) == "layout=uki" for line in configuration.splitlines())


def find_init(root: Sysroot) -> str:
    """What runs as process 1 ("systemd", "openrc-init", ...), or below --root what /sbin/init is."""
    if not root.live:
        return _linked_init(root) or ("init" if root.exists("/sbin/init") else "unknown")
    if root.is_dir("/run/systemd/system"):
        return "systemd"
    return (root.read_optional("/proc/1/comm") or "").strip() or "unknown"


def boots_with_systemd(root: Sysroot) -> bool:
    """Whether systemd is process 1, or would be: a chroot and an image at rest are known by their /sbin/init."""
    return root.is_dir("/run/systemd/system") or _linked_init(root) == "systemd"


def _linked_init(root: Sysroot) -> str:
    """The program that /sbin/init leads to."""
    return (root.readlink("/sbin/init") or root.readlink("/usr/sbin/init") or "").rpartition("/")[2]


def processors(root: Sysroot) -> int:
    """How many there are, by /proc/cpuinfo."""
    return max(1, (root.read_optional("/proc/cpuinfo") or "").count("processor\t"))


def ram_bytes(root: Sysroot, kind: str = "MemTotal") -> int | None:
    """A size of /proc/meminfo: of all memory, or of what is free ("MemAvailable")."""
    words = (line.split() for line in (root.read_optional("/proc/meminfo") or "").splitlines())
    found = next((row[1] for row in words if row[:1] == [f"{kind}:"] and row[2:] == ["kB"]), "")
    return int(found) * 1024 if found.isdecimal() and found.isascii() and len(found) < 16 else None


def boot_id(root: Sysroot) -> str | None:
    """This boot; None below --root."""
    return (root.read_optional("/proc/sys/kernel/random/boot_id") or "").strip() or None if root.live else None


def command_line(root: Sysroot) -> str:
    """The kernel command line; "" where the root has none of its own.

    A proc file system mounted below --root (for a chroot) shows the machine we run on, not that root's.
    """
    if not root.live and root.exists("/proc/self"):
        return ""
    return (root.read_optional("/proc/cmdline") or "").strip()


def is_wsl(root: Sysroot) -> bool:
    """Whether this is a Linux under Windows (WSL2): Microsoft's kernel, which has no KFD but /dev/dxg."""
    release = root.read_optional("/proc/sys/kernel/osrelease") or root.read_optional("/proc/version") or ""
    return "microsoft" in release.lower() or root.exists("/dev/dxg")


def find_container(root: Sysroot) -> str | None:
    """The kind of container this is, by the marks that docker, podman and systemd's manager interface leave."""
    named = (root.read_optional("/run/systemd/container") or "").strip()
    if named != "wsl" and named and re.fullmatch("[a-z-]{2,20}", named):
        return named
    if root.exists("/run/.containerenv"):
        return "podman"
    return "docker" if root.exists("/.dockerenv") else None


def missing_boot_files(root: Sysroot) -> tuple[str, ...]:
    """What is not in place, by name; () when the machine is looked after."""
    missing = [start for start in UNITS if not _starts(root, start)]
    if find(SCRIPT, root) is None:
        missing.append(SCRIPT)
    if _makes_images(root) and not any(map(root.exists, INIT_TOP)):
        missing.append("initramfs-tools/scripts/init-top/aa-rdna")
    return tuple(missing)


def can_be_rescued(root: Sysroot) -> bool:
    """Whether rdna_installer=off works here, in a boot image too."""
    return _makes_images(root) and not missing_boot_files(root)


def _makes_images(root: Sysroot) -> bool:
    """Whether initramfs-tools is here, the one tool our script is for."""
    return find("mkinitramfs", root) is not None


def _starts(root: Sysroot, start: str) -> bool:
    """Whether a unit is there, enabled and not masked."""
    unit = start.rpartition("/")[2]
    masked = root.readlink(f"{UNIT_FOLDERS[0]}/{unit}") == "/dev/null"
    return not masked and any(root.exists(f"{folder}/{start}") for folder in UNIT_FOLDERS)
