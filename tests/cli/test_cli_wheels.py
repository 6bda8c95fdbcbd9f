"""Layouts of installed torches, end to end: what detect, plan and verify make of each on an RX 5700 XT (gfx1010)."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cli_sample import Cli
from user_machines import SITE, VENV, Card, Wheel, build

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit" / "detect"))
from elf_sample import bundle, elf, kpack, packed

RX5700XT = Card(100100, 0x731F, 0x5E1B2C3D4E5F6071)
R780M = Card(110003, 0x15BF, integrated=True)
TEN = "2.14.0+rocm10.1.0"
ROCM10 = "cuda: Optional[str] = None\nhip: Optional[str] = '7.16.26385'\nrocm: Optional[str] = '10.1.0'\n"
PUBLISHED = ("gfx908", "gfx90a", "gfx942", "gfx950", "gfx1030", "gfx1100", "gfx1101", "gfx1102", "gfx1103", "gfx1150",
             "gfx1151", "gfx1200", "gfx1201")  # fmt: skip
STOCK = tuple(gfx for gfx in PUBLISHED if gfx != "gfx1103")
HOST_ONLY = elf({".rocm_kpack_ref": b"\x80"})


class Site:
    """A site-packages in the making."""

    def __init__(self, root: Path) -> None:
        self.folder = root / SITE

    def put(self, name: str, content: bytes = b"x") -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def dist(self, name: str, *files: str, text: str = "") -> None:
        """An installed distribution; its RECORD has the digests of the files named, in hexadecimal."""
        lines = []
        for file in files:
            data = (self.folder / file).read_bytes()
            lines.append(f"{file},sha256={hashlib.sha256(data).hexdigest()},{len(data)}\n")
        self.put(f"{name}.dist-info/METADATA", text.encode())
        self.put(f"{name}.dist-info/RECORD", "".join(lines).encode())

    def split(self) -> None:
        """AMD's torch as it is without a device package."""
        self.put("torch/_rocm_init.py")
        self.put("torch/lib/libtorch_hip.so", HOST_ONLY)
        self.put("_rocm_sdk_libraries/lib/libMIOpen.so.1", elf(soname="libMIOpen.so.1", needed=["libamdhip64.so.7"]))
        self.put("_rocm_sdk_core/lib/libamdhip64.so.7", elf(soname="libamdhip64.so.7"))
        self.dist("rocm_sdk_libraries-10.1.0", "_rocm_sdk_libraries/lib/libMIOpen.so.1")
        self.dist("rocm_sdk_core-10.1.0", "_rocm_sdk_core/lib/libamdhip64.so.7")
        self.dist(f"torch-{TEN}", "torch/_rocm_init.py", text="Requires-Dist: rocm[libraries]==10.1.0\n")

    def rocm_device(self, *targets: str) -> None:
        for gfx in targets:
            self.put(f"_rocm_sdk_libraries/.kpack/blas_lib_{gfx}.kpack", kpack([gfx]))
            self.put(f"_rocm_sdk_libraries/lib/rocblas/library/TensileLibrary_lazy_{gfx}.dat")
            self.dist(f"rocm_sdk_device_{gfx}-10.1.0")

    def torch_device(self, gfx: str, version: str = TEN, content: bytes | None = None) -> None:
        self.put(f"torch/.kpack/torch_{gfx}.kpack", kpack([gfx]) if content is None else content)
        self.dist(f"amd_torch_device_{gfx}-{version}", f"torch/.kpack/torch_{gfx}.kpack")

    def bundled(self, *targets: str) -> None:
        for gfx in targets:
            self.put(f"torch/lib/rocblas/library/TensileLibrary_lazy_{gfx}.dat")

    def binary(self, *targets: str) -> None:
        self.put("torch/lib/libtorch_hip.so", elf({".hip_fatbin": packed(bundle(targets))}))


@dataclass(frozen=True)
class Layout:
    """How a site is made, and the truth: ``own`` and ``rocblas`` are targets, ``says`` is in the verdict's reason."""

    make: Callable[[Site], object]
    verdict: str
    own: tuple[str, ...]
    rocblas: tuple[str, ...]
    proof: str
    says: str
    version: str = TEN
    more: str = ROCM10
    card: Card = RX5700XT
    verify: int = 0


def _whole(site: Site, gfx: str) -> None:
    site.split()
    site.rocm_device(gfx)
    site.torch_device(gfx)


