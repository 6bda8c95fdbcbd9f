"""More layouts of installed torches, written down with their truth before detect had seen one.

Sources of the layouts: AMD's repo.radeon.com manylinux wheels, Debian, Arch and Fedora packages, conda-forge, TheRock's
per-family and split wheels, editable installs of setuptools, clang's bundles.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cli_sample import Cli
from test_cli_wheels import R780M, ROCM10, RX5700XT, STOCK, TEN, Site
from user_machines import VENV, Card, Wheel, build

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit" / "detect"))
from elf_sample import bundle, elf, kpack, packed

pytestmark = pytest.mark.processes  # zstd
RX7800XT = Card(110001, 0x747E)
RX6600 = Card(100302, 0x73FF)
HALO = Card(110501, 0x1586, integrated=True)
HIP64, HIP71, HIP72 = (f"cuda: Optional[str] = None\nhip: Optional[str] = '{hip}'\n" for hip in
                       ("6.4.43484-123eb5128", "7.1.52801", "7.2.26015-fc0010cf6a"))  # fmt: skip
NEITHER = "debug = False\ncuda: Optional[str] = None\nhip: Optional[str] = None\n"
RADEON = ("gfx908", "gfx90a", "gfx942", "gfx1030", "gfx1100", "gfx1101", "gfx1200", "gfx1201")
ARCH = ("gfx906", "gfx908", "gfx90a", "gfx942", "gfx1010", "gfx1030", "gfx1100", "gfx1101", "gfx1102", "gfx1200",
        "gfx1201")  # fmt: skip
DEBIAN = ("gfx900", "gfx906", "gfx908", "gfx90a", "gfx1010", "gfx1030", "gfx1100", "gfx1101", "gfx1102")
FEDORA = ("gfx90a", "gfx942", "gfx1030", "gfx1100", "gfx1101", "gfx1102", "gfx1103", "gfx1150", "gfx1151", "gfx1200",
          "gfx1201")  # fmt: skip


def code(*targets: str, method: str = "zlib", version: int = 2) -> bytes:
    return elf({".hip_fatbin": packed(bundle(targets), version, method)})


def put(root: Path, name: str, content: bytes | str = b"x") -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def rocblas(root: Path, folder: str, *targets: str) -> None:
    for gfx in targets:
        put(root, f"{folder}/TensileLibrary_lazy_{gfx}.dat")


@dataclass(frozen=True)
class Layout:
    """``version`` None: no torch in the venv, ``make`` puts it elsewhere. ``rocblas`` None: not asked."""

    make: Callable[[Path], object]
    kind: str
    verdict: str
    own: tuple[str, ...]
    proof: str
    origin: str | None = None
    rocblas: tuple[str, ...] | None = None
    says: str = ""
    version: str | None = None
    more: str = ""
    card: Card = RX5700XT
    override: str | None = None


def _radeon(root: Path) -> None:
    site = Site(root)
    site.put("torch/lib/libtorch_hip.so", code(*RADEON))
    site.bundled(*RADEON)
    site.put("torch/lib/libhsa-runtime64.so.1.18.70200")
    site.dist("torch-2.9.1+rocm7.2.0.lw.git7e1940d4", "torch/lib/libtorch_hip.so")


def _system(root: Path, site: str, version: str, more: str, python: str) -> None:
    put(root, f"{site}/torch/version.py", f"from typing import Optional\n__version__ = {version!r}\n{more}")
    put(root, f"usr/bin/{python}", "nothing here could run\n")
    (root / "usr/bin/python3").symlink_to(python)


def _debian(root: Path) -> None:
    _system(root, "usr/lib/python3/dist-packages", "2.9.1+debian", HIP71, "python3.13")
    put(root, "usr/lib/python3/dist-packages/torch-2.9.1+debian.egg-info/PKG-INFO", "Name: torch\n")
    put(root, "usr/lib/x86_64-linux-gnu/libtorch_hip.so.2.9", code(*DEBIAN))
    (root / "usr/lib/python3.13").mkdir(parents=True)
    rocblas(root, "usr/lib/x86_64-linux-gnu/rocblas/5.1.1/library", *DEBIAN)


def _arch(root: Path) -> None:
    site = "usr/lib/python3.13/site-packages"
    _system(root, site, "2.9.1", HIP71, "python3.13")
    put(root, f"{site}/torch/lib/libtorch_hip.so", code(*ARCH))
    put(root, f"{site}/torch-2.9.1-py3.13.egg-info/PKG-INFO", "Name: torch\n")
    rocblas(root, "opt/rocm/lib/rocblas/library", *ARCH)


def _fedora(root: Path) -> None:
    site = "usr/lib64/python3.14/site-packages"
    _system(root, site, "2.9.1", HIP71, "python3.14")
    (root / "usr/lib/python3.14/site-packages").mkdir(parents=True)
    put(root, f"{site}/torch/lib/libtorch_hip.so", code(*FEDORA))
    put(root, f"{site}/torch-2.9.1.dist-info/INSTALLER", "rpm\n")
    rocblas(root, "usr/lib64/rocblas/library", *FEDORA)
    put(root, "usr/lib64/libhsa-runtime64.so.1")
    (root / "usr/lib64/libamdhip64.so.7").symlink_to("libamdhip64.so.7.1.52801")


def _fedora_without(root: Path) -> None:
    """A torch that links /usr, where rocBLAS lacks the card; AMD's ROCm in /opt has it."""
    _fedora(root)
    put(root, "usr/lib64/python3.14/site-packages/torch/lib/libtorch_hip.so", code("gfx1010", *FEDORA))


