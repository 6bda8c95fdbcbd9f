"""No kernel option gets into a plan unproved."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from kernel_samples import KERNEL, TYPES, option

from rdna_installer.model import KernelImage, Layer, Setting
from rdna_installer.plan.prove import deciding_kernel, prove

OLD = KernelImage("5.10.0-9-amd64", "module", {"amdgpu": {"noretry": "uint"}})
NO_TYPES = KernelImage("6.9.1-amd64", "module", None)
CLOUD = KernelImage("6.12.1-cloud", "absent", None)


@dataclass(frozen=True)
class UpToNine:
    def problem(self, value: str) -> str | None:
        return None if int(value) <= 9 else "it takes at most 9"


CATALOGUE = {"vm_fragment_size": UpToNine()}


@pytest.mark.parametrize(
    ("setting", "kernels", "reason"),
    [
        (option("noretry", "1"), [KERNEL], None),
        (option("ttm.pages_limit", "4096"), [KERNEL], None),
        (option("noretry", "banana"), [KERNEL],
         "kernel 6.1.0-56-amd64 would not load amdgpu: 'banana' is no integer (int)"),
        (option("noretry", "-1"), [OLD, KERNEL],
         "kernel 5.10.0-9-amd64 would not load amdgpu: '-1' is negative (uint)"),
        (option("gtt_size", "8192"), [KERNEL],
         "amdgpu of kernel 6.1.0-56-amd64 has no parameter 'gtt_size' (it is called gttsize)"),
        (option("mes", "1"), [KERNEL], "amdgpu of kernel 6.1.0-56-amd64 has no parameter 'mes'"),
        (option("vm_fragment_size", "10"), [KERNEL], "it takes at most 9"),
        (option("noretry", "1"), [replace(KERNEL, parameters=None)],
         "the options of kernel 6.1.0-56-amd64 cannot be read (is kmod installed?)"),
        (option("noretry", "1"), [CLOUD], "no installed kernel has an amdgpu module: it cannot be checked here"),
        (option("noretry", "1"), [], "no installed kernel has an amdgpu module: it cannot be checked here"),
    ],
)  # fmt: skip
def test_refusals(setting: Setting, kernels: list[KernelImage], reason: str | None) -> None:
    refused = prove([setting], kernels, KERNEL.release, CATALOGUE).refused
    assert [r.reason for r in refused] == ([] if reason is None else [f"{setting.key}={setting.value}: {reason}"])


@pytest.mark.parametrize(
    ("kernels", "running", "warnings"),
    [
        ([KERNEL], KERNEL.release, ()),
        ([KERNEL, OLD], KERNEL.release,
         ("amdgpu of kernel 5.10.0-9-amd64 has no parameter 'gttsize': it will be ignored there",)),
        ([KERNEL, NO_TYPES], KERNEL.release,
         ("the parameters of kernel 6.9.1-amd64 could not be read: options are not checked for it",)),
        ([KERNEL, CLOUD], KERNEL.release, ()),
        ([KERNEL, CLOUD], CLOUD.release,
         ("the running kernel 6.12.1-cloud has no amdgpu module here: options were checked against the newest "
          "installed kernel, 6.1.0-56-amd64",)),
        ([OLD, KERNEL], None,
         ("no kernel of this root is running: options were checked against the newest installed kernel, 6.1.0-56-amd64",
          "amdgpu of kernel 5.10.0-9-amd64 has no parameter 'gttsize': it will be ignored there")),
    ],
)  # fmt: skip
def test_warnings(kernels: list[KernelImage], running: str | None, warnings: tuple[str, ...]) -> None:
    proof = prove([option("gttsize", "8192")], kernels, running, CATALOGUE)
    assert (proof.refused, proof.warnings) == ((), warnings)


def test_only_kernel_settings_are_proved() -> None:
    assert prove([Setting(Layer.ENV, None, "HSA_X", "y", "r")], [], None, {}).refused == ()


def test_the_newest_kernel_decides_by_number_not_by_letter() -> None:
    nine, ten = replace(KERNEL, release="6.9.0"), replace(KERNEL, release="6.10.0")
    assert deciding_kernel([ten, nine], None) is ten


def test_the_documents_wrong_names_and_values(facts_dir: Path) -> None:
    """gtt_size, mtype_local and noretry=banana of the source documents against the real types of three kernels."""
    table = (facts_dir / "kernel/amdgpu-params.tsv").read_text()
    kernels: dict[str, dict[str, str]] = {}
    for row in csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        if row["in_modinfo"] == "yes":
            kernels.setdefault(row["kernel"], {})[row["param"]] = row["type"].split()[0]
    images = [KernelImage(release, "module", {"amdgpu": types}) for release, types in kernels.items()]
    assert len(images) == 3
    wanted = [option(k, v) for k, v in [("noretry", "1"), ("vm_fragment_size", "9"), ("vm_update_mode", "0")]]
    assert prove(wanted, images, "6.1.192", {}).refused == ()
    wrong = [option(k, v) for k, v in [("gtt_size", "8192"), ("mtype_local", "1"), ("noretry", "banana")]]
    assert [r.key for r in prove(wrong, images, "6.1.192", {}).refused] == ["gtt_size", "mtype_local", "noretry"]
    assert len(prove([option("mes", "0")], images, "6.1.192", {}).warnings) == 1  # gone in 7.2
    assert TYPES["amdgpu"].items() <= kernels["6.1.192"].items()