def _lost(site: Site) -> None:
    _whole(site, "gfx1010")
    (site.folder / "torch/.kpack/torch_gfx1010.kpack").unlink()


def _other_version(site: Site) -> None:
    site.split()
    site.rocm_device("gfx1010")
    site.torch_device("gfx1010", "2.13.0+rocm10.0.0")


def _family_package(site: Site) -> None:
    site.split()
    site.put("torch/lib/aotriton.images/amd-gfx11xx/flash.aks2")
    site.dist(f"amd_torch_device_gfx110x-{TEN}")


def _cut(site: Site) -> None:
    _whole(site, "gfx1010")
    site.put("torch/.kpack/torch_gfx1010.kpack", b"KPAK")


def _libraries_lost(site: Site) -> None:
    site.split()
    site.torch_device("gfx1010")
    site.rocm_device("gfx1030")


def _all_libraries(site: Site, *own: str) -> None:
    site.binary(*own)
    site.rocm_device("gfx1010", *PUBLISHED)


def _stock(site: Site) -> None:
    site.bundled(*STOCK)
    site.put("torch/lib/libMIOpen.so", elf(soname="libMIOpen.so.1"))
    site.dist("torch-2.12.1+rocm7.2", "torch/lib/libMIOpen.so")


def _replaced(site: Site) -> None:
    _stock(site)
    site.put("torch/lib/libMIOpen.so", elf({".text": b"x"}, soname="libMIOpen.so.1"))


def _added(site: Site) -> None:
    """Somebody's gfx1010 files for rocBLAS, copied into a stock wheel: torch's own kernels are still not there."""
    site.binary(*STOCK)
    site.bundled("gfx1010", *STOCK)


NONE = "no kernels for gfx1010 are inside"
LAYOUTS = {
    "amd-no-extra": Layout(Site.split, "unusable", (), (), "file names", "without a device package"),
    "amd-rocm-device-only": Layout(
        lambda s: (s.split(), s.rocm_device("gfx1010")), "unusable", (), ("gfx1010",), "file names", NONE
    ),
    "amd-other-target": Layout(
        lambda s: _whole(s, "gfx1030"), "unusable", ("gfx1030",), ("gfx1030",), "binary", "RDNA 1 is not RDNA 2"
    ),
    "amd-this-target": Layout(
        lambda s: _whole(s, "gfx1010"), "experimental", ("gfx1010",), ("gfx1010",), "binary", "for the true target"
    ),
    "amd-kpack-lost": Layout(_lost, "unusable", (), ("gfx1010",), "file names", "its kernels are not there"),
    "amd-kpack-cut": Layout(_cut, "unusable", (), ("gfx1010",), "file names", "is broken"),
    "amd-other-version": Layout(_other_version, "unusable", (), ("gfx1010",), "file names", "not of this torch"),
    "amd-family-package": Layout(_family_package, "unusable", (), (), "file names", NONE),
    "amd-rocblas-of-another-target": Layout(
        _libraries_lost, "unusable", ("gfx1010",), ("gfx1030",), "binary", "its rocBLAS has not"
    ),
    "pytorchorg-rocm72": Layout(
        _stock, "unusable", STOCK, STOCK, "file names", NONE, "2.12.1+rocm7.2", "hip = '7.2'\n"
    ),
    "pytorchorg-miopen-replaced": Layout(
        _replaced, "unusable", STOCK, STOCK, "file names", NONE, "2.12.1+rocm7.2", "hip = '7.2'\n", verify=1
    ),
    "pytorchorg-rocblas-files-added": Layout(
        _added, "unusable", STOCK, ("gfx1010", *STOCK), "binary", NONE, "2.12.1+rocm7.2", "hip = '7.2'\n"
    ),
    "pytorchorg-rocm10": Layout(
        lambda s: _all_libraries(s, *PUBLISHED), "unusable", PUBLISHED, ("gfx1010", *PUBLISHED), "binary", NONE,
        "2.15.0.dev20261001+rocm10.0", ROCM10,
    ),
    "pytorchorg-rocm10-unreadable": Layout(
        lambda s: s.rocm_device("gfx1010", *PUBLISHED), "unusable", (), ("gfx1010", *PUBLISHED), "unknown", NONE,
        "2.15.0.dev20261001+rocm10.0", ROCM10,
    ),
    "pytorchorg-rocblas-without-gfx1103": Layout(
        lambda s: (s.binary(*PUBLISHED), s.bundled(*STOCK)), "unusable", PUBLISHED, STOCK, "binary",
        "its rocBLAS has not", "2.13.0+rocm7.2", "hip = '7.2'\n", R780M,
    ),
    "amd-family-build": Layout(
        lambda s: (s.put("torch/_rocm_init.py"), s.binary("gfx1010", "gfx1012"),
                   s.put("_rocm_sdk_libraries_gfx101X_dgpu/lib/rocblas/library/TensileLibrary_lazy_gfx1010.dat")),
        "experimental", ("gfx1010", "gfx1012"), ("gfx1010",), "binary", "for the true target",
        "2.10.0+rocm7.13.0", "hip = '7.13'\n",
    ),
    "amd-family-build-unreadable": Layout(
        lambda s: (s.put("torch/_rocm_init.py"), s.put("_rocm_sdk_libraries_gfx101X_dgpu/__init__.py")),
        "experimental", (), (), "unknown", "cannot tell", "2.10.0+rocm7.13.0", "hip = '7.13'\n",
    ),
    "amd-family-build-of-another-family": Layout(
        lambda s: (s.put("torch/_rocm_init.py"), s.put("_rocm_sdk_libraries_gfx103X_all/__init__.py")),
        "unusable", (), (), "unknown", NONE, "2.10.0+rocm7.13.0", "hip = '7.13'\n",
    ),
    "self-built-without-a-readable-library": Layout(
        lambda s: None, "experimental", (), (), "unknown", "cannot tell", "2.5.0a0+git1234567", "hip = '6.2.41134'\n"
    ),
    "self-built": Layout(
        lambda s: s.binary("gfx1010"), "works", ("gfx1010",), (), "binary", "", "2.5.0a0+git1234567",
        "hip = '6.2.41134'\n",
    ),
    "cuda": Layout(
        lambda s: None, "unusable", (), (), "package metadata", "built for NVIDIA GPUs (CUDA)", "2.13.0+cu130",
        "cuda: Optional[str] = '13.0'\nhip: Optional[str] = None\n",
    ),
    "cpu": Layout(
        lambda s: None, "unusable", (), (), "package metadata", "built for the CPU alone", "2.13.0+cpu",
        "cuda: Optional[str] = None\nhip: Optional[str] = None\n",
    ),
}  # fmt: skip


