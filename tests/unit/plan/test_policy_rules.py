"""The engine with made-up rules: conditions, unknown versions, precedence, measurements, several GPUs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from policy_samples import gpu, host, torch

from rdna_installer.amd.case import Measured
from rdna_installer.knowledge.load import Book, load_book
from rdna_installer.knowledge.rules import read_rule
from rdna_installer.knowledge.yamlfile import parse
from rdna_installer.model import HostFacts, KernelImage, Policy, Request, RocmInstall, Use, Verdict
from rdna_installer.plan.policy import resolve

SHIPPED = load_book()
VENV = "/home/u/venv/bin/python"
ROCM64 = torch("2.9.1+rocm6.4", "6.4", ("gfx1030",))
CARD = gpu("gfx1030")
EVIDENCE = "  evidence: [{{url: 'https://example.org', says: so, strength: {strength}}}]\n"


def book(*texts: str) -> Book:
    """The shipped targets with these rules alone."""
    rules = []
    for number, text in enumerate(texts):
        content = f"id: r{number}\nwhy: because\n{text}"
        if "evidence" not in content:
            content += "\nevidence: [{url: 'https://example.org', says: so, strength: strong}]"
        rules.append(read_rule(parse(content.encode(), f"r{number}.yaml"), SHIPPED.targets.targets))
    return Book(tuple(rules))


SETS = "settings: {python: {AMDGCN_USE_BUFFER_OPS: '0'}}"


def fires(when: str, facts: HostFacts, **request: object) -> Policy:
    return resolve(facts, book(f"when: {{{when}}}\n{SETS}"), Request(**request))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("when", "change", "fired"),
    [
        ("gfx: [gfx1030]", None, True),
        ("gfx: [gfx103x]", None, True),
        ("gfx: [gfx1031]", None, False),
        ("rocm: '>=6.3,<7'", None, True),
        ("rocm: '>=7'", None, False),
        ("torch: '>=2.9'", None, True),
        ("torch: '<2.9'", None, False),
        ("kernel: '>=6.1'", None, True),
        ("kernel: '<6.1'", None, False),
        ("native: true", None, True),
        ("native: false", None, False),
        ("origin: [pytorch.org, therock]", None, True),
        ("origin: [therock]", None, False),
        ("integrated: false", None, True),
        ("integrated: true", None, False),
        ("igpu_beside: false", None, True),
        ("igpu_beside: true", None, False),
        ("igpu_beside: true", lambda f: dataclasses.replace(f, gpus=(CARD, gpu("gfx1036", 2, integrated=True))), True),
        ("ram_gib: '>=32'", None, True),
        ("ram_gib: '>32'", None, False),
        ("gpus: single", None, True),
        ("gpus: multiple", None, False),
        ("gpus: multiple", lambda f: dataclasses.replace(f, gpus=(CARD, gpu("gfx1030", 2))), True),
        ("use: training", None, True),
        ("use: inference", None, True),
        ("gfx: [gfx1030], rocm: '>=6', use: training", None, True),
        ("gfx: [gfx1030], rocm: '>=7', use: training", None, False),
    ],
)
def test_conditions(when: str, change: Callable[[HostFacts], HostFacts] | None, fired: bool) -> None:
    facts = host((CARD,), ROCM64)
    policy = fires(when, change(facts) if change else facts)
    assert bool(policy.settings) is fired
    assert not policy.rejected


@pytest.mark.parametrize(("use", "fired"), [(Use.TRAINING, True), (Use.BOTH, True), (Use.INFERENCE, False)])
def test_training_rules_and_use(use: Use, fired: bool) -> None:
    assert bool(fires("use: training", host((CARD,), ROCM64), use=use).settings) is fired


@pytest.mark.parametrize(
    ("when", "facts", "says"),
    [
        ("torch: '>=2'", host((CARD,), torch("unknown", "6.4")), "cannot tell whether torch is >=2"),
        ("torch: '>=2'", host((CARD,), torch("8e22711", "6.4")), "cannot tell whether torch is >=2"),
        ("kernel: '>=6'", host((CARD,), ROCM64, kernel="next-20260101"), "cannot tell whether kernel is >=6"),
        ("native: true", host((CARD,), torch("2.9", "6.4", (), "unknown")), "cannot tell whether torch has kernels"),
        (
            "ram_gib: '>=1'",
            dataclasses.replace(host((CARD,), ROCM64), ram_bytes=None),
            "cannot tell whether the memory in GiB is >=1",
        ),
    ],
)
def test_unknown_sets_nothing_and_is_said(when: str, facts: HostFacts, says: str) -> None:
    policy = fires(when, facts)
    assert policy.settings == ()
    assert [(r.key, r.rule, r.site) for r in policy.rejected] == [("AMDGCN_USE_BUFFER_OPS=0", "r0", VENV)]
    assert says in policy.rejected[0].reason


def test_a_condition_that_fails_outweighs_an_unknown_one() -> None:
    assert fires("torch: '>=2', use: training", host((CARD,), torch("x", "6.4")), use=Use.INFERENCE).rejected == ()


def test_below_a_root_every_installed_kernel_must_agree() -> None:
    facts = host((CARD,), ROCM64, kernel=None)
    assert fires("kernel: '<6.2'", facts).settings
    two = dataclasses.replace(facts, kernels=(*facts.kernels, KernelImage("6.12.48-amd64", "module")))
    assert "cannot tell" in fires("kernel: '<6.2'", two).rejected[0].reason


@pytest.mark.parametrize(
    ("until", "fired"), [("kernel: '6.18'", True), ("kernel: '6.1'", False), ("rocm: '6.4'", False)]
)
def test_until_drops_a_rule(until: str, fired: bool) -> None:
    policy = resolve(host((CARD,), ROCM64), book(f"{SETS}\nuntil: {{{until}}}"), Request())
    assert bool(policy.settings) is fired


def values(policy: Policy) -> list[str]:
    return [f"{s.key}={s.value} [{s.rule}]" for s in policy.settings]


def sets(value: str, strength: str) -> str:
    return (
        f"settings: {{python: {{AMDGCN_USE_BUFFER_OPS: '{value}'}}}}\n"
        f"evidence: [{{url: 'https://example.org', says: so, strength: {strength}}}]"
    )


def test_the_stronger_rule_wins_and_the_loser_is_said() -> None:
    policy = resolve(host((CARD,), ROCM64), book(sets("0", "medium"), sets("1", "strong")), Request())
    assert values(policy) == ["AMDGCN_USE_BUFFER_OPS=1 [r1]"]
    assert [(r.key, r.reason) for r in policy.rejected] == [("AMDGCN_USE_BUFFER_OPS=0", "r1 sets 1 and outranks r0")]


def test_of_equal_rules_the_first_wins() -> None:
    policy = resolve(host((CARD,), ROCM64), book(sets("0", "strong"), sets("1", "strong")), Request())
    assert values(policy) == ["AMDGCN_USE_BUFFER_OPS=0 [r0]"]


def test_a_weak_rule_is_an_experiment() -> None:
    policy = resolve(host((CARD,), ROCM64), book(sets("0", "weak")), Request())
    assert policy.settings == ()
    assert [(e.rule, e.summary, e.command) for e in policy.experiments] == [
        ("r0", "AMDGCN_USE_BUFFER_OPS=0: because", f"rdna-installer probe --python {VENV}")
    ]


def test_a_weak_machine_rule_is_an_experiment() -> None:
    text = "settings: {kernel: {noretry: '1'}}\nevidence: [{url: 'https://example.org', says: so, strength: weak}]"
    policy = resolve(host((CARD,)), book(text), Request())
    assert policy.settings == ()
    assert [e.command for e in policy.experiments] == ["rdna-installer probe"]


def test_a_refuted_rule_is_refused() -> None:
    policy = resolve(host((CARD,), ROCM64), book(sets("0", "refuted")), Request())
    assert (policy.settings, policy.rejected[0].reason) == ((), "refuted")


def test_what_was_measured_here_outranks_everything() -> None:
    rules = book(sets("0", "weak"), sets("1", "strong"))
    passed = Measured("r0", VENV, passed=True)
    wish = Request(set=(("AMDGCN_USE_BUFFER_OPS", "1"),), unset=frozenset())
    assert values(resolve(host((CARD,), ROCM64), rules, wish, (passed,))) == ["AMDGCN_USE_BUFFER_OPS=0 [r0]"]
    elsewhere = Measured("r0", "/other/python", passed=True)
    assert values(resolve(host((CARD,), ROCM64), rules, Request(), (elsewhere,))) == ["AMDGCN_USE_BUFFER_OPS=1 [r1]"]


def test_what_failed_here_is_refused() -> None:
    failed = Measured("r0", VENV, passed=False)
    policy = resolve(host((CARD,), ROCM64), book(sets("0", "strong")), Request(), (failed,))
    assert policy.settings == ()
    assert policy.rejected[0].reason == "measured on this machine, and it did not pass"


def test_a_measured_spoof_is_applied() -> None:
    facts = host((gpu("gfx1010"),), torch("2.5.1+rocm6.2", "6.2"))
    passed = Measured("rdna1-spoof-fp32", VENV, passed=True)
    policy = resolve(facts, SHIPPED, Request(), (passed,))
    assert values(policy) == [
        "RDNA_CONV=no-miopen [rdna1-spoof-fp32]",
        "HSA_OVERRIDE_GFX_VERSION=10.3.0 [rdna1-spoof-fp32]",
    ]
    assert policy.verdict is Verdict.WORKS


def test_machine_settings_must_hold_for_every_gpu() -> None:
    text = "when: {gfx: [gfx1030]}\nsettings: {kernel: {noretry: '1'}, env: {HSA_XNACK: '0'}}"
    both = host((CARD, gpu("gfx942", 2)))
    policy = resolve(both, book(text), Request(gpu="1"))
    assert policy.settings == ()
    assert [r.key for r in policy.rejected] == ["noretry=1", "HSA_XNACK=0"]
    assert "would also change gfx942" in policy.rejected[0].reason


def test_machine_settings_need_every_site_to_agree() -> None:
    text = "when: {rocm: '>=6'}\nsettings: {env: {HSA_XNACK: '0'}}"
    assert resolve(host((CARD,), ROCM64, ROCM64), book(text), Request()).settings
    mixed = resolve(host((CARD,), ROCM64, torch("2.0", "5.4")), book(text), Request())
    assert mixed.settings == ()
    assert "cannot tell whether rocm" in mixed.rejected[0].reason


def test_the_verdict_of_the_strongest_rule_counts() -> None:
    rules = book(
        "verdict: works\nevidence: [{url: 'https://example.org', says: so, strength: medium}]", "verdict: unusable"
    )
    policy = resolve(host((CARD,), ROCM64), rules, Request())
    assert (policy.verdict, policy.sites[0].rule) == (Verdict.UNUSABLE, "r1")
    assert policy.sites[0].route


def test_the_machine_is_as_good_as_its_best_site() -> None:
    facts = host((gpu("gfx1010"),), torch("2.5.1+rocm6.2", "6.2"), torch("2.11", "7.15", ("gfx1010",), "therock"))
    policy = resolve(facts, SHIPPED, Request())
    assert [site.verdict for site in policy.sites] == [Verdict.UNUSABLE, Verdict.EXPERIMENTAL]
    assert policy.verdict is Verdict.EXPERIMENTAL


# --- kernels inside ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gfx", "kernels", "verdict"),
    [
        ("gfx1010", ("gfx10-1-generic",), Verdict.EXPERIMENTAL),
        ("gfx1031", ("gfx10-3-generic",), Verdict.NATIVE),
        ("gfx1031", ("gfx103X-dgpu",), Verdict.NATIVE),
        ("gfx1102", ("gfx11-generic",), Verdict.NATIVE),
        ("gfx90a", ("gfx90a:xnack-",), Verdict.NATIVE),
        ("gfx1036", ("gfx103x-dgpu",), Verdict.UNUSABLE),
        ("gfx1102", ("gfx12-generic",), Verdict.UNUSABLE),
    ],
)
def test_names_of_kernels(gfx: str, kernels: tuple[str, ...], verdict: Verdict) -> None:
    facts = host((gpu(gfx),), torch("2.11", "7.15", kernels, "therock"))
    assert resolve(facts, SHIPPED, Request()).verdict is verdict


def test_a_distributions_torch_has_the_kernels_of_its_rocblas() -> None:
    rocblas = RocmInstall("6.1", "/usr", "dpkg", ("gfx1010", "gfx1030"))
    facts = host((gpu("gfx1010"),), torch("2.6.0", "6.1", (), "distro"), rocm=(rocblas,))
    policy = resolve(facts, SHIPPED, Request())
    assert policy.verdict is Verdict.WORKS
    assert not any("HSA_OVERRIDE" in line for line in values(policy))


# --- overrides with several GPUs --------------------------------------------------------------------------------------


IGPU = gpu("gfx1036", 2, integrated=True)


@pytest.mark.parametrize(
    ("gpus", "rocm", "hidden", "expected"),
    [
        ((gpu("gfx1032", 1),), "6.4", 0, ["HSA_OVERRIDE_GFX_VERSION=10.3.0"]),
        ((gpu("gfx1032", 1),), "6.2", 0, ["HSA_OVERRIDE_GFX_VERSION=10.3.0"]),
        ((gpu("gfx1032", 1), IGPU), "6.3", 0, ["HSA_OVERRIDE_GFX_VERSION_1=10.3.0"]),
        ((gpu("gfx1032", 1), IGPU), "6.2.4", 0, []),
        ((gpu("gfx1032", None), IGPU), "6.4", 0, []),
        ((gpu("gfx1032", 1),), "6.4", 1, ["HSA_OVERRIDE_GFX_VERSION_1=10.3.0"]),
        ((gpu("gfx1032", 1), gpu("gfx1034", 2)), "6.2", 0, ["HSA_OVERRIDE_GFX_VERSION=10.3.0"]),
        (
            (gpu("gfx1032", 1), gpu("gfx1034", 2), gpu("gfx1030", 3)),
            "7.0",
            0,
            ["HSA_OVERRIDE_GFX_VERSION_1=10.3.0", "HSA_OVERRIDE_GFX_VERSION_2=10.3.0"],
        ),
        ((gpu("gfx1032", 1), gpu("gfx1034", 2), gpu("gfx1030", 3)), "6.2", 0, []),
    ],
)
def test_overrides(gpus: tuple[object, ...], rocm: str, hidden: int, expected: list[str]) -> None:
    facts = host(gpus, torch("2.9", rocm, ("gfx1030",)), hidden=hidden)  # type: ignore[arg-type]
    policy = resolve(facts, SHIPPED, Request(use=Use.INFERENCE))
    assert [f"{s.key}={s.value}" for s in policy.settings] == expected
    assert policy.verdict is (Verdict.WORKS if expected else Verdict.UNUSABLE)
    assert expected or policy.sites[0].route


def test_policy_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pure: with the book at hand no file is opened."""
    SHIPPED.profile("recommended")
    assert SHIPPED.env

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError(f"opened {args}")

    facts = host((gpu("gfx1031"),), ROCM64)
    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    monkeypatch.setattr("os.open", refuse)
    assert resolve(facts, SHIPPED, Request()).settings
