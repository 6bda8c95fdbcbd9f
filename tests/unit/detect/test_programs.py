"""Programs with kernels of their own: found below a root by what they are; what each needs is said, and no more."""

from __future__ import annotations

import sys
from pathlib import Path, PurePosixPath

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "check"))

from check_samples import BOOK, NAVI22, facts, put

from rdna_installer.amd.case import case_of
from rdna_installer.detect.programs import find_programs
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.plan.programs import for_programs, said_of

HOME = PurePosixPath("/home/ann")
OLLAMA = "/usr/local/bin/ollama"


def ollama(root: Path, *targets: str, below: str = "rocm/") -> None:
    put(root, OLLAMA, "x", 0o755)
    for gfx in targets:
        put(root, f"/usr/local/lib/ollama/{below}rocblas/library/TensileLibrary_lazy_{gfx}.dat", "x")


@pytest.mark.parametrize("below", ["", "rocm/", "rocm_v7/"])
def test_ollama_and_its_own_kernels(tmp_path: Path, below: str) -> None:
    ollama(tmp_path, "gfx1030", "gfx1100", below=below)
    (found,) = find_programs(Sysroot(tmp_path), HOME)
    assert (found.name, str(found.path), found.gfx_targets) == ("ollama", OLLAMA, ("gfx1030", "gfx1100"))


def test_llama_cpp_that_was_built_in_a_home(tmp_path: Path) -> None:
    put(tmp_path, "/home/ann/llama.cpp/build/bin/llama-server", "x", 0o755)
    put(tmp_path, "/home/ann/llama.cpp/build/bin/libggml-hip.so", "no ELF")
    (found,) = find_programs(Sysroot(tmp_path), HOME)
    assert (found.name, found.gfx_targets) == ("llama.cpp", ())


def test_a_name_alone_is_no_program(tmp_path: Path) -> None:
    put(tmp_path, "/usr/local/lib/ollama/rocm/rocblas/library/TensileLibrary_lazy_gfx1030.dat", "x")
    assert find_programs(Sysroot(tmp_path), HOME) == ()


def test_the_global_override_is_what_it_needs(tmp_path: Path) -> None:
    ollama(tmp_path, "gfx1030")
    case = case_of(facts(gpus=(NAVI22,)), BOOK)
    found = find_programs(Sysroot(tmp_path), HOME)
    assert for_programs(case, found) == {OLLAMA: {"HSA_OVERRIDE_GFX_VERSION": "10.3.0"}}
    (said,) = said_of(case, found)
    assert "systemctl edit ollama`, [Service], Environment=HSA_OVERRIDE_GFX_VERSION=10.3.0" in said


def test_with_its_own_kernels_it_needs_nothing(tmp_path: Path) -> None:
    ollama(tmp_path, "gfx1030", "gfx1031")
    case = case_of(facts(gpus=(NAVI22,)), BOOK)
    found = find_programs(Sysroot(tmp_path), HOME)
    assert for_programs(case, found) == {}
    assert list(said_of(case, found)) == []


def test_none_that_would_do_is_said(tmp_path: Path) -> None:
    ollama(tmp_path, "gfx942")
    (said,) = said_of(case_of(facts(gpus=(NAVI22,)), BOOK), find_programs(Sysroot(tmp_path), HOME))
    assert "neither for" in said
