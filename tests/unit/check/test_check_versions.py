"""Version rules: only torch that uses the system's ROCm must match it; overrides belong to a GPU."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from check_samples import NAVI10, NAVI22, PYTHON, env, facts, generation, python, site

from rdna_installer.check.verify import check_versions
from rdna_installer.check.wanted import wanted_of
from rdna_installer.model import (
    Check,
    Generation,
    HostFacts,
    LibraryKernels,
    Proof,
    RocmInstall,
    Status,
    Torch,
    TorchOrigin,
)

KEY = "HSA_OVERRIDE_GFX_VERSION"
LINE = f"version:rocm:{PYTHON}"
MEANT = ("gfx1031 node 1 0000:03:00.0",)


def look(host: HostFacts, made: Generation | None = None) -> list[Check]:
    return list(check_versions(host, made, wanted_of(made)))


def rocm(*versions: str) -> tuple[RocmInstall, ...]:
    return tuple(RocmInstall(v, "/opt/rocm", "/opt/rocm/.info/version") for v in versions)


@pytest.mark.parametrize(
    ("origin", "torch", "system", "status"),
    [
        (TorchOrigin.PYTORCH_ORG, "6.2", ("5.7.1",), Status.OK),
        (TorchOrigin.THEROCK, "7.15", (), Status.OK),
        (TorchOrigin.SELF_BUILT, "6.2", ("6.2.4-139",), Status.OK),
        (TorchOrigin.SELF_BUILT, "6.2.41133-dd7f95766", ("5.7.1", "6.2.0"), Status.OK),
        (TorchOrigin.SELF_BUILT, "6.2", ("6.3.0",), Status.MISMATCH),
        (TorchOrigin.DISTRO, "5.7", (), Status.MISMATCH),
        (TorchOrigin.UNKNOWN, "6.2", ("6.2.4",), Status.OK),
        (TorchOrigin.UNKNOWN, "6.2", ("6.3.0",), Status.UNKNOWN),
    ],
)
def test_system_rocm(origin: TorchOrigin, torch: str, system: tuple[str, ...], status: Status) -> None:
    built = site(torch=Torch("2.5.1", torch, (), origin))
    [check] = look(facts(sites=(built,), rocm=rocm(*system)))
    assert (check.id, check.status) == (LINE, status)


@pytest.mark.parametrize(
    ("version", "libraries", "status"),
    [
        ("2.8.0+rocm7.0.2.lw.git245bf6ed", (LibraryKernels("rocBLAS", ("gfx1201",), Proof.FILES),), Status.OK),
        ("2.8.0+rocm7.0.2.lw.git245bf6ed", (), Status.MISMATCH),
        ("2.8.0+rocm7.0.2.git245bf6ed", (), Status.UNKNOWN),
    ],
)
def test_wheels_of_amds_old_index(version: str, libraries: tuple[LibraryKernels, ...], status: Status) -> None:
    """The light ones need the system's ROCm; what comes with a wheel is used, whoever built it."""
    torch = Torch(version, "7.0", ("gfx1201",), TorchOrigin.UNKNOWN, libraries=libraries)
    [check] = look(facts(sites=(site(torch=torch),), rocm=rocm("6.4.1")))
    assert check.status is status
    [fits] = look(facts(sites=(site(torch=torch),), rocm=rocm("7.0.1")))
    assert fits.status is Status.OK


@pytest.mark.parametrize(("settings", "lines"), [((), {}), ((python(KEY, "10.3.0"),), {LINE: Status.MISMATCH})])
def test_torch_without_rocm_matters_where_chosen(settings: tuple[Any, ...], lines: dict[str, Status]) -> None:
    cuda = site(torch=Torch("2.5.1+cu124", None, (), TorchOrigin.PYTORCH_ORG))
    checks = look(facts(sites=(cuda,)), generation(*settings))
    assert {c.id: c.status for c in checks if c.id.startswith("version:rocm")} == lines


def test_only_chosen_sites_are_judged() -> None:
    other = site(origin=TorchOrigin.SELF_BUILT, python=site().python.with_name("python9"))
    checks = look(facts(sites=(site(), other)), generation(python("HSA_ENABLE_SDMA", "0")))
    assert [c.id for c in checks] == [LINE]


@pytest.mark.parametrize(
    ("setting", "gpus", "hidden", "status"),
    [
        (python(f"{KEY}_1", "10.3.0"), (NAVI22,), 0, Status.OK),
        (python(f"{KEY}_1", "10.3.0"), (replace(NAVI22, kfd_node=2),), 0, Status.MISMATCH),
        (python(f"{KEY}_1", "10.3.0"), (NAVI10,), 0, Status.MISMATCH),
        (python(f"{KEY}_1", "10.3.0"), (replace(NAVI22, pci="0000:04:00.0"),), 0, Status.MISMATCH),
        (python(f"{KEY}_1", "10.3.0"), (), 2, Status.UNKNOWN),
        (env(KEY, "10.3.0"), (NAVI22,), 0, Status.OK),
        (env(KEY, "10.3.0"), (NAVI10,), 0, Status.MISMATCH),
        (env(KEY, "10.3.0"), (), 0, Status.MISMATCH),
    ],
)
def test_override_and_its_gpu(setting: Any, gpus: tuple[Any, ...], hidden: int, status: Status) -> None:
    made = generation(setting, gpus=MEANT)
    [check] = look(facts(gpus=gpus, hidden_nodes=hidden), made)
    assert (check.id, check.status, check.wanted) == ("version:override:0000:03:00.0", status, MEANT[0])
    assert status is not Status.OK or check.running == MEANT[0]


def test_node_nobody_recorded_is_unknown() -> None:
    [check] = look(facts(), generation(env(f"{KEY}_5", "10.3.0"), gpus=MEANT))
    assert (check.id, check.status) == ("version:override:node-5", Status.UNKNOWN)


def test_without_an_override_a_new_card_is_nobodys_business() -> None:
    assert look(facts(), generation(env("HSA_ENABLE_SDMA", "0"), gpus=MEANT)) == []


def test_below_a_root_without_gpus() -> None:
    [check] = look(facts(gpus=(), live=False), generation(env(KEY, "10.3.0"), gpus=MEANT))
    assert (check.status, check.wanted) == (Status.NOT_APPLICABLE, MEANT[0])
