"""AMD display and compute devices as DRM and the PCI bus show them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rdna_installer.detect.targets import AMD
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.record import record

CARDS = "/sys/class/drm"
BUS = "/sys/bus/pci/devices"
ADDRESS = r"[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]"
GC_HARDWARE_ID = 11  # soc15_hw_ip.h


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
    numbers = sorted(
        int(n[4:]) for n in root.names(CARDS) if n.startswith("card") and n[4:].isdecimal() and n.isascii()
    )
    found = (_read(root, f"{CARDS}/card{number}/device") for number in numbers)
    return CardScan(bool(numbers) or root.is_dir(CARDS), len(numbers), tuple(c for c in found if c))


def read_bus(root: Sysroot) -> CardScan:
    """AMD display devices on the PCI bus, with a driver or without."""
    names = root.names(BUS)
    found = (_read(root, f"{BUS}/{name}") for name in names)
    return CardScan(bool(names) or root.is_dir(BUS), len(names), tuple(c for c in found if c))


def _read(root: Sysroot, place: str) -> Card | None:
    uevent = _uevent(root.read_optional(f"{place}/uevent") or "")
    vendor, device = _ids(root, place, uevent)
    if vendor != AMD or device is None or not _computes(root, place, uevent):
        return None
    revision = _hex(root.read_optional(f"{place}/revision"))
    return Card(
        place=place,
        pci=_address(root, place, uevent),
        device=device,
        revision=None if revision is None else f"{revision:02x}",
        driver=uevent.get("DRIVER"),
    )


def _uevent(text: str) -> Mapping[str, str]:
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {key.strip(): value.strip() for key, value in pairs}


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


def sdma_version(root: Sysroot, card: Card) -> int | None:
    """The version of the firmware of the copy engines."""
    return _hex(root.read_optional(f"{card.place}/fw_version/sdma_fw_version"))


def mes_version(root: Sysroot, card: Card) -> int | None:
    """The version of the MES firmware; the file holds more in its upper bits (AMDGPU_MES_VERSION_MASK)."""
    number = _hex(root.read_optional(f"{card.place}/fw_version/mes_fw_version"))
    return None if number is None else number & 0xFFF
