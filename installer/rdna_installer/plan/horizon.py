"""What on this machine is newer than what the rules were checked against: said, not extrapolated. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rdna_installer.knowledge.targets import Horizon
from rdna_installer.model import HostFacts

RELEASE = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})")


def newer(facts: HostFacts, horizon: Horizon) -> Iterator[str]:
    """A note for each newer ROCm, torch or kernel."""
    found: list[tuple[str, str | None, str, str | None]] = [("Linux", facts.running_kernel, horizon.kernel, None)]
    for site in facts.sites:
        if site.torch is not None and site.torch.rocm is not None:
            found.append(("ROCm", site.torch.rocm, horizon.rocm, str(site.python)))
            found.append(("torch", site.torch.version, horizon.torch, str(site.python)))
    for name, version, newest, where in found:
        if version is not None and _release(version) > _release(newest):
            place = f" of {where}" if where else ""
            yield (
                f"{name} {version}{place} is newer than this program's knowledge, which is of {horizon.date} and ends "
                f"at {name} {newest}: what rules say of it was not checked"
            )


def _release(version: str) -> tuple[int, ...]:
    match = RELEASE.match(version)
    return (int(match[1]), int(match[2])) if match else ()