def _conda(root: Path) -> None:
    env = "home/sam/miniforge3/envs/ml"
    put(root, f"{env}/bin/python", "nothing here could run\n")
    site = f"{env}/lib/python3.12/site-packages"
    put(root, f"{site}/torch/version.py", f"from typing import Optional\n__version__ = '2.7.1'\n{NEITHER}")
    put(root, f"{site}/torch/lib/libtorch_cpu.so")
    put(root, f"{site}/torch-2.7.1.dist-info/INSTALLER", "conda\n")
    put(root, f"{env}/conda-meta/history", "\n")
    put(root, f"{env}/conda-meta/pytorch-2.7.1-cpu_mkl_py312_hd0d7c90_100.json", "{}\n")


def _cpu_called_rocm(root: Path) -> None:
    site = Site(root)
    site.put("torch/lib/libtorch_cpu.so")
    site.put("torch/lib/libtorch_python.so")
    site.dist("torch-2.10.0+rocm6.4.custom", "torch/lib/libtorch_cpu.so")


def _self_built(root: Path) -> None:
    """With the system's rocBLAS, which has nothing for the card."""
    Site(root).put("torch/lib/libtorch_hip.so", code("gfx1010"))
    for path in (root / "opt/rocm/lib/rocblas/library").iterdir():
        path.unlink()
    rocblas(root, "opt/rocm/lib/rocblas/library", "gfx1030", "gfx1100")


def _zstd_nested(root: Path) -> None:
    site = Site(root)
    site.put("torch/_rocm_init.py")
    site.put("torch/lib/libtorch_hip.so", code("gfx1010", "gfx1030", method="zstd", version=3))
    rocblas(root, f"{site.folder.relative_to(root)}/_rocm_sdk_libraries_gfx101X_dgpu/lib/rocblas/library/gfx1010",
            "gfx1010")  # fmt: skip


def _family_rocblas_ahead(root: Path) -> None:
    """rocBLAS of the family has gfx1103, torch has not."""
    site = Site(root)
    site.put("torch/_rocm_init.py")
    site.put("torch/lib/libtorch_hip.so", code("gfx1100", "gfx1101", "gfx1102"))
    rocblas(root, f"{site.folder.relative_to(root)}/_rocm_sdk_libraries_gfx110X_all/lib/rocblas/library",
            "gfx1100", "gfx1101", "gfx1102", "gfx1103")  # fmt: skip


