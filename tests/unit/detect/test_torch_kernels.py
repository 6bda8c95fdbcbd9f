"""Which kernels a torch has and which its libraries have, on every layout that wheels come in (and break into)."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath

import pytest
from detect_tree import Tree
from elf_sample import bundle, elf, kpack

from rdna_installer.detect.torch import read_torch
from rdna_installer.model import Proof, Torch, TorchKind

SITE = "/home/u/venv/lib/python3.11/site-packages"
TEN = "2.14.0+rocm10.1.0"
LIST = ("gfx900", "gfx1030", "gfx1100")


def _read(tree: Tree, site: str = SITE) -> Torch:
    torch = read_torch(tree.root, PurePosixPath(site))
    assert torch is not None
    return torch


def _dist(tree: Tree, name: str, record: str | None = None) -> None:
    tree.file(f"{SITE}/{name}.dist-info/METADATA", f"Name: {name}\n")
    if record is not None:
        tree.file(f"{SITE}/{name}.dist-info/RECORD", record)


def _rocblas(tree: Tree, folder: str, *targets: str) -> None:
    for target in targets:
        tree.file(f"{SITE}/{folder}/rocblas/library/TensileLibrary_lazy_{target}.dat", "x")


def _split(tree: Tree, version: str = TEN) -> None:
    """AMD's split torch, without any device package."""
    tree.torch(SITE, version, "hip: Optional[str] = '7.16.26385'\nrocm: Optional[str] = '10.1.0'\n")
    tree.file(f"{SITE}/torch/_rocm_init.py")
    tree.file(f"{SITE}/torch/lib/libtorch_hip.so", elf({".hip_fatbin": bytes(64), ".rocm_kpack_ref": b"\x80"}))
    _dist(tree, f"torch-{version}")


def _device(tree: Tree, gfx: str, version: str = TEN, content: bytes | None = None, record: str | None = None) -> None:
    _dist(tree, f"amd_torch_device_{gfx}-{version}", record)
    tree.file(f"{SITE}/torch/.kpack/torch_{gfx}.kpack", kpack([gfx]) if content is None else content)


def test_split_without_any_device_package_is_a_plain_no(tree) -> None:
    _split(tree)
    torch = _read(tree)
    assert (torch.gfx_targets, torch.unsure, torch.known_from) == ((), (), Proof.FILES)
    assert "without a device package" in torch.note


def test_split_needs_no_init_file_to_be_known(tree) -> None:
    tree.torch(SITE, "2.13.0+rocm10.0.0")
    tree.file(f"{SITE}/torch-2.13.0+rocm10.0.0.dist-info/METADATA", "Name: torch\nRequires-Dist: rocm-bootstrap\n")
    assert (_read(tree).gfx_targets, _read(tree).known_from) == ((), Proof.FILES)


def test_rocms_device_package_gives_kernels_to_the_libraries_alone(tree) -> None:
    _split(tree)
    _dist(tree, "rocm_sdk_device_gfx1010-10.1.0")
    assert (_read(tree).gfx_targets, _read(tree).rocblas.gfx_targets) == ((), ("gfx1010",))
    assert _read(tree).rocblas.known_from is Proof.PACKAGE
    _rocblas(tree, "_rocm_sdk_libraries/lib", "gfx1010")
    assert _read(tree).rocblas.known_from is Proof.FILES
    assert _read(tree).gfx_targets == ()


def test_a_whole_set(tree) -> None:
    _split(tree)
    for gfx in ("gfx1030", "gfx1010"):
        _device(tree, gfx)
        _rocblas(tree, "_rocm_sdk_libraries/lib", gfx)
    torch = _read(tree)
    assert (torch.gfx_targets, torch.known_from, torch.note) == (("gfx1010", "gfx1030"), Proof.BINARY, "")


def test_an_archive_that_cannot_be_read_counts_by_its_name(tree) -> None:
    _split(tree)
    _device(tree, "gfx1010", content=b"KPAK" + b"\x81" * 60)
    assert (_read(tree).gfx_targets, _read(tree).known_from) == (("gfx1010",), Proof.FILES)


@pytest.mark.parametrize(
    ("content", "record"),
    [
        (b"", None),
        (kpack(["gfx1030"]), None),
        (kpack(["gfx1010"])[:-1], f"torch/.kpack/torch_gfx1010.kpack,sha256=00,{len(kpack(['gfx1010']))}\n"),
    ],
    ids=["empty", "for another target", "cut"],
)
def test_a_broken_archive_is_no_kernel(tree, content, record) -> None:
    _split(tree)
    _device(tree, "gfx1010", content=content, record=record)
    torch = _read(tree)
    assert (torch.gfx_targets, torch.unsure) == ((), ())
    assert torch.note == "torch_gfx1010.kpack is broken: install amd_torch_device_gfx1010 again"


def test_a_package_whose_archive_was_lost(tree) -> None:
    _split(tree)
    _dist(tree, f"amd_torch_device_gfx1010-{TEN}")
    torch = _read(tree)
    assert (torch.gfx_targets, torch.known_from) == ((), Proof.FILES)
    assert torch.note == "amd_torch_device_gfx1010 is installed, but its kernels are not there"


