"""Advice that uses this machine's facts: groups, overrides, kernels inside a torch, another GPU than the log's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from rdna_installer.diagnose.diagnose import diagnose
from rdna_installer.diagnose.finding import Finding
from rdna_installer.diagnose.scan import scan
from rdna_installer.diagnose.situation import Machine
from rdna_installer.knowledge.load import load_book
from rdna_installer.knowledge.signatures import load_signatures
from rdna_installer.model import (
    GfxSource,
    Gpu,
    HostFacts,
    Initramfs,
    InitramfsTool,
    ModuleState,
    PythonSite,
    Request,
    Torch,
    TorchOrigin,
    User,
)
from rdna_installer.plan.policy import resolve

BOOK = load_book()
KNOWN = load_signatures(BOOK.targets.targets)
ANN = User(1000, 1000, "ann", PurePosixPath("/home/ann"), "/bin/bash", frozenset({"ann"}))
DENIED = "Unable to open /dev/kfd read-write: Permission denied"
NO_KERNELS = "hipErrorNoBinaryForGpu: Unable to find code object for all current devices!"
APERTURE = "aborting with error : HSA_STATUS_ERROR_MEMORY_APERTURE_VIOLATION: The agent"
STOCK = ("gfx900", "gfx906", "gfx908", "gfx90a", "gfx1030", "gfx1100")


def machine(
    gfx: str | None, user: User = ANN, kernels: tuple[str, ...] = STOCK, override: str | None = None
) -> Machine:
    gpus = (Gpu(gfx, None, "0000:03:00.0", "1002", None, 1, GfxSource.KFD, False),) if gfx else ()
    venv = PurePosixPath("/home/ann/venv")
    torch = Torch("2.5.1+rocm6.2", "6.2", kernels, TorchOrigin.PYTORCH_ORG)
    site = PythonSite(venv / "bin/python", venv, venv / "lib/python3.11/site-packages", "3.11", 1000, 1000, torch)
    facts = HostFacts(
        gpus=gpus,
        hidden_nodes=0,
        unidentified=(),
        rocm=(),
        sites=(site,),
        running_kernel="6.12.9",
        kernels=(),
        cmdline="",
        modprobe=(),
        amdgpu=ModuleState(True, False, None, {}),
        initramfs=Initramfs(InitramfsTool.NONE),
        init="systemd",
        user=user,
        boot_id=None,
        ram_bytes=None,
        live=True,
    )
    return Machine(facts, resolve(facts, BOOK, Request()) if gpus else None, override, BOOK.targets)


def first(log: str, here: Machine) -> Finding:
    return diagnose(scan([log.encode()], KNOWN), "x.log", lambda: here).findings[0]


def advice(log: str, here: Machine) -> str:
    return "\n".join(first(log, here).advice)


def test_the_exact_line_for_the_groups() -> None:
    assert "sudo usermod -aG render,video ann" in advice(DENIED, machine("gfx1031"))


def test_no_groups_for_one_who_has_them() -> None:
    member = replace(ANN, groups=frozenset({"render"}), session_groups=frozenset({"ann"}))
    text = advice(DENIED, machine("gfx1031", member))
    assert "usermod" not in text and "this session is older" in text
    here = replace(member, session_groups=frozenset({"ann", "render"}))
    text = advice(DENIED, machine("gfx1031", here))
    assert "usermod" not in text and "--group-add" in text


def test_an_override_only_where_the_policy_has_one() -> None:
    text = advice(NO_KERNELS, machine("gfx1031"))
    assert "HSA_OVERRIDE_GFX_VERSION=10.3.0 for /home/ann/venv/bin/python" in text
    assert "10.3.0" not in advice(NO_KERNELS, machine("gfx1010"))
    assert "has no override for gfx1010" in advice(NO_KERNELS, machine("gfx1010"))


def test_native_kernels_are_named() -> None:
    assert "/home/ann/venv/bin/python has kernels for gfx1031" in advice(
        NO_KERNELS, machine("gfx1031", kernels=("gfx1031",))
    )


def test_a_log_of_another_machine() -> None:
    log = "rocBLAS error: Cannot read /x/TensileLibrary.dat: No such file or directory for GPU arch : gfx1010"
    text = advice(log, machine("gfx1031"))
    assert "not in this machine" in text and "rdna-installer explain gfx1010" in text
    assert "10.3.0" not in text


def test_under_an_override_the_log_names_the_reported_target() -> None:
    log = "rocBLAS error: Cannot read /x/TensileLibrary.dat: No such file or directory for GPU arch : gfx1030"
    text = advice(log, machine("gfx1031", override="10.3.0"))
    assert "not in this machine" not in text


@pytest.mark.parametrize(("override", "said"), [("10.3.0", True), (None, False)])
def test_an_override_in_this_session_is_suspected_first(override: str | None, said: bool) -> None:
    texts = first(APERTURE, machine("gfx1010", override=override)).advice
    assert texts[0].startswith("HSA_OVERRIDE_GFX_VERSION=10.3.0 is set in this session") is said


def test_a_kernel_range_is_asked() -> None:
    hang = "amdgpu: MES failed to respond to msg=REMOVE_QUEUE"
    old = machine("gfx1151", kernels=("gfx1151",))
    new = replace(old, facts=replace(old.facts, running_kernel="6.18.4"))
    assert "cwsr_enable=0" in advice(hang, old)
    assert "cwsr_enable=0" not in advice(hang, new)


def test_without_any_gpu() -> None:
    found = first("ROCk module is NOT loaded, possibly no GPU devices", machine(None))
    assert found.name == "hsa-init-failed"
    assert "no AMD GPU is visible on this machine" in "\n".join(found.advice)


def test_the_machine_is_not_asked_for_a_clean_log() -> None:
    def never() -> Machine:
        raise AssertionError("asked")

    assert diagnose(scan([b"all is well\n"], KNOWN), "x", never).findings == ()


def test_no_place_is_left_open() -> None:
    for gfx in (None, "gfx1010", "gfx1031", "gfx1100"):
        here = machine(gfx, override="10.3.0")
        for signature in KNOWN.signatures:
            for item in signature.advice:
                item.says.format(user="u", gfx="g", override="o", python="p", set="s", spoof="e", wheel="w")
        assert "{" not in advice(NO_KERNELS, here)
