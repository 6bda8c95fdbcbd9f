"""Version rules: torch against the system's ROCm where that matters, and overrides against the GPU they were for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rdna_installer.check.wanted import InForce
from rdna_installer.gfx import OVERRIDE_KEY
from rdna_installer.model import Check, Generation, HostFacts, PythonSite, Status, Torch, TorchOrigin

# Their wheels carry the whole ROCm user space: the system's ROCm is not used (only the kernel driver is).
SELF_CONTAINED = {TorchOrigin.PYTORCH_ORG, TorchOrigin.THEROCK}
MEANT_FOR = re.compile(r"(?P<gfx>gfx\w+)(?: node (?P<node>\d+))?(?: (?P<pci>[0-9a-f:.]+))?")


def check_versions(facts: HostFacts, generation: Generation | None, wanted: InForce) -> Iterator[Check]:
    """Lines for the torch of each chosen site (all sites when none is chosen) and for the GPUs of overrides."""
    for site in facts.sites:
        if site.torch and (not wanted.sites or str(site.python) in wanted.sites):
            yield from _torch(site, site.torch, facts, chosen=str(site.python) in wanted.sites)
    if generation is not None and generation.number > 0:
        yield from _overrides(facts, generation, wanted)


def _torch(site: PythonSite, torch: Torch, facts: HostFacts, *, chosen: bool) -> Iterator[Check]:
    line = f"version:rocm:{site.python}"
    have = ", ".join(dict.fromkeys(r.version for r in facts.rocm)) or None
    if not torch.for_rocm:
        if chosen:
            hint = "this torch is not built for ROCm: nothing set here can make it use an AMD GPU"
            yield Check(line, Status.MISMATCH, "a ROCm build of torch", torch.version, str(site.site_packages), hint)
        return
    if torch.origin in SELF_CONTAINED:
        hint = "this wheel brings its own ROCm: the system's need not match"
        yield Check(line, Status.OK, None, torch.version, torch.origin.value, hint)
        return
    if torch.rocm is None:
        yield Check(
            line, Status.UNKNOWN, None, have, torch.origin.value, f"torch {torch.version} names no ROCm version"
        )
        return
    wanted = f"ROCm {_short(torch.rocm)}"
    if any(_short(r.version) == _short(torch.rocm) for r in facts.rocm):
        yield Check(line, Status.OK, wanted, have, torch.origin.value)
        return
    # Only of these two is it known that they use the system's libraries.
    sure = torch.origin in (TorchOrigin.DISTRO, TorchOrigin.SELF_BUILT)
    hint = f"torch {torch.version} uses the system's libraries: install ROCm {_short(torch.rocm)}, or a stock wheel"
    if not sure:
        hint = f"who built torch {torch.version} is not known: if it brings no libraries of its own, they must match"
    yield Check(line, Status.MISMATCH if sure else Status.UNKNOWN, wanted, have, torch.origin.value, hint)


def _short(version: str) -> str:
    numbers = re.findall(r"\d+", version)[:2]
    return ".".join(numbers)


def _overrides(facts: HostFacts, generation: Generation, wanted: InForce) -> Iterator[Check]:
    """An override names a GPU by KFD node, or all of them: the GPUs must still be those it was meant for."""
    keys = [key for values in (wanted.env, *wanted.sites.values()) for key in values]
    matches = dict.fromkeys(m[1] for key in keys if (m := re.fullmatch(OVERRIDE_KEY, key)))
    meant = [m for text in generation.gpus if (m := MEANT_FOR.fullmatch(text))]
    for node in matches:
        for match in meant:
            if node is None or match["node"] == node:
                yield _same_gpu(match, facts, f"version:override:{match['pci'] or match['gfx']}")
        if node is not None and not any(m["node"] == node for m in meant):
            hint = "which GPU this node was is not recorded: `rdna-installer apply` decides anew"
            yield Check(f"version:override:node-{node}", Status.UNKNOWN, f"node {node}", hint=hint)


def _same_gpu(meant: re.Match[str], facts: HostFacts, line: str) -> Check:
    if not facts.gpus and not facts.live:
        return Check(line, Status.NOT_APPLICABLE, meant[0], hint="not the running system")
    for gpu in facts.gpus:
        same_node = meant["node"] is None or gpu.kfd_node == int(meant["node"])
        if gpu.gfx == meant["gfx"] and same_node and gpu.pci == (meant["pci"] or gpu.pci):
            return Check(line, Status.OK, meant[0], meant[0])
    now = ", ".join(f"{g.gfx} node {g.kfd_node} {g.pci or ''}".strip() for g in facts.gpus) or None
    status = Status.UNKNOWN if facts.hidden_nodes else Status.MISMATCH
    hint = "the override was meant for another GPU, or its number moved: `rdna-installer apply` decides anew"
    return Check(line, status, meant[0], now, "/sys/class/kfd", hint)