def test_an_archive_of_another_version(tree) -> None:
    _split(tree)
    _device(tree, "gfx1010", "2.13.0+rocm10.0.0")
    torch = _read(tree)
    assert (torch.gfx_targets, torch.unsure) == ((), ())
    assert torch.note == "torch_gfx1010.kpack is of version 2.13.0+rocm10.0.0, not of this torch"


def test_an_archive_nobody_brought_is_no_proof(tree) -> None:
    _split(tree)
    tree.file(f"{SITE}/torch/.kpack/torch_gfx1010.kpack", kpack(["gfx1010"]))
    torch = _read(tree)
    assert (torch.gfx_targets, torch.unsure) == ((), ("gfx1010",))


@pytest.mark.parametrize("name", ["gfx110x", "gfx115x", "gfx12_0"])
def test_a_familys_package_has_no_kernels(tree, name) -> None:
    _split(tree)
    _dist(tree, f"amd_torch_device_{name}-{TEN}")
    tree.file(f"{SITE}/torch/lib/aotriton.images/amd-gfx11xx/x")
    assert _read(tree).gfx_targets == ()


def test_the_archive_for_a_feature_keeps_it(tree) -> None:
    _split(tree)
    _dist(tree, f"amd_torch_device_gfx90a-{TEN}")
    tree.file(f"{SITE}/torch/.kpack/torch_gfx90a:xnack+.kpack", kpack(["gfx90a:xnack+"]))
    assert _read(tree).gfx_targets == ("gfx90a:xnack+",)


def test_versions_are_compared_as_versions(tree) -> None:
    _split(tree, "2.14.0+ROCM10.1.0a20260822")
    _device(tree, "gfx1010", "2.14.0+rocm10.1.0a20260822")
    assert _read(tree).gfx_targets == ("gfx1010",)


def test_pytorch_org_with_libraries_for_all_targets(tree) -> None:
    """From ROCm 7.14 on: its own list in libtorch_hip.so, rocm_sdk_device_* for every target beside it."""
    tree.torch(SITE, "2.15.0.dev20261001+rocm10.0", "hip: Optional[str] = '7.15'")
    tree.file(f"{SITE}/torch/lib/libtorch_hip.so", elf({".hip_fatbin": bundle(LIST)}))
    for gfx in ("gfx1010", "gfx1031", *LIST):
        _dist(tree, f"rocm_sdk_device_{gfx}-10.0.0")
        _rocblas(tree, "_rocm_sdk_libraries/lib", gfx)
    torch = _read(tree)
    assert (torch.gfx_targets, torch.known_from) == (LIST, Proof.BINARY)
    assert torch.rocblas.gfx_targets == ("gfx900", "gfx1010", "gfx1030", "gfx1031", "gfx1100")
    tree.file(f"{SITE}/torch/lib/libtorch_hip.so", b"placeholder")
    assert (_read(tree).gfx_targets, _read(tree).known_from) == ((), Proof.UNKNOWN)


def test_bundled_rocblas_files_stand_for_torchs_list(tree) -> None:
    tree.torch(SITE, "2.12.1+rocm7.2")
    _rocblas(tree, "torch/lib", *LIST)
    assert (_read(tree).gfx_targets, _read(tree).known_from) == (LIST, Proof.FILES)


def test_bundled_files_that_somebody_added_do_not(tree) -> None:
    tree.torch(SITE, "2.12.1+rocm7.2")
    _rocblas(tree, "torch/lib", *LIST, "gfx1010")
    lines = [f"torch/lib/rocblas/library/TensileLibrary_lazy_{gfx}.dat,sha256=x,1" for gfx in LIST]
    _dist(tree, "torch-2.12.1+rocm7.2", "\n".join(lines))
    torch = _read(tree)
    assert torch.gfx_targets == LIST
    assert torch.rocblas.gfx_targets == ("gfx900", "gfx1010", "gfx1030", "gfx1100")


def test_the_binary_outranks_the_bundled_names(tree) -> None:
    """torch has gfx1103, the rocBLAS in its wheel has not (pytorch#179865)."""
    tree.torch(SITE, "2.13.0+rocm7.2")
    _rocblas(tree, "torch/lib", "gfx1100")
    tree.file(f"{SITE}/torch/lib/libtorch_hip.so", elf({".hip_fatbin": bundle(["gfx1100", "gfx1103"])}))
    torch = _read(tree)
    assert torch.gfx_targets == ("gfx1100", "gfx1103")
    assert torch.rocblas.gfx_targets == ("gfx1100",), "the first matrix product on gfx1103 would end the program"


def test_a_family_build_by_its_binary_else_by_its_rocblas(tree) -> None:
    tree.torch(SITE, "2.10.0+rocm7.13.0a20260401")
    tree.file(f"{SITE}/torch/_rocm_init.py")
    tree.file(f"{SITE}/_rocm_sdk_libraries_gfx103X_all/__init__.py")
    assert (_read(tree).gfx_targets, _read(tree).unsure) == ((), ("gfx103X_all",))
    _rocblas(tree, "_rocm_sdk_libraries_gfx103X_all/lib", "gfx1030", "gfx1031")
    assert (_read(tree).gfx_targets, _read(tree).known_from) == (("gfx1030", "gfx1031"), Proof.FILES)
    tree.file(f"{SITE}/torch/lib/libtorch_hip.so", elf({".hip_fatbin": bundle(["gfx1030"])}))
    assert (_read(tree).gfx_targets, _read(tree).known_from) == (("gfx1030",), Proof.BINARY)


