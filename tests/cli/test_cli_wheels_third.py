"""A third set of installed torches, in the places that other tools make, written down with their truth before any run.

Sources of the layouts: uv, Poetry, pyenv, pipx and micromamba as they set up an environment, pip's leftovers of an
upgrade that was cut off, Gentoo's and openSUSE's packages, AMD's container image, lamikr's rocm_sdk_builder, AMD's
split wheels. "doubtful:" stands where the sources do not settle the truth.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_sample import Cli
from test_cli_wheels import ROCM10, STOCK, TEN, Site
from test_cli_wheels_fresh import HIP64, HIP71, HIP72, NEITHER, RX6600, RX7800XT, Layout, code, judged, machine, put
from test_cli_wheels_fresh import rocblas as rocblas_files
from user_machines import SITE, VENV, Card

pytestmark = pytest.mark.processes  # modinfo
RX7600 = Card(110002, 0x7480)
RX6700XT = Card(100301, 0x73DF)
RX6800 = Card(100300, 0x73BF)
MI50 = Card(90006, 0x66A1)
HIP63 = "cuda: Optional[str] = None\nhip: Optional[str] = '6.3.42131-fa1d09cbd'\n"
VEGA = ("gfx900", "gfx906")  # torch has them to the end; its rocBLAS has not, from ROCm 6.4 on
LIST63 = (*VEGA, "gfx908", "gfx90a", "gfx942", "gfx1030", "gfx1100", "gfx1101", "gfx1102", "gfx1200", "gfx1201")
LIST71 = (*VEGA, *STOCK)
IMAGE = ("gfx908", "gfx90a", "gfx942", "gfx950", "gfx1030", "gfx1100", "gfx1101", "gfx1200", "gfx1201")


def _torch(root: Path, folder: str, version: str, more: str, installer: str = "pip") -> Site:
    """A torch in any site-packages, without its libraries."""
    site = Site(root)
    site.folder = root / folder
    site.put("torch/__init__.py", b"")
    site.put("torch/version.py", f"from typing import Optional\n__version__ = {version!r}\n{more}".encode())
    site.put(f"torch-{version}.dist-info/METADATA", f"Name: torch\nVersion: {version}\n".encode())
    site.put(f"torch-{version}.dist-info/INSTALLER", f"{installer}\n".encode())
    return site


def _kernels(site: Site, own: tuple[str, ...], rocblas: tuple[str, ...] = ()) -> None:
    site.put("torch/lib/libtorch_hip.so", code(*own))
    site.bundled(*rocblas)


def _python(root: Path, prefix: str, version: str) -> str:
    """An interpreter of its own; returns site-packages."""
    put(root, f"{prefix}/bin/python{version}", "nothing here could run\n")
    (root / f"{prefix}/bin/python3").symlink_to(f"python{version}")
    (root / f"{prefix}/bin/python").symlink_to("python3")
    put(root, f"{prefix}/lib/python{version}/os.py")
    return f"{prefix}/lib/python{version}/site-packages"


def _environment(root: Path, folder: str, base: str, version: str, more: str = "") -> str:
    """A virtual environment on the interpreter in ``base``; returns site-packages."""
    put(root, f"{base}/python{version}", "nothing here could run\n")
    put(root, f"{folder}/pyvenv.cfg", f"home = /{base}\ninclude-system-site-packages = false\n{more}")
    (root / f"{folder}/bin").mkdir()
    (root / f"{folder}/bin/python").symlink_to(f"/{base}/python{version}")
    (root / f"{folder}/bin/python3").symlink_to("python")
    return f"{folder}/lib/python{version}/site-packages"


def _uv(root: Path) -> None:
    """``uv sync`` in a checkout, on a Python that uv fetched."""
    base = "home/sam/.local/share/uv/python/cpython-3.12.11-linux-x86_64-gnu"
    _python(root, base, "3.12")
    config = "implementation = CPython\nuv = 0.8.4\nversion_info = 3.12.11\nprompt = comfyui\n"
    folder = _environment(root, "home/sam/ComfyUI/.venv", f"{base}/bin", "3.12", config)
    _kernels(_torch(root, folder, "2.8.0+rocm6.4", HIP64, "uv"), LIST63, LIST63[2:])
    put(root, "home/sam/ComfyUI/uv.lock", "version = 1\n")


def _poetry(root: Path) -> None:
    """PyPI's torch, which nobody asked to be CUDA's."""
    folder = _environment(root, "home/sam/.cache/pypoetry/virtualenvs/app-Kx3v9mQ1-py3.12", "usr/bin", "3.12")
    more = "debug = False\ncuda: Optional[str] = '12.8'\nhip: Optional[str] = None\n"
    site = _torch(root, folder, "2.9.1+cu128", more, "poetry 2.1.3")
    site.put("torch/lib/libtorch_cuda.so")
    site.put("nvidia/cublas/lib/libcublas.so.12")


def _pyenv(root: Path) -> None:
    """Installed into a pyenv version itself, as ``pyenv global`` invites to."""
    folder = _python(root, "home/sam/.pyenv/versions/3.11.9", "3.11")
    put(root, "home/sam/.pyenv/version", "3.11.9\n")
    _kernels(_torch(root, folder, "2.10.0+rocm7.1", HIP71), LIST71, STOCK)


def _pipx(root: Path) -> None:
    folder = _environment(root, "home/sam/.local/share/pipx/venvs/invokeai", "usr/bin", "3.12")
    put(root, "home/sam/.local/share/pipx/venvs/invokeai/pipx_metadata.json", "{}\n")
    _torch(root, folder, "2.7.1+cpu", NEITHER).put("torch/lib/libtorch_cpu.so")


def _micromamba(root: Path) -> None:
    """pip's torch in an environment of micromamba: conda knows nothing of it."""
    folder = _python(root, "home/sam/micromamba/envs/sd", "3.11")
    put(root, "home/sam/micromamba/envs/sd/conda-meta/history", "==> 2025-08-01 <==\n")
    put(root, "home/sam/micromamba/envs/sd/conda-meta/python-3.11.13-h9e4cc4f_0.json", "{}\n")
    _kernels(_torch(root, folder, "2.7.1+rocm6.3", HIP63), LIST63, LIST63)


