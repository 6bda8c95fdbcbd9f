"""Made-up machines for the policy tests, and a policy as text."""

from __future__ import annotations

from pathlib import PurePosixPath

from rdna_installer.model import (
    GfxSource,
    Gpu,
    HostFacts,
    Initramfs,
    InitramfsTool,
    KernelImage,
    ModuleState,
    Policy,
    PythonSite,
    RocmInstall,
    Torch,
    TorchKind,
    TorchOrigin,
    User,
)

STOCK = ("gfx900", "gfx906", "gfx908", "gfx90a", "gfx942", "gfx1030", "gfx1100")
ORIGINS = {origin.value: origin for origin in TorchOrigin}


def gpu(gfx: str, node: int | None = 1, *, integrated: bool = False, unique_id: int = 0) -> Gpu:
    pci = f"0000:{(node or 0) + 2:02x}:00.0"
    seen = frozenset({"gfx_target_version", "simd_count"})
    return Gpu(gfx, None, pci, "1002", None, node, GfxSource.KFD, integrated, unique_id, None, seen)


def given(gfx: str) -> Gpu:
    """What --gfx makes."""
    return Gpu(gfx, None, None, "1002", None, None, GfxSource.GIVEN, False)


def torch(version: str, rocm: str | None, kernels: tuple[str, ...] = STOCK, origin: str = "pytorch.org") -> Torch:
    kind = TorchKind.ROCM if rocm else TorchKind.CPU if version.endswith("+cpu") else TorchKind.CUDA
    return Torch(version, rocm, kernels, ORIGINS[origin], kind)


def site(found: Torch | None, name: str = "venv") -> PythonSite:
    home = PurePosixPath("/home/u") / name
    return PythonSite(
        python=home / "bin/python",
        prefix=home,
        site_packages=home / "lib/python3.11/site-packages",
        python_version="3.11",
        owner=1000,
        group=1000,
        torch=found,
    )


def host(
    gpus: tuple[Gpu, ...],
    *torches: Torch | None,
    kernel: str | None = "6.1.0-41-amd64",
    rocm: tuple[RocmInstall, ...] = (),
    hidden: int = 0,
) -> HostFacts:
    names = ("venv", "second", "third")
    return HostFacts(
        gpus=gpus,
        hidden_nodes=hidden,
        unidentified=(),
        rocm=rocm,
        sites=tuple(site(found, name) for found, name in zip(torches, names, strict=False)),
        running_kernel=kernel,
        kernels=(KernelImage("6.1.0-41-amd64", "module"),),
        cmdline="",
        modprobe=(),
        amdgpu=ModuleState(True, False, None, {}),
        initramfs=Initramfs(InitramfsTool.NONE),
        init="systemd",
        user=User(1000, 1000, "u", PurePosixPath("/home/u"), "/bin/bash", frozenset()),
        boot_id=None,
        ram_bytes=32 << 30,
        live=True,
        looked=("/sys/class/kfd/kfd/topology/nodes", "/sys/class/drm"),
    )


def text(policy: Policy) -> str:
    """All of a policy a user can see, one thing a line."""
    lines = [f"verdict: {policy.verdict.value}", *(f"gpu: {g.gfx} node {g.kfd_node}" for g in policy.gpus)]
    for verdict in policy.sites:
        lines.append(f"site: {verdict.site}: {verdict.verdict.value} [{verdict.rule}] {verdict.why}")
        lines += [f"  route: {way}" for way in verdict.route]
    lines += [f"set: {s.layer.value} {s.site or '-'} {s.key}={s.value} [{s.rule}]" for s in policy.settings]
    lines += [f"rejected: {r.site or '-'} {r.key} [{r.rule}] {r.reason}" for r in policy.rejected]
    lines += [f"experiment: {e.site or '-'} [{e.rule}] {e.summary}\n  run: {e.command}" for e in policy.experiments]
    lines += [f"warning: {warning}" for warning in policy.warnings]
    return "\n".join(lines) + "\n"
