"""Libraries that are not the torch's own: replaced, linked away, of another ROCm, wanting others."""

from __future__ import annotations

import base64
import hashlib
import sys
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from check_samples import PYTHON, facts, generation, put, python, site

from rdna_installer.check import libraries
from rdna_installer.check.libraries import check_libraries
from rdna_installer.check.wanted import wanted_of
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import Check, Status, Torch, TorchKind, TorchOrigin

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "detect"))
from elf_sample import elf

SITE = "/home/ann/venv/lib/python3.11/site-packages"
STOCK = Torch("2.5.1+rocm6.2", "6.2", (), TorchOrigin.PYTORCH_ORG, TorchKind.ROCM)
OLD = {".comment": b"AMD clang version 18.0.0git (https://github.com/RadeonOpenCompute/llvm-project roc-6.2.4 24355)\0"}
NEW = {".comment": b"AMD clang version 20.0.0git (https://github.com/RadeonOpenCompute/llvm-project roc-7.0.2 25385)\0"}
FILES = {
    "libMIOpen.so": elf(OLD, soname="libMIOpen.so.1", needed=["libamdhip64.so", "libm.so.6"]),
    "librocblas.so": elf(OLD, soname="librocblas.so.4", needed=["libamdhip64.so"]),
    "libamdhip64.so": elf(soname="libamdhip64.so.6"),
    "libtorch_hip.so": elf(needed=["libamdhip64.so", "libMIOpen.so", "libc10_hip.so"]),
}


def _digest(data: bytes, *, hexadecimal: bool) -> str:
    raw = hashlib.sha256(data).digest()
    return raw.hex() if hexadecimal else base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _stock(root: Path, *, hexadecimal: bool = False, record: bool = True) -> None:
    """A wheel with ROCm inside, as pip leaves it."""
    put(root, f"{SITE}/torch/__init__.py", "")
    lines = ["torch/__init__.py,,"]
    for name, data in FILES.items():
        put(root, f"{SITE}/torch/lib/{name}", data)
        lines.append(f"torch/lib/{name},sha256={_digest(data, hexadecimal=hexadecimal)},{len(data)}")
    put(root, f"{SITE}/torch-2.5.1+rocm6.2.dist-info/METADATA", "Name: torch\n")
    if record:
        put(root, f"{SITE}/torch-2.5.1+rocm6.2.dist-info/RECORD", "\n".join(lines) + "\n")


def _look(root: Path, torch: Torch = STOCK) -> list[Check]:
    host = facts(sites=(replace(site(), torch=torch),))
    return list(check_libraries(host, wanted_of(None), Sysroot(root)))


def _failed(checks: list[Check]) -> list[tuple[str, str | None, str | None]]:
    assert all(check.status is Status.FAILED for check in checks)
    assert all("install this torch again" in (check.hint or "") for check in checks)
    return [(check.id.removesuffix(f":{PYTHON}"), check.wanted, check.running) for check in checks]


@pytest.mark.parametrize("hexadecimal", [False, True])
def test_its_own_libraries_are_well(tmp_path, hexadecimal) -> None:
    _stock(tmp_path, hexadecimal=hexadecimal)
    [check] = _look(tmp_path)
    assert (check.id, check.status, check.running) == (f"libraries:{PYTHON}", Status.OK, "4 compared with RECORD")


def test_a_replaced_library_is_named_with_whose_it_was(tmp_path) -> None:
    _stock(tmp_path)
    put(tmp_path, f"{SITE}/torch/lib/libMIOpen.so", elf({**OLD, ".text": b"x" * 100}, soname="libMIOpen.so.1"))
    [(line, wanted, running)] = _failed(_look(tmp_path))
    assert (line, wanted) == ("library:libMIOpen.so", "the one of torch 2.5.1+rocm6.2")
    assert running is not None
    assert running.startswith("another file (")