def _editable(root: Path) -> None:
    """``pip install -e .``: a .pth beside the distribution names the checkout."""
    site = Site(root)
    source = "home/sam/src/pytorch"
    put(root, f"{source}/torch/version.py", f"from typing import Optional\n__version__ = '2.9.0a0+git1234567'\n{HIP64}")
    put(root, f"{source}/torch/lib/libtorch_hip.so", code("gfx1010"))
    site.put("__editable__.torch-2.9.0a0+git1234567.pth", f"/{source}\n".encode())
    site.put("torch-2.9.0a0+git1234567.dist-info/INSTALLER", b"pip\n")
    site.put("torch-2.9.0a0+git1234567.dist-info/METADATA", b"Name: torch\nVersion: 2.9.0a0+git1234567\n")


def _editable_finder(root: Path) -> None:
    """The same with a finder, as setuptools writes one for several packages in one checkout."""
    _editable(root)
    site = Site(root).folder
    (site / "__editable__.torch-2.9.0a0+git1234567.pth").write_text("import __editable___torch_2_9_0a0_git_finder\n")
    table = "{'functorch': '/home/sam/src/pytorch/functorch', 'torch': '/home/sam/src/pytorch/torch'}"
    (site / "__editable___torch_2_9_0a0_git1234567_finder.py").write_text(f"MAPPING: dict[str, str] = {table}\n")


def _leftover_pack(root: Path) -> None:
    """pytorch.org's torch over AMD's, whose archive stayed: this torch does not look into it."""
    site = Site(root)
    site.put("torch/lib/libtorch_hip.so", code(*STOCK))
    site.bundled(*STOCK)
    site.put("torch/.kpack/torch_gfx1010.kpack", kpack(["gfx1010"]))
    site.put("amd_torch_device_gfx1010-2.12.0+rocm10.1.0.dist-info/METADATA")
    site.put("torch-2.10.0+rocm7.1.dist-info/METADATA")


def _leftover_family(root: Path) -> None:
    """AMD's split torch without a device package; rocm-sdk-libraries-gfx101X of the torch before stayed."""
    site = Site(root)
    site.split()
    rocblas(root, f"{site.folder.relative_to(root)}/_rocm_sdk_libraries_gfx101X_dgpu/lib/rocblas/library", "gfx1010")
    site.dist("rocm_sdk_libraries_gfx101x_dgpu-7.13.0")


def _database_only(root: Path) -> None:
    """MIOpen's tuning files for a target are no kernels of torch."""
    site = Site(root)
    site.bundled(*STOCK)
    site.put("torch/share/miopen/db/gfx1010_36.HIP.fdb.txt")
    site.put("torch/share/miopen/db/gfx101024.db")
    site.dist("torch-2.9.1+rocm6.4", "torch/share/miopen/db/gfx101024.db")


