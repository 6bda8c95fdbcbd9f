"""Which GPUs a decision is for: the one asked for, else the discrete ones, else the integrated ones."""

from __future__ import annotations

from rdna_installer.amd.gpu import describe, main_gpus
from rdna_installer.errors import RdnaError
from rdna_installer.model import Gpu, HostFacts


def choose(facts: HostFacts, wanted: str | None) -> tuple[Gpu, ...]:
    """The GPUs decided for. ``wanted`` is a PCI address, a KFD node number, or an index where no node is known.

    Raises RdnaError("no-amd-gpu") saying where was looked, or RdnaError("gpu-not-found") listing what there is.
    """
    if not facts.gpus:
        raise _none(facts)
    if wanted is not None:
        return (_asked(facts.gpus, wanted),)
    return main_gpus(facts.gpus)


def _asked(gpus: tuple[Gpu, ...], wanted: str) -> Gpu:
    name = wanted.strip().lower()
    for gpu in gpus:
        if gpu.pci and name in (gpu.pci.lower(), gpu.pci.lower().removeprefix("0000:")):
            return gpu
    if name.isdecimal() and len(name) < 6:
        number = int(name)
        for gpu in gpus:
            if gpu.kfd_node == number:
                return gpu
        if all(gpu.kfd_node is None for gpu in gpus) and number < len(gpus):
            return gpus[number]
    raise RdnaError(
        "gpu-not-found",
        f"there is no AMD GPU {wanted!r} here",
        hint="there is " + "; ".join(describe(gpu) for gpu in gpus),
    )


def _none(facts: HostFacts) -> RdnaError:
    message = "no AMD GPU was found"
    if facts.hidden_nodes:
        message += f"; {facts.hidden_nodes} KFD node(s) may not be read here (a container's device list hides them)"
    for device in facts.unidentified:
        message += f"; {device.vendor}:{device.device} at {device.pci or 'an unknown address'}: {device.why}"
    return RdnaError(
        "no-amd-gpu",
        message,
        context="looked at " + ", ".join(facts.looked) if facts.looked else None,
        hint="--gfx NAME (for example gfx1010) says which GPU there is; install.sh --demo needs none",
    )
