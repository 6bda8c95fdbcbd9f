"""What proves an environment: RECORDs as they are written, packages, kernels; and what is said of a replaced torch."""

from __future__ import annotations

import base64
import hashlib

import pytest

from rdna_installer.environments.lock import HashFrom, Layout, Lock, LockedFile
from rdna_installer.environments.proof import Found, differences, inside, kernels_lacking, left_behind, listed, replaced
from rdna_installer.model import LibraryKernels, Proof, Torch, TorchKind, TorchOrigin
from rdna_installer.record import replace

DIGEST = hashlib.sha256(b"x").digest()
URLSAFE = base64.urlsafe_b64encode(DIGEST).rstrip(b"=").decode()
LONG = base64.urlsafe_b64encode(hashlib.sha512(b"x").digest()).rstrip(b"=").decode()


def locked(name: str, version: str) -> LockedFile:
    return LockedFile(f"{name}-{version}.whl", name, version, "0" * 64, 1, None, HashFrom.ARRIVAL)


LOCK = Lock(
    "2.14.0+rocm10.1.0", "10.1.0", "gfx1010", "cp311", "/w", "2026-11-27",
    (locked("torch", "2.14.0+rocm10.1.0"), locked("typing-extensions", "4.15.0")),
)  # fmt: skip
TORCH = Torch("2.14.0+rocm10.1.0", "10.1.0", ("gfx1010",), TorchOrigin.THEROCK, TorchKind.ROCM, Proof.FILES)


@pytest.mark.parametrize(
    ("written", "known"),
    [
        (f"sha256={URLSAFE}", True),
        (f"sha256={DIGEST.hex()}", True),  # AMD's kpack splitter
        (f"sha512={LONG}", True),
        (f"sha256={URLSAFE[:-1]}", False),
        (f"sha256={DIGEST.hex().upper()}", False),
        ("md5=0cc175b9c0f1b6a831c399e269772661", False),
        ("sha256=", False),
        ("sha256=é" + URLSAFE[1:], False),
    ],
)
def test_digests_of_a_record(written: str, known: bool) -> None:
    files, broken = listed(f'"a,b.py",{written},1\nx.dist-info/RECORD,,\n')
    assert [file.path for file in files] == (["a,b.py"] if known else [])
    assert broken == (() if known else ("a,b.py",))
    assert all(hashlib.new(file.algorithm, b"x").digest() == file.digest for file in files)


@pytest.mark.parametrize(
    ("path", "well"),
    [
        ("torch/a.py", True),
        ("../../../bin/torchrun", True),
        ("../../../../evil", False),
        ("a/../../../../../evil", False),
        ("/etc/passwd", False),
        ("a/../b", True),
    ],
)
def test_a_record_names_nothing_outside(path: str, well: bool) -> None:
    assert inside(path, 3) is well


def test_packages_are_those_of_the_lock() -> None:
    have = [("torch", "2.14.0+rocm10.1.0"), ("typing_extensions", "4.15.0"), ("pip", "23.0.1")]
    assert differences(LOCK, have) == ()
    assert differences(LOCK, have[:1]) == ("typing-extensions 4.15.0 is locked, and there is none",)
    assert differences(LOCK, [*have, ("Torch", "2.9.0")]) == (
        "torch 2.14.0+rocm10.1.0 is locked, and there is 2.14.0+rocm10.1.0 and 2.9.0",
    )


def test_kernels() -> None:
    blas = (LibraryKernels("rocBLAS", ("gfx1030",), Proof.FILES),)
    assert kernels_lacking(LOCK, TORCH) is None
    assert "no code for gfx1010" in str(kernels_lacking(LOCK, replace(TORCH, gfx_targets=("gfx1030",))))
    assert kernels_lacking(LOCK, replace(TORCH, gfx_targets=("gfx1010:xnack-",))) is None
    assert "rocBLAS has no code for gfx1010" in str(kernels_lacking(LOCK, replace(TORCH, libraries=blas)))
    assert kernels_lacking(LOCK, None) and kernels_lacking(replace(LOCK, layout=Layout.CPU), None)
    cpu = replace(TORCH, kind=TorchKind.CPU, gfx_targets=())
    assert kernels_lacking(replace(LOCK, layout=Layout.CPU), cpu) is None


def test_who_replaced_torch() -> None:
    assert replaced(LOCK, Found(TORCH, "2026-11-27", "pip")) is None
    cuda = replace(TORCH, version="2.15.0", kind=TorchKind.CUDA)
    said = "torch was replaced by 2.15.0 (a CUDA build, for NVIDIA cards), on 2026-11-30, by uv"
    assert replaced(LOCK, Found(cuda, "2026-11-30", "uv")) == said
    assert replaced(LOCK, None) == "torch 2.14.0+rocm10.1.0 was removed"


def test_what_does_not_come_along() -> None:
    before = {
        "torch": "2.9",
        "nvidia_cublas_cu12": "12.8",
        "transformers": "5.1",
        "pip": "26",
        "Pillow": "12",
        "rocm": "7",
    }
    assert left_behind(before, ["torch", "pillow"]) == ("transformers==5.1",)