# Their one run: 8 of 13 right. Fedora's tree lacked files of Python and ROCm and zstd's test its mark (mended here);
# three were kinds that detect did not know: an editable install, a CPU build called +rocm, and rocBLAS of a torch that
# is gone (the one false "has kernels"). editable-finder and fedora-rocblas-without came after it.
LAYOUTS = {
    "radeon-lw": Layout(
        _radeon, "rocm", "native", RADEON, "binary", rocblas=RADEON, card=RX7800XT,
        version="2.9.1+rocm7.2.0.lw.git7e1940d4", more=HIP72,
    ),
    "debian-rocm": Layout(_debian, "rocm", "works", DEBIAN, "binary", "distro"),
    "arch-opt-rocm": Layout(_arch, "rocm", "works", ARCH, "binary", "distro", card=RX6600, override="10.3.0"),
    "fedora": Layout(_fedora, "rocm", "native", FEDORA, "binary", "distro", card=HALO),
    "fedora-rocblas-without": Layout(
        _fedora_without, "rocm", "unusable", (*FEDORA[:2], "gfx1010", *FEDORA[2:]), "binary", "distro",
        says="its rocBLAS has not",
    ),
    "conda-forge-cpu": Layout(_conda, "cpu", "unusable", (), "package metadata", says="built for the CPU alone"),
    "cpu-called-rocm": Layout(
        _cpu_called_rocm, "cpu", "unusable", (), "package metadata", says="built for the CPU alone",
        version="2.10.0+rocm6.4.custom", more=NEITHER,
    ),
    "self-built-system-rocblas-without": Layout(
        _self_built, "rocm", "unusable", ("gfx1010",), "binary", "self-built", says="rocBLAS",
        version="2.7.0a0+git1341794", more=HIP64,
    ),
    "zstd-nested": Layout(
        _zstd_nested, "rocm", "experimental", ("gfx1010", "gfx1030"), "binary", "therock", ("gfx1010",),
        version="2.10.0+rocm7.12.0", more="hip = '7.12'\n",
    ),
    "family-rocblas-ahead": Layout(
        _family_rocblas_ahead, "rocm", "unusable", ("gfx1100", "gfx1101", "gfx1102"), "binary", "therock",
        ("gfx1100", "gfx1101", "gfx1102", "gfx1103"), "no kernels for gfx1103", "2.9.0+rocm7.10.0", "hip = '7.10'\n",
        R780M,
    ),
    "editable": Layout(_editable, "rocm", "works", ("gfx1010",), "binary", "self-built"),
    "editable-finder": Layout(_editable_finder, "rocm", "works", ("gfx1010",), "binary", "self-built"),
    "pytorchorg-leftover-pack": Layout(
        _leftover_pack, "rocm", "unusable", STOCK, "binary", None, STOCK, "no kernels for gfx1010", "2.10.0+rocm7.1",
        HIP71,
    ),
    "amd-leftover-family": Layout(
        _leftover_family, "rocm", "unusable", (), "file names", "therock", says="without a device package", version=TEN,
        more=ROCM10,
    ),
    "pytorchorg-database-only": Layout(
        _database_only, "rocm", "unusable", STOCK, "file names", "pytorch.org", STOCK, "no kernels for gfx1010",
        "2.9.1+rocm6.4", HIP64,
    ),
}  # fmt: skip


def machine(layout: Layout, tmp_path: Path) -> Path:
    wheel = None if layout.version is None else Wheel(layout.version, (), more=layout.more)
    root = build(tmp_path / "root", (layout.card,), wheel, "6.11.0-29-generic", None)
    if layout.make in (_editable, _editable_finder):
        put(root, f"{VENV}/bin/python", "nothing here could run\n")
        put(root, f"{VENV}/pyvenv.cfg", "home = /usr/bin\nversion = 3.11.2\n")
    rocblas(root, "opt/rocm/lib/rocblas/library", "gfx1010")
    put(root, "opt/rocm/.info/version", "6.4.1\n")
    (root / "usr/bin").mkdir(parents=True, exist_ok=True)
    layout.make(root)
    return root


def judged(layout: Layout, root: Path, cli: Cli) -> None:
    torches: list[dict[str, Any]] = json.loads(cli("detect", "--json", "--root", str(root)).out)["torch"]
    assert len(torches) == 1
    found = torches[0]
    assert (found["kind"], tuple(found["gfx_targets"])) == (layout.kind, layout.own)
    assert found["kernels_known_from"] == layout.proof
    assert layout.origin in (None, found["origin"])
    assert layout.rocblas in (None, tuple(found["library_targets"]))

    planned = json.loads(cli("plan", "--json", "--layer", "python", "--root", str(root)).out)
    assert planned["verdict"] == layout.verdict
    assert layout.says in planned["sites"][0]["why"]
    values = [s["value"] for s in planned["settings"] if s["key"].startswith("HSA_OVERRIDE")]
    assert values == ([layout.override] if layout.override else [])


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_truth_about_a_fresh_layout(name: str, tmp_path: Path, cli: Cli) -> None:
    judged(LAYOUTS[name], machine(LAYOUTS[name], tmp_path), cli)
