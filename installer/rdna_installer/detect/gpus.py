"""The AMD GPUs of a root: the KFD's nodes and DRM's cards, merged by PCI address.

The KFD's word on the target is final; where it says nothing (old kernels, or a card the KFD skipped, as it does RDNA
cards without PCIe atomics) the PCI id table decides, then the GC version of the IP discovery table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rdna_installer.detect import kfd, targets
from rdna_installer.detect.kfd import NO_NODE, Card, CardScan, KfdNode, KfdScan
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
    found = [_gpu(root, card, node) for node, card in _whole_gpus(pairs)]
    if not nodes.hidden:  # else the cards without a readable node are the masked ones: other people's
        found += [_gpu(root, card) for card in rest]
    looked = [
        _looked(kfd.NODES, nodes, f"{len(nodes.nodes)} GPU node(s), {nodes.hidden} hidden"),
        _looked(kfd.CARDS, cards, f"{cards.seen} card(s), {len(cards.cards)} by AMD"),
    ]
    if not found and not nodes.hidden:
        bus = kfd.read_bus(root)
        found = [_gpu(root, card) for card in bus.cards]
        looked.append(_looked(kfd.BUS, bus, f"{bus.seen} PCI device(s), {len(bus.cards)} by AMD"))
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
    wanted = given(gfx)
    if any(gpu.gfx == wanted.gfx for gpu in scan.gpus):
        return replace(scan, gpus=tuple(sorted(scan.gpus, key=lambda gpu: gpu.gfx != wanted.gfx)))
    return replace(scan, gpus=(wanted,))


def given(gfx: str) -> Gpu:
    """A GPU of which only the target is known. Raises RdnaError("unknown-gfx")."""
    name = targets.checked(gfx)
    return Gpu(name, None, None, targets.AMD, None, None, GfxSource.GIVEN, targets.is_apu(name))


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
    certain = [(node, by_address.get(node.pci or "")) for node in nodes]
    pairs = [(n, card or _guess(n, free, sole=alike[n.device, n.slot] == 1)) for n, card in certain]
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
    for node, card in pairs:
        if not (node.partition and node.pci and any(node.pci == other.pci for other, _ in whole)):
            whole.append((node, card))
    return whole


def _gpu(root: Sysroot, card: Card | None, node: KfdNode = NO_NODE) -> Gpu | PciDevice:
    """One GPU, by what the KFD and DRM or the PCI bus say of it."""
    device = node.device or (card.device if card else None)
    pci = node.pci or (card.pci if card else None)
    entry = targets.lookup(device)
    gfx, source = targets.of_version(node.target_version), GfxSource.KFD
    if gfx is None and entry is not None:
        gfx, source = entry.gfx, GfxSource.PCI_ID
    elif gfx is None and card is not None:
        gfx, source = targets.of_gc(kfd.gc_version(root, card) or ""), GfxSource.DRM
    why = _unusable(gfx, device, card if node is NO_NODE else None)
    if gfx is None or why:
        return PciDevice(pci, targets.AMD, device or "?", why or "")
    known = card if node is not NO_NODE else None
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
        mes=kfd.firmware(root, known, "mes") if known and has_mes(gfx) else None,
        compute_units=node.compute_units,
        vram_bytes=kfd.vram_bytes(root, known) if known else None,
        sdma=kfd.firmware(root, known, "sdma") if known else None,
    )


def _unusable(gfx: str | None, device: str | None, card: Card | None) -> str | None:
    if gfx is None:
        what = f"PCI id {targets.AMD}:{device or '?'}"
        return f"no ROCm target is known for {what} (older than ROCm, or newer than this program)"
    if card is not None and card.driver not in (None, "amdgpu"):
        return f"{gfx}, but bound to {card.driver}: ROCm needs amdgpu"
    return None


def _looked(place: str, scan: KfdScan | CardScan, seen: str) -> str:
    return f"{place}: {seen if scan.present else 'not there'}"
