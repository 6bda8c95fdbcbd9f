"""tools/upstream-check's extractors on texts that hold the traps: comments, .in files, several lines, double rows."""

from __future__ import annotations

import pytest

from upstream import extract
from upstream.book import Claim
from upstream.clones import version
from upstream.compare import Known, Row, compare, news

CASES = [
    (
        "miopen_variables",
        "MIOPEN_DECLARE_ENV_VAR_BOOL(MIOPEN_A,\n   true)",
        {"MIOPEN_A": {"kind": "BOOL", "default": "true"}},
    ),
    ("miopen_variables", "// MIOPEN_DECLARE_ENV_VAR(MIOPEN_OLD)\n/* MIOPEN_DECLARE_ENV_VAR(MIOPEN_B) */", {}),
    ("miopen_variables", "#define MIOPEN_DECLARE_ENV_VAR(NAME) x", {}),
    (
        "miopen_variables",
        'auto p = std::getenv("MIOPEN_DB"); // .cpp.in',
        {"MIOPEN_DB": {"kind": "getenv", "default": ""}},
    ),
    (
        "read_variables",
        'os::GetEnvVar("HSA_X"); snprintf(b, n, "HSA_OVERRIDE_GFX_VERSION_%d", i);',
        {"HSA_X": {}, "HSA_OVERRIDE_GFX_VERSION_N": {}},
    ),
    (
        "hip_flags",
        'release(bool, HIP_A, false, \\\n "text")\nIsEnvVarSet("HIP_B")',
        {"HIP_A": {"default": "false"}, "HIP_B": {}},
    ),
    (
        "triton_knobs",
        'use: env_bool = env_bool("AMDGCN_USE_BUFFER_OPS", True)',
        {"AMDGCN_USE_BUFFER_OPS": {"kind": "bool", "default": "True"}},
    ),
    (
        "kernel_parameters",
        'int amdgpu_a = -1;\nMODULE_PARM_DESC(a, "one "\n "two");\nmodule_param_named_unsafe(a, amdgpu_a, int, 0444);',
        {"a": {"type": "int", "unsafe": "yes", "default": "-1", "text": "one two"}},
    ),
    (
        "kernel_parameters",
        "/* module_param(gone, int, 0); */ module_param(b, bool, 0644);",
        {"b": {"type": "bool", "unsafe": ""}},
    ),
    ("driver_ids", "{0x1002, 0x731f, PCI_ANY_ID, PCI_ANY_ID, 0, 0, CHIP_NAVI10},", {"731F": {"chip": "CHIP_NAVI10"}}),
    ("products", "# c\n743F,\tC3,\tRX 6500\n743F,\tC3,\tRX 6500M\n1.0.0\n", {"743F:c3": {"name": "RX 6500|RX 6500M"}}),
    (
        "pci_names",
        "1001  x\n\t731f  No\n1002  AMD\n\t731f  Navi 10\n\t\t1002 1 sub\n1003  y\n\t731f  No\n",
        {"731F": {"name": "Navi 10"}},
    ),
    (
        "therock_targets",
        'therock_add_amdgpu_target(gfx1010 "A" FAMILY dgpu-all gfx101X\n EXCLUDE_TARGET_PROJECTS\n hipBLASLt # x\n)',
        {"gfx1010": {"family": "dgpu-all gfx101X", "excluded": "hipBLASLt"}},
    ),
    (
        "therock_table",
        "## ROCm on Linux\n| RDNA1 | **gfx1010** | ✅ | |\n## Windows\n| R | gfx1011 | ✅ |",
        {"gfx1010": {"ticks": "y -"}},
    ),
    (
        "solver_gates",
        'bool A::IsApplicable(const X&) const { if(x) { return n == "gfx906"; } return "gfx1030"; } f("gfx9");',
        {"A": {"gfx": "gfx1030 gfx906"}},
    ),
    (
        "solver_names",
        "RegisterWithSolver(\n registry, ++id, conv::ConvBinWinoRxS<2, 3>{}, x); ++id; // removed B{}",
        {"ConvBinWinoRxS": {}, "ConvBinWinogradRxSf2x3": {}},
    ),
    ("wheel_targets", 'PYTORCH_ROCM_ARCH="gfx1030;gfx900"', {"gfx1030 gfx900": {}}),
    ("gfx_literals", 'set(A "gfx90a;gfx1100") # gfx1010', {"gfx90a": {}, "gfx1100": {}}),
    ("addresses", "pip --index-url https://a.b/rocm/whl/ torch", {"https://a.b/rocm/whl": {}}),
]


@pytest.mark.parametrize(("kind", "text", "facts"), CASES)
def test_a_text_gives_its_facts(kind: str, text: str, facts: extract.Facts) -> None:
    assert extract.KINDS[kind](text) == facts


def test_every_extractor_has_a_case() -> None:
    assert {kind for kind, _, _ in CASES} == set(extract.KINDS)


