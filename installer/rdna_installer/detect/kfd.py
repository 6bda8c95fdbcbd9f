"""GPUs as the KFD (the kernel's compute driver) sees them: /sys/class/kfd/kfd/topology/nodes/*/properties.

Its ``gfx_target_version`` is the true instruction set, whatever HSA_OVERRIDE_GFX_VERSION says. Only ``properties``
is read: ``gpu_id`` and ``name`` are missing in some trees and say nothing more. Format: kfd_topology.c in Linux.
"""

from __future__ import annotations

from collections.abc import Mapping

from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.record import record

NODES = "/sys/class/kfd/kfd/topology/nodes"
VENDOR = 0x1002
MAX_DIGITS = 20  # of a 64-bit number


@record(frozen=True)
class KfdNode:
    """One GPU node. What old kernels leave out is None (0 for numbers where 0 means none)."""

    number: int
    target_version: int
    device: str | None
    slot: str | None  # "bb:dd.f"
    domain: int | None  # old kernels do not tell
    partition: int  # > 0: a further compute partition of the GPU at the same address
    fused: bool  # CPU cores in the same node: an APU (only kernels that read the CRAT do this)
    unique_id: int
    render_minor: int | None
    properties: frozenset[str]
    compute_units: int | None

    @property
    def pci(self) -> str | None:
        """Full PCI address, None where slot or domain are unknown."""
        return None if self.slot is None or self.domain is None else f"{self.domain:04x}:{self.slot}"


@record(frozen=True)
class KfdScan:
    """What the topology showed; ``hidden`` counts nodes listed but unreadable (device cgroup of a container)."""

    present: bool
    nodes: tuple[KfdNode, ...]
    hidden: int


def read_nodes(root: Sysroot) -> KfdScan:
    """All GPU nodes, by number. A node whose properties cannot be read is hidden, never absent."""
    numbers = sorted(int(name) for name in root.names(NODES) if name.isascii() and name.isdecimal())
    nodes, hidden = [], 0
    for number in numbers:
        values = _properties(root, number)
        if not values:
            hidden += 1
        elif _is_gpu(values):
            nodes.append(_node(number, values))
    return KfdScan(bool(numbers) or root.is_dir(NODES), tuple(nodes), hidden)


def _properties(root: Sysroot, number: int) -> Mapping[str, int]:
    try:
        return parse_properties(root.read_text(f"{NODES}/{number}/properties"))
    except OSError:
        return {}


def parse_properties(text: str) -> dict[str, int]:
    """Lines ``key decimal``; anything else is left out."""
    values = {}
    for line in text.splitlines():
        key, _, value = line.strip().partition(" ")
        if value.isascii() and value.isdecimal() and len(value) <= MAX_DIGITS:
            values[key] = int(value)
    return values


def _is_gpu(values: Mapping[str, int]) -> bool:
    computes = values.get("simd_count", 0) > 0 or values.get("gfx_target_version", 0) > 0
    return computes and values.get("vendor_id", VENDOR) == VENDOR


def _node(number: int, values: Mapping[str, int]) -> KfdNode:
    location = values.get("location_id")
    device = values.get("device_id", 0)
    return KfdNode(
        number=number,
        target_version=values.get("gfx_target_version", 0),
        device=f"{device:04x}" if 0 < device <= 0xFFFF else None,
        slot=f"{location >> 8 & 0xFF:02x}:{location >> 3 & 0x1F:02x}.{location & 7}" if location else None,
        domain=values.get("domain"),
        # "On multi-partition nodes, node id = location_id[31:28]" (kfd_topology.c)
        partition=(location or 0) >> 28 & 0xF,
        fused=values.get("cpu_cores_count", 0) > 0,
        unique_id=values.get("unique_id", 0),
        render_minor=values.get("drm_render_minor") or None,
        properties=frozenset(values),
        compute_units=values.get("simd_count", 0) // (values.get("simd_per_cu", 0) or 1 << 64) or None,
    )
