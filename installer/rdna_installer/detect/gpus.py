"""The AMD GPUs of a root: the KFD's nodes and DRM's cards, merged by PCI address.

The KFD's word on the target is final; where it says nothing (old kernels, or a card the KFD skipped, as it does RDNA
cards without PCIe atomics) the PCI id table decides, then the GC version of the IP discovery table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rdna_installer.detect import kfd, targets
from rdna_installer.detect.kfd import Card, CardScan, KfdNode, KfdScan
from rdna_installer.gfx import has_mes
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import GfxSource, Gpu, PciDevice
from rdna_installer.record import record, replace


@record(frozen=True)
class GpuScan:
    """Every GPU found, in KFD order, then those the KFD does not have; ``looked`` says where and what was there."""

    gpus: tuple[Gpu, ...]
    hidden_nodes: int
    unidentified: tuple[PciDevice, ...]
    looked: tuple[str, ...]


def find_gpus(root: Sysroot) -> GpuScan:
    """All AMD GPUs below ``root``. Nothing in the environment is looked at."""
    nodes, cards = kfd.read_nodes(root), kfd.read_cards(root)
    pairs, rest = _pair(nodes.nodes, cards.cards)
    found = [_from_node(root, node, card) for node, card in _whole_gpus(pairs)]
    if not nodes.hidden:  # else the cards without a readable node are the masked ones: other people's
        found += [_from_card(root, card) for card in rest]
    looked = [_kfd_looked(nodes), _looked(kfd.CARDS, "card", cards)]
    if not found and not nodes.hidden:
        bus = kfd.read_bus(root)
        found = [_from_card(root, card) for card in bus.cards]
        looked.append(_looked(kfd.BUS, "PCI device", bus))
    return GpuScan(
        gpus=tuple(g for g in found if isinstance(g, Gpu)),
        hidden_nodes=nodes.hidden,
        unidentified=tuple(g for g in found if isinstance(g, PciDevice)),
        looked=tuple(looked),
    )


def with_given(scan: GpuScan, gfx: str) -> GpuScan:
    """The scan as ``--gfx`` wants it.

    If a GPU of that target is there, what was found stays whole (rules about a second GPU must still see it) with
    those of that target first. If none is, the given target stands alone: the settings are for another machine.
    Raises RdnaError("unknown-gfx").
    """
    name = targets.checked(gfx)
    if any(gpu.gfx == name for gpu in scan.gpus):
        return replace(scan, gpus=tuple(sorted(scan.gpus, key=lambda gpu: gpu.gfx != name)))
    given = Gpu(
        gfx=name,
        name=None,
        pci=None,
        vendor=targets.AMD,
        device=None,
        kfd_node=None,
        source=GfxSource.GIVEN,
        integrated=targets.is_apu(name),
    )
    return replace(scan, gpus=(given,))


Pair = tuple[KfdNode, Card | None]


def _pair(nodes: Sequence[KfdNode], cards: Sequence[Card]) -> tuple[list[Pair], list[Card]]:
    """Each node with its card, and the cards left over.

    Old kernels give no full address: then a card of the same device id (and slot, where known) is taken, and its
    address is believed only where there is no choice.
    """
    by_address = {card.pci: card for card in cards if card.pci}
    taken = {node.pci for node in nodes if node.pci in by_address}
    free = [card for card in cards if card.pci is None or card.pci not in taken]
    alike = Counter((node.device, node.slot) for node in nodes if node.pci not in by_address)
    pairs: list[Pair] = []
    for node in nodes:
        card = by_address.get(node.pci) if node.pci else None
        if card is None:
            card = _guess(node, free, sole=alike[node.device, node.slot] == 1)
        pairs.append((node, card))
    return pairs, free


def _guess(node: KfdNode, free: list[Card], *, sole: bool) -> Card | None:
    fitting = [card for card in free if _fits(node, card)]
    if not fitting:
        return None
    card = fitting[0]
    free.remove(card)
    return card if sole and len(fitting) == 1 else replace(card, pci=None, revision=None)


def _fits(node: KfdNode, card: Card) -> bool:
    if card.device != node.device:
        return False
    if card.pci is None or node.slot is None:
        return True
    return node.domain is None and card.pci.endswith(f":{node.slot}")


def _whole_gpus(pairs: Iterable[Pair]) -> list[Pair]:
    """Without the further compute partitions of a GPU already listed (MI300 in CPX mode: 8 nodes, one GPU)."""
    whole: list[Pair] = []
    addresses: set[str] = set()
    for node, card in pairs:
        if node.partition and node.pci in addresses:
            continue
        whole.append((node, card))
        if node.pci:
            addresses.add(node.pci)
    return whole


def _from_node(root: Sysroot, node: KfdNode, card: Card | None) -> Gpu | PciDevice:
    device = node.device or (card.device if card else None)
    pci = node.pci or (card.pci if card else None)
    entry = targets.lookup(device)
    gfx, source = targets.of_version(node.target_version), GfxSource.KFD
    if gfx is None:
        gfx, source = _without_kfd(root, device, card)
    if gfx is None:
        return _unknown(pci, device or "?")
    return Gpu(
        gfx=gfx,
        name=entry.product(card.revision if card else None) if entry else None,
        pci=pci,
        vendor=targets.AMD,
        device=device,
        kfd_node=node.number,
        source=source,
        # local_mem_size is 0 on every recent kernel and proves nothing. gfx942 is not in the APU table: an MI300A
        # is the machine's accelerator, not graphics beside one.
        integrated=node.fused or targets.is_apu(gfx),
        unique_id=node.unique_id,
        render_minor=node.render_minor,
        properties=node.properties,
        mes=kfd.mes_version(root, card) if card and has_mes(gfx) else None,
        compute_units=node.compute_units,
        vram_bytes=kfd.vram_bytes(root, card) if card else None,
        sdma=kfd.sdma_version(root, card) if card else None,
    )


def _from_card(root: Sysroot, card: Card) -> Gpu | PciDevice:
    gfx, source = _without_kfd(root, card.device, card)
    if gfx is None:
        return _unknown(card.pci, card.device)
    if card.driver not in (None, "amdgpu"):
        return PciDevice(card.pci, targets.AMD, card.device, f"{gfx}, but bound to {card.driver}: ROCm needs amdgpu")
    entry = targets.lookup(card.device)
    return Gpu(
        gfx=gfx,
        name=entry.product(card.revision) if entry else None,
        pci=card.pci,
        vendor=targets.AMD,
        device=card.device,
        kfd_node=None,
        source=source,
        integrated=targets.is_apu(gfx),
    )


def _without_kfd(root: Sysroot, device: str | None, card: Card | None) -> tuple[str | None, GfxSource]:
    entry = targets.lookup(device)
    if entry is not None:
        return entry.gfx, GfxSource.PCI_ID
    version = kfd.gc_version(root, card) if card else None
    return (targets.of_gc(version) if version else None), GfxSource.DRM


def _unknown(pci: str | None, device: str) -> PciDevice:
    why = f"no ROCm target is known for PCI id {targets.AMD}:{device} (older than ROCm, or newer than this program)"
    return PciDevice(pci, targets.AMD, device, why)


def _kfd_looked(scan: KfdScan) -> str:
    if not scan.present:
        return f"{kfd.NODES}: not there"
    return f"{kfd.NODES}: {len(scan.nodes)} GPU node(s), {scan.hidden} hidden"


def _looked(place: str, what: str, scan: CardScan) -> str:
    return f"{place}: {scan.seen} {what}(s), {len(scan.cards)} by AMD" if scan.present else f"{place}: not there"
