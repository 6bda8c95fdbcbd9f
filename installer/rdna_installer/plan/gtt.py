"""``--gtt-size GIB``: how much memory integrated GPUs may map, as the module that is there counts it (4 KiB pages)."""

from __future__ import annotations

from rdna_installer.amd.case import Case
from rdna_installer.amd.gpu import describe
from rdna_installer.errors import Exit, RdnaError
from rdna_installer.model import HostFacts, KernelImage, Layer, Setting
from rdna_installer.parameter import canonical
from rdna_installer.plan.findings import SET_RANK, Findings
from rdna_installer.plan.prove import deciding_kernel

OPTION = "--gtt-size"
PAGES_PER_GIB = 262144  # pages of 4 KiB
LEFT = 2  # GiB the system needs at least
MISSPELT = "gtt_size"  # in circulation since document 003; the parameter is gttsize
SAME_LIMIT = ("gttsize", "ttm.pages_limit", "amdttm.pages_limit")


def wish_gtt(case: Case, gib: int, findings: Findings) -> None:
    """Put the limit into the findings. Raises RdnaError where it has no place or no sense."""
    _check(case, gib)
    kernel = deciding_kernel(case.facts.kernels, case.facts.running_kernel)
    key = f"{_module(kernel)}.pages_limit"
    findings.want(Setting(Layer.KERNEL, None, key, str(gib * PAGES_PER_GIB), OPTION), SET_RANK)
    for option in case.facts.modprobe:
        if (option.module, option.key) == ("amdgpu", MISSPELT):
            said = f"{option.source} sets amdgpu.{MISSPELT}={option.value}, which no kernel reads: it limits nothing"
            findings.warnings[f"{said}; {OPTION} does what it was meant for, remove it there"] = None
    if case.facts.ram_bytes is None:
        findings.warnings["how much memory this machine has is not known here: leave enough for the system"] = None


def _module(kernel: KernelImage | None) -> str:
    return "amdttm" if kernel is not None and kernel.amdttm else "ttm"


def _check(case: Case, gib: int) -> None:
    discrete = next((gpu for gpu in case.gpus if not gpu.integrated), None)
    if discrete is not None:
        raise _refused(
            f"{describe(discrete)} has memory of its own: the limit is for integrated GPUs, which have none",
            "name the integrated GPU, if there is one, with --gpu",
        )
    if Layer.KERNEL not in case.request.layers:
        raise RdnaError(
            "setting-has-no-place",
            f"{OPTION} belongs to the kernel layer, which was not chosen",
            hint="add --layer kernel",
        )
    twice = [key for key, _ in case.request.set if canonical(key) in SAME_LIMIT]
    if twice:
        raise RdnaError("contradiction", f"{OPTION} and {twice[0]} set the same limit; give one", exit_code=Exit.USAGE)
    _check_memory(case.facts, gib)
    _check_others(case.facts)


def _check_memory(facts: HostFacts, gib: int) -> None:
    if facts.ram_bytes is None:
        return
    there = facts.ram_bytes >> 30
    if gib > there - LEFT:
        raise _refused(
            f"{gib} GiB for the GPU of the {there} GiB here leave the system less than {LEFT}",
            f"at most {OPTION} {there - LEFT}" if there > LEFT else "this machine has too little memory for it",
        )


def _check_others(facts: HostFacts) -> None:
    """gttsize of somebody else beside it: two limits for one thing (ROCm#5562, #5595)."""
    for option in facts.modprobe:
        if option.module == "amdgpu" and option.key == "gttsize" and option.value != "-1":
            raise _refused(
                f"{option.source} sets gttsize={option.value}, which is the same limit by its old name",
                "remove it there; only one of the two may be set",
            )


def _refused(message: str, hint: str) -> RdnaError:
    return RdnaError("gtt-size", f"{OPTION}: {message}", hint=hint)
