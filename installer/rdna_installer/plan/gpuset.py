"""Which GPUs a decision is for: the one asked for, else the discrete ones, else the integrated ones."""

from __future__ import annotations

from rdna_installer.amd.gpu import describe, main_gpus
from rdna_installer.errors import RdnaError
from rdna_installer.model import Gpu, HostFacts
from rdna_installer.printable import Lines


def choose(facts: HostFacts, wanted: str | None) -> tuple[Gpu, ...]:
    """The GPUs decided for. ``wanted`` is a PCI address, a KFD node number, or an index where no node is known.

    Raises RdnaError("no-gpu") saying where was looked, or RdnaError("gpu-not-found") listing what there is.
    """
    require_gpu(facts)
    if wanted is not None:
        return (_asked(facts.gpus, wanted),)
    return main_gpus(facts.gpus)


def require_gpu(facts: HostFacts) -> None:
    """Raises RdnaError("no-gpu") saying what was looked at, or RdnaError("wsl") where no GPU can be seen so."""
    if facts.gpus:
        return
    if facts.wsl:
        raise _under_windows()
    seen = [f"{d.vendor}:{d.device} at {d.pci or 'an unknown address'} ({d.why})" for d in facts.unidentified]
    found = f"; found but not usable: {', '.join(seen)}" if seen else ""
    hidden = f"; {facts.hidden_nodes} KFD node(s) cannot be read from here" if facts.hidden_nodes else ""
    raise RdnaError(
        "no-gpu",
        f"no AMD GPU was found{found}{hidden}",
        context="looked at " + ", ".join(facts.looked) if facts.looked else None,
        hint=Lines(
            "planning for another machine: name its target, --gfx gfx1010\n"
            "to see what this program does: ./install.sh --demo"
        ),
    )


def _under_windows() -> RdnaError:
    """WSL2: how the GPU is reached there, and what of this program works."""
    return RdnaError(
        "wsl",
        "this is WSL, where Linux has no driver of the GPU (no KFD): the GPU is reached through Windows (/dev/dxg)",
        context="the kernel is Microsoft's, or there is a /dev/dxg",
        hint=Lines(
            "it takes AMD's driver in Windows, librocdxg here, and before ROCm 7.13\n"
            "export HSA_ENABLE_DXG_DETECTION=1 (https://github.com/ROCm/librocdxg/issues/34)\n"
            "take HSA_OVERRIDE_GFX_VERSION out of your start-up files: Windows' driver decides\n"
            "of this program only the Python settings can act here, no kernel option; name the card's target:\n"
            "rdna-installer plan --gfx gfx1101"
        ),
    )


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
