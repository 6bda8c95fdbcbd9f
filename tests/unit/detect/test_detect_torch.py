"""What an installed torch is, read off its files."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from rdna_installer.detect.torch import parse_version, read_torch
from rdna_installer.model import TorchOrigin

SITE = "/home/u/venv/lib/python3.11/site-packages"
LIBRARY = f"{SITE}/torch/lib/rocblas/library"


def _read(tree, site: str = SITE):
    return read_torch(tree.root, PurePosixPath(site))


def test_none(tree) -> None:
    tree.file(f"{SITE}/torch/lib/x")  # a leftover folder is no torch
    assert _read(tree) is None


VERSIONS = [
    ("2.5.1+rocm6.2", "hip: Optional[str] = '6.2.41133-dd7f95766'", "6.2"),
    ("2.6.0+rocm6.2.4", "", "6.2.4"),
    ("2.3.0.dev20240308+rocm6.0", "hip: Optional[str] = '6.0.32830-d62f6a171'", "6.0"),
    ("2.8.0+rocm7.0.0.git64359f59", "", "7.0.0"),
    ("2.11.0+rocm7.15.0a20260728", "hip: Optional[str] = '7.15.26333'", "7.15.0"),
    ("2.14.0+rocm10.0", "rocm: Optional[str] = '10.0.0'\nhip: Optional[str] = '7.15.26333'", "10.0.0"),
    ("2.9.1+rocmsdk20251116", "hip: Optional[str] = '7.1.52802-26aae437f6'", "7.1"),
    ("2.5.0a0+git1234567", "hip = '6.2.41134'", "6.2"),
    ("2.5.0a0+git25.7", "hip = '6.2.41134'", "6.2"),
    ("2.5.1+cu124", "cuda: Optional[str] = '12.4'\nhip: Optional[str] = None", None),
    ("2.5.1+cpu", "cuda: Optional[str] = None\nhip: Optional[str] = None", None),
]


@pytest.mark.parametrize(("version", "more", "rocm"), VERSIONS)
def test_version_and_rocm(tree, version, more, rocm) -> None:
    tree.torch(SITE, version, more)
    torch = _read(tree)
    assert (torch.version, torch.rocm) == (version, rocm)


def test_the_real_file_of_a_nightly() -> None:
    text = (
        "from typing import Optional\n\n__all__ = ['__version__', 'debug', 'cuda', 'git_version', 'hip']\n"
        "__version__ = '2.3.0.dev20240308+rocm6.0'\ndebug = False\ncuda: Optional[str] = None\n"
        "git_version = '2b1661c7a0d7a3d5f2c3bf4d7fd1e8de4dce8a9a'\nhip: Optional[str] = '6.0.32830-d62f6a171'\n"
    )
    fields = {"__version__": "2.3.0.dev20240308+rocm6.0", "cuda": None, "hip": "6.0.32830-d62f6a171"}
    assert parse_version(text) == fields


HOSTILE = [
    "__version__ = " + "(" * 250 + "'x'" + ")" * 250,
    "__version__ = " + "-" * 280 + "1",
    "__version__ = " + "(" * 100_000,
    "__version__ = open('/etc/passwd').read()",
    "__version__ = f'{1}'",
    "__version__ = 'a\\033[2Jb'",
    "__version__ = '\\d'; import os",
    "__version__ =\n'2.5'",
    "__version__ = 5\n__version__ = b'x'",
    "x = '''\n" * 100,
    "__version__ = '" + "2" * 400 + "'",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_no_plain_assignment_is_unknown(tree, text) -> None:
    tree.file(f"{SITE}/torch/version.py", text)
    torch = _read(tree)
    assert (torch.version, torch.rocm, torch.origin) == ("unknown", None, TorchOrigin.UNKNOWN)


def test_the_metadata_helps_where_version_py_does_not(tree) -> None:
    tree.file(f"{SITE}/torch/__init__.py")
    tree.file(f"{SITE}/torch-2.4.1+rocm6.1.dist-info/METADATA")
    assert (_read(tree).version, _read(tree).rocm) == ("2.4.1+rocm6.1", "6.1")


def test_kernels_bundled_with_a_stock_wheel(tree) -> None:
    tree.torch(SITE)
    for target in ("gfx900", "gfx90a", "gfx1030", "gfx1100"):
        tree.file(f"{LIBRARY}/TensileLibrary_lazy_{target}.dat")
    assert _read(tree).gfx_targets == ("gfx900", "gfx90a", "gfx1030", "gfx1100")
    assert _read(tree).origin is TorchOrigin.PYTORCH_ORG


def test_kernels_of_therocks_packages(tree) -> None:
    tree.torch(SITE, "2.11.0+rocm7.15.0a20260728")
    tree.file(f"{SITE}/torch/_rocm_init.py")
    tree.file(f"{SITE}/rocm_sdk_device_gfx1010-7.15.0a20260728.dist-info/METADATA")
    tree.file(f"{SITE}/rocm_sdk_device_gfx1031-7.15.0a20260728.dist-info/METADATA")
    assert (_read(tree).gfx_targets, _read(tree).origin) == ((), TorchOrigin.THEROCK)
    tree.file(f"{SITE}/amd_torch_device_gfx1010-2.11.0+rocm7.15.0a20260728.dist-info/METADATA")
    tree.file(f"{SITE}/torch/.kpack/torch_gfx1010.kpack", "KPAK")
    assert _read(tree).gfx_targets == ("gfx1010",), "rocBLAS for gfx1031 does not give torch kernels for it"


def test_libraries_for_every_target_prove_nothing_about_torch(tree) -> None:
    """pytorch.org from ROCm 7.14 on depends on rocm[libraries,device-all]; its own list is what torch can run."""
    tree.torch(SITE, "2.13.0+rocm7.14")
    for target in ("gfx1010", "gfx1031", "gfx1100"):
        tree.file(f"{SITE}/rocm_sdk_device_{target}-7.14.0.dist-info/METADATA")
        tree.file(f"{SITE}/_rocm_sdk_libraries/lib/rocblas/library/TensileLibrary_lazy_{target}.dat")
    found = _read(tree)
    assert (found.gfx_targets, found.origin) == ((), TorchOrigin.PYTORCH_ORG)


def test_kernels_of_a_family_package(tree) -> None:
    tree.torch(SITE, "2.9.1+rocm7.10.0")
    tree.file(f"{SITE}/_rocm_sdk_libraries_gfx103X_dgpu/lib/rocblas/library/TensileLibrary_lazy_gfx1032.dat")
    assert _read(tree).gfx_targets == ("gfx1032",)


DIST = "/usr/lib/python3/dist-packages"


@pytest.mark.parametrize(
    ("site", "version", "more", "installer", "origin"),
    [
        (SITE, "2.5.1+rocm6.2", "", "pip", TorchOrigin.PYTORCH_ORG),
        (SITE, "2.5.1+cu124", "", "pip", TorchOrigin.PYTORCH_ORG),
        (SITE, "2.5.1", "cuda: Optional[str] = '12.4'", "pip", TorchOrigin.PYTORCH_ORG),
        (SITE, "2.5.1", "", "", TorchOrigin.UNKNOWN),
        (SITE, "2.8.0+rocm7.0.0.git64359f59", "", "pip", TorchOrigin.UNKNOWN),
        (SITE, "2.5.0a0+git1234567", "hip = '6.2.4'", "pip", TorchOrigin.SELF_BUILT),
        (SITE, "2.9.1+rocmsdk20251116", "", "pip", TorchOrigin.THEROCK),
        (DIST, "2.6.0+debian", "hip = '6.1.40093'", "", TorchOrigin.DISTRO),
        (DIST, "2.6.0a0+git1eba9b3", "", "debian", TorchOrigin.DISTRO),
        ("/usr/local/lib/python3.11/dist-packages", "2.5.1+rocm6.2", "", "pip", TorchOrigin.PYTORCH_ORG),
    ],
)
def test_origin(tree, site, version, more, installer, origin) -> None:
    tree.torch(site, version, more)
    tree.file(f"{site}/torch-{version}.dist-info/INSTALLER", f"{installer}\n")
    assert _read(tree, site).origin is origin


def test_an_egg_link_leads_to_a_build_tree(tree) -> None:
    tree.file(f"{SITE}/torch.egg-link", "/home/u/pytorch\n.")
    tree.torch("/home/u/pytorch", "2.4.0a0+rocm6.1", "hip = '6.1.40091'")
    torch = _read(tree)
    assert (torch.version, torch.rocm, torch.origin) == ("2.4.0a0+rocm6.1", "6.1", TorchOrigin.SELF_BUILT)
