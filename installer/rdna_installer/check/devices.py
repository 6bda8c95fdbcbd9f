"""What of the GPUs works, as short words to be remembered before new kernel options and compared after the boot.

By PCI address: card and render numbers change with the order in which drivers are loaded. ("screen … DP-1" is a DRM
connector with a picture; one whose GPU has another driver counts as "other-screen".)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, Generation, HostFacts, Status

DRIVER = "/sys/bus/pci/drivers/amdgpu"
CARDS = "/sys/class/drm"
ADDRESS = r"[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]"
OTHER = "other-screen"
SHOWS = {
    "driver": "amdgpu bound to {}",
    "kfd": "a compute node for {}",
    "render": "a render node for {}",
    "screen": "a picture on {}",
}


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
        pci = _address(root, card)
        yield f"screen {pci} {connector}" if pci in bound else f"{OTHER} {pci} {connector}"


def _address(root: Sysroot, card: str) -> str:
    device = (root.readlink(f"{CARDS}/{card}/device") or "").rsplit("/", 1)[-1]
    return device if re.fullmatch(ADDRESS, device) else "-"


def has_screen(devices: Iterable[str]) -> bool:
    """Whether anybody could see something: otherwise nobody is waited for."""
    return any(device.startswith(("screen ", OTHER)) for device in devices)


def check_devices(generation: Generation, facts: HostFacts, root: Sysroot) -> Iterator[Check]:
    """One line for each thing that worked before the options and does not now; one where all do."""
    before = [d for d in generation.devices if d.split(" ", 1)[0] in SHOWS]
    now = set(working_devices(facts, root))
    gone = [d for d in before if d not in now]
    for device in gone:
        hint = "it worked before the kernel options changed: `journalctl -k -b --grep amdgpu`"
        yield Check(f"before:{device}", Status.FAILED, _words(device), "not there", "/sys", hint)
    if before and not gone:
        yield Check("before", Status.OK, "all that worked before", f"{len(before)} found again", "/sys")


def _words(device: str) -> str:
    kind, _, rest = device.partition(" ")
    return SHOWS[kind].format(rest)
