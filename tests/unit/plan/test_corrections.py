"""Every row of the corrections, as plan, advise, verify's judge and explain answer it.

The rows are read from the facts, so that a new one fails here until somebody has decided about it.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
from policy_samples import gpu, host, torch

from rdna_installer.amd.case import Judged, case_of
from rdna_installer.amd.conditions import known_faults
from rdna_installer.amd.judge import judge_setting
from rdna_installer.amd.kernels import kernels_of
from rdna_installer.detect.targets import lookup
from rdna_installer.knowledge.catalogue import Emit, find
from rdna_installer.knowledge.explain import explain
from rdna_installer.knowledge.load import load_book
from rdna_installer.model import Gpu, HostFacts, Policy, Proof, Request, Use, Verdict
from rdna_installer.plan.advise import advise
from rdna_installer.plan.policy import resolve
from rdna_installer.workflow.caches import find_places

BOOK = load_book()
TRAINING = Request(use=Use.TRAINING)
RDNA4 = gpu("gfx1201")
HALO = gpu("gfx1151", integrated=True)
PHOENIX = gpu("gfx1103", integrated=True)


def therock(rocm: str, gfx: str, version: str = "2.12.0") -> object:
    return torch(f"{version}+rocm{rocm}", rocm, (gfx,), "therock")


def on(*found: object, kernel: str = "6.1.0-41-amd64", gpus: tuple[Gpu, ...] = (RDNA4,)) -> HostFacts:
    return host(gpus, *found, kernel=kernel)  # type: ignore[arg-type]


def with_kfd(facts: HostFacts, *lines: str) -> HostFacts:
    gpus = tuple(dataclasses.replace(g, properties=(g.properties or frozenset()) | set(lines)) for g in facts.gpus)
    return dataclasses.replace(facts, gpus=gpus)


def said(policy: Policy) -> str:
    return "\n".join(policy.warnings)


def settings(facts: HostFacts, request: Request = TRAINING) -> dict[str, str]:
    return {s.key: s.value for s in resolve(facts, BOOK, request).settings}


def judged(facts: HostFacts, key: str, value: str) -> Judged:
    return judge_setting(case_of(facts, BOOK), key, value)


def told(key: str) -> str:
    found = explain(BOOK, key)
    parts = [found.summary, *(f"{label}: {text}" for label, text in found.facts)]
    return "\n".join([*parts, *(f"{e.says} {e.url}" for e in (*found.evidence, *found.counter))])


def routes(facts: HostFacts, request: Request = TRAINING) -> str:
    options = advise(facts, BOOK, request)[0].options
    return "\n".join("\n".join([o.id, o.says, *o.commands, o.risk or "", o.fault or ""]) for o in options)


def a1() -> None:
    for rocm, faulty in (("6.4", False), ("7.0", False), ("7.2", True), ("7.14.0", True), ("10.0.0", True),
                         ("10.1.0", False)):  # fmt: skip
        facts = on(therock(rocm, "gfx1201"))
        assert ("hipBLASLt" in said(resolve(facts, BOOK, TRAINING))) is faulty, rocm
        assert "whl/rocm7.2" not in routes(facts), "no good torch is sent into the fault"
    stopgaps = said(resolve(on(therock("7.14.0", "gfx1201")), BOOK, TRAINING))
    assert all(name in stopgaps for name in ("TORCH_BLAS_PREFER_HIPBLASLT=0", "ROCBLAS_USE_HIPBLASLT=0"))
    assert "PYTORCH_NO_HIP_MEMORY_CACHING=1" in stopgaps
    assert "rocm10.1" in routes(on(therock("7.14.0", "gfx1201")))


def a2() -> None:
    for found, answer in (
        (torch("2.9.1+rocm6.4", "6.4", ("gfx1201",)), "unread"),
        (torch("2.11.0+rocm7.2", "7.2", ("gfx1201",)), "unread"),
        (therock("7.14.0", "gfx1201", "2.9.0"), "unread"),
        (therock("7.14.0", "gfx1201", "2.10.0"), "unknown"),
        (therock("7.14.0", "gfx1201", "2.12.0"), "unknown"),
    ):
        assert judged(on(found), "TORCH_BLAS_PREFER_HIPBLASLT", "0").answer.value == answer
    half = judged(on(therock("7.14.0", "gfx1201")), "TORCH_BLAS_PREFER_HIPBLASLT", "0")
    assert "ROCBLAS_USE_HIPBLASLT=0" in half.said
    assert "before 2.12" in told("TORCH_BLAS_PREFER_HIPBLASLT")


def a3() -> None:
    card = (gpu("gfx1010"),)
    for rocm, kernel, fails in (("7.14.0", "6.12.107", True), ("10.0.0", "7.0.0-22-generic", True),
                                ("7.15.0", "6.1.0-41-amd64", False), ("10.1.0", "7.0.0-22-generic", False),
                                ("7.2", "6.17.8", False)):  # fmt: skip
        facts = on(therock(rocm, "gfx1010"), kernel=kernel, gpus=card)
        verdict = resolve(facts, BOOK, TRAINING).sites[0]
        assert (verdict.verdict is Verdict.UNUSABLE) is fails, (rocm, kernel)
        assert ("every kernel launch fails" in verdict.why) is fails
    assert "TheRock#7472" in routes(on(kernel="7.0.0-22-generic", gpus=card)), "before the download"


def a4() -> None:
    old, new, wrw2 = (f"MIOPEN_DEBUG_CONV_DIRECT_{n}" for n in ("OCL_WRW53", "HIP_WRW53", "OCL_WRW2"))
    card = (gpu("gfx1031"),)
    assert {old, wrw2} <= set(settings(on(therock("6.4", "gfx1031"), gpus=card)))
    assert {old, new} <= set(settings(on(therock("7.14.0", "gfx1031"), gpus=card))), "both, where it may be either"
    latest = settings(on(therock("10.1.0", "gfx1031"), gpus=card))
    assert new in latest
    assert not {old, wrw2} & set(latest)
    assert judged(on(therock("10.1.0", "gfx1010"), gpus=(gpu("gfx1010"),)), new, "0").answer.value == "superfluous"


def a5() -> None:
    for kernel, lines, wanted in (("6.17.8", (), True), ("6.18.2", (), True), ("6.18.4", (), False),
                                  ("6.12.107", ("cwsr_size",), False), ("6.12.50", (), True)):  # fmt: skip
        facts = with_kfd(on(therock("7.14.0", "gfx1151"), kernel=kernel, gpus=(HALO,)), *lines)
        assert ("cwsr_enable" in settings(facts)) is wanted, kernel
    assert "6.18.4" in told("strix-halo-cwsr")
    firmware = dataclasses.replace(HALO, mes=0x83)
    assert "0x83" in said(resolve(on(therock("7.14.0", "gfx1151"), kernel="6.19.10", gpus=(firmware,)), BOOK, TRAINING))


def a6() -> None:
    for chip in (PHOENIX, gpu("gfx1152", integrated=True)):
        for kernel, wanted in (("6.18.8", True), ("6.19.10", False), ("6.12.107", False)):
            facts = on(therock("7.14.0", chip.gfx), kernel=kernel, gpus=(chip,))
            assert (settings(facts).get("cwsr_enable") == "0") is wanted, (chip.gfx, kernel)
            assert (judged(facts, "cwsr_enable", "0").answer.value == "right") is wanted
    assert judged(on(therock("7.14.0", "gfx1201"), kernel="6.18.8"), "cwsr_enable", "0").answer.value == "superfluous"


def a7() -> None:
    apu = on(torch("2.5.1+rocm6.2", "6.2"), gpus=(gpu("gfx90c", integrated=True),))
    assert "HSA_OVERRIDE_GFX_VERSION" not in settings(apu)
    assert judged(apu, "HSA_OVERRIDE_GFX_VERSION", "9.0.0").answer.value == "harmful"
    for gfx in ("gfx900", "gfx906", "gfx90c"):
        facts = on(torch("2.12.0+rocm7.2", "7.2", ("gfx1100",)), gpus=(gpu(gfx),))
        assert f"nightly.repo.amd.com/rocm/whl-next/ 'torch[device-{gfx}]'" in routes(facts)


def a8() -> None:
    board = (gpu("gfx1013", integrated=True),)
    facts = on(therock("7.14.0", "gfx1010"), gpus=board)
    policy = resolve(facts, BOOK, TRAINING)
    assert policy.verdict is Verdict.EXPERIMENTAL
    assert "freeze" in said(policy)
    for chip in (gpu("gfx1011"), gpu("gfx1012"), *board):
        assert settings(on(therock("7.14.0", "gfx1010"), gpus=(chip,)))["AMDGCN_USE_BUFFER_OPS"] == "0", chip.gfx
    broken = resolve(on(therock("7.2", "gfx1010"), kernel="6.17.9", gpus=board), BOOK, TRAINING)
    assert "6.17.8 to 6.17.10" in said(broken)


def a9() -> None:
    for version, rocm, gfx in (("2.12.0", "7.2", "gfx900"), ("2.12.0", "7.2", "gfx906"), ("2.13.0", "7.2", "gfx1103")):
        facts = on(torch(f"{version}+rocm{rocm}", rocm, ()), gpus=(gpu(gfx),))
        found = kernels_of(facts.sites[0], facts, BOOK.targets)
        assert found.run_on(gfx, BOOK.targets) is False, gfx
        assert resolve(facts, BOOK, TRAINING).verdict is Verdict.UNUSABLE
    assert "torch[device-gfx1103]" in routes(on(torch("2.13.0+rocm7.2", "7.2", ()), gpus=(PHOENIX,)))
    vega = on(torch("2.13.0+rocm7.2", "7.2", ()), gpus=(gpu("gfx906"),))
    assert "whl/rocm6.3" in routes(vega)


def a10() -> None:
    """detect/torch.py does not take ROCm's device packages for torch's (tests/unit/detect/test_detect_torch.py)."""
    for gfx in ("gfx1010", "gfx1031"):
        facts = on(torch("2.13.0+rocm7.14", "7.14", ()), gpus=(gpu(gfx),))
        assert kernels_of(facts.sites[0], facts, BOOK.targets).run_on(gfx, BOOK.targets) is False
    hollow = dataclasses.replace(torch("2.13.0+rocm10.0.0", "10.0.0", (), "therock"), known_from=Proof.PACKAGE)
    assert resolve(on(hollow), BOOK, TRAINING).verdict is Verdict.UNUSABLE
    urls = [e.url for wheels in BOOK.targets.wheels for e in wheels.evidence]
    assert not any(".ci/manywheel/build_rocm.sh" in url for url in urls)


def a11() -> None:
    wheel = torch("2.10.0+rocm7.1", "7.1", ("gfx1100", "gfx1150", "gfx1151"))
    answers = {"gfx1152": {"11.0.0": "harmful", "11.5.1": "harmful", "11.5.0": "unknown"},
               "gfx1153": {"11.0.0": "harmful", "11.5.1": "harmful", "11.5.0": "unknown"}}  # fmt: skip
    for gfx, values in answers.items():
        facts = on(wheel, gpus=(gpu(gfx, integrated=True),))
        assert "HSA_OVERRIDE_GFX_VERSION" not in settings(facts)
        for value, answer in values.items():
            assert judged(facts, "HSA_OVERRIDE_GFX_VERSION", value).answer.value == answer, (gfx, value)
    old = torch("2.9.1+rocm6.4", "6.4", ("gfx1100", "gfx1151"))
    strix = on(old, gpus=(gpu("gfx1150", integrated=True),))
    assert judged(strix, "HSA_OVERRIDE_GFX_VERSION", "11.5.1").answer.value == "harmful"


def a12() -> None:
    assert "is part of its key" in told("TRITON_CACHE_DIR")
    assert "not part of" not in told("AMDGCN_USE_BUFFER_OPS")
    card = (gpu("gfx1010"),)
    for version, wanted in (("2.9.0", False), ("2.10.0", True)):
        facts = on(therock("7.2", "gfx1010", version), gpus=card)
        assert ("AMDGCN_USE_BUFFER_OPS" in settings(facts)) is wanted
    assert "AMDGCN_USE_BUFFER_ATOMICS" in BOOK.env


def a13() -> None:
    sam = dataclasses.replace(host(()).user, home=PurePosixPath("/home/sam"))
    places = {p.id: p for p in find_places(sam, {"MIOPEN_USER_DB_PATH": "/data/miopen-db", "MIOPEN_CUSTOM_CACHE_DIR":
                                                 "/data/miopen-cache"})}  # fmt: skip
    assert str(places["miopen-database"].path) == "/data/miopen-db"
    assert str(places["miopen-kernels"].path) == "/data/miopen-cache"
    shared = {"MIOPEN_USER_DB_PATH": "/opt/miopen", "MIOPEN_SYSTEM_DB_PATH": "/opt/miopen/db"}
    assert "MIOPEN_SYSTEM_DB_PATH" in (list(find_places(sam, shared))[1].problem or ""), "what MIOpen came with stays"
    assert {BOOK.env[k].emit for k in ("MIOPEN_USER_DB_PATH", "MIOPEN_SYSTEM_DB_PATH")} == {Emit.ASK}


def b14() -> None:
    commands = [c for items in (*BOOK.targets.routes.families.values(), BOOK.targets.routes.everywhere)
                for route in items for c in route.commands]  # fmt: skip
    amd = [c for c in commands if "torch[device-" in c]
    assert all("stable.repo.amd.com/rocm/whl-next" in c or "nightly.repo.amd.com/rocm/whl-next" in c for c in amd)
    assert not any("/v2/" in c or "rocm.nightlies" in c for c in commands)
    assert any("hipErrorInvalidImage" in e.says for r in BOOK.targets.routes.families["rdna2"] for e in r.evidence)


def b15() -> None:
    for gfx in ("gfx1010", "gfx1011", "gfx1012"):
        support = BOOK.targets.targets[gfx].support
        assert all(words in support for words in ("ticks it as tested", "test matrix does not run it"))
        assert "run_tests is False" in told(gfx)
    assert BOOK.targets.targets["gfx1152"].reachable is Verdict.NATIVE
    assert all("untested" in BOOK.targets.targets[g].support for g in ("gfx900", "gfx906", "gfx90c", "gfx1153"))


def b16() -> None:
    def known(gfx: str, kernel: str) -> set[str]:
        return {rule.id for rule in known_faults(on(kernel=kernel, gpus=(gpu(gfx),)), BOOK)}

    assert known("gfx1201", "6.18.2") == {"rdna4-kernel-618"}
    assert known("gfx1201", "6.18.4") == known("gfx1201", "6.17.9") == set()
    assert known("gfx1100", "6.18.6") == known("gfx1100", "7.0.3") == {"rdna3-kernel-sdma"}
    assert known("gfx1100", "6.17.9") == known("gfx1100", "6.12.107") == known("gfx1100", "7.1.13") == set()
    facts = on(torch("2.9.1+rocm6.4", "6.4", ("gfx1100",)), kernel="6.18.6", gpus=(gpu("gfx1100"),))
    policy = resolve(facts, BOOK, TRAINING)
    assert policy.verdict is Verdict.NATIVE, "known, no more"
    assert "This kernel is known" in said(policy)
    assert "https://github.com/ROCm/amdgpu/issues/2" in said(policy)
    assert "This kernel is known" in " ".join(advise(facts, BOOK, TRAINING)[0].system)


def b17() -> None:
    assert "300" in told("MIOPEN_NAIVE_TIMEOUT_FACTOR")
    assert "hipFreeAsync" in told("MIOPEN_NAIVE_TIMEOUT")
    assert judged(on(therock("10.1.0", "gfx1201")), "MIOPEN_NAIVE_TIMEOUT", "0").answer.value == "harmful"
    assert find(BOOK.env, "MIOPEN_NAIVE_MAX_DRAINING")


def b18() -> None:
    modes = ("TRUST_VERIFY", "trust_verify_full", "6", "7")
    words = ("NONE", "DB_UPDATE", "search", "SEARCH_DB_UPDATE", "DB_CLEAN")
    for key, values in (("MIOPEN_FIND_MODE", modes), ("MIOPEN_FIND_ENFORCE", words)):
        assert all(BOOK.env[key].problem(value) is None for value in values)
    assert judged(on(therock("6.4", "gfx1201")), "MIOPEN_FIND_MODE", "TRUST_VERIFY").answer.value == "harmful"
    assert "7.11" in (BOOK.env["MIOPEN_SEARCH_CUTOFF"].since or "")


def b19() -> None:
    assert "7.13" in told("HSA_ENABLE_DXG_DETECTION")
    assert judged(on(therock("10.1.0", "gfx1201")), "HSA_ENABLE_DXG_DETECTION", "1").answer.value == "superfluous"


def b20() -> None:
    assert "default on gfx12" in told("ROCBLAS_USE_HIPBLASLT")
    assert "gfx1103" in told("MIOPEN_DEBUG_AMD_WINOGRAD_FURY_RXS_F2X3")
    assert {"MIOPEN_SYSTEM_DB_PATH", "HSA_ENABLE_DXG_DETECTION", "AMDGCN_USE_BUFFER_ATOMICS"} <= set(BOOK.env)


def b21() -> None:
    assert "gfx1010 has no float16 Winograd" in told("MIOPEN_DEBUG_AMD_WINOGRAD_RXS_F2X3")


def b22() -> None:
    assert "8433" in (BOOK.env["MIOPEN_DEBUG_OPENCL_CONVOLUTIONS"].until or "")


def b23() -> None:
    rule = next(rule for rule in BOOK.rules if rule.id == "strix-halo-rocm10-conv")
    assert {"could not reproduce it"} <= {e.says for e in rule.counter}
    assert any("gfx110x" in e.says for e in rule.counter)


def b24() -> None:
    rule = next(rule for rule in BOOK.rules if rule.id == "rdna2-miopen-gfx1031")
    assert any("3.2.0" in e.says and "3540" in e.says for e in rule.counter)


def b25() -> None:
    text = routes(on(torch("2.7.1+rocm6.3", "6.3"), gpus=(gpu("gfx803"),)))
    assert "gfx803_rocm" in text
    assert "Schaka/rocm-gfx803" in text
    assert "ROCm 5.4" not in text


def b26() -> None:
    for device, revision, gfx, name in (("1435", "ae", "gfx1033", "Steam Deck OLED"), ("7481", "c7", "gfx1102",
                                        "AMD Steam Machine"), ("743f", "c3", "gfx1034", "6500M"),
                                        ("15d8", "db", "gfx902", "Vega 8")):  # fmt: skip
        entry = lookup(device)
        assert entry is not None
        assert entry.gfx == gfx
        assert name in entry.product(revision)


def b27() -> None:
    names = {"gfx101x-all": "gfx1010", "gfx103x-igpu": "gfx1036", "gfx115x-all": "gfx1151", "gfx115x-igpu": "gfx1152",
             "gfx900-dgpu": "gfx900", "gfx906-dgpu": "gfx906", "gfx90c-igpu": "gfx90c", "gfx94x-all": "gfx942",
             "gfx950-all": "gfx950", "gfx908-dcgpu": "gfx908", "gfx90a-dcgpu": "gfx90a"}  # fmt: skip
    for family, gfx in names.items():
        facts = on(torch("2.9.0+rocm7.10", "7.10", (family,), "therock"), gpus=(gpu(gfx),))
        assert kernels_of(facts.sites[0], facts, BOOK.targets).run_on(gfx, BOOK.targets), family
    assert "gfx1250" in BOOK.targets.targets


ROWS: dict[str, Callable[[], None]] = {
    name.upper(): row for name, row in globals().items() if re.fullmatch(r"[ab][0-9]+", name) and callable(row)
}


def test_every_row_is_decided(facts_dir: Path) -> None:
    text = (facts_dir / "corrections.md").read_text()
    assert set(re.findall(r"^\| ([AB][0-9]+) \|", text, re.MULTILINE)) == set(ROWS)


@pytest.mark.parametrize("row", ROWS)
def test_row(row: str) -> None:
    ROWS[row]()


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("rebar", ("6.17.8",)),
        ("user_queue", ("6.17.8",)),
        ("mes", ("7.1.13", "mes_kiq")),
        ("mtype_local", ("6.17.8",)),
        ("gpu_recovery", ("6.17.8",)),
        ("ppfeaturemask", ("bit 14",)),
        ("noretry", ("7.1.13",)),
        ("lockup_timeout", ("10 s", "60 s")),
        ("si_support", ("6.19",)),
        ("dcdebugmask", ("5844",)),
        ("HSA_OVERRIDE_GFX_VERSION", ("roc-1.7.0",)),
        ("HSA_OVERRIDE_GFX_VERSION_1", ("6.3",)),
        ("sched_policy", ("6.17.8", "not 6.12")),
        ("reset_method", ("6.17.8", "not 6.12")),
        ("exp_hw_support", ("6.17.8", "not 6.12")),
        ("cik_support", ("6.19",)),
        ("MIOPEN_DEBUG_CONV_GEMM", ("ROCm 3.5",)),
        ("MIOPEN_DEBUG_DISABLE_USER_DB", ("10.1",)),
        ("MIOPEN_DEBUG_DISABLE_SYSTEM_DB", ("10.1",)),
        ("nchw", ("channels-last", "170764", "170947")),
    ],
)
def test_texts(key: str, words: tuple[str, ...]) -> None:
    """Part C of the corrections."""
    text = told(key)
    assert [word for word in words if word not in text] == []


ARCHIVED = ("MIOpen", "clr", "ROCT-Thunk-Interface", "ROCR-Runtime", "rocBLAS", "hipBLASLt", "Tensile", "rocminfo",
            "HIP", "composable_kernel", "hipSPARSELt", "rocSOLVER", "rocm_smi_lib")  # fmt: skip
MOVED = ("pytorch/builder/blob/main/", "dell/dkms/", "miopen/src/solver/conv_", ".ci/manywheel/build_rocm.sh")


def test_no_source_is_in_an_archived_repository() -> None:
    """Part C: tags of the archived ones stay where they are, their branches have moved; so have some files."""
    data = Path(load_book.__code__.co_filename).parent / "data"
    text = "".join(path.read_text() for path in data.rglob("*.yaml"))
    archived = rf"github\.com/ROCm/(?:{'|'.join(ARCHIVED)})/blob/(?!rocm-[0-9])[^\"]*"
    assert re.findall(archived, text) == []
    assert [place for place in MOVED if place in text] == []
