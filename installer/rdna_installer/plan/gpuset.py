"""Which GPUs a decision is for: the one asked for, else the discrete ones, else the integrated ones. And the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rdna_installer.amd.case import Case, Context, describe, main_gpus
from rdna_installer.errors import RdnaError
from rdna_installer.model import Gpu, HostFacts, Setting
from rdna_installer.printable import Lines

VISIBLE = "ROCR_VISIBLE_DEVICES"
UNDER_WINDOWS = """\
it takes AMD's driver in Windows, librocdxg here, and before ROCm 7.13
export HSA_ENABLE_DXG_DETECTION=1 (https://github.com/ROCm/librocdxg/issues/34)
take HSA_OVERRIDE_GFX_VERSION out of your start-up files: Windows' driver decides
of this program only the Python settings can act here, no kernel option; name the card's target:
rdna-installer plan --gfx gfx1101"""
ELSEWHERE = (
    "the demo needs no card (install.sh --demo). "
    "To plan for another machine, name its card: rdna-installer plan --gfx gfx1010"
)


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
        why = (
            "this is WSL, where Linux has no driver of the GPU (no KFD): the GPU is reached through Windows (/dev/dxg)"
        )
        marks = "the kernel is Microsoft's, or there is a /dev/dxg"
        raise RdnaError("wsl", why, context=marks, hint=Lines(UNDER_WINDOWS))
    seen = [f"{d.vendor}:{d.device} at {d.pci or 'an unknown address'} ({d.why})" for d in facts.unidentified]
    found = f"; found but not usable: {', '.join(seen)}" if seen else ""
    hidden = f"; {facts.hidden_nodes} KFD node(s) cannot be read from here" if facts.hidden_nodes else ""
    looked = "looked at " + ", ".join(facts.looked) if facts.looked else None
    raise RdnaError("no-gpu", f"no AMD GPU was found{found}{hidden}", context=looked, hint=ELSEWHERE)


def _asked(gpus: tuple[Gpu, ...], wanted: str) -> Gpu:
    name = wanted.strip().lower()
    found = [gpu for gpu in gpus if gpu.pci and name in (gpu.pci.lower(), gpu.pci.lower().removeprefix("0000:"))]
    if not found and name.isdecimal() and len(name) < 6:
        unknown = all(gpu.kfd_node is None for gpu in gpus)
        found = [gpu for place, gpu in enumerate(gpus) if int(name) == (place if unknown else gpu.kfd_node)]
    if found:
        return found[0]
    listed = "; ".join(describe(gpu) for gpu in gpus)
    raise RdnaError("gpu-not-found", f"there is no AMD GPU {wanted!r} here", hint=f"name one of these: {listed}")


def beside(case: Case, settings: Iterable[Setting]) -> Iterator[str]:
    """A sentence for each integrated GPU beside the cards: programs that take all GPUs, or the first, take it too."""
    facts, cards = case.facts, case.gpus
    if any(setting.key == VISIBLE for setting in settings):
        return
    others = [gpu for gpu in facts.gpus if gpu.integrated and gpu not in cards]
    only = f"for one program: {VISIBLE}={','.join(_as_rocr_names_it(facts, gpu) for gpu in cards)} PROGRAM"
    for gpu in others:
        inside = [Context(case, gpu, consumer).has_kernels for consumer in case.consumers]
        what = "has no kernels in the PyTorch here" if inside and not any(inside) else "is seen by programs too"
        yield f"{describe(gpu)}, beside the card, {what}: hide it {only}, or plan for it with --gpu"


def _as_rocr_names_it(facts: HostFacts, gpu: Gpu) -> str:
    """As ROCr takes it: the unique id where the GPU has one, else its place among the KFD's GPUs."""
    if gpu.unique_id:
        return f"GPU-{gpu.unique_id:016x}"
    nodes = sorted((g for g in facts.gpus if g.kfd_node is not None), key=lambda g: g.kfd_node or 0)
    return str(nodes.index(gpu)) if gpu in nodes else "N"