def _machine(tmp_path: Path, layout: Layout) -> Path:
    wheel = Wheel(layout.version, (), more=layout.more)
    root = build(tmp_path / "root", (layout.card,), wheel, "6.1.0-28-amd64", None)
    (root / "opt/rocm/lib/rocblas/library").mkdir(parents=True)  # the system's has gfx1010, and proves nothing
    (root / "opt/rocm/lib/rocblas/library/TensileLibrary_lazy_gfx1010.dat").touch()
    (root / "opt/rocm/.info").mkdir()
    (root / "opt/rocm/.info/version").write_text("6.2.0\n")
    layout.make(Site(root))
    return root


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_truth_about_a_layout(name: str, tmp_path: Path, cli: Cli) -> None:
    layout = LAYOUTS[name]
    root = str(_machine(tmp_path, layout))

    found: dict[str, Any] = json.loads(cli("detect", "--json", "--root", root).out)["torch"][0]
    assert tuple(found["gfx_targets"]) == layout.own
    assert tuple(found["library_targets"]) == tuple(sorted(layout.rocblas, key=lambda gfx: (len(gfx), gfx)))
    assert found["kernels_known_from"] == layout.proof

    planned = json.loads(cli("plan", "--json", "--root", root).out)
    assert planned["verdict"] == layout.verdict
    assert layout.says in planned["sites"][0]["why"]
    assert not [s for s in planned["settings"] if s["key"].startswith("HSA_OVERRIDE")]

    result = cli("verify", "--json", "--root", root)
    broken = [check for check in json.loads(result.out)["checks"] if check["status"] == "failed"]
    assert [check["id"].split(":")[0] for check in broken] == ["library"] * layout.verify


@pytest.mark.parametrize(("name", "kind"), [("cuda", "cuda"), ("cpu", "cpu"), ("self-built", "rocm")])
def test_what_a_torch_is_built_for_is_said(name: str, kind: str, tmp_path: Path, cli: Cli) -> None:
    root = str(_machine(tmp_path, LAYOUTS[name]))
    assert json.loads(cli("detect", "--json", "--root", root).out)["torch"][0]["kind"] == kind
    text = " ".join(cli("detect", "--root", root).out.split())
    assert ("it cannot use an AMD GPU" in text) is (kind != "rocm")
    assert "looked in /usr/bin/python3" in text
    planned = " ".join(cli("plan", "--root", root).out.split())
    assert ("see one that can: rdna-installer advise" in planned) is (kind != "rocm")