def _half_upgraded(root: Path) -> None:
    """pip was killed: the new torch is there whole, of the old one its metadata and what pip had set aside."""
    site = Site(root)
    _kernels(site, LIST71, STOCK)
    site.dist("torch-2.12.1+rocm7.2", "torch/lib/libtorch_hip.so", text="Name: torch\nVersion: 2.12.1+rocm7.2\n")
    site.dist("torch-2.7.1+rocm6.3", text="Name: torch\nVersion: 2.7.1+rocm6.3\n")
    site.put("~orch/version.py", f"__version__ = '2.7.1+rocm6.3'\n{HIP63}".encode())
    site.put("~orch/lib/libtorch_hip.so", code("gfx1030"))
    site.put("~orch-2.7.1+rocm6.3.dist-info/METADATA", b"Name: torch\n")


def _renamed(root: Path) -> None:
    """The environment was moved: its scripts name the old place, its libraries are as good as before."""
    site = Site(root)
    site.split()
    site.rocm_device("gfx1030")
    site.torch_device("gfx1030")
    put(root, f"{VENV}/bin/activate", "VIRTUAL_ENV=/home/sam/torch-old\nexport VIRTUAL_ENV\n")
    put(root, f"{VENV}/bin/pip", "#!/home/sam/torch-old/bin/python\n")


def _symlinked(root: Path) -> None:
    """One self-built torch, shared by a symlink; and lib64, which every environment has."""
    _environment(root, VENV, "usr/bin", "3.11")
    shared = _torch(root, "home/sam/shared/torch-navi", "2.9.0a0+gitab12cd3", HIP64)
    _kernels(shared, ("gfx1010", "gfx1030"))
    site = root / SITE
    site.mkdir(parents=True)
    for name in ("torch", "torch-2.9.0a0+gitab12cd3.dist-info"):
        (site / name).symlink_to(f"/home/sam/shared/torch-navi/{name}")
    (root / f"{VENV}/lib64").symlink_to("lib")


def _sibling(root: Path) -> None:
    """Kernels for gfx1101, and the package of their family, which has flash attention and no kernels."""
    site = Site(root)
    site.split()
    site.rocm_device("gfx1101")
    site.torch_device("gfx1101")
    site.put("torch/lib/aotriton.images/amd-gfx11xx/flash.aks2")
    site.dist(f"amd_torch_device_gfx110x-{TEN}")


def _crossed(root: Path) -> None:
    """torch for gfx1031, its ROCm for gfx1030: neither the true number nor 10.3.0 has both."""
    site = Site(root)
    site.split()
    site.torch_device("gfx1031")
    site.rocm_device("gfx1030")


def _gentoo(root: Path) -> None:
    """sci-ml/caffe2 has the libraries, in /usr/lib64; sci-ml/pytorch the Python part. AMDGPU_TARGETS=gfx1031."""
    _python(root, "usr", "3.13")
    put(root, "etc/os-release", "ID=gentoo\nVERSION_ID=2.18\n")
    _torch(root, "usr/lib/python3.13/site-packages", "2.9.1", HIP71, "gpep517")
    put(root, "usr/lib64/libtorch_hip.so", code("gfx1031"))
    put(root, "usr/lib64/libtorch_cpu.so")
    put(root, "usr/lib64/libhsa-runtime64.so.1")
    put(root, "usr/lib64/libamdhip64.so.7.1.25424")
    (root / "usr/lib64/libamdhip64.so.7").symlink_to("libamdhip64.so.7.1.25424")
    rocblas_files(root, "usr/lib64/rocblas/library", "gfx1031")
    put(root, "var/db/pkg/sci-ml/caffe2-2.9.1/CONTENTS", "obj /usr/lib64/libtorch_hip.so 0 0\n")
    put(root, "var/db/pkg/sci-ml/pytorch-2.9.1/CONTENTS", "dir /usr/lib/python3.13/site-packages/torch\n")


