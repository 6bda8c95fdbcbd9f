"""``detect`` for people."""

from __future__ import annotations

from rdna_installer.model import Distro, Gpu, HostFacts, Proof, PythonSite, RocmInstall, Torch, TorchKind
from rdna_installer.plan.surroundings import surroundings
from rdna_installer.report.console import Style

KINDS = {"wsl": "WSL", "container": "in a container", "uki": "unified kernel image"}
OTHERS = {TorchKind.CUDA: "NVIDIA GPUs (CUDA)", TorchKind.CPU: "the CPU alone", TorchKind.XPU: "Intel GPUs (XPU)"}
PROOFS = {
    Proof.BINARY: "the code inside its libraries",
    Proof.FILES: "the names of its files",
    Proof.PACKAGE: "the names of its packages",
}


def render(facts: HostFacts, distro: Distro, style: Style) -> str:
    """What is in this machine, a line each, and who said so."""
    lines = _gpus(facts, style)
    lines += _named("ROCm", [_rocm(r) for r in facts.rocm], "none installed", style)
    lines += _named("PyTorch", [_site(s) for s in facts.sites if s.torch], "none found", style)
    more = [*facts.notes]
    if facts.looked_for_pythons:
        more.append(f"looked in {', '.join(facts.looked_for_pythons)}; name others with --python PATH")
    lines += [style.wrap(t, 10) for t in (*more, *(text for kind, text in surroundings(facts) if kind == "wsl"))]
    lines += _kernel(facts, distro, style)
    return "\n".join(lines)


def _named(name: str, items: list[str], nothing: str, style: Style) -> list[str]:
    first, *more = [style.wrap(item, 10) for item in items or [nothing]]
    return [f"{style.paint(f'{name:<9}', 'bold')} {first.lstrip()}", *more]


def _gpus(facts: HostFacts, style: Style) -> list[str]:
    lines = _named("GPU", [_gpu(g) for g in facts.gpus], "no AMD GPU with a gfx target", style)
    more = [f"{d.vendor}:{d.device} at {d.pci or '?'}: {d.why}" for d in facts.unidentified]
    if facts.hidden_nodes:
        more.append(f"{facts.hidden_nodes} more GPUs are hidden by this container")
    return [*lines, *(style.wrap(text, 10) for text in more)]


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
    where = f"{torch.version} in {site.python} ({torch.origin.value}"
    if torch.kind in OTHERS:
        return f"{where}; built for {OTHERS[torch.kind]}: it cannot use an AMD GPU)"
    return f"{where}; kernels: {_kernels(torch)})"


def _kernels(torch: Torch) -> str:
    """Torch's own kernels, how they are known, and its rocBLAS's where they are others."""
    names = " ".join(torch.gfx_targets)
    if not names:
        names = "cannot be told from its files" if torch.known_from is Proof.UNKNOWN else "none"
    if torch.known_from is not Proof.UNKNOWN:
        names += f", from {PROOFS[torch.known_from]}"
    if torch.rocblas.gfx_targets and torch.rocblas.gfx_targets != torch.gfx_targets:
        names += f"; its rocBLAS: {' '.join(torch.rocblas.gfx_targets)}"
    return names + (f"; {torch.note}" if torch.note else "")


def _kernel(facts: HostFacts, distro: Distro, style: Style) -> list[str]:
    state = "built in" if facts.amdgpu.builtin else "loaded" if facts.amdgpu.loaded else "not loaded"
    release = facts.running_kernel or "other system (not running)"
    lines = _named("Kernel", [f"{release}, amdgpu {state}"], "", style)
    installed = ", ".join(f"{k.release} (amdgpu {k.amdgpu})" for k in facts.kernels)
    lines += _named("Installed", [installed] if installed else [], "no kernel in /lib/modules", style)
    unknown = ", whether amdgpu is in it could not be read" if facts.initramfs.images else ""
    inside = {True: ", amdgpu is in it", False: ", amdgpu is not in it", None: unknown}[facts.amdgpu.in_initramfs]
    lines += _named("initramfs", [facts.initramfs.tool.value + inside], "", style)
    kinds = "".join(f", {KINDS.get(kind, f'immutable ({kind})')}" for kind, _ in surroundings(facts))
    lines += _named("System", [f"{distro.id} {distro.version}{kinds}, init {facts.init}"], "", style)
    groups = [name for name in ("render", "video") if name in facts.user.groups]
    root = facts.user.uid == 0
    said = " ".join(groups) or ("root needs none" if root else "neither render nor video. To use the card:")
    lines += _named("User", [f"{facts.user.name}, groups: {said}"], "", style)
    return lines if groups or root else [*lines, f"{'':10}sudo usermod -aG render,video {facts.user.name}"]
