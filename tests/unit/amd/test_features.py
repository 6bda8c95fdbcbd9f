"""Rules by what is there: KFD properties, module parameters, strings of a library, MES. Unknown is no pass."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from judge_cells import Cell
from test_judge_table import BOOK, facts

from rdna_installer.amd.case import Context, case_of
from rdna_installer.amd.conditions import judge
from rdna_installer.amd.judge import judge_setting
from rdna_installer.knowledge.opinion import Answer
from rdna_installer.knowledge.when import Range, When
from rdna_installer.model import KernelImage, Request
from rdna_installer.plan.policy import newer, resolve

HALO = facts(Cell("gfx1151", "rocm7.1", "6.17.9", "cwsr_enable", "0", ""))
MODINFO = KernelImage("6.17.9", "module", {"amdgpu": {"noretry": "int"}, "ttm": {"pages_limit": "ulong"}})


def holds(when: When, host: Any = HALO) -> bool | None:
    return judge(when, Context(case_of(host, BOOK), host.gpus[0], case_of(host, BOOK).consumer(host.sites[0]))).holds


def with_gpu(**changes: Any) -> Any:
    return replace(HALO, gpus=(replace(HALO.gpus[0], **changes),))


def with_torch(**changes: Any) -> Any:
    site = HALO.sites[0]
    return replace(HALO, sites=(replace(site, torch=replace(site.torch, **changes)),))


@pytest.mark.parametrize(
    ("when", "host", "answer"),
    [
        (When(kfd=("cwsr_size",)), HALO, False),
        (When(kfd=("cwsr_size",)), with_gpu(properties=frozenset({"cwsr_size"})), True),
        (When(kfd=("cwsr_size",)), with_gpu(properties=None), None),
        (When(no_kfd=("cwsr_size",)), HALO, True),
        (When(no_kfd=("cwsr_size",)), with_gpu(properties=None), None),
        (When(parameter=("noretry",)), HALO, None),
        (When(parameter=("noretry",)), replace(HALO, kernels=(MODINFO,)), True),
        (When(parameter=("mes",)), replace(HALO, kernels=(MODINFO,)), False),
        (When(parameter=("ttm.pages_limit",)), replace(HALO, kernels=(MODINFO,)), True),
        (When(reads=("MIOPEN_X",)), HALO, None),
        (When(reads=("MIOPEN_X",)), with_torch(reads={"MIOPEN_X": True}), True),
        (When(reads=("MIOPEN_X",)), with_torch(reads={"MIOPEN_X": False}), False),
        (When(mes=Range("==131")), HALO, None),
        (When(mes=Range("==131")), with_gpu(mes=0x83), True),
        (When(mes=Range("==131")), with_gpu(mes=0x80), False),
    ],
)
def test_conditions(when: When, host: Any, answer: bool | None) -> None:
    assert holds(when, host) is answer


@pytest.mark.parametrize(
    ("changes", "kernel", "wanted"),
    [
        ({}, "6.17.9", True),
        ({}, "6.18.3", True),
        ({}, "6.18.4", False),
        ({"properties": frozenset({"cwsr_size"})}, "6.12.107", False),  # a backport: no version tells
        ({}, "6.12.48", True),
        ({"properties": None}, "6.17.9", False),  # nobody can tell: nothing is set
    ],
)
def test_cwsr_goes_by_what_the_kfd_shows(changes: dict[str, Any], kernel: str, wanted: bool) -> None:
    host = replace(with_gpu(**changes), running_kernel=kernel)
    policy = resolve(host, BOOK, Request())
    assert ("cwsr_enable" in {s.key for s in policy.settings}) is wanted


def test_a_faulty_firmware_is_warned_of() -> None:
    said = [w for w in resolve(with_gpu(mes=0x83), BOOK, Request()).warnings if "0x83" in w]
    assert len(said) == 1
    assert not [w for w in resolve(with_gpu(mes=0x80), BOOK, Request()).warnings if "0x83" in w]


@pytest.mark.parametrize(
    ("reads", "key", "answer"),
    [
        (None, "MIOPEN_FORCE_RDNA1", Answer.UNREAD),  # no release reads it
        (False, "MIOPEN_FORCE_RDNA1", Answer.UNREAD),
        (True, "MIOPEN_FORCE_RDNA1", Answer.UNKNOWN),  # a patched library has it
        (False, "MIOPEN_DEBUG_CONV_GEMM", Answer.UNREAD),  # and this one not
        (True, "MIOPEN_DEBUG_DISABLE_USER_DB", Answer.UNKNOWN),  # a backport
        (False, "ROCBLAS_USE_HIPBLASLT", Answer.UNREAD),  # built without it
        (True, "GPU_DEVICE_ORDINAL", Answer.UNREAD),  # named there, and used on Windows only
    ],
)
def test_a_librarys_own_strings_outrank_versions(reads: bool | None, key: str, answer: Answer) -> None:
    host = with_torch(reads={} if reads is None else {key: reads})
    assert judge_setting(case_of(host, BOOK), key, "0").answer is answer


def test_force_rdna1_may_be_set_beside_a_library_that_reads_it() -> None:
    host = with_torch(reads={"MIOPEN_FORCE_RDNA1": True})
    policy = resolve(host, BOOK, Request(set=(("MIOPEN_FORCE_RDNA1", "1"),)))
    assert ("MIOPEN_FORCE_RDNA1", "1") in {(s.key, s.value) for s in policy.settings}


def test_what_is_newer_than_this_knowledge_is_said() -> None:
    horizon = BOOK.targets.horizon
    assert list(newer(HALO, horizon)) == []
    new = replace(with_torch(version="2.99.0+rocm10.9.0", rocm="10.9.0"), running_kernel="9.1.0-generic")
    said = list(newer(new, horizon))
    assert [text.split()[0] for text in said] == ["Linux", "ROCm", "torch"]
    assert all(horizon.date in text for text in said)
    assert set(said) <= set(resolve(new, BOOK, Request()).warnings)
