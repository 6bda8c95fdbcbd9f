"""Which GPU kernels a torch site has: read from its own files, else from the table of published wheels."""

from __future__ import annotations

from collections.abc import Iterable

from rdna_installer.knowledge.targets import Targets
from rdna_installer.model import HostFacts, PythonSite, Torch, TorchOrigin
from rdna_installer.record import record


@record(frozen=True)
class Kernels:
    """Names of the kernels in a site; ``names`` None = nobody can tell. ``source`` says who told."""

    names: frozenset[str] | None
    source: str

    def run_on(self, gfx: str, targets: Targets) -> bool | None:
        """Whether kernels for ``gfx`` itself (or a generic target it executes) are inside."""
        if self.names is None:
            return None
        target = targets.targets.get(gfx)
        names = {gfx, *(target.runs if target else ())}
        return not names.isdisjoint(self.names)


def kernels_of(site: PythonSite, facts: HostFacts, targets: Targets) -> Kernels:
    """The kernels of a site's torch."""
    torch = site.torch
    if torch is None or torch.rocm is None:
        return Kernels(frozenset(), "no ROCm build of torch")
    if torch.hollow:
        return Kernels(frozenset(), "AMD's torch has none of its own, and torch[device-gfx…] is not whole here")
    if torch.gfx_targets:
        return Kernels(_plain(torch.gfx_targets), "read from its files")
    if torch.origin is TorchOrigin.PYTORCH_ORG:
        return _from_table(torch, targets)
    if torch.origin in (TorchOrigin.DISTRO, TorchOrigin.SELF_BUILT):
        # Such a torch links the system's rocBLAS, which is built for the same targets.
        names = _plain(name for install in facts.rocm for name in install.gfx_targets)
        if names:
            return Kernels(names, "those of the system's rocBLAS, which it links")
    return Kernels(None, "its kernels have no names that can be read")


def _plain(names: Iterable[str]) -> frozenset[str]:
    """Names as they are compared: without features (:xnack-), families in lower case with dashes."""
    return frozenset(name.split(":")[0].lower().replace("_", "-") for name in names)


def _from_table(torch: Torch, targets: Targets) -> Kernels:
    for wheels in targets.wheels:
        fits = wheels.torch.contains(torch.version)
        if fits and wheels.rocm is not None:
            fits = wheels.rocm.contains(torch.rocm or "")
        if fits:
            usable = frozenset(wheels.gfx) - frozenset(wheels.without_rocblas)
            return Kernels(usable, "the lists its wheel was built from, torch's and rocBLAS's")
    return Kernels(None, f"no wheel of torch {torch.version} is known")