@pytest.mark.parametrize("version", ["2.5.0a0+git1234567", "2.9.1+debian"])
def test_others_builds_have_what_their_binary_has(tree, version) -> None:
    site = "/usr/lib/python3/dist-packages" if "debian" in version else SITE
    tree.torch(site, version, "hip = '6.2.41134'")
    tree.file("/opt/rocm/lib/rocblas/library/TensileLibrary_lazy_gfx1010.dat")
    assert (_read(tree, site).gfx_targets, _read(tree, site).known_from) == ((), Proof.UNKNOWN)
    place = (
        "/usr/lib/x86_64-linux-gnu/libtorch_hip.so.2.9" if "debian" in version else f"{SITE}/torch/lib/libtorch_hip.so"
    )
    tree.file(place, elf({".hip_fatbin": bundle(["gfx1010"])}))
    assert (_read(tree, site).gfx_targets, _read(tree, site).known_from) == (("gfx1010",), Proof.BINARY)


def test_a_library_without_gpu_code_is_a_no(tree) -> None:
    tree.torch(SITE, "2.5.0a0+git1234567", "hip = '6.2.41134'")
    tree.file(f"{SITE}/torch/lib/libtorch_hip.so", elf({".text": b"x"}))
    assert (_read(tree).gfx_targets, _read(tree).known_from) == ((), Proof.BINARY)


def test_a_folder_for_each_target(tree) -> None:
    _split(tree)
    tree.file(f"{SITE}/_rocm_sdk_libraries/lib/rocblas/library/gfx1010/TensileLibrary_lazy_gfx1010.dat", "x")
    (tree.top / f"{SITE}/_rocm_sdk_libraries/lib/rocblas/library/gfx1030".lstrip("/")).mkdir()
    tree.file(f"{SITE}/_rocm_sdk_libraries/lib/hipblaslt/library/gfx1100/Kernels.so-000-gfx1100.hsaco", "x")
    assert [(library.name, library.gfx_targets) for library in _read(tree).libraries] == [
        ("rocBLAS", ("gfx1010",)),
        ("hipBLASLt", ("gfx1100",)),
    ]


@pytest.mark.parametrize(
    ("version", "more", "libraries", "kind"),
    [
        ("2.13.0+cu130", "cuda: Optional[str] = '13.0'\nhip: Optional[str] = None", (), TorchKind.CUDA),
        ("2.13.0", "cuda: Optional[str] = '12.8'", (), TorchKind.CUDA),
        ("2.13.0+cu130", "", (), TorchKind.CUDA),
        ("2.13.0+cpu", "cuda: Optional[str] = None\nhip: Optional[str] = None", (), TorchKind.CPU),
        ("2.13.0", "cuda = None\nhip = None", (), TorchKind.CPU),
        ("2.13.0", "", ("libtorch_cpu.so",), TorchKind.CPU),
        ("2.13.0+xpu", "", (), TorchKind.XPU),
        ("2.13.0", "xpu: Optional[str] = '20250302'\ncuda = None\nhip = None", (), TorchKind.XPU),
        ("2.13.0", "", ("libtorch_cpu.so", "libtorch_cuda.so"), TorchKind.CUDA),
        ("2.13.0", "", ("libtorch_cpu.so", "libtorch_hip.so"), TorchKind.ROCM),
        ("2.12.0+rocm7.2", "hip = '7.2'", ("libtorch_cpu.so", "libtorch_cuda.so"), TorchKind.CUDA),
        ("2.12.0+rocm7.2", "", (), TorchKind.ROCM),
        ("2.9.1+rocmsdk20251116", "", (), TorchKind.ROCM),
        ("2.13.0+custom", "", (), TorchKind.UNKNOWN),
        ("2.13.0", "", (), TorchKind.UNKNOWN),
    ],
)
def test_what_it_was_built_for(tree, version, more, libraries, kind) -> None:
    tree.torch(SITE, version, more)
    for name in libraries:
        tree.file(f"{SITE}/torch/lib/{name}")
    torch = _read(tree)
    assert torch.kind is kind
    assert torch.for_rocm is (kind is TorchKind.ROCM)
    if kind is not TorchKind.ROCM:
        assert (torch.gfx_targets, torch.libraries) == ((), ())


def test_a_digest_in_hex_or_base64_is_no_matter_here(tree) -> None:
    _split(tree)
    data = kpack(["gfx1010"])
    line = f"torch/.kpack/torch_gfx1010.kpack,sha256={hashlib.sha256(data).hexdigest()},{len(data)}\n"
    _device(tree, "gfx1010", content=data, record=line)
    assert _read(tree).known_from is Proof.BINARY
