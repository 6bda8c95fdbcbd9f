"""GPUs as the KFD (the kernel's compute driver) sees them, and AMD's devices as DRM and the PCI bus show them.

The KFD's ``gfx_target_version`` is the true instruction set, whatever HSA_OVERRIDE_GFX_VERSION says. Of a node only
``properties`` is read: ``gpu_id`` and ``name`` are missing in some trees and say nothing more (kfd_topology.c).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from rdna_installer.detect.targets import AMD
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.record import record

NODES = "/sys/class/kfd/kfd/topology/nodes"
COMPUTING = ("simd_count", "gfx_target_version")  # what a GPU has
MAX_DIGITS = 20  # of a 64-bit number
CARDS = "/sys/class/drm"
BUS = "/sys/bus/pci/devices"
ADDRESS = r"[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]"
GC_HARDWARE_ID = 11  # soc15_hw_ip.h


@record(frozen=True)
class KfdNode:
    """One GPU node. What old kernels leave out is None (0 for numbers where 0 means none)."""

    number: int | None
    target_version: int
    device: str | None
    slot: str | None  # "bb:dd.f"
    domain: int | None  # old kernels do not tell
    partition: int  # > 0: a further compute partition of the GPU at the same address
    fused: bool  # CPU cores in the same node: an APU (only kernels that read the CRAT do this)
    unique_id: int
    render_minor: int | None
    properties: frozenset[str] | None
    compute_units: int | None

    @property
    def pci(self) -> str | None:
        """Full PCI address, None where slot or domain are unknown."""
        return None if self.slot is None or self.domain is None else f"{self.domain:04x}:{self.slot}"


NO_NODE = KfdNode(None, 0, None, None, None, 0, False, 0, None, None, None)  # of a card that the KFD does not have


@record(frozen=True)
class KfdScan:
    """What the topology showed; ``hidden`` counts nodes listed but unreadable (device cgroup of a container)."""

    present: bool
    nodes: tuple[KfdNode, ...]
    hidden: int


def read_nodes(root: Sysroot) -> KfdScan:
    """All GPU nodes, by number. A node whose properties cannot be read is hidden, never absent."""
    numbers = root.numbers(NODES)
    nodes, hidden = [], 0
    for number in numbers:
        values = parse_properties(root.read_optional(f"{NODES}/{number}/properties") or "")
        if not values:
            hidden += 1
        elif values.get("vendor_id", 0x1002) == 0x1002 and any(values.get(key, 0) > 0 for key in COMPUTING):
            nodes.append(_node(number, values))
    return KfdScan(bool(numbers) or root.is_dir(NODES), tuple(nodes), hidden)


def parse_properties(text: str) -> dict[str, int]:
    """Lines ``key decimal``; anything else is left out."""
    values = {}
    for line in text.splitlines():
        key, _, value = line.strip().partition(" ")
        if value.isascii() and value.isdecimal() and len(value) <= MAX_DIGITS:
            values[key] = int(value)
    return values


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


@record(frozen=True)
class Card:
    """One AMD device. ``place`` is its directory with the PCI attributes; ``driver`` None where nobody says."""

    place: str
    pci: str | None
    device: str
    revision: str | None
    driver: str | None


@record(frozen=True)
class CardScan:
    """``seen`` counts the entries looked at, AMD's or not; ``present`` whether the place exists at all."""

    present: bool
    seen: int
    cards: tuple[Card, ...]


def read_cards(root: Sysroot) -> CardScan:
    """AMD devices with a DRM card, by card number. Idle partitions (platform devices amdgpu_xcp) are none."""
    return _scan(root, CARDS, [f"{CARDS}/card{number}/device" for number in root.numbers(CARDS, "card")])


def read_bus(root: Sysroot) -> CardScan:
    """AMD display devices on the PCI bus, with a driver or without."""
    return _scan(root, BUS, [f"{BUS}/{name}" for name in root.names(BUS)])


def _scan(root: Sysroot, folder: str, places: list[str]) -> CardScan:
    found = (_read(root, place) for place in places)
    return CardScan(bool(places) or root.is_dir(folder), len(places), tuple(c for c in found if c))


def _read(root: Sysroot, place: str) -> Card | None:
    pairs = (line.split("=", 1) for line in (root.read_optional(f"{place}/uevent") or "").splitlines() if "=" in line)
    uevent = {key.strip(): value.strip() for key, value in pairs}
    vendor, device = _ids(root, place, uevent)
    if vendor != AMD or device is None or not _computes(root, place, uevent):
        return None
    revision = _hex(root.read_optional(f"{place}/revision"))
    shown = None if revision is None else f"{revision:02x}"
    return Card(place, _address(root, place, uevent), device, shown, uevent.get("DRIVER"))


def _ids(root: Sysroot, place: str, uevent: Mapping[str, str]) -> tuple[str | None, str | None]:
    vendor, _, device = uevent.get("PCI_ID", "").partition(":")
    if not device:
        vendor, device = (root.read_optional(f"{place}/{name}") or "" for name in ("vendor", "device"))
    numbers = (_hex(vendor), _hex(device))
    return tuple(None if n is None or n > 0xFFFF else f"{n:04x}" for n in numbers)  # type: ignore[return-value]


def _computes(root: Sysroot, place: str, uevent: Mapping[str, str]) -> bool:
    """Class 0x03xxxx (display) or 0x1200xx (processing accelerator); bridges named "Navi" are neither.

    A DRM card that does not tell its class is a display by being there; a bus device always tells.
    """
    number = _hex(uevent.get("PCI_CLASS") or root.read_optional(f"{place}/class"))
    if number is None:
        return place.startswith(CARDS)
    return number >> 16 == 0x03 or number >> 8 == 0x1200


def _address(root: Sysroot, place: str, uevent: Mapping[str, str]) -> str | None:
    known = (uevent.get("PCI_SLOT_NAME", ""), place.rsplit("/", 1)[-1], (root.readlink(place) or "").rsplit("/", 1)[-1])
    return next((text.lower() for text in known if re.fullmatch(ADDRESS, text.lower())), None)


def _hex(text: str | None) -> int | None:
    digits = (text or "").strip().lower().removeprefix("0x")
    return int(digits, 16) if re.fullmatch("[0-9a-f]{1,8}", digits) else None


def gc_version(root: Sysroot, card: Card) -> str | None:
    """The graphics core's version in the card's IP discovery table, like "10.3.2"."""
    place = f"{card.place}/ip_discovery/die/0/{GC_HARDWARE_ID}/0"
    parts = [(root.read_optional(f"{place}/{name}") or "").strip() for name in ("major", "minor", "revision")]
    return ".".join(parts) if all(part.isascii() and part.isdecimal() for part in parts) else None


def vram_bytes(root: Sysroot, card: Card) -> int | None:
    """The memory of the card's own (of an APU what its firmware sets apart)."""
    text = (root.read_optional(f"{card.place}/mem_info_vram_total") or "").strip()
    return int(text) if re.fullmatch("[0-9]{1,15}", text) else None


def firmware(root: Sysroot, card: Card, name: str) -> int | None:
    """The version of a firmware; the file of the MES holds more in its upper bits (AMDGPU_MES_VERSION_MASK)."""
    number = _hex(root.read_optional(f"{card.place}/fw_version/{name}_fw_version"))
    return number & 0xFFF if name == "mes" and number is not None else number
