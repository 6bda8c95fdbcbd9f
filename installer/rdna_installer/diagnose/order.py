"""From single matches to findings: one for each class, the cause first, noise last."""

from __future__ import annotations

from collections.abc import Iterable

from rdna_installer.diagnose.finding import Hit, Scanned

AMD = "amd"
TORCH = "torch"
NVIDIA = "nvidia"


def order(seen: Scanned) -> tuple[Hit, ...]:
    """The hits that count: failures from cause to consequence, then noise."""
    best: dict[str, Hit] = {}
    for hit in sorted(_valid(seen), key=_place):
        best.setdefault(hit.signature.name or "", hit)
    return tuple(best.values())


def _place(hit: Hit) -> tuple[bool, int, int]:
    return (not hit.signature.fatal, hit.signature.rank, hit.line)


def _valid(seen: Scanned) -> Iterable[Hit]:
    return (hit for hit in seen.hits if not hit.signature.needs_amd or about_amd(seen))


def about_amd(seen: Scanned) -> bool:
    """Whether a log is about AMD software; a torch that never says NVIDIA may be one for ROCm."""
    if AMD in seen.contexts or any(hit.signature.fatal and not hit.signature.needs_amd for hit in seen.hits):
        return True
    return TORCH in seen.contexts and NVIDIA not in seen.contexts
