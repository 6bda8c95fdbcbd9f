"""Every false claim of the source documents, and that the product does what the facts say about it.

The rows are read from the facts, so that a new one fails here until somebody has decided about it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from rdna_installer.check.verify import check_versions
from rdna_installer.check.wanted import InForce
from rdna_installer.detect.gpus import find_gpus
from rdna_installer.errors import RdnaError
from rdna_installer.knowledge.catalogue import Emit
from rdna_installer.knowledge.explain import explain
from rdna_installer.knowledge.load import load_book
from rdna_installer.knowledge.rules import Rule
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import (
    GfxSource,
    Gpu,
    HostFacts,
    Initramfs,
    InitramfsTool,
    KernelImage,
    Layer,
    ModuleState,
    Policy,
    PythonSite,
    Request,
    RocmInstall,
    Setting,
    Status,
    Torch,
    TorchOrigin,
    Use,
    User,
)
from rdna_installer.plan.advise import Advice, advise
from rdna_installer.plan.policy import resolve
from rdna_installer.plan.prove import prove
from rdna_installer.resources import PACKAGE, data, templates
from rdna_installer.workflow.caches import find_places

BOOK = load_book()
RULES: list[Rule] = [*BOOK.rules, *(rule for name in BOOK.profile_names for rule in BOOK.profile(name).rules)]
SAM = User(1000, 1000, "sam", PurePosixPath("/home/sam"), "/bin/bash", frozenset())
STOCK = Torch("2.5.1+rocm6.2", "6.2", ("gfx900", "gfx1030", "gfx1100"), TorchOrigin.PYTORCH_ORG)
OLD = Torch("1.13.1+rocm5.2", "5.2", ("gfx900", "gfx1030"), TorchOrigin.PYTORCH_ORG)


def host(gfx: str, torch: Torch = STOCK, rocm: tuple[RocmInstall, ...] = ()) -> HostFacts:
    venv = PurePosixPath("/home/sam/venv")
    site = PythonSite(venv / "bin/python", venv, venv / "lib/python3.11/site-packages", "3.11", 1000, 1000, torch)
    return HostFacts(
        gpus=(Gpu(gfx, None, "0000:03:00.0", "1002", None, 1, GfxSource.KFD, False),),
        hidden_nodes=0,
        unidentified=(),
        rocm=rocm,
        sites=(site,),
        running_kernel="6.1.0-56-amd64",
        kernels=(),
        cmdline="",
        modprobe=(),
        amdgpu=ModuleState(True, False, None, {}),
        initramfs=Initramfs(InitramfsTool.NONE),
        init="systemd",
        user=SAM,
        boot_id=None,
        ram_bytes=32 << 30,
        live=True,
    )


def policy(gfx: str, torch: Torch = STOCK, **wish: Any) -> Policy:
    return resolve(host(gfx, torch), BOOK, Request(**wish))


def pairs(found: Policy) -> set[str]:
    return {f"{s.key}={s.value}" for s in found.settings}


def advice(gfx: str) -> Advice:
    (item,) = advise(host(gfx), BOOK, Request())
    return item


def emitted(key: str) -> set[str]:
    """The values that any rule or profile sets."""
    return {wanted.value for rule in RULES for wanted in rule.settings if wanted.key == key}


def says(key: str) -> str:
    found = explain(BOOK, key)
    return " ".join([found.summary, *(text for _, text in found.facts)])


def refused(key: str, value: str) -> str:
    with pytest.raises(RdnaError) as caught:
        policy("gfx1031", set=((key, value),))
    assert caught.value.reference == "refused-setting"
    return caught.value.message


def true_isa(_: object, tmp: Path, patch: pytest.MonkeyPatch) -> None:
    node = tmp / "sys/class/kfd/kfd/topology/nodes/1"
    node.mkdir(parents=True)
    lines = "simd_count 72\ngfx_target_version 100100\nvendor_id 4098\ndevice_id 29471\n"
    (node / "properties").write_text(lines)
    (node / "name").write_text("gfx1030\n")
    patch.setenv("HSA_OVERRIDE_GFX_VERSION", "10.3.0")
    assert [g.gfx for g in find_gpus(Sysroot(tmp)).gpus] == ["gfx1010"]
    assert BOOK.targets.targets["gfx1010"].family.name == "rdna1"
    assert {BOOK.targets.targets[g].family.name for g in ("gfx1030", "gfx1031")} == {"rdna2"}


def spoof_of_rdna1(*_: object) -> None:
    for gfx in ("gfx1010", "gfx1011", "gfx1012"):
        assert not any("OVERRIDE" in pair for torch in (STOCK, OLD) for pair in pairs(policy(gfx, torch)))
    chosen = policy("gfx1010", OLD, profile="rocm52-spoof")
    assert pairs(chosen) == {"HSA_OVERRIDE_GFX_VERSION=10.3.0"}
    assert not any("expected to fail" in warning for warning in chosen.warnings)
    newer = policy("gfx1010", STOCK, profile="rocm52-spoof")
    assert any("expected to fail" in warning for warning in newer.warnings)


def solvers(*_: object) -> None:
    three = {"MIOPEN_DEBUG_CONV_GEMM=0", "MIOPEN_DEBUG_CONV_DIRECT_OCL_WRW2=0", "MIOPEN_DEBUG_CONV_DIRECT_OCL_WRW53=0"}
    assert three <= pairs(policy("gfx1031", use=Use.TRAINING))
    assert not three & pairs(policy("gfx1031", use=Use.INFERENCE))
    assert not three & pairs(policy("gfx1010"))
    tried = policy("gfx1010", profile="miopen-solvers")
    assert three <= pairs(tried)
    assert any("unproven" in warning for warning in tried.warnings)
    assert "wrong results" in says("MIOPEN_DEBUG_CONV_DIRECT_OCL_WRW53")


def direct(*_: object) -> None:
    assert emitted("MIOPEN_DEBUG_CONV_DIRECT") == set()
    assert "No suitable algorithm" in refused("MIOPEN_DEBUG_CONV_DIRECT", "0")


def winograd(*_: object) -> None:
    assert emitted("MIOPEN_DEBUG_CONV_WINOGRAD") <= {"0"}
    assert "1 is the default" in says("MIOPEN_DEBUG_CONV_WINOGRAD")


def find_mode(*_: object) -> None:
    assert emitted("MIOPEN_FIND_MODE") == set()
    modes = [line for o in advice("gfx1030").options for line in o.commands if "FIND_MODE" in line]
    assert modes
    assert all("MIOPEN_FIND_MODE=FAST" in line for line in modes)
    entry = BOOK.env["MIOPEN_FIND_MODE"]
    assert entry.problem("fast") is None
    assert "throws" in (entry.problem("banana") or "")
    assert "faulty" in entry.summary


def without_effect(*_: object) -> None:
    for key, value in (
        ("GPU_DEVICE_ORDINAL", "0"),
        ("PYTORCH_ROCM_ARCH", "gfx1030"),
        ("HIP_VISIBLE_DEVICES", "0"),
        ("CUDA_VISIBLE_DEVICES", "0"),
        ("LD_LIBRARY_PATH", "/opt/rocm/lib"),
    ):
        assert emitted(key) == set()
        assert BOOK.env[key].emit is Emit.NEVER
        assert "never set" in refused(key, value)


def both_caches(*_: object) -> None:
    paths = {str(place.path) for place in find_places(SAM, {}) if place.id.startswith("miopen")}
    assert paths == {"/home/sam/.cache/miopen", "/home/sam/.config/miopen"}


def rxs(*_: object) -> None:
    assert emitted("MIOPEN_DEBUG_AMD_WINOGRAD_RXS") == set()
    assert "no effect on RDNA" in says("MIOPEN_DEBUG_AMD_WINOGRAD_RXS")


def validated(*_: object) -> None:
    for gfx in ("gfx1010", "gfx1031"):
        (note,) = [n for n in advice(gfx).notes if n.id == "rocm7-validated"]
        assert all(word in note.says for word in ("W6800", "RX 6950 XT", "power cable"))


def native_first(*_: object) -> None:
    item = advice("gfx1010")
    assert [option.kind for option in item.options[:2]] == ["wheel", "build"]
    assert any("MTYPE" in note.says and "no source" in note.says for note in item.notes)


def kernel_options(request: pytest.FixtureRequest, *_: object) -> None:
    """Proved against the real modules: what the document writes is refused, what the profile writes is taken."""
    facts: Path = request.getfixturevalue("facts_dir")
    kernels = []
    for path in sorted((facts / "kernel").glob("modinfo-*.txt")):
        blocks = re.split(r"\n(?=[a-z]+: )", path.read_text())
        found = [re.search(r"\Aparm: +([a-z0-9_]+):.*\(([a-z]+)\)", block, re.DOTALL) for block in blocks]
        release = path.stem.removeprefix("modinfo-")
        kernels.append(KernelImage(release, "module", {"amdgpu": {m[1]: m[2] for m in found if m}}))
    assert len(kernels) == 3
    bad = [Setting(Layer.KERNEL, None, "gtt_size", "8192", "document 003")]
    for kernel in kernels:
        (one,) = prove(bad, (kernel,), kernel.release, BOOK.kernel).refused
        assert "gttsize" in one.reason
    good = [s for s in policy("gfx1010", profile="layered").settings if s.layer is Layer.KERNEL]
    assert {f"{s.key}={s.value}" for s in good} == {"noretry=1", "vm_fragment_size=9", "vm_update_mode=0"}
    for kernel in kernels:
        assert prove(good, kernels, kernel.release, BOOK.kernel).refused == ()
    assert "gfx942" in says("mtype_local")


def no_percentage(*_: object) -> None:
    files = [p for folder in (data(), templates(), PACKAGE / "report") for p in folder.rglob("*") if p.is_file()]
    texts = {p: p.read_text() for p in files if p.suffix in (".yaml", ".in", ".py")}
    claims = [(p.name, m[0]) for p, text in texts.items() for m in re.finditer(r"\b9\d ?%|\bcrash reduction", text)]
    assert claims == []


def wrapping(*_: object) -> None:
    reasons = {key: reason for rule in BOOK.profile("layered").rules for key, reason in rule.reject}
    assert "cannot catch a GPU fault" in next(reason for key, reason in reasons.items() if "torch.empty" in key)
    for path in [*(PACKAGE / "runtime").rglob("*.py"), *templates().rglob("*.in")]:
        assert not re.search(r"torch\.(empty|zeros|ones|tensor)\s*=[^=]", path.read_text()), path


def caching(*_: object) -> None:
    assert emitted("PYTORCH_NO_HIP_MEMORY_CACHING") == set()
    assert "diagnosis only" in says("PYTORCH_NO_HIP_MEMORY_CACHING")


def matching_versions(*_: object) -> None:
    system = (RocmInstall("5.7.1", "/opt/rocm", "x"),)
    built = Torch("2.5.0", "6.2", ("gfx1010",), TorchOrigin.SELF_BUILT)
    for torch, status in ((STOCK, Status.OK), (built, Status.MISMATCH)):
        facts = host("gfx1010", torch, system)
        (check,) = check_versions(facts, None, InForce({}, {"/home/sam/venv/bin/python": {}}))
        assert check.status is status


def fully_supported(*_: object) -> None:
    for gfx in ("gfx1031", "gfx1032"):
        item = advice(gfx)
        assert item.target is not None
        assert item.target.support.startswith("never supported")
        assert any(note.id == "full-support" for note in item.notes)


def force_rdna1(*_: object) -> None:
    assert emitted("MIOPEN_FORCE_RDNA1") == set()
    assert "no release" in refused("MIOPEN_FORCE_RDNA1", "1")


def dates(*_: object) -> None:
    texts = " ".join(path.read_text() for path in data().rglob("*.yaml"))
    assert "2023-05" not in texts
    assert not re.search(r"IllegalAddress.*701", texts)


# A word of the claim -> what must hold.
HELD: dict[str, Callable[..., None]] = {
    "RX 5600 XT is gfx1030": true_isa,
    "HSA_OVERRIDE_GFX_VERSION=10.3.0": spoof_of_rdna1,
    "OCL_WRW2=0": solvers,
    "MIOPEN_DEBUG_CONV_DIRECT=0": direct,
    "MIOPEN_DEBUG_CONV_WINOGRAD=1": winograd,
    "MIOPEN_FIND_MODE=normal": find_mode,
    "GPU_DEVICE_ORDINAL": without_effect,
    "rm -rf": both_caches,
    "AMD_WINOGRAD_RXS": rxs,
    "AMD engineer": validated,
    "MTYPE_CC": native_first,
    "gtt_size": kernel_options,
    "99 %": no_percentage,
    "torch.empty": wrapping,
    "NO_HIP_MEMORY_CACHING": caching,
    "must match": matching_versions,
    "RX 6600": fully_supported,
    "FORCE_RDNA1": force_rdna1,
    "May 2023": dates,
}


@pytest.fixture
def claims(facts_dir: Path) -> list[str]:
    lines = (facts_dir / "source-errors.md").read_text().splitlines()
    rows = [line.split("|") for line in lines if line.startswith("|") and line.count("|") >= 5]
    return [row[2].strip() for row in rows if row[1].strip() not in ("doc", "---")]


def test_every_row_has_its_test(claims: list[str]) -> None:
    found = {claim: [word for word in HELD if word in claim] for claim in claims}
    assert {claim: words for claim, words in found.items() if len(words) != 1} == {}
    assert len(claims) == len(HELD)


@pytest.mark.parametrize("word", HELD)
def test_the_product_does_what_the_row_says(
    word: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    HELD[word](request, tmp_path, monkeypatch)