@pytest.mark.parametrize("hexadecimal", [False, True])
def test_one_byte_in_a_file_of_the_same_size(tmp_path, hexadecimal) -> None:
    _stock(tmp_path, hexadecimal=hexadecimal)
    data = bytearray(FILES["librocblas.so"])
    data[70] ^= 1
    put(tmp_path, f"{SITE}/torch/lib/librocblas.so", bytes(data))
    [(line, _, running)] = _failed(_look(tmp_path))
    assert (line, running) == ("library:librocblas.so", "another file of the same size (its digest differs)")


def test_a_lost_library(tmp_path) -> None:
    _stock(tmp_path)
    (tmp_path / SITE.lstrip("/") / "torch/lib/librocblas.so").unlink()
    assert [(line, running) for line, _, running in _failed(_look(tmp_path))] == [("library:librocblas.so", "nothing")]


def test_a_link_to_the_systems(tmp_path) -> None:
    _stock(tmp_path)
    put(tmp_path, "/opt/rocm-7.0.2/lib/libMIOpen.so.1.0.70002", elf(NEW, soname="libMIOpen.so.1"))
    place = tmp_path / SITE.lstrip("/") / "torch/lib/libMIOpen.so"
    place.unlink()
    place.symlink_to("/opt/rocm-7.0.2/lib/libMIOpen.so.1.0.70002")
    [(line, _, running)] = _failed(_look(tmp_path))
    assert line == "library:libMIOpen.so"
    assert running == "a link to /opt/rocm-7.0.2/lib/libMIOpen.so.1.0.70002, one of ROCm 7.0.2"


@pytest.mark.parametrize("record", [False, True])
def test_libraries_of_another_rocm_beside_a_torch(tmp_path, record) -> None:
    """By what the compiler wrote, by the name, by whom they want: RECORD or not."""
    _stock(tmp_path, record=record)
    put(tmp_path, f"{SITE}/torch/lib/libMIOpen.so.1", elf(NEW, soname="libMIOpen.so.1"))
    put(tmp_path, f"{SITE}/torch/lib/librocblas.so.5.0.70002", "placeholder")
    put(tmp_path, f"{SITE}/torch/lib/libamdhip64.so.7.0.51831", "placeholder")
    put(tmp_path, f"{SITE}/torch/lib/libhipblas.so.3", elf(needed=["librocblas.so.6"]))
    assert _failed(_look(tmp_path)) == [
        ("library:libMIOpen.so.1", "one of ROCm 6.2, as torch", "one of ROCm 7.0.2"),
        ("library:libamdhip64.so.7.0.51831", "one of ROCm 6.2, as torch", "one of ROCm 7.0"),
        ("library:librocblas.so.5.0.70002", "one of ROCm 6.2, as torch", "one of ROCm 7.0.2"),
        ("library:libhipblas.so.3", "one that goes with librocblas.so", "it wants librocblas.so.6"),
    ]


def test_a_library_that_wants_another_hip(tmp_path) -> None:
    _stock(tmp_path, record=False)
    put(tmp_path, f"{SITE}/torch/lib/libMIOpen.so", elf(soname="libMIOpen.so.1", needed=["libamdhip64.so.7"]))
    assert _failed(_look(tmp_path)) == [
        ("library:libMIOpen.so", "one that goes with libamdhip64.so", "it wants libamdhip64.so.7")
    ]


def test_a_soname_is_a_name_too(tmp_path) -> None:
    _stock(tmp_path, record=False)
    put(tmp_path, f"{SITE}/torch/lib/librocblas.so", elf(soname="librocblas.so.4", needed=["libamdhip64.so.6"]))
    assert _look(tmp_path) == []


TEN = Torch("2.14.0+rocm10.1.0", "10.1.0", (), TorchOrigin.THEROCK, TorchKind.ROCM)


