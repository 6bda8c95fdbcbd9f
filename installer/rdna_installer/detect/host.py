"""Everything about one root in one value: HostFacts. Reads only; nothing of the user's is executed.

(``with_modinfo`` asks the system's modinfo for parameter types, ``with_image`` may start a decompressor: the only child
processes.)
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial

from rdna_installer.detect import rocm, system
from rdna_installer.detect.gpus import find_gpus, with_given
from rdna_installer.detect.initramfs import find_initramfs
from rdna_installer.detect.kernels import find_kernels, module_state
from rdna_installer.detect.modprobe import scan_modprobe
from rdna_installer.detect.sites import FoundSites, absolute, find_sites, load_for_children, owner_of, search_sites
from rdna_installer.detect.users import invoking_user, user_of
from rdna_installer.errors import RdnaError
from rdna_installer.machine.asuser import look
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import HostFacts, KernelImage, ModuleState, PythonSite, User
from rdna_installer.record import record, replace

UNSEEN = ("child-died", "child-lied", "io-error", "mount-gone", "no-permission")  # it is there, for all we know


@record(frozen=True)
class Ask:
    """What the command line adds to what can be seen: facts given for offline images, and how far to look."""

    gfx: str | None = None
    rocm: str | None = None
    pythons: tuple[str, ...] = ()
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
    options = scan_modprobe(root)
    return HostFacts(
        gpus=scan.gpus,
        hidden_nodes=scan.hidden_nodes,
        unidentified=scan.unidentified,
        rocm=rocm.find_rocm(root) if ask.rocm is None else rocm.given(ask.rocm),
        sites=found.sites,
        running_kernel=os.uname().release if root.live else None,
        kernels=kernels,
        cmdline=system.command_line(root),
        modprobe=options.options,
        modprobe_notes=options.notes,
        amdgpu=_amdgpu(root, ask, kernels),
        initramfs=find_initramfs(root, kernels),
        init=system.find_init(root),
        systemd=system.boots_with_systemd(root),
        wsl=system.is_wsl(root),
        immutable=system.find_immutable(root),
        container=system.find_container(root),
        user=user,
        boot_id=system.boot_id(root),
        ram_bytes=system.ram_bytes(root),
        live=root.live,
        looked=scan.looked,
        notes=found.notes,
        looked_for_pythons=found.looked,
        unseen=found.unseen,
    )


def _amdgpu(root: Sysroot, ask: Ask, kernels: Sequence[KernelImage]) -> ModuleState:
    """The module's state; with ``with_image`` also whether the running (else the newest) kernel's image has it."""
    state = module_state(root)
    if not ask.with_image or not kernels:
        return state
    from rdna_installer.detect.initramfs import amdgpu_inside

    release = os.uname().release if root.live else None
    kernel = next((k for k in kernels if k.release == release), kernels[-1])
    return replace(state, in_initramfs=amdgpu_inside(root, kernel.image))


def _sites(root: Sysroot, ask: Ask, user: User) -> FoundSites:
    """The sites named; where none is, those found."""
    if not ask.pythons and not ask.search_sites:
        return FoundSites((), ())
    if os.geteuid() == 0:
        load_for_children()
    if ask.pythons:
        return _named(root, ask, user)
    return search_sites(root, user)


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