def _opensuse(root: Path) -> None:
    _python(root, "usr", "3.13")
    put(root, "etc/os-release", 'ID="opensuse-tumbleweed"\nVERSION_ID="20251120"\n')
    site = _torch(root, "usr/lib64/python3.13/site-packages", "2.9.1", NEITHER, "rpm")
    site.put("torch/lib/libtorch_cpu.so")


def _image(root: Path) -> None:
    """rocm/pytorch seen from inside: an environment in /opt/venv, with the ROCm of /opt."""
    put(root, ".dockerenv", "")
    folder = _environment(root, "opt/venv", "usr/bin", "3.12")
    more = "cuda: Optional[str] = None\nhip: Optional[str] = '7.0.51831-a3e329ad8'\n"
    _kernels(_torch(root, folder, "2.8.0+rocm7.0.2.git64359f59", more), IMAGE)
    rocblas_files(root, "opt/rocm/lib/rocblas/library", *IMAGE)


def _sdk_builder(root: Path) -> None:
    """Its own Python, torch and ROCm, all below one folder in /opt; built for gfx1030 alone."""
    folder = _python(root, "opt/rocm_sdk_612", "3.11")
    more = "cuda: Optional[str] = None\nhip: Optional[str] = '6.1.40093-f61212abc'\n"
    _kernels(_torch(root, folder, "2.4.1", more), ("gfx1030",))
    rocblas_files(root, "opt/rocm_sdk_612/lib/rocblas/library", "gfx1030")
    put(root, "opt/rocm_sdk_612/.info/version", "6.1.2\n")


LAYOUTS = {
    "uv-managed": Layout(
        _uv, "rocm", "works", LIST63, "binary", "pytorch.org", LIST63[2:], card=RX6600, override="10.3.0",
    ),
    "poetry-cuda": Layout(_poetry, "cuda", "unusable", (), "package metadata", says="CUDA", card=RX7800XT),
    "pyenv-global": Layout(_pyenv, "rocm", "native", LIST71, "binary", "pytorch.org", STOCK, card=RX7800XT),
    "pipx-cpu": Layout(_pipx, "cpu", "unusable", (), "package metadata", says="built for the CPU alone", card=RX6600),
    "micromamba-pip": Layout(_micromamba, "rocm", "works", LIST63, "binary", "pytorch.org", LIST63, card=MI50),
    "half-upgraded": Layout(
        _half_upgraded, "rocm", "native", LIST71, "binary", None, STOCK, card=RX7800XT, version="2.12.1+rocm7.2",
        more=HIP72,
    ),
    "renamed-venv": Layout(
        _renamed, "rocm", "native", ("gfx1030",), "binary", "therock", ("gfx1030",), card=RX6800, version=TEN,
        more=ROCM10,
    ),
    # doubtful: found once, not as two.
    "symlinked": Layout(_symlinked, "rocm", "works", ("gfx1010", "gfx1030"), "binary", "self-built"),
    "split-sibling": Layout(
        _sibling, "rocm", "unusable", ("gfx1101",), "binary", "therock", ("gfx1101",), "gfx1102", version=TEN,
        more=ROCM10, card=RX7600,
    ),
    "split-crossed": Layout(
        _crossed, "rocm", "unusable", ("gfx1031",), "binary", "therock", ("gfx1030",), "rocBLAS", version=TEN,
        more=ROCM10, card=RX6700XT,
    ),
    "gentoo": Layout(_gentoo, "rocm", "native", ("gfx1031",), "binary", "distro", card=RX6700XT),
    "opensuse-cpu": Layout(
        _opensuse, "cpu", "unusable", (), "package metadata", says="built for the CPU alone", card=RX6600,
    ),
    "rocm-image": Layout(_image, "rocm", "native", IMAGE, "binary", card=RX7800XT),
    # doubtful: whether such a place is looked into.
    "rocm-sdk-builder": Layout(
        _sdk_builder, "rocm", "works", ("gfx1030",), "binary", card=RX6700XT, override="10.3.0",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_truth_about_a_third_layout(name: str, tmp_path: Path, cli: Cli) -> None:
    judged(LAYOUTS[name], machine(LAYOUTS[name], tmp_path), cli)


def _namespace(root: Path) -> None:
    """pip uninstalled torch; files that it had not brought keep the folder, which Python imports as a namespace."""
    put(root, f"{VENV}/bin/python", "nothing here could run\n")
    put(root, f"{VENV}/pyvenv.cfg", "home = /usr/bin\nversion = 3.11.2\n")
    rocblas_files(root, f"{SITE}/torch/lib/rocblas/library", "gfx1010")
    put(root, f"{SITE}/torch/__pycache__/__init__.cpython-311.pyc")


def test_a_folder_that_was_left_behind_is_no_torch(tmp_path: Path, cli: Cli) -> None:
    root = machine(Layout(_namespace, "", "", (), ""), tmp_path)
    assert json.loads(cli("detect", "--json", "--root", str(root)).out)["torch"] == []
