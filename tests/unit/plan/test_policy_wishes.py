"""What the user asks for: --set, --unset, --gpu, --layer, and what each of them refuses."""

from __future__ import annotations

import dataclasses

import pytest
from policy_samples import given, gpu, host, torch

from rdna_installer.errors import Exit, RdnaError
from rdna_installer.knowledge.load import load_book
from rdna_installer.model import USUAL, GfxSource, Gpu, Layer, PciDevice, Policy, Request, Verdict
from rdna_installer.plan.policy import resolve

BOOK = load_book()
RX6700XT = host((gpu("gfx1031"),), torch("2.5.1+rocm6.2", "6.2"))
ROCM10 = torch("2.14.0+rocm10.0.0", "10.0.0", ("gfx1151",), "therock")
NO_TORCH = host((gpu("gfx1010"),))


def settings(policy: Policy) -> list[str]:
    return [f"{s.layer.value} {s.key}={s.value} [{s.rule}]" for s in policy.settings]


def wish(*pairs: tuple[str, str], facts: object = RX6700XT, **more: object) -> Policy:
    return resolve(facts, BOOK, Request(set=pairs, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("key", "value", "reference", "says", "exit_code"),
    [
        ("LD_LIBRARY_PATH", "/opt/rocm/lib", "refused-setting", "mixes system libraries", Exit.REFUSED),
        ("HIP_VISIBLE_DEVICES", "0", "refused-setting", "hides GPUs", Exit.REFUSED),
        ("CUDA_VISIBLE_DEVICES", "0", "refused-setting", "hides GPUs", Exit.REFUSED),
        ("MIOPEN_DEBUG_CONV_DIRECT", "0", "refused-setting", "No suitable algorithm", Exit.REFUSED),
        ("gtt_size", "8192", "refused-setting", "gttsize", Exit.REFUSED),
        ("amdgpu.gtt_size", "8192", "refused-setting", "gttsize", Exit.REFUSED),
        ("PYTORCH_ROCM_ARCH", "gfx1030", "refused-setting", "is built", Exit.REFUSED),
        ("MIOPEN_FORCE_RDNA1", "1", "refused-setting", "no release", Exit.REFUSED),
        ("HIP_FORCE_COARSE_GRAIN", "1", "refused-setting", "nothing reads it", Exit.REFUSED),
        ("MIOPEN_FIND_MODE", "banana", "invalid-value", "MIOpen throws", Exit.USAGE),
        ("noretry", "banana", "invalid-value", "does not load", Exit.USAGE),
        ("amdgpu.noretry", "7", "invalid-value", "from -1 to 1", Exit.USAGE),
        ("HSA_XNACK", "", "invalid-value", "needs a value", Exit.USAGE),
        ("HSA_XNACK", "1\n", "invalid-value", "printable", Exit.USAGE),
        ("HSA_OVERRIDE_GFX_VERSION", "11.0.0", "invalid-value", "another family", Exit.REFUSED),
        ("MIOPEN_FIND_MOD", "FAST", "unknown-setting", "unknown variable", Exit.USAGE),
        ("noretri", "1", "unknown-setting", "unknown kernel parameter", Exit.USAGE),
        ("ip_block_mask", "0xff", "unknown-setting", "valid values are not known", Exit.USAGE),
    ],
)
def test_refused_before_anything_is_decided(key: str, value: str, reference: str, says: str, exit_code: Exit) -> None:
    with pytest.raises(RdnaError) as caught:
        wish((key, value))
    assert (caught.value.reference, caught.value.exit_code) == (reference, exit_code)
    assert says in caught.value.message


@pytest.mark.parametrize(("key", "hint"), [("MIOPEN_FIND_MOD", "MIOPEN_FIND_MODE"), ("no_retry", "noretry")])
def test_the_closest_name_is_offered(key: str, hint: str) -> None:
    with pytest.raises(RdnaError) as caught:
        wish((key, "1"))
    assert caught.value.hint == f"did you mean {hint}?"


def test_set_goes_to_the_layer_of_the_catalogue() -> None:
    policy = wish(
        ("amdgpu.noretry", "1"), ("HSA_ENABLE_SDMA", "0"), ("MIOPEN_FIND_MODE", "FAST"), ("ttm.pages_limit", "4194304")
    )
    assert [s for s in settings(policy) if "--set" in s] == [
        "kernel noretry=1 [--set]",
        "kernel ttm.pages_limit=4194304 [--set]",
        "env HSA_ENABLE_SDMA=0 [--set]",
        "python MIOPEN_FIND_MODE=FAST [--set]",
    ]


def test_a_machines_variable_goes_to_the_sites_where_only_python_is_chosen() -> None:
    policy = wish(("HSA_ENABLE_SDMA", "0"), layers=frozenset({Layer.PYTHON}))
    assert "python HSA_ENABLE_SDMA=0 [--set]" in settings(policy)


@pytest.mark.parametrize(
    ("key", "value", "facts", "layers"),
    [
        ("noretry", "1", RX6700XT, {Layer.PYTHON}),
        ("MIOPEN_FIND_MODE", "FAST", RX6700XT, {Layer.KERNEL, Layer.ENV}),
        ("HSA_ENABLE_SDMA", "0", RX6700XT, {Layer.KERNEL}),
        ("MIOPEN_FIND_MODE", "FAST", NO_TORCH, set(USUAL)),
    ],
)
def test_a_setting_without_a_place_is_an_error(key: str, value: str, facts: object, layers: set[Layer]) -> None:
    with pytest.raises(RdnaError) as caught:
        wish((key, value), facts=facts, layers=frozenset(layers))
    assert caught.value.reference == "setting-has-no-place"


def test_set_outranks_rules_and_profiles_and_says_so() -> None:
    policy = wish(("MIOPEN_DEBUG_CONV_GEMM", "1"), profile="miopen-solvers")
    assert "python MIOPEN_DEBUG_CONV_GEMM=1 [--set]" in settings(policy)
    losers = [(r.key, r.rule) for r in policy.rejected if r.key == "MIOPEN_DEBUG_CONV_GEMM=0"]
    assert losers == [
        ("MIOPEN_DEBUG_CONV_GEMM=0", "rdna2-miopen-gfx1031"),
        ("MIOPEN_DEBUG_CONV_GEMM=0", "miopen-solvers"),
    ]


@pytest.mark.parametrize(
    "request_", [Request(set=(("noretry", "1"),)), Request(profile="layered"), Request(profile="miopen-solvers")]
)
def test_a_wish_raises_no_verdict(request_: Request) -> None:
    facts = host((gpu("gfx1010"),), torch("2.5.1+rocm6.2", "6.2"))
    policy = resolve(facts, BOOK, request_)
    assert policy.verdict is Verdict.UNUSABLE
    assert policy.asked  # done all the same
    assert policy.sites[0].why.startswith("no kernels for gfx1010")
    assert any("makes nothing run" in warning for warning in policy.warnings)


def test_the_profile_that_lets_something_run_does() -> None:
    facts = host((gpu("gfx1010"),), torch("1.13.1+rocm5.2", "5.2"))
    assert resolve(facts, BOOK, Request(profile="rocm52-spoof")).verdict is Verdict.EXPERIMENTAL


def test_unset_leaves_out_and_says_so() -> None:
    policy = resolve(RX6700XT, BOOK, Request(unset=frozenset({"MIOPEN_DEBUG_CONV_GEMM"})))
    assert not any("CONV_GEMM" in line for line in settings(policy))
    assert ("MIOPEN_DEBUG_CONV_GEMM=0", "left out: you asked for --unset") in [
        (r.key, r.reason) for r in policy.rejected
    ]


def test_without_its_override_the_site_is_unusable() -> None:
    policy = resolve(RX6700XT, BOOK, Request(unset=frozenset({"HSA_OVERRIDE_GFX_VERSION"})))
    assert policy.verdict is Verdict.UNUSABLE
    assert not any("HSA_OVERRIDE" in line for line in settings(policy))


def test_unset_of_nothing_known() -> None:
    with pytest.raises(RdnaError) as caught:
        resolve(RX6700XT, BOOK, Request(unset=frozenset({"MIOPEN_X"})))
    assert caught.value.reference == "unknown-setting"


@pytest.mark.parametrize(
    "request_",
    [
        Request(set=(("noretry", "1"), ("amdgpu.noretry", "0"))),
        Request(set=(("noretry", "1"),), unset=frozenset({"noretry"})),
        Request(set=(("gttsize", "8192"), ("ttm.pages_limit", "4194304"))),
    ],
)
def test_contradictions(request_: Request) -> None:
    with pytest.raises(RdnaError) as caught:
        resolve(RX6700XT, BOOK, request_)
    assert (caught.value.reference, caught.value.exit_code) == ("contradiction", Exit.USAGE)


def test_an_unknown_profile() -> None:
    with pytest.raises(RdnaError) as caught:
        resolve(RX6700XT, BOOK, Request(profile="layerd"))
    assert (caught.value.exit_code, caught.value.hint) == (Exit.USAGE, "did you mean layered?")


@pytest.mark.parametrize("layer", sorted(USUAL, key=str))
def test_only_chosen_layers_are_set(layer: Layer) -> None:
    policy = resolve(RX6700XT, BOOK, Request(profile="layered", layers=frozenset({layer})))
    assert {s.layer for s in policy.settings} == {layer}


# --- which GPUs ----------------------------------------------------------------------------------------------------


CARD = dataclasses.replace(gpu("gfx1031", 1), pci="0000:0a:00.0", name="RX 6700 XT")
IGPU = dataclasses.replace(gpu("gfx1036", 2, integrated=True), pci="0000:10:00.0")


@pytest.mark.parametrize(
    ("gpus", "wanted", "chosen"),
    [
        ((CARD, IGPU), None, [CARD]),
        ((IGPU,), None, [IGPU]),
        ((CARD, IGPU), "0000:10:00.0", [IGPU]),
        ((CARD, IGPU), "10:00.0", [IGPU]),
        ((CARD, IGPU), "0000:0A:00.0", [CARD]),
        ((CARD, IGPU), "2", [IGPU]),
        ((given("gfx1031"), given("gfx1010")), "1", [given("gfx1010")]),
    ],
)
def test_which_gpus(gpus: tuple[Gpu, ...], wanted: str | None, chosen: list[Gpu]) -> None:
    assert list(resolve(host(gpus), BOOK, Request(gpu=wanted)).gpus) == chosen


@pytest.mark.parametrize("wanted", ["0", "3", "0000:99:00.0", "gfx1031", "", "9" * 50])
def test_a_gpu_that_is_not_there(wanted: str) -> None:
    with pytest.raises(RdnaError) as caught:
        resolve(host((CARD, IGPU)), BOOK, Request(gpu=wanted))
    assert caught.value.reference == "gpu-not-found"
    assert caught.value.hint == (
        "name one of these: gfx1031 (RX 6700 XT) at PCI 0000:0a:00.0, KFD node 1; "
        "gfx1036 at PCI 0000:10:00.0, KFD node 2, integrated"
    )


def test_no_gpu_at_all_says_where_was_looked() -> None:
    old = PciDevice("0000:01:00.0", "1002", "6798", "GCN 1: older than any ROCm")
    with pytest.raises(RdnaError) as caught:
        resolve(dataclasses.replace(host(()), unidentified=(old,), hidden_nodes=2), BOOK, Request())
    error = caught.value
    assert (error.reference, error.exit_code) == ("no-gpu", Exit.REFUSED)
    assert "2 KFD node(s) cannot be read" in error.message
    assert "1002:6798 at 0000:01:00.0 (GCN 1" in error.message
    assert error.context == "looked at /sys/class/kfd/kfd/topology/nodes, /sys/class/drm"
    assert "--gfx" in (error.hint or "")
    assert "--demo" in (error.hint or "")


def test_a_target_nobody_knows() -> None:
    new = Gpu("gfx1300", None, None, "1002", None, None, GfxSource.KFD, False)
    policy = resolve(host((new,)), BOOK, Request())
    assert policy.verdict is Verdict.UNUSABLE
    assert policy.sites[0].why == "no PyTorch found, and nothing is known about gfx1300"


@pytest.mark.parametrize(
    ("key", "value", "rocm", "version", "ignored"),
    [
        ("HSA_OVERRIDE_GFX_VERSION_1", "10.3.0", "6.2", "2.5.1+rocm6.2", True),
        ("HSA_OVERRIDE_GFX_VERSION_1", "10.3.0", "6.3", "2.7.0+rocm6.3", False),
        ("PYTORCH_ALLOC_CONF", "garbage_collection_threshold:0.8", "6.2", "2.5.1+rocm6.2", True),
        ("PYTORCH_ALLOC_CONF", "garbage_collection_threshold:0.8", "6.4", "2.9.1+rocm6.4", False),
        ("MIOPEN_LOG_LEVEL", "5", "6.2", "2.5.1+rocm6.2", False),
    ],
)
def test_a_torch_too_old_to_read_a_variable(key: str, value: str, rocm: str, version: str, ignored: bool) -> None:
    found = wish((key, value), facts=host((gpu("gfx1031"),), torch(version, rocm)))
    assert any("ignores it" in warning for warning in found.warnings) is ignored


@pytest.mark.parametrize("strategy", ["native", "no-miopen", "gemm", "cpu"])
def test_a_strategy_goes_to_every_rocm_site_and_outranks_rules(strategy: str) -> None:
    rocm10 = host((gpu("gfx1151", integrated=True),), ROCM10, kernel="6.18.9")
    policy = resolve(rocm10, BOOK, Request(conv=strategy))
    assert settings(policy) == [f"python RDNA_CONV={strategy} [--conv]"]
    outranked = [r.key for r in policy.rejected if "outranks strix-halo-rocm10-conv" in r.reason]
    assert outranked == ([] if strategy == "no-miopen" else ["RDNA_CONV=no-miopen"])


def test_a_strategy_is_no_consent_to_an_unusable_site() -> None:
    stock = host((gpu("gfx1010"),), torch("2.5.1+rocm6.2", "6.2"))
    assert resolve(stock, BOOK, Request(conv="gemm")).verdict is Verdict.UNUSABLE


@pytest.mark.parametrize(
    ("request_", "facts", "reference", "says"),
    [
        (Request(conv="magic"), RX6700XT, "invalid-value", "native, no-miopen, gemm, cpu"),
        (Request(conv="gemm"), NO_TORCH, "setting-has-no-place", "needs a PyTorch"),
        (Request(conv="gemm", layers=frozenset({Layer.ENV})), RX6700XT, "setting-has-no-place", "python layer"),
        (Request(conv="gemm", set=(("RDNA_CONV", "cpu"),)), RX6700XT, "contradiction", "--conv, --set"),
        (Request(conv="gemm", unset=frozenset({"RDNA_CONV"})), RX6700XT, "contradiction", "--conv, --set"),
        (Request(set=(("RDNA_MEMORY_FRACTION", "80"),)), RX6700XT, "invalid-value", "sets no cap"),
        (Request(set=(("RDNA_MEMORY_FRACTION", "0.00"),)), RX6700XT, "invalid-value", "sets no cap"),
    ],
)
def test_a_strategy_that_cannot_be_set(request_: Request, facts: object, reference: str, says: str) -> None:
    with pytest.raises(RdnaError) as caught:
        resolve(facts, BOOK, request_)  # type: ignore[arg-type]
    assert caught.value.reference == reference
    assert says in caught.value.message
