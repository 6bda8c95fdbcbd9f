"""What somebody else has set: one variable, or one option of the GPU's modules. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from rdna_installer.model import HostFacts
from rdna_installer.parameter import spell
from rdna_installer.record import record

OURS = "/etc/modprobe.d/rdna-installer"  # and whatever follows: our files all begin like this
MODULES = ("amdgpu", "ttm", "amdttm", "")  # "": an argument of the kernel's own
PREFIXES = ("HSA_", "HIP_", "ROCR_", "MIOPEN_", "PYTORCH_", "TORCH_", "AMD", "GPU_", "ROCBLAS_", "CUDA_V", "LD_L")
IN_LIBRARIES = ("MIOPEN_", "HIP_", "AMD_", "GPU_", "ROCBLAS_")  # as in check/libraries.py, which is loaded for these


@record(frozen=True)
class Foreign:
    """One assignment of somebody else. ``source`` is file:line, or the session (which does not last)."""

    key: str
    value: str
    source: str
    lasting: bool = True
    site: str | None = None  # the Python it is for, where it is for just one


def kernel_options(facts: HostFacts) -> Iterator[Foreign]:
    """Others' options of the GPU's modules, in modprobe.d and on the kernel command line."""
    for option in facts.modprobe:
        if option.module in MODULES and not option.source.startswith(OURS):
            yield Foreign(spell(option.module, option.key), option.value, option.source)
