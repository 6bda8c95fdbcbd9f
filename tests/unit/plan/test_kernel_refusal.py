"""Where modprobe.d is the wrong place, the user gets the line to use there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from kernel_samples import KERNEL, facts, option

from rdna_installer.errors import Exit
from rdna_installer.model import HostFacts, Layer, ModuleState, Setting
from rdna_installer.plan.surroundings import refuse_kernel_layer

WANTED = [option("noretry", "1"), option("ttm.pages_limit", "4096")]


def immutable(kind: str) -> HostFacts:
    return facts(immutable=kind)


@pytest.mark.parametrize(
    ("machine", "reference", "snippet"),
    [
        (immutable("rpm-ostree"), "kernel-layer-rpm-ostree",
         "sudo rpm-ostree kargs --append-if-missing=amdgpu.noretry=1 --append-if-missing=ttm.pages_limit=4096"),
        (immutable("nixos"), "kernel-layer-nixos",
         'boot.kernelParams = [ "amdgpu.noretry=1" "ttm.pages_limit=4096" ];'),
        (immutable("bootc"), "kernel-layer-bootc", "kargs = ['amdgpu.noretry=1', 'ttm.pages_limit=4096']"),
        (immutable("uki"), "kernel-layer-uki", "kernel command line: amdgpu.noretry=1 ttm.pages_limit=4096"),
        (facts(amdgpu=ModuleState(True, True, None, {})), "kernel-layer-builtin", "command line: amdgpu.noretry=1"),
        (facts(kernels=(replace(KERNEL, amdgpu="builtin"),), running_kernel=None), "kernel-layer-builtin", "GRUB"),
    ],
)  # fmt: skip
def test_refused_with_the_snippet(machine: HostFacts, reference: str, snippet: str) -> None:
    error = refuse_kernel_layer(machine, WANTED)
    assert error is not None and error.hint is not None
    assert (error.reference, error.exit_code) == (reference, Exit.REFUSED)
    assert snippet in error.hint


def test_not_refused() -> None:
    assert refuse_kernel_layer(facts(), WANTED) is None
    assert refuse_kernel_layer(immutable("nixos"), [Setting(Layer.ENV, None, "A", "b", "r")]) is None
