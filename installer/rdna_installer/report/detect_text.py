"""``detect`` for people."""

from __future__ import annotations

from rdna_installer.model import Gpu, HostFacts, PythonSite, RocmInstall
from rdna_installer.plan.surroundings import surroundings
from rdna_installer.report.console import Style, printable


def render(facts: HostFacts, style: Style) -> str:
    """What is in this machine, a line each, and who said so."""
    lines = _gpus(facts, style)
    lines += _named("ROCm", [_rocm(r) for r in facts.rocm], "none installed", style)
    lines += _named(
        "PyTorch", [_site(s) for s in facts.sites if s.torch], "none found (name one with --python PATH)", style
    )
    lines += [f"{'':9} {note}" for note in facts.notes]
    lines += [style.wrap(text, 0, f"{'':9} ") for kind, text in surroundings(facts) if kind == "wsl"]
    lines += _kernel(facts, style)
    return printable("\n".join(lines))


def _named(name: str, items: list[str], nothing: str, style: Style) -> list[str]:
    label = style.paint(f"{name:<9}", "bold")
    return [f"{label if n == 0 else ' ' * 9} {item}" for n, item in enumerate(items or [nothing])]


def _gpus(facts: HostFacts, style: Style) -> list[str]:
    lines = _named("GPU", [_gpu(g) for g in facts.gpus], "no AMD GPU with a gfx target", style)
    lines += [f"{'':9} {d.vendor}:{d.device} at {d.pci or '?'}: {d.why}" for d in facts.unidentified]
    if facts.hidden_nodes:
        lines.append(f"{'':9} {facts.hidden_nodes} more KFD node(s) hidden from this session (device cgroup)")
    return lines


def _gpu(gpu: Gpu) -> str:
    where = [gpu.pci or "no PCI address", f"KFD node {gpu.kfd_node}" if gpu.kfd_node is not None else "not in the KFD"]
    kind = ", integrated" if gpu.integrated else ""
    has = [f"{gpu.compute_units} CUs"] if gpu.compute_units else []
    has += [f"{gpu.vram_bytes / (1 << 30):.1f} GiB VRAM"] if gpu.vram_bytes else []
    has += [f"{name} 0x{version:x}" for name, version in (("MES", gpu.mes), ("SDMA", gpu.sdma)) if version]
    facts = "".join(f", {text}" for text in has)
    return f"{gpu.gfx}  {gpu.name or 'AMD GPU'}{kind}{facts} ({', '.join(where)}; known from: {gpu.source.value})"


def _rocm(found: RocmInstall) -> str:
    library = f", MIOpen {found.miopen}" if found.miopen else ""
    return f"{found.version} in {found.path} ({found.source}){library}"


def _site(site: PythonSite) -> str:
    torch = site.torch
    if torch is None:
        return f"{site.python}: none"
    kernels = " ".join(torch.gfx_targets) or "kernel names not found"
    return f"{torch.version} in {site.python} ({torch.origin.value}; kernels: {kernels})"


def _kind(kind: str) -> str:
    return {"wsl": "WSL", "container": "in a container", "uki": "unified kernel image"}.get(kind, f"immutable ({kind})")


def _kernel(facts: HostFacts, style: Style) -> list[str]:
    state = "built in" if facts.amdgpu.builtin else "loaded" if facts.amdgpu.loaded else "not loaded"
    release = facts.running_kernel or "not running (another root)"
    lines = _named("Kernel", [f"{release}, amdgpu {state}"], "", style)
    installed = ", ".join(f"{k.release} (amdgpu {k.amdgpu})" for k in facts.kernels)
    lines += _named("Installed", [installed] if installed else [], "no kernel in /lib/modules", style)
    inside = {True: ", amdgpu is in it", False: ", amdgpu is not in it", None: ""}[facts.amdgpu.in_initramfs]
    lines += _named("initramfs", [facts.initramfs.tool.value + inside], "", style)
    kinds = "".join(f", {_kind(kind)}" for kind, _ in surroundings(facts))
    lines += _named("System", [f"{facts.distro.id} {facts.distro.version}{kinds}, init {facts.init}"], "", style)
    groups = [name for name in ("render", "video") if name in facts.user.groups]
    lines += _named("User", [f"{facts.user.name}, groups: {' '.join(groups) or 'neither render nor video'}"], "", style)
    return lines
