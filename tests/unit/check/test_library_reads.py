"""Which variables a torch's libraries read: by their own strings, bounded, unknown where they cannot be read whole."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import pytest
from check_samples import facts

from rdna_installer.check import libraries
from rdna_installer.check.libraries import TABLE_BUDGET, TABLES, names_in, with_reads
from rdna_installer.detect import codeobjects
from rdna_installer.knowledge.load import load_book
from rdna_installer.machine.sysroot import Sysroot, parts_of
from rdna_installer.model import PythonSite, Torch, TorchKind, TorchOrigin
from rdna_installer.plan.conflicts import IN_LIBRARIES

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "detect"))
from elf_sample import elf

SITE = PurePosixPath("/home/sam/venv/lib/python3.11/site-packages")
OTHERS = ("MIOPEN_LOG_LEVEL", "MIOPEN_FIND_MODE", "MIOPEN_FIND_ENFORCE", "MIOPEN_CUSTOM_CACHE_DIR", "MIOPEN_X_1")
GEMM = "MIOPEN_DEBUG_CONV_GEMM"
OCL = "MIOPEN_DEBUG_CONV_DIRECT_OCL_WRW53"


def library(names: Sequence[str], section: str = ".rodata", before: bytes = b"\0") -> bytes:
    return elf({".text": b"x", section: before + b"\0".join(name.encode() for name in (*OTHERS, *names)) + b"\0"})


def put(root: Path, name: str, content: bytes, site: PurePosixPath = SITE) -> Path:
    path = root / str(site).lstrip("/") / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def asked(root: Path, *keys: str, origin: TorchOrigin = TorchOrigin.PYTORCH_ORG) -> dict[str, bool]:
    put(root, "torch/version.py", b"")
    torch = Torch("2.9.1+rocm6.4", "6.4", (), origin, TorchKind.ROCM)
    home = PurePosixPath("/home/sam/venv")
    site = PythonSite(home / "bin/python", home, SITE, "3.11", 0, 0, torch)
    found = with_reads(Sysroot(root), facts(sites=(site,)), keys)
    assert found.sites[0].torch is not None
    return dict(found.sites[0].torch.reads)


def test_its_strings_say_it(tmp_path: Path) -> None:
    put(tmp_path, "torch/lib/libMIOpen.so", library([GEMM]))
    assert asked(tmp_path, GEMM, OCL) == {GEMM: True, OCL: False}


def test_a_name_is_a_whole_string(tmp_path: Path) -> None:
    put(tmp_path, "torch/lib/libMIOpen.so", library([f"{GEMM}_MORE", f"see {OCL} in the documentation"]))
    assert asked(tmp_path, GEMM, OCL) == {GEMM: False, OCL: False}


def test_the_end_of_a_longer_one_is_one_too(tmp_path: Path) -> None:
    """Linkers merge strings that end alike."""
    put(tmp_path, "torch/lib/libMIOpen.so", library([f"NO_{GEMM}"]))
    assert asked(tmp_path, GEMM) == {GEMM: True}


@pytest.mark.parametrize(
    "place", [codeobjects.WINDOW - 1, codeobjects.WINDOW - 10, codeobjects.WINDOW - len(GEMM) - 1, codeobjects.WINDOW]
)
def test_across_two_windows(place: int, tmp_path: Path) -> None:
    filler = b"\0".join(name.encode() for name in OTHERS) + b"\0"
    filler += bytes(place - len(filler))
    put(tmp_path, "torch/lib/libMIOpen.so", elf({".rodata": filler + GEMM.encode() + b"\0"}))
    assert asked(tmp_path, GEMM) == {GEMM: True}


@pytest.mark.parametrize(
    "content",
    [
        b"stands for a library",
        elf({".text": b"x"}),
        elf({".rodata": GEMM.encode() + b"\0"}),  # hardly any name: a stand-in
        library([GEMM])[:80],
        library([GEMM], section=".data"),
    ],
)
def test_what_is_no_library_says_nothing(content: bytes, tmp_path: Path) -> None:
    put(tmp_path, "torch/lib/libMIOpen.so", content)
    assert asked(tmp_path, GEMM, OCL) == {}


def test_two_of_them_say_nothing(tmp_path: Path) -> None:
    put(tmp_path, "torch/lib/libMIOpen.so", library([GEMM]))
    put(tmp_path, "torch/lib/libMIOpen.so.1", library([]))
    assert asked(tmp_path, GEMM) == {}


def test_one_by_two_names_is_one(tmp_path: Path) -> None:
    path = put(tmp_path, "_rocm_sdk_libraries/lib/libMIOpen.so.1.0", library([GEMM]))
    path.with_name("libMIOpen.so.1").symlink_to("libMIOpen.so.1.0")
    assert asked(tmp_path, GEMM) == {GEMM: True}


@pytest.mark.parametrize(
    ("origin", "answer"), [(TorchOrigin.DISTRO, {GEMM: True}), (TorchOrigin.SELF_BUILT, {GEMM: True}),
                           (TorchOrigin.PYTORCH_ORG, {}), (TorchOrigin.UNKNOWN, {})]
)  # fmt: skip
def test_the_systems_counts_for_who_links_it(origin: TorchOrigin, answer: dict[str, bool], tmp_path: Path) -> None:
    put(tmp_path, "libMIOpen.so.1", library([GEMM]), PurePosixPath("/opt/rocm/lib"))
    assert asked(tmp_path, GEMM, origin=origin) == answer


def test_of_rocr_and_torch_nothing_is_said(tmp_path: Path) -> None:
    put(tmp_path, "torch/lib/libhsa-runtime64.so.1", elf({".rodata": b"HSA_XNACK\0"}))
    assert asked(tmp_path, "HSA_XNACK", "HSA_OVERRIDE_GFX_VERSION_1", "PYTORCH_ALLOC_CONF", "LD_LIBRARY_PATH") == {}


def test_each_library_answers_for_its_own(tmp_path: Path) -> None:
    hip = [f"HIP_{n}" for n in range(9)]
    put(tmp_path, "torch/lib/libamdhip64.so", elf({".rodata": "\0".join([*hip, "AMD_LOG_LEVEL", ""]).encode()}))
    put(tmp_path, "torch/lib/libMIOpen.so", library(["AMD_SERIALIZE_KERNEL"]))
    assert asked(tmp_path, "AMD_LOG_LEVEL", "AMD_SERIALIZE_KERNEL", GEMM) == {
        "AMD_LOG_LEVEL": True, "AMD_SERIALIZE_KERNEL": False, GEMM: False,
    }  # fmt: skip


def test_no_more_than_is_allowed_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All libraries of a torch together: with what its targets may take (8 MiB) 20 MiB at most, or they are unknown."""
    from rdna_installer.detect import codeobjects
    from rdna_installer.machine import sysroot

    total = [0]
    real = sysroot.os.pread

    def counting(fd: int, count: int, offset: int) -> bytes:
        total[0] += count
        return real(fd, count, offset)

    monkeypatch.setattr(sysroot.os, "pread", counting)
    put(tmp_path, "torch/lib/libMIOpen.so", elf({".rodata": library([GEMM]) + bytes(TABLE_BUDGET - (1 << 20))}))
    put(tmp_path, "torch/lib/librocblas.so", elf({".rodata": bytes(2 << 20)}))
    begun = time.process_time()
    assert asked(tmp_path, GEMM, "ROCBLAS_X") == {GEMM: True}, "the second is over what is left, and not read"
    assert time.process_time() - begun < 0.1  # 30 ms and room for a busy machine
    assert total[0] <= TABLE_BUDGET
    assert TABLE_BUDGET + codeobjects.BUDGET <= 20 << 20


def test_the_table_covers_the_catalogue() -> None:
    """Every name that a table answers for belongs to the component of that library."""
    for entry in load_book().env.values():
        for component, (_, begins) in TABLES.items():
            if re.match(begins, entry.key):
                assert entry.component == component, entry.key
                assert entry.key.startswith(IN_LIBRARIES)


def test_a_real_table(tmp_path: Path) -> None:
    """Debian's MIOpen 3.4 has 242 names; a made one of as many is read in one pass."""
    names = [f"MIOPEN_DEBUG_{n}" for n in range(242)]
    path = put(tmp_path, "libMIOpen.so", library(names))
    with parts_of(Sysroot(), str(path), TABLE_BUDGET) as parts:
        found = names_in(parts, "MIOPEN_")
    assert found == frozenset((*names, *OTHERS))


def test_nothing_is_opened_where_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "look", lambda *_: pytest.fail("looked"))
    host = facts()
    assert with_reads(Sysroot(), host, ["HSA_XNACK", "noretry"]) is host