@pytest.mark.parametrize(
    ("required", "core", "fits"),
    [
        ("==10.1.0", "10.1.0", True),
        ("==10.1.0", "7.0.2", False),
        ("~=10.1.0", "10.1.1", True),
        ("~=10.1.0", "10.0.0", False),
    ],
)
def test_packages_of_another_rocm(tmp_path, required, core, fits) -> None:
    put(tmp_path, f"{SITE}/torch/__init__.py", "")
    put(tmp_path, f"{SITE}/torch-2.14.0+rocm10.1.0.dist-info/METADATA", f"Requires-Dist: rocm[libraries]{required}\n")
    put(tmp_path, f"{SITE}/rocm_sdk_core-{core}.dist-info/METADATA", "Name: rocm-sdk-core\n")
    put(tmp_path, f"{SITE}/_rocm_sdk_core/lib/libamdhip64.so.7", elf(NEW, soname="libamdhip64.so.7"))
    found = [(line, running) for line, _, running in _failed(_look(tmp_path, TEN))]
    assert found == ([] if fits else [(f"library:rocm_sdk_core-{core}.dist-info", f"version {core}")])


def test_files_of_therocks_packages_are_compared_too(tmp_path) -> None:
    put(tmp_path, f"{SITE}/torch/__init__.py", "")
    data = elf(soname="libMIOpen.so.1")
    put(tmp_path, f"{SITE}/_rocm_sdk_libraries/lib/libMIOpen.so.1", data + b"x")
    line = f"_rocm_sdk_libraries/lib/libMIOpen.so.1,sha256={_digest(data, hexadecimal=True)},{len(data)}\n"
    put(tmp_path, f"{SITE}/rocm_sdk_libraries-10.1.0.dist-info/RECORD", line)
    [(name, wanted, _)] = _failed(_look(tmp_path, TEN))
    assert (name, wanted) == ("library:libMIOpen.so.1", "the one of rocm_sdk_libraries 10.1.0")


def test_only_the_size_is_compared_beyond_the_budget(tmp_path, monkeypatch) -> None:
    _stock(tmp_path)
    data = bytearray(FILES["libMIOpen.so"])
    data[70] ^= 1
    put(tmp_path, f"{SITE}/torch/lib/libMIOpen.so", bytes(data))
    monkeypatch.setattr(libraries, "DIGEST_BUDGET", 10)
    assert [check.status for check in _look(tmp_path)] == [Status.OK]


@pytest.mark.parametrize(
    "line", ["sha256=,", "md5=x,1", "sha256=\xff,", "sha256=AAAA,", ",", "sha256=" + "z" * 64 + ","]
)
def test_a_digest_that_is_none_says_nothing(tmp_path, line) -> None:
    _stock(tmp_path, record=False)
    put(tmp_path, f"{SITE}/torch-2.5.1+rocm6.2.dist-info/RECORD", f"torch/lib/libMIOpen.so,{line.rstrip('1')}\n")
    assert [check.status for check in _look(tmp_path)] == [Status.OK]


def test_a_torch_not_for_rocm_and_one_not_chosen_are_not_looked_at(tmp_path) -> None:
    _stock(tmp_path)
    put(tmp_path, f"{SITE}/torch/lib/libMIOpen.so", "x")
    cuda = Torch("2.13.0+cu130", None, (), TorchOrigin.PYTORCH_ORG, TorchKind.CUDA)
    assert _look(tmp_path, cuda) == []
    host = facts(sites=(replace(site(), torch=STOCK, python=PurePosixPath("/other")),))
    assert list(check_libraries(host, wanted_of(generation(python("A", "1"))), Sysroot(tmp_path))) == []


def test_a_fifo_in_its_place_does_not_hang(tmp_path) -> None:
    import os

    _stock(tmp_path)
    place = tmp_path / SITE.lstrip("/") / "torch/lib/libMIOpen.so"
    place.unlink()
    os.mkfifo(place)
    assert [line for line, _, _ in _failed(_look(tmp_path))] == ["library:libMIOpen.so"]
