"""Cells of (GPU, program, kernel, KEY=VALUE) with the answer an expert gives; the reasons stand in the facts.

``PROGRAMS`` are the torches; a cell's answers are written ``VALUE answer`` and separated by semicolons.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rdna_installer.model import Torch, TorchOrigin

STOCK52 = ("gfx900", "gfx906", "gfx908", "gfx90a", "gfx1030")
STOCK62 = (*STOCK52, "gfx942", "gfx1100")
STOCK64 = (*STOCK62, "gfx1101", "gfx1102", "gfx1200", "gfx1201")
STOCK71 = ("gfx900", "gfx906", "gfx908", "gfx90a", "gfx942", "gfx950", "gfx1030", "gfx1100", "gfx1101", "gfx1102")
STOCK71 = (*STOCK71, "gfx1150", "gfx1151", "gfx1200", "gfx1201")


def _torch(version: str, rocm: str | None, kernels: tuple[str, ...], origin: str = "pytorch.org") -> Torch:
    return Torch(version, rocm, kernels, next(o for o in TorchOrigin if o.value == origin))


PROGRAMS: dict[str, Torch | None] = {
    "none": None,
    "cpu": _torch("2.9.1+cpu", None, ()),
    "rocm5.2": _torch("1.13.1+rocm5.2", "5.2", STOCK52),
    "rocm6.0": _torch("2.4.1+rocm6.0", "6.0", STOCK62),
    "rocm6.2": _torch("2.5.1+rocm6.2", "6.2", STOCK62),
    "rocm6.4": _torch("2.9.1+rocm6.4", "6.4", STOCK64),
    "rocm7.1": _torch("2.10.0+rocm7.1", "7.1", STOCK71),
    "rocm7.2": _torch("2.12.0+rocm7.2", "7.2", STOCK71),
    "generic-10-1": _torch("2.10.0+rocm7.1", "7.1", ("gfx10-1-generic",), "therock"),
    "generic-10-3": _torch("2.10.0+rocm7.1", "7.1", ("gfx10-3-generic",), "therock"),
    "generic-11": _torch("2.10.0+rocm7.1", "7.1", ("gfx11-generic",), "therock"),
    "own-1010": _torch("2.12.0+rocm10.1.0", "10.1.0", ("gfx1010",), "therock"),
    "own-1031": _torch("2.13.0+rocm10.0.0", "10.0.0", ("gfx1031",), "therock"),
    "own-90c": _torch("2.13.0+rocm10.0.0", "10.0.0", ("gfx90c",), "therock"),
    "own-1152": _torch("2.14.0+rocm10.1.0", "10.1.0", ("gfx1152",), "therock"),
    "distro-1010": _torch("2.7.1", "6.4", ("gfx1010", "gfx1030"), "distro"),
    "nobody-knows": _torch("2.9.0", "6.4", (), "unknown"),
    "miopen-2026": _torch("2.14.0+rocm10.1.0", "10.1.0", ("gfx1031",), "therock"),
}

O = "HSA_OVERRIDE_GFX_VERSION"  # noqa: E741
# gfx, program, kernel, key, answers
ROWS: tuple[tuple[str, str, str, str, str], ...] = (
    # --- overrides: what the program has against what the chip is
    ("gfx1010", "none", "6.12.48", O, "10.3.0 harmful; 11.0.0 harmful; 9.0.0 harmful; 10.1.0 superfluous"),
    ("gfx1010", "cpu", "6.12.48", O, "10.3.0 harmful; 10.1.0 superfluous"),
    ("gfx1010", "rocm5.2", "6.1.0", O, "10.1.0 superfluous; 10.3.0 unknown; 11.0.0 harmful; 9.0.0 harmful"),
    ("gfx1012", "rocm5.2", "6.1.0", O, "10.1.2 superfluous; 10.3.0 unknown; 10.1.0 superfluous"),
    ("gfx1010", "rocm6.2", "6.1.0", O, "10.1.0 superfluous; 10.3.0 harmful; 10.3.1 harmful; 11.0.0 harmful"),
    ("gfx1010", "rocm6.4", "6.17.9", O, "10.1.0 superfluous; 10.3.0 harmful; 12.0.1 harmful"),
    ("gfx1010", "own-1010", "6.17.9", O, "10.1.0 superfluous; 10.3.0 harmful; 10.1.2 harmful; 11.0.0 harmful"),
    ("gfx1010", "distro-1010", "6.12.37", O, "10.1.0 superfluous; 10.3.0 harmful; 9.0.0 harmful"),
    ("gfx1010", "generic-10-1", "6.1.0", O, "10.1.0 superfluous; 10.3.0 harmful; 10.1.1 harmful"),
    ("gfx1011", "own-1010", "6.1.0", O, "10.1.0 right; 10.1.1 harmful; 10.3.0 harmful"),
    ("gfx1012", "own-1010", "6.1.0", O, "10.1.0 right; 10.1.2 harmful; 10.3.0 harmful; 11.0.0 harmful"),
    # numbers of no chip that is known: the major version tells the family
    ("gfx1010", "none", "6.1.0", O, "10.1.9 unknown; 9.0.9 harmful; 12.0.9 harmful"),
    ("gfx90c", "none", "6.1.0", O, "9.0.9 unknown; 10.1.9 harmful"),
    ("gfx1012", "generic-10-1", "6.1.0", O, "10.1.0 harmful; 10.1.2 superfluous; 10.3.0 harmful"),
    ("gfx1013", "own-1010", "6.12.48", O, "10.1.0 right; 10.1.3 harmful; 10.3.0 harmful"),
    ("gfx1013", "rocm6.4", "6.17.12", O, "10.1.0 superfluous; 10.1.3 superfluous; 10.3.0 harmful; 11.0.0 harmful"),
    ("gfx1030", "none", "6.12.48", O, "10.3.0 superfluous; 11.0.0 harmful; 10.1.0 harmful"),
    ("gfx1030", "rocm6.2", "6.12.48", O, "10.3.0 superfluous; 11.0.0 harmful; 10.1.0 harmful; 10.3.1 harmful"),
    ("gfx1030", "rocm7.2", "6.18.9", O, "10.3.0 superfluous; 9.0.6 harmful"),
    ("gfx1031", "none", "6.12.48", O, "10.3.1 superfluous; 11.0.0 harmful; 10.1.0 harmful"),
    ("gfx1031", "rocm6.2", "6.12.48", O, "10.3.0 right; 10.3.1 harmful; 11.0.0 harmful; 10.1.0 harmful"),
    ("gfx1031", "own-1031", "6.12.48", O, "10.3.1 superfluous; 10.3.0 harmful; 11.0.0 harmful"),
    ("gfx1031", "generic-10-3", "6.12.48", O, "10.3.1 superfluous; 10.3.0 harmful; 11.0.0 harmful"),
    ("gfx1031", "nobody-knows", "6.12.48", O, "10.3.1 superfluous; 10.3.0 unknown; 11.0.0 harmful"),
    ("gfx1032", "rocm6.4", "6.16.10", O, "10.3.0 right; 10.3.2 harmful; 11.0.0 harmful; 10.3.4 harmful"),
    ("gfx1034", "rocm6.2", "6.12.48", O, "10.3.0 right; 11.0.0 harmful"),
    ("gfx1035", "rocm6.2", "6.12.48", O, "10.3.0 right; 10.3.5 harmful"),
    ("gfx1033", "rocm6.2", "6.11.11", O, "11.0.0 harmful; 10.3.0 harmful; 10.3.3 superfluous"),
    ("gfx1036", "rocm6.2", "6.12.48", O, "10.3.0 right; 11.0.0 harmful"),
    ("gfx1100", "rocm6.2", "6.12.48", O, "11.0.0 superfluous; 10.3.0 harmful; 11.0.1 harmful; 12.0.0 harmful"),
    ("gfx1100", "rocm5.2", "6.12.48", O, "10.3.0 harmful; 11.0.0 superfluous"),
    ("gfx1101", "rocm6.2", "6.12.48", O, "11.0.0 right; 11.0.1 harmful; 10.3.0 harmful"),
    ("gfx1101", "rocm6.4", "6.12.48", O, "11.0.0 harmful; 11.0.1 superfluous"),
    ("gfx1102", "rocm6.2", "6.12.48", O, "11.0.0 unknown; 11.0.2 superfluous; 10.3.0 harmful"),
    ("gfx1102", "rocm6.4", "6.12.48", O, "11.0.0 harmful; 11.0.2 superfluous"),
    ("gfx1102", "generic-11", "6.12.48", O, "11.0.0 harmful; 11.0.2 superfluous"),
    ("gfx1103", "rocm7.1", "6.18.8", O, "11.0.0 harmful; 11.0.2 harmful; 11.0.3 superfluous; 10.3.0 harmful"),
    ("gfx1150", "rocm6.4", "6.17.9", O, "11.0.0 harmful; 11.5.0 superfluous"),
    ("gfx1150", "rocm7.1", "6.17.9", O, "11.0.0 harmful; 11.5.1 harmful; 11.5.0 superfluous"),
    ("gfx1151", "rocm6.4", "6.18.9", O, "11.0.0 unknown; 11.5.1 superfluous; 10.3.0 harmful"),
    ("gfx1151", "rocm7.1", "6.18.9", O, "11.0.0 harmful; 11.5.0 harmful; 11.5.1 superfluous"),
    ("gfx1152", "rocm7.1", "6.17.13", O, "11.5.0 unknown; 11.5.1 harmful; 11.0.0 harmful; 11.5.2 superfluous"),
    ("gfx1152", "own-1152", "7.1.5", O, "11.5.0 harmful; 11.0.0 harmful; 11.5.2 superfluous"),
    ("gfx1153", "rocm7.1", "6.17.13", O, "11.5.0 unknown; 11.0.0 harmful"),
    ("gfx1200", "rocm6.4", "6.17.9", O, "12.0.0 superfluous; 11.0.0 harmful; 12.0.1 harmful"),
    ("gfx1201", "rocm6.4", "6.17.9", O, "12.0.1 superfluous; 11.0.0 harmful; 10.3.0 harmful"),
    ("gfx90c", "rocm6.4", "6.12.48", O, "9.0.0 harmful; 9.0.12 superfluous; 9.4.0 superfluous"),
    ("gfx90c", "own-90c", "6.12.48", O, "9.0.0 harmful; 9.0.12 superfluous; 10.3.0 harmful"),
    ("gfx90a", "rocm6.4", "6.12.48", O, "9.0.10 superfluous; 10.3.0 harmful; 9.0.6 harmful"),
    ("gfx906", "rocm6.4", "6.14.0", O, "9.0.6 superfluous; 10.3.0 harmful; 9.0.0 harmful"),
    ("gfx803", "rocm6.4", "6.12.63", O, "8.0.3 superfluous; 10.3.0 harmful; 9.0.0 harmful"),
    # --- overrides: texts
    ("gfx1031", "rocm6.4", "6.12.48", O, " harmful;  10.3 harmful; 10.3.0.0 harmful; gfx1030 harmful; 10,3,0 harmful"),
    ("gfx1030", "rocm6.4", "6.12.48", O, "10.3.100 harmful; 10.3.16 harmful; 64.0.0 harmful; 10.300.0 harmful"),
    ("gfx1030", "rocm6.4", "6.12.48", O, "010.3.0 superfluous; 10.03.00 superfluous; v10.3.0 harmful; -10.3.0 harmful"),
    # --- overrides: per node (the GPU is node 1)
    ("gfx1031", "rocm6.4", "6.12.48", f"{O}_1", "10.3.0 right; 11.0.0 harmful; 10.3.1 harmful; 10.3 harmful"),
    ("gfx1031", "rocm6.4", "6.12.48", f"{O}_0", "10.3.0 harmful"),
    ("gfx1031", "rocm6.4", "6.12.48", f"{O}_7", "10.3.0 harmful"),
    ("gfx1031", "rocm6.2", "6.12.48", f"{O}_1", "10.3.0 unread; 11.0.0 unread; 10.3 harmful"),
    ("gfx1100", "rocm6.4", "6.16.10", f"{O}_1", "11.0.0 superfluous; 10.3.0 harmful"),
    # --- MIOpen
    ("gfx1010", "own-1010", "6.1.0", "MIOPEN_FIND_MODE", "normal harmful; 1 harmful; hybrid harmful"),
    ("gfx1031", "rocm6.4", "6.1.0", "MIOPEN_FIND_MODE", "3 harmful; fast mute; 2 mute; 5 superfluous; banana harmful"),
    ("gfx1100", "rocm6.4", "6.1.0", "MIOPEN_FIND_MODE", "normal unknown; 1 unknown; FAST mute; TRUST_VERIFY harmful"),
    ("gfx1100", "rocm7.2", "6.1.0", "MIOPEN_FIND_MODE", "TRUST_VERIFY mute; 7 mute; 8 harmful"),
    (
        "gfx1030",
        "rocm6.4",
        "6.1.0",
        "MIOPEN_FIND_ENFORCE",
        "1 superfluous; none superfluous; 3 harmful; SEARCH harmful",
    ),
    ("gfx1030", "rocm6.4", "6.1.0", "MIOPEN_DEBUG_CONV_DIRECT", "0 harmful; Disabled harmful; yes superfluous"),
    ("gfx1030", "rocm6.4", "6.1.0", "MIOPEN_DEBUG_CONV_WINOGRAD", "1 superfluous; on superfluous; 2 harmful"),
    ("gfx1030", "rocm6.0", "6.1.0", "MIOPEN_DEBUG_CONV_WINOGRAD", "banana unread; 1 superfluous"),
    ("gfx1031", "rocm6.4", "6.1.0", "MIOPEN_DEBUG_CONV_GEMM", "0 right; 1 harmful; false right; 7 harmful"),
    ("gfx1100", "rocm6.4", "6.1.0", "MIOPEN_DEBUG_CONV_GEMM", "0 mute; 1 superfluous"),
    ("gfx1031", "rocm6.4", "6.1.0", "MIOPEN_DEBUG_CONV_DIRECT_OCL_WRW53", "0 right; disable right; 1 harmful"),
    ("gfx1010", "own-1010", "6.1.0", "MIOPEN_DEBUG_AMD_WINOGRAD_RXS", "0 superfluous; 1 superfluous"),
    ("gfx906", "rocm6.4", "6.1.0", "MIOPEN_DEBUG_AMD_WINOGRAD_RXS", "0 mute"),
    ("gfx1030", "rocm6.4", "6.1.0", "MIOPEN_DEBUG_FIND_ONLY_SOLVER", "anything harmful; GemmFwdRest unknown"),
    ("gfx1030", "rocm6.4", "6.1.0", "MIOPEN_DEBUG_FIND_ONLY_SOLVER", "85 unknown; ConvOclDirectFwd,x harmful"),
    ("gfx1010", "own-1010", "6.1.0", "MIOPEN_FORCE_RDNA1", "1 unread; 0 unread"),
    ("gfx1030", "rocm6.2", "6.1.0", "MIOPEN_FIND_MODE_FUSION", "5 unread"),
    ("gfx1030", "rocm6.4", "6.1.0", "MIOPEN_FIND_MODE_FUSION", "2 superfluous"),
    ("gfx1030", "rocm6.4", "6.1.0", "MIOPEN_DEBUG_DISABLE_USER_DB", "1 unread"),
    ("gfx1031", "miopen-2026", "6.1.0", "MIOPEN_DEBUG_DISABLE_USER_DB", "1 mute"),
    ("gfx1030", "rocm6.4", "6.1.0", "MIOPEN_LOG_LEVEL", "5 mute; 6 mute"),
    ("gfx1030", "rocm6.4", "6.1.0", "MIOPEN_USER_DB_PATH", "/data/miopen mute"),
    ("gfx1030", "rocm6.4", "6.1.0", "MIOPEN_NO_SUCH_SWITCH", "1 mute"),
    # --- ROCr, HIP
    ("gfx1031", "rocm6.4", "6.1.0", "HSA_XNACK", "0 superfluous; 1 superfluous"),
    ("gfx1010", "own-1010", "6.1.0", "HSA_XNACK", "0 superfluous; 1 mute"),
    ("gfx1031", "rocm6.4", "6.1.0", "HSA_ENABLE_SDMA", "0 mute; 1 mute"),
    ("gfx1031", "rocm6.4", "6.1.0", "HSA_FORCE_FINE_GRAIN_PCIE", "1 unknown"),
    ("gfx1031", "rocm6.4", "6.1.0", "GPU_DEVICE_ORDINAL", "0 unread; 1 unread"),
    ("gfx1031", "rocm6.4", "6.1.0", "HIP_VISIBLE_DEVICES", "0 superfluous; 1 unknown; -1 harmful; none harmful"),
    ("gfx1031", "rocm6.4", "6.1.0", "ROCR_VISIBLE_DEVICES", "0 mute; -1 harmful"),
    ("gfx1031", "rocm6.4", "6.1.0", "HIP_FORCE_COARSE_GRAIN", "1 unread"),
    ("gfx1031", "rocm6.4", "6.1.0", "HIP_FORCE_DEV_KERNARG", "1 superfluous"),
    # --- PyTorch, Triton
    ("gfx1031", "rocm6.4", "6.1.0", "PYTORCH_ROCM_ARCH", "gfx1030 unread; gfx1031 unread"),
    ("gfx1031", "rocm6.4", "6.1.0", "PYTORCH_NO_HIP_MEMORY_CACHING", "1 superfluous"),
    ("gfx1200", "rocm7.2", "6.17.0", "PYTORCH_NO_HIP_MEMORY_CACHING", "1 unknown"),
    ("gfx1200", "rocm6.4", "6.17.0", "PYTORCH_NO_HIP_MEMORY_CACHING", "1 superfluous"),
    ("gfx1031", "rocm6.4", "6.1.0", "PYTORCH_TUNABLEOP_ENABLED", "1 harmful; 0 superfluous"),
    ("gfx1031", "rocm6.4", "6.1.0", "TORCH_BLAS_PREFER_HIPBLASLT", "1 harmful; 0 superfluous"),
    ("gfx1201", "rocm6.4", "6.17.9", "TORCH_BLAS_PREFER_HIPBLASLT", "0 unread; 1 mute"),
    ("gfx1201", "rocm7.2", "6.17.9", "TORCH_BLAS_PREFER_HIPBLASLT", "0 unknown"),
    ("gfx1031", "rocm6.2", "6.1.0", "PYTORCH_ALLOC_CONF", "garbage_collection_threshold:0.8 unread"),
    ("gfx1031", "rocm6.4", "6.1.0", "PYTORCH_ALLOC_CONF", "garbage_collection_threshold:0.8 mute"),
    ("gfx1010", "own-1010", "6.1.0", "AMDGCN_USE_BUFFER_OPS", "0 right; 1 harmful"),
    ("gfx1010", "distro-1010", "6.1.0", "AMDGCN_USE_BUFFER_OPS", "0 superfluous; 1 harmful"),
    ("gfx1012", "own-1010", "6.1.0", "AMDGCN_USE_BUFFER_OPS", "0 right; 1 harmful"),
    ("gfx1031", "rocm6.4", "6.1.0", "AMDGCN_USE_BUFFER_OPS", "0 superfluous"),
    # --- the kernel
    ("gfx1010", "rocm6.4", "6.1.0", "noretry", "0 harmful; -1 superfluous; 1 mute; banana harmful; 7 harmful"),
    ("gfx1010", "rocm6.4", "7.2.1", "noretry", "1 superfluous; 0 harmful"),
    ("gfx1151", "rocm7.1", "7.0.0", "noretry", "0 harmful; 1 superfluous"),
    ("gfx1031", "none", "6.12.48", "amdgpu.noretry", "0 harmful; 00 harmful; 0x0 harmful; 0x1 superfluous"),
    ("gfx1031", "rocm6.4", "6.12.48", "vm_fragment_size", "9 superfluous; -1 superfluous; 4 superfluous; 512 harmful"),
    ("gfx1031", "rocm6.4", "6.12.48", "vm_update_mode", "0 superfluous; -1 superfluous; 3 mute"),
    ("gfx1031", "rocm6.4", "6.12.48", "mtype_local", "1 unread; 0 unread"),
    ("gfx942", "rocm6.4", "6.12.48", "mtype_local", "1 mute"),
    ("gfx1031", "rocm6.4", "6.1.0", "mtype_local", "1 unread"),
    ("gfx1031", "rocm6.4", "6.12.48", "gtt_size", "8192 unread"),
    ("gfx1031", "rocm6.4", "6.12.48", "amdgpu.gtt_size", "8192 unread"),
    ("gfx1031", "rocm6.4", "6.12.48", "gttsize", "8192 superfluous; -1 superfluous; 32768 harmful"),
    ("gfx1103", "rocm7.1", "6.18.8", "gttsize", "24576 superfluous; 31744 harmful"),
    ("gfx1103", "rocm7.1", "6.18.8", "ttm.pages_limit", "6291456 mute; 8388608 harmful; 12 harmful"),
    ("gfx1031", "rocm6.4", "6.18.8", "ttm.pages_limit", "4194304 superfluous"),
    ("gfx1031", "rocm6.4", "6.12.48", "ppfeaturemask", "0xffffffff superfluous; 0xfff7ffff superfluous; x harmful"),
    ("gfx1031", "rocm6.4", "6.12.48", "gpu_recovery", "1 superfluous; -1 superfluous; 0 harmful"),
    ("gfx1031", "rocm6.4", "6.12.48", "cwsr_enable", "0 superfluous; 1 superfluous"),
    ("gfx1201", "rocm6.4", "6.17.9", "cwsr_enable", "0 superfluous"),
    ("gfx1151", "rocm7.1", "6.17.9", "cwsr_enable", "0 right; 1 harmful"),
    ("gfx1151", "rocm7.1", "6.18.9", "cwsr_enable", "0 mute"),
    ("gfx1151", "rocm7.1", "6.19.12", "cwsr_enable", "0 superfluous"),
    ("gfx1103", "rocm7.1", "6.18.8", "cwsr_enable", "0 right"),
    ("gfx1103", "rocm7.1", "6.19.10", "cwsr_enable", "0 superfluous"),
    ("gfx1152", "rocm7.1", "6.17.13", "cwsr_enable", "0 right"),
    ("gfx1031", "rocm6.4", "6.12.48", "mes", "1 mute"),
    ("gfx1031", "rocm6.4", "7.2.1", "mes", "1 unread; 0 unread"),
    ("gfx1031", "rocm6.4", "6.1.0", "svm_default_granularity", "9 unread"),
    ("gfx1031", "rocm6.4", "6.12.48", "no_such_parameter", "1 mute"),
)


@dataclass(frozen=True)
class Cell:
    """One question and its answer; ``mute``: unknown, and nothing is said of it."""

    gfx: str
    program: str
    kernel: str
    key: str
    value: str
    answer: str

    @property
    def id(self) -> str:
        return f"{self.gfx}-{self.program}-{self.kernel}-{self.key}={self.value}"


def cells() -> Iterator[Cell]:
    for gfx, program, kernel, key, answers in ROWS:
        for text in answers.split("; "):
            value, _, answer = text.rpartition(" ")
            yield Cell(gfx, program, kernel, key, value, answer)


APUS = {"gfx1033", "gfx1035", "gfx1036", "gfx1103", "gfx1150", "gfx1151", "gfx1152", "gfx1153", "gfx90c", "gfx1013"}