def test_verify_names_what_was_replaced_and_whose_it_was(tmp_path: Path, cli: Cli) -> None:
    root = _machine(tmp_path, LAYOUTS["pytorchorg-miopen-replaced"])
    result = cli("verify", "--root", str(root))
    text = " ".join(result.out.split())
    assert result.code != 0
    assert "libMIOpen.so" in text
    assert "the one of torch 2.12.1+rocm7.2" in text


OLD, NEW = "MIOPEN_DEBUG_CONV_DIRECT_OCL_WRW53", "MIOPEN_DEBUG_CONV_DIRECT_HIP_WRW53"
TABLE = ("MIOPEN_DEBUG_CONV_GEMM", "MIOPEN_LOG_LEVEL", "MIOPEN_FIND_MODE", "MIOPEN_FIND_ENFORCE", "MIOPEN_X")


def _renamed(tmp_path: Path, name: str) -> Path:
    """gfx1031 beside a torch for ROCm 7.2, whose MIOpen names the switch as ``name``, whatever its version."""
    wheel = Wheel("2.12.1+rocm7.2", ("gfx1030",), more="hip = '7.2'\n")
    root = build(tmp_path / "root", (Card(100301, 0x73DF),), wheel, "6.12.48-amd64", None)
    names = "\0".join((*TABLE, name, "")).encode()
    Site(root).put("torch/lib/libMIOpen.so", elf({".rodata": names}))
    return root


@pytest.mark.parametrize(("name", "other"), [(OLD, NEW), (NEW, OLD)])
def test_a_renamed_switch_is_set_as_the_installed_library_reads_it(
    name: str, other: str, tmp_path: Path, cli: Cli
) -> None:
    root = _renamed(tmp_path, name)
    (root / "home/sam/.bashrc").write_text(f"export {other}=0\nexport {name}=0\n")
    options = ("--root", str(root))
    says = f"the MIOpen of /{VENV}/bin/python does not read {other}"
    plan = json.loads(cli("plan", "--json", *options).out)
    assert {s["key"] for s in plan["settings"] if "WRW53" in s["key"]} == {name}
    assert [text for text in plan["warnings"] if says in text and "~/.bashrc:1" in text]
    checks = json.loads(cli("verify", "--json", "--python", f"/{VENV}", *options).out)["checks"]
    mine = {c["source"]: c["hint"] for c in checks if c["id"].startswith("user-env:")}
    assert says in mine["~/.bashrc:1"]
    assert mine["~/.bashrc:2"] is None
    for command in ("env", "advise", "explain"):
        more = ("/home/sam/.bashrc",) if command == "explain" else ()
        done = cli(command, *more, *options)
        assert says in " ".join((done.out + done.err).split()), command
    asked = cli("plan", "--json", "--set", f"{other}=0", *options)
    assert [t for t in json.loads(asked.out)["warnings"] if t.startswith(f"{other}=0 is unread: {says}")]
    assert not [t for t in json.loads(asked.out)["warnings"] if f"{name}=0 is unread" in t]


def test_a_force_of_a_patched_miopen_may_be_set(tmp_path: Path, cli: Cli) -> None:
    options = ("--root", str(_renamed(tmp_path, "MIOPEN_FORCE_RDNA1")))
    done = cli("plan", "--json", "--set", "MIOPEN_FORCE_RDNA1=1", *options)
    assert ("MIOPEN_FORCE_RDNA1", "1") in {(s["key"], s["value"]) for s in json.loads(done.out)["settings"]}


def test_ours_that_a_new_library_does_not_read_is_said(tmp_path: Path, cli: Cli) -> None:
    root = _renamed(tmp_path, OLD)
    options = ("--root", str(root))
    assert cli("apply", "--yes", "--layer", "python", *options).code == 0
    assert "unread" not in cli("verify", *options).out
    Site(root).put("torch/lib/libMIOpen.so", elf({".rodata": "\0".join((*TABLE, NEW, "")).encode()}))
    done = cli("verify", *options)
    assert f"unread:/{VENV}/bin/python:{OLD}" in "".join(done.out.split())
    assert f"does not read {OLD}" in " ".join(done.out.split())
