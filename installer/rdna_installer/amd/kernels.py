"""Which GPU kernels a torch site has: read from its own files, else from the table of published wheels.

Two lists: torch's own kernels, and those of the rocBLAS it loads. A GPU needs both. What is not proved is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable

from rdna_installer.knowledge.targets import Targets
from rdna_installer.model import HostFacts, Proof, PythonSite, Torch, TorchOrigin
from rdna_installer.record import record, replace


@record(frozen=True)
class Kernels:
    """Names of the kernels in a site; ``names`` None = nobody can tell. ``source`` says who told.
    ``unsure`` are targets something speaks for that is no proof; ``libraries`` None = its rocBLAS is not known."""

    names: frozenset[str] | None
    source: str
    unsure: frozenset[str] = frozenset()
    libraries: frozenset[str] | None = None

    def run_on(self, gfx: str, targets: Targets) -> bool | None:
        """Whether kernels for ``gfx`` itself (or a generic target it executes) are inside, torch's and rocBLAS's."""
        if self.names is None:
            return None
        fitting = _fitting(gfx, targets)
        if fitting.isdisjoint(self.names):
            return False if fitting.isdisjoint(self.unsure) else None
        return not self._lacking(fitting)

    def said_of(self, gfx: str, targets: Targets) -> str:
        """Who told, of this target: ``source``, unless torch has what its rocBLAS lacks."""
        fitting = _fitting(gfx, targets)
        if self.names and not fitting.isdisjoint(self.names) and self._lacking(fitting):
            return f"torch has them, its rocBLAS has not: the first matrix product on {gfx} ends the program"
        return self.source

    def _lacking(self, fitting: frozenset[str]) -> bool:
        return self.libraries is not None and fitting.isdisjoint(self.libraries)


def _fitting(gfx: str, targets: Targets) -> frozenset[str]:
    target = targets.targets.get(gfx)
    return frozenset({gfx, *(target.runs if target else ())})


def kernels_of(site: PythonSite, facts: HostFacts, targets: Targets) -> Kernels:
    """The kernels of a site's torch."""
    torch = site.torch
    if torch is None or not torch.for_rocm:
        return Kernels(frozenset(), "no ROCm build of torch")
    return replace(_own(torch, facts, targets), libraries=_libraries(torch, facts))


def _own(torch: Torch, facts: HostFacts, targets: Targets) -> Kernels:
    if torch.gfx_targets or torch.unsure or torch.known_from is not Proof.UNKNOWN:
        usable = (name for name in torch.gfx_targets if ":xnack+" not in name)  # as a GPU is set up: with XNACK off
        names, unsure = _plain(usable), _plain((*torch.unsure, *torch.gfx_targets))
        return Kernels(names, torch.note or "read from its files", unsure)
    if torch.origin is TorchOrigin.PYTORCH_ORG:
        return _from_table(torch, targets)
    if torch.origin is TorchOrigin.DISTRO and (names := _system(torch, facts)):
        return Kernels(names, "those of the rocBLAS that its distribution builds it with")
    return Kernels(None, "what its libtorch_hip.so holds cannot be read")


def _libraries(torch: Torch, facts: HostFacts) -> frozenset[str] | None:
    if torch.rocblas.known_from is Proof.FILES:
        return _plain(torch.rocblas.gfx_targets)
    return None if torch.brings_rocm is not False else _system(torch, facts) or None


def _system(torch: Torch, facts: HostFacts) -> frozenset[str]:
    """A distribution's torch links what is in /usr, whatever else lies in /opt, or (Arch) only there."""
    beside = [install for install in facts.rocm if install.path == "/usr" and torch.origin is TorchOrigin.DISTRO]
    return _plain(name for install in beside or facts.rocm for name in install.gfx_targets)


def _plain(names: Iterable[str]) -> frozenset[str]:
    """Names as they are compared: without features (:xnack-), families in lower case with dashes."""
    return frozenset(name.split(":")[0].lower().replace("_", "-") for name in names)


def _from_table(torch: Torch, targets: Targets) -> Kernels:
    for wheels in targets.wheels:
        if wheels.torch.contains(torch.version) and (wheels.rocm is None or wheels.rocm.contains(torch.rocm or "")):
            return Kernels(
                wheels.gfx - wheels.without_rocblas, "the lists its wheel was built from, torch's and rocBLAS's"
            )
    return Kernels(None, f"no wheel of torch {torch.version} is known")
