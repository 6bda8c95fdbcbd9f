"""What is said of MIOpen's switches is what the shipped table of solvers has: in explain, in plans, in refusals."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "plan"))

from policy_samples import gpu, host, torch

from rdna_installer.errors import Exit, RdnaError
from rdna_installer.knowledge.catalogue import find
from rdna_installer.knowledge.explain import explain, explain_miopen
from rdna_installer.knowledge.load import load_book
from rdna_installer.knowledge.solvers import NAIVE, NOTHING, TYPES, table
from rdna_installer.model import Layer, Policy, Request, Setting
from rdna_installer.plan.policy import resolve
from rdna_installer.plan.solvers import said_of_return

BOOK = load_book()
ORACLE = Path(__file__).resolve().parents[2] / "oracle"
PASSES = ("forward", "backward data", "backward weights")
ROCM64 = torch("2.9.1+rocm6.4", "6.4", ("gfx1010", "gfx1012", "gfx1030", "gfx1031", "gfx1100"), "therock")


def plan(gfx: str, *pairs: tuple[str, str], profile: str = "recommended", site: object = ROCM64) -> Policy:
    return resolve(host((gpu(gfx),), site), BOOK, Request(set=pairs, profile=profile))  # type: ignore[arg-type]


def about(key: str, gfx: str) -> list[str]:
    start = f"on {gfx} "
    return [text[len(start) :] for _, text in explain(BOOK, key, gfx).facts if text.startswith(start)]


def test_the_table_is_whole() -> None:
    known = table()
    assert known.source.startswith("MIOpen ")
    wanted = {g for g in BOOK.targets.targets if g.startswith("gfx9") or "gfx1010" <= g <= "gfx1201"}
    assert set(known.offers) == wanted
    for gfx, cells in known.offers.items():
        assert len(cells) == len(known.shapes) * len(TYPES) * len(PASSES), gfx
        assert all(cells.values()), f"{gfx} is offered nothing for something"
        assert known.here(gfx) <= known.names
    assert set().union(*known.removes.values()) <= known.names


@pytest.mark.parametrize(
    ("key", "gfx", "says"),
    [
        ("MIOPEN_DEBUG_CONV_DIRECT_OCL_WRW53", "gfx1010", [NOTHING]),
        ("MIOPEN_DEBUG_CONV_DIRECT_OCL_WRW53", "gfx1031", ["removes exactly ConvOclBwdWrW53"]),
        ("MIOPEN_DEBUG_CONV_FFT", "gfx1100", [NOTHING]),
        (
            "MIOPEN_DEBUG_CONV_GEMM",
            "gfx1010",
            [
                "removes exactly GemmBwd1x1_stride1, GemmBwdRest, GemmFwd1x1_0_1, GemmFwdRest, GemmWrw1x1_stride1, "
                "GemmWrwUniversal; only the naive solver is left, which is slow, in float32 (forward of 1 in 10 "
                "shapes, backward data of 1 in 10 shapes, backward weights of 3 in 10 shapes); float16; bfloat16"
            ],
        ),
    ],
)
def test_explain_says_what_a_switch_takes_away(key: str, gfx: str, says: list[str]) -> None:
    assert about(key, gfx) == says


@pytest.mark.parametrize("switch", sorted(table().removes))
def test_each_sentence_is_what_the_table_has(switch: str) -> None:
    known = table()
    for gfx, cells in known.offers.items():
        gone = known.removes[switch] & frozenset().union(*cells.values(), *known.behind[gfx].values())
        said = known.effect(gfx, switch)
        assert said.split("; ")[0] == (f"removes exactly {', '.join(sorted(gone))}" if gone else NOTHING)
        whole = {**cells, **known.behind[gfx]} if known.alone in gone else cells
        left = {cell: names - gone for cell, names in whole.items() if names - gone != cells[cell]}
        assert ("nothing is left" in said) == any(not names for names in left.values())
        naive = [names for names in left.values() if names and all(name.startswith(NAIVE) for name in names)]
        assert ("only the naive solver" in said) == bool(naive)


def test_explain_without_a_target_speaks_of_all() -> None:
    facts = explain(BOOK, "MIOPEN_DEBUG_CONV_DIRECT_OCL_WRW53").facts
    said = [text for label, text in facts if label == "0"]
    named = [gfx for text in said for gfx in text.partition(" removes")[0].split()[1:]]
    assert sorted(named) == sorted(table().offers)
    assert dict(facts)["known of"] == table().source


@pytest.mark.parametrize("key", ["MIOPEN_LOG_LEVEL", "MIOPEN_USER_DB_PATH", "HSA_ENABLE_SDMA", "noretry"])
def test_of_what_is_no_switch_nothing_is_said(key: str) -> None:
    assert not [label for label, _ in explain(BOOK, key, "gfx1010").facts if label in "01"]


def test_explain_miopen() -> None:
    facts = dict(explain_miopen("gfx1010").facts)
    assert set(facts) == {f"{type_} {pass_}" for type_ in TYPES for pass_ in PASSES} | {"known of"}
    assert "ConvBinWinogradRxSf3x2" in facts["float32 forward"]
    assert "Winograd" not in facts["float16 forward"]  # gfx1010 has none in float16
    assert "Winograd" in dict(explain_miopen("gfx1012").facts)["float16 forward"]
    every = [gfx for _, text in explain_miopen(None).facts[:-1] for gfx in text.partition(":")[0].split()]
    assert sorted(every) == sorted(table().offers)


def test_a_target_that_nobody_asked_about() -> None:
    with pytest.raises(RdnaError) as caught:
        explain_miopen("gfx1009")
    assert caught.value.exit_code is Exit.USAGE
    assert "did you mean gfx1" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("gfx", "profile", "says"),
    [
        ("gfx1010", "miopen-solvers", "on gfx1010, MIOPEN_DEBUG_CONV_GEMM=0 leaves only the naive solver"),
        ("gfx1010", "miopen-strict", "only the naive solver, which is slow, in float32; float16; bfloat16 (MIOpen "),
        ("gfx1031", "recommended", None),
    ],
)
def test_a_plan_says_where_only_the_naive_solver_is_left(gfx: str, profile: str, says: str | None) -> None:
    warnings = [warning for warning in plan(gfx, profile=profile).warnings if "naive solver" in warning]
    assert warnings == [] if says is None else says in " ".join(warnings)


NOTHING_LEFT = (
    ("MIOPEN_DEBUG_CONV_GEMM", "0"),
    ("MIOPEN_DEBUG_CONV_WINOGRAD", "0"),
    ("MIOPEN_DEBUG_CONV_DIRECT_NAIVE_CONV_FWD", "0"),
)


def test_what_leaves_nothing_is_refused_with_what_it_kills() -> None:
    # The forward pass of a transposed convolution is the backward-data pass of another.
    killed = "forward of 9 in 10 shapes, backward data of 1 in 10 shapes"
    with pytest.raises(RdnaError) as caught:
        plan("gfx1010", *NOTHING_LEFT)
    assert caught.value.reference == "no-solver-left"
    assert f"leaves no solver in {'; '.join(f'{type_} ({killed})' for type_ in TYPES)}:" in str(caught.value)
    for key, value in NOTHING_LEFT:
        assert f"{key}={value}" in str(caught.value)


def test_each_two_of_them_leave_something_in_float32() -> None:
    assert "leaves only the naive solver" in " ".join(plan("gfx1010", *NOTHING_LEFT[:2]).warnings)


def test_a_newer_miopen_may_have_more_and_is_only_warned_of() -> None:
    newer = torch("2.14.0+rocm10.0.0", "10.0.0", ("gfx1010",), "therock")
    assert any("leaves no solver in" in warning for warning in plan("gfx1010", *NOTHING_LEFT, site=newer).warnings)


ONLY = "MIOPEN_DEBUG_FIND_ONLY_SOLVER"


def test_a_solver_that_no_miopen_has_is_refused_with_the_closest() -> None:
    with pytest.raises(RdnaError) as caught:
        plan("gfx1010", (ONLY, "GemmFwdRset"))
    assert (caught.value.reference, caught.value.hint) == ("invalid-value", "did you mean GemmFwdRest?")


@pytest.mark.parametrize(
    ("value", "said"),
    [("GemmFwdRest", 0), ("85", 0), ("ConvHipDirect2DBwdWrW53", 0), ("ConvOclBwdWrW53", 1), ("GemmFwdRest;fft", 1)],
)
def test_a_solver_that_the_target_is_not_offered_is_said(value: str, said: int) -> None:
    assert len([w for w in plan("gfx1010", (ONLY, value)).warnings if "is offered on gfx1010 for none" in w]) == said


def test_the_recorded_names_are_in_the_catalogue_or_on_the_list() -> None:
    recorded = (ORACLE / "variables.txt").read_text().split()
    listed = dict(line.split("\t") for line in (ORACLE / "not-for-users.tsv").read_text().splitlines()[1:])
    assert len(recorded) == len(set(recorded)) == 171
    assert all(listed.values())
    assert sorted(name for name in recorded if name not in listed and find(BOOK.env, name) is None) == []
    assert sorted(name for name in listed if find(BOOK.env, name) is not None or name not in recorded) == []


def test_explain_miopen_of_one_shape_is_what_the_table_has() -> None:
    known = table()
    for gfx, shape in (("gfx1010", "resnet-3x3-56"), ("gfx906", "unet-3x3-64"), ("gfx1201", "vae-3x3-1024")):
        facts = dict(explain_miopen(gfx, shape).facts)
        for (type_, pass_, of), names in known.offers[gfx].items():
            if of == shape:
                assert set(facts[f"{type_} {pass_}"].partition("; ")[0].split(", ")) == set(names or {"nothing"})
        assert known.shapes[shape] in explain_miopen(gfx, shape).summary


@pytest.mark.parametrize(
    ("gfx", "shape", "hint"),
    [
        ("gfx1010", "resnet-3x3-5", "resnet-3x3-56"),
        ("gfx1010", "?", "name one of resnet-3x3-56, "),
        (None, "x", "--gfx gfx1010"),
    ],
)
def test_a_shape_that_nobody_asked_about(gfx: str | None, shape: str, hint: str) -> None:
    with pytest.raises(RdnaError) as caught:
        explain_miopen(gfx, shape)
    assert caught.value.exit_code is Exit.USAGE
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize("profile", ["miopen-strict", "miopen-solvers"])
def test_a_profile_says_on_each_target_what_it_leaves(profile: str) -> None:
    known = table()
    facts = explain(BOOK, profile).facts
    said = {gfx for label, text in facts if label == "leaves" for gfx in text.rpartition(", on ")[2].split()}
    switches = dict(facts)["sets"].split(", ")
    assert said == {gfx for gfx in known.offers if any(known.left(gfx, switches))}
    assert "only the naive solver" in dict(explain(BOOK, profile, "gfx1010").facts)["leaves"]


def test_the_switch_of_a_solver_takes_away_least() -> None:
    known = table()
    assert known.switch_of("ConvOclBwdWrW53") == "MIOPEN_DEBUG_CONV_DIRECT_OCL_WRW53=0"
    assert known.switch_of("GemmBwdRest") == "MIOPEN_DEBUG_CONV_GEMM=0"
    assert known.switch_of("ConvNoSuch") is None
    for name in known.names:
        if switch := known.switch_of(name):
            ways = [names for names in known.removes.values() if name in names]
            assert len(known.removes[switch]) == min(map(len, ways))


def test_switches_that_are_on_again_leave_a_database_that_hides_their_solvers() -> None:
    def at(key: str, value: str) -> Setting:
        return Setting(Layer.PYTHON, "/v", key, value, "rule")

    off, gemm = at("MIOPEN_DEBUG_CONV_WINOGRAD", "0"), at("MIOPEN_DEBUG_CONV_GEMM", "0")
    assert list(said_of_return([off], [off])) == []
    assert list(said_of_return([], [off])) == []
    assert list(said_of_return([at("MIOPEN_LOG_LEVEL", "0"), at("MIOPEN_DEBUG_CONV_GEMM", "1")], [])) == []
    (said,) = said_of_return([off, gemm], [at("MIOPEN_DEBUG_CONV_GEMM", "1")])
    assert said.startswith("MIOPEN_DEBUG_CONV_GEMM and MIOPEN_DEBUG_CONV_WINOGRAD: on again")
    assert "rdna-installer cache clear" in said