def test_a_function_is_the_same_with_other_comments_and_another_with_other_words() -> None:
    one = "int f(int a)\n{\n  // why\n  return g(a) * 32;\n}\nint h() { return f(1); }"
    same = "int f(int a) { return g(a) *\n 32; }"
    assert extract.function(one, "f") == extract.function(same, "f") != extract.function(one.replace("32", "40"), "f")
    assert extract.function("int h() { return f(1); }", "f") is None  # a call is no definition


def known(*releases: tuple[str, extract.Facts], now: extract.Facts | None = None, holes: int = 0) -> Known:
    return Known("miopen_variables", [(version(v), facts) for v, facts in releases], now, holes)


A, B, NONE = {"A_X_ONE": {}}, {"B_X_ONE": {}}, {}
OUTCOMES = [
    ({"since": "ROCm 6.1"}, known(("6.0.0", NONE), ("6.1.0", A)), None),
    ({"since": "ROCm 6.0"}, known(("6.0.0", NONE), ("6.1.0", A)), "dated wrong"),
    ({"since": "ROCm 6.2"}, known(("6.0.0", NONE), ("6.1.0", A)), "dated wrong"),
    ({"since": "ROCm 3.5 or before (oldest)"}, known(("6.0.0", A), ("6.1.0", A)), None),
    ({"since": "ROCm 6.1 or before"}, known(("6.0.0", A), ("6.1.0", A)), "dated wrong"),
    ({"since": "ROCm 7.0"}, known(("6.0.0", NONE), ("6.1.0", NONE)), "not coverable"),
    ({"since": "unknown; ROCm 7.2 reads it"}, known(("6.0.0", NONE)), "not coverable"),
    ({"since": "ROCm 6.0"}, known(("6.0.0", NONE), ("6.1.0", NONE), holes=2), "unreadable"),
    ({"since": "ROCm 6.0"}, known(), "not coverable"),
    ({"since": "ROCm 6.0"}, known(("6.0.0", NONE), ("6.1.0", NONE)), "removed"),
    ({"since": "no release of it"}, known(("6.0.0", NONE), now=NONE), None),
    ({"since": "no release of it"}, known(("6.0.0", A), now=NONE), "wrong"),
    ({"since": "ROCm 6.0"}, known(("6.0.0", A), ("6.1.0", NONE)), "removed"),
    ({"since": "ROCm 6.0"}, known(("6.0.0", A), now={"A_X_TWO": {}}), "removed"),  # half the words are not enough
    ({"since": "ROCm 6.0", "until": "ROCm 6.1"}, known(("6.0.0", A), ("6.1.0", NONE)), None),
    ({"since": "ROCm 6.0", "until": "ROCm 6.2"}, known(("6.0.0", A), ("6.1.0", NONE)), "dated wrong"),
    ({"since": "ROCm 6.0", "until": "ROCm 6.1"}, known(("6.0.0", A), ("6.1.0", A)), "dated wrong"),
    ({"since": "ROCm 6.0", "until": "ROCm 10"}, known(("6.0.0", A), ("6.1.0", A)), None),
    ({"default": "1"}, known(now={"A_X_ONE": {"default": "false"}}), "default changed"),
    ({"default": "1"}, known(now={"A_X_ONE": {"default": "true"}}), None),
    ({"type": "int"}, known(now={"A_X_ONE": {"type": "bool"}}), "wrong"),
    ({}, known(now={"A_X_ONE": {"unsafe": "yes"}}), "wrong"),
]


@pytest.mark.parametrize(("said", "truth", "outcome"), OUTCOMES)
def test_the_outcomes(said: dict[str, str], truth: Known, outcome: str | None) -> None:
    rows = list(compare(Claim("E", ("miopen_variables",), "A_X_ONE", said), truth, {}))
    assert [row.outcome for row in rows] == ([outcome] if outcome else [])
    assert all(row.level == ("I" if outcome in ("not coverable", "unreadable") else "E") for row in rows)


def test_gone_and_come_in_one_step_is_one_row() -> None:
    old, new = "MIOPEN_DEBUG_CONV_DIRECT_OCL_WRW53", "MIOPEN_DEBUG_CONV_DIRECT_HIP_WRW53"
    truth = known(("6.0.0", {old: {}}), ("6.1.0", {new: {}, "MIOPEN_OTHER": {}}))
    (row,) = compare(Claim("E", ("miopen_variables",), old, {"since": "ROCm 6.0"}), truth, {})
    assert (row.outcome, row.says.split(",")[0]) == ("renamed?", f"{old} -> {new}")


def test_news_are_what_was_not_there_and_a_gate_that_moved() -> None:
    ours = {"Conv": Claim("E", ("solver_gates",), "Conv")}
    rows = list(news("solver_gates", {"Conv": {"gfx": "gfx9"}}, {"Conv": {"gfx": ""}, "New": {"gfx": ""}}, ours))
    assert rows == [
        Row("N", "new", "New", "solver_gates"),
        Row("E", "gate changed", "Conv", "solver_gates: gfx9 -> none"),
    ]
