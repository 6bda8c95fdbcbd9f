"""Which GPUs a decision is for where nobody names one, and one GPU in words. Pure."""

from __future__ import annotations

from rdna_installer.model import Gpu


def main_gpus(gpus: tuple[Gpu, ...]) -> tuple[Gpu, ...]:
    """The discrete ones; where there is none, all."""
    return tuple(gpu for gpu in gpus if not gpu.integrated) or gpus


def describe(gpu: Gpu) -> str:
    """One GPU in a few words: target, name, where it is."""
    place = [f"PCI {gpu.pci}"] if gpu.pci else []
    if gpu.kfd_node is not None:
        place.append(f"KFD node {gpu.kfd_node}")
    name = f" ({gpu.name})" if gpu.name else ""
    return f"{gpu.gfx}{name}{' at ' + ', '.join(place) if place else ''}{', integrated' if gpu.integrated else ''}"
