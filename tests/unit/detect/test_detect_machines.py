"""The captured machines: what we say must be what they are (machines.tsv)."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from rdna_installer.detect.gpus import GpuScan, find_gpus
from rdna_installer.detect.host import Ask, detect
from rdna_installer.machine.sysroot import Sysroot

SLUGS = (
    "k8s-mi210-xgmi-pcie", "k8s-topology-parsing", "lact-intel-a380-i915", "lact-nvidia-rtx4080", "lact-phoenix",
    "lact-r9-280", "lact-rx5700xt", "lact-rx580", "lact-rx6600", "lact-rx7900xtx", "lact-rx9070", "lact-vangogh",
    "mi300a-4apu", "partial-rx6600-raphael-igpu", "report-only-w7900d-cgroup-masked", "tinygrad-tinybox-7900xtx",
)  # fmt: skip


def _root(slug: str, captures: Path, tmp_path: Path, tree, monkeypatch) -> Sysroot:
    if slug == "report-only-w7900d-cgroup-masked":
        return masked(tree, monkeypatch)
    if slug == "tinygrad-tinybox-7900xtx":
        shutil.copytree(captures / "machines" / slug, tmp_path / slug)
        for template in (tmp_path / slug).rglob("properties.template"):
            template.with_name("properties").write_text(template.read_text().format(drm_render_minor=128))
        return Sysroot(tmp_path / slug)
    return Sysroot(captures / "machines" / slug)


def masked(tree, monkeypatch) -> Sysroot:
    """Eight W7900D, seven of them outside the session's device cgroup: listed, but reading gives EPERM.

    The refusal is made where Sysroot reads, because root can read whatever chmod says.
    """
    tree.node(0, cpu_cores_count=32, simd_count=0)
    for n in range(8):
        tree.gpu_node(n + 1, 110000, 0x744B, location_id=(n + 3) << 8, domain=0)
        tree.card(n, "1002:744B", f"0000:{n + 3:02x}:00.0")
    real = Sysroot.read_bytes

    def read(self: Sysroot, inside: object, **limit: int) -> bytes:
        if "/nodes/" in str(inside) and str(inside).split("/nodes/")[1].split("/")[0] not in ("0", "2"):
            raise PermissionError(1, "Operation not permitted", str(inside))
        return real(self, inside, **limit)

    monkeypatch.setattr(Sysroot, "read_bytes", read)
    return tree.root


@pytest.mark.parametrize("slug", SLUGS)
def test_agrees_with_the_captured_machine(slug, captures, tmp_path, tree, monkeypatch) -> None:
    with (captures / "machines.tsv").open() as table:
        rows = {row["slug"]: row for row in csv.DictReader(table, delimiter="\t")}
    assert set(rows) == set(SLUGS), "machines.tsv has other machines than this test"
    truth = rows[slug]

    facts = detect(_root(slug, captures, tmp_path, tree, monkeypatch), Ask())

    wanted = set() if truth["gfx_targets"] == "-" else set(truth["gfx_targets"].split(","))
    assert {gpu.gfx for gpu in facts.gpus} == wanted
    assert len(facts.gpus) == int(truth["gpu_nodes_or_cards"])
    assert not facts.live
    assert facts.running_kernel is None
    assert facts.boot_id is None


DETAILS = {
    "k8s-mi210-xgmi-pcie": ("gfx90a", "AMD Instinct MI210", "0000:63:00.0", 2, "kfd", False),
    "lact-phoenix": ("gfx1103", "AMD Radeon 780M Graphics", "0000:64:00.0", 1, "kfd", True),
    "lact-rx580": ("gfx803", "AMD Radeon RX 580 Series", "0000:09:00.0", None, "pci-id", False),
    "lact-vangogh": ("gfx1033", "AMD Custom GPU 0405", "0000:04:00.0", 1, "kfd", True),
    "mi300a-4apu": ("gfx942", "AMD Instinct MI300A", "0000:02:00.0", 4, "kfd", False),
}


@pytest.mark.parametrize(("slug", "wanted"), DETAILS.items(), ids=DETAILS)
def test_the_first_gpu_in_full(slug, wanted, captures) -> None:
    gpu = find_gpus(Sysroot(captures / "machines" / slug)).gpus[0]
    assert (gpu.gfx, gpu.name, gpu.pci, gpu.kfd_node, gpu.source.value, gpu.integrated) == wanted


def test_four_apus_with_one_location_differ_by_domain(captures) -> None:
    gpus = find_gpus(Sysroot(captures / "machines" / "mi300a-4apu")).gpus
    assert [gpu.pci for gpu in gpus] == [f"{n:04x}:02:00.0" for n in range(4)]


def test_a_card_too_old_for_rocm_is_named_and_no_gpu(captures) -> None:
    scan = find_gpus(Sysroot(captures / "machines" / "lact-r9-280"))
    assert scan.gpus == ()
    assert [(d.pci, d.device) for d in scan.unidentified] == [("0000:01:00.0", "679a")]


def test_masked_nodes_are_hidden_and_their_cards_not_ours(tree, monkeypatch) -> None:
    scan: GpuScan = find_gpus(masked(tree, monkeypatch))
    assert scan.hidden_nodes == 7
    assert [(gpu.gfx, gpu.pci, gpu.kfd_node) for gpu in scan.gpus] == [("gfx1100", "0000:04:00.0", 2)]
    assert scan.unidentified == ()
