"""GPUs a plan leaves alone that programs see all the same, and how one program is kept to one GPU. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rdna_installer.amd.case import Case, Context
from rdna_installer.amd.gpu import describe
from rdna_installer.model import Gpu, HostFacts, Setting

VISIBLE = "ROCR_VISIBLE_DEVICES"


def beside(case: Case, settings: Iterable[Setting]) -> Iterator[str]:
    """A sentence for each integrated GPU beside the cards: programs that take all GPUs, or the first, take it too."""
    facts, cards = case.facts, case.gpus
    if any(setting.key == VISIBLE for setting in settings):
        return
    others = [gpu for gpu in facts.gpus if gpu.integrated and gpu not in cards]
    only = f"for one program: {VISIBLE}={','.join(_name(facts, gpu) for gpu in cards)} PROGRAM"
    for gpu in others:
        inside = [Context(case, gpu, consumer).has_kernels for consumer in case.consumers]
        what = "has no kernels in the PyTorch here" if inside and not any(inside) else "is seen by programs too"
        yield f"{describe(gpu)}, beside the card, {what}: hide it {only}, or plan for it with --gpu"


def _name(facts: HostFacts, gpu: Gpu) -> str:
    """As ROCr takes it: the unique id where the GPU has one, else its place among the KFD's GPUs."""
    if gpu.unique_id:
        return f"GPU-{gpu.unique_id:016x}"
    nodes = sorted((g for g in facts.gpus if g.kfd_node is not None), key=lambda g: g.kfd_node or 0)
    return str(nodes.index(gpu)) if gpu in nodes else "N"
