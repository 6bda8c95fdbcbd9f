"""What is read from a child, what a crash costs, where an ended probe goes on, which strategy is best: pure."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable

import pytest
from probe_samples import BASE, IDENTITY, Children, ended, lines, trial, well

from rdna_installer.errors import RdnaError
from rdna_installer.machine.bounds import Ended, How
from rdna_installer.probe import types
from rdna_installer.probe.reading import dump, load, read, stale
from rdna_installer.probe.rows import cells, data, judge, table
from rdna_installer.probe.trial import Plan, Spec, Tried, new_faults, run_campaign, try_one
from rdna_installer.probe.types import ANY, OpOutcome, Probed, Stop, Trouble, Verdict

OK, WRONG, RAISED = OpOutcome.OK, OpOutcome.WRONG, OpOutcome.RAISED
ABORTED, HUNG, NOT_TRIED = OpOutcome.ABORTED, OpOutcome.HUNG, OpOutcome.NOT_TRIED
ABORT = ended(b"", How.SIGNAL, -6, b"HSA_STATUS_ERROR_MEMORY_APERTURE_VIOLATION\n")
PLAN = Plan("default", True, {})
NAMES = [c.name for c in cells("native", "default", gpu=True)]


def start(*sets: object) -> Probed:
    found = Probed(IDENTITY, "2026-11-21T00:00:00Z", sets or (BASE,), ())  # type: ignore[arg-type]
    return dataclasses.replace(found, edition=data()["edition"])


def try_native(children: Children, plan: Plan = PLAN, strategy: str = "gemm") -> Tried:
    return try_one(plan, BASE, strategy, BASE, children, lambda: None, lambda *_: None)


def outcomes(tried: Tried) -> dict[str, OpOutcome]:
    return {r.cell: r.outcome for r in tried.trial.results}


def test_every_row_document_004_names_is_there() -> None:
    said = {row.id for row in table() if row.says}
    assert len(said) >= 48 and {"conv2d-3-16", "conv2d-000", "exp", "dropout", "lstm", "unet", "convlstm"} <= said
    asked = {row for use in data()["uses"] for row in use["rows"]}
    assert asked <= {row.id for row in table()} and len({row.id for row in table()}) == len(table())


def test_a_start_without_an_end_is_the_culprit() -> None:
    asked = cells("native", "default", gpu=True)
    assert read(well(NAMES[0]) + lines({"start": NAMES[1]}) + b'{"end": "ad', asked).begun == NAMES[1]


@pytest.mark.parametrize(
    ("end", "outcome", "trouble"),
    [
        ({"ok": True, "ms": 2, "worst": 0}, OK, None),
        ({"ok": False, "worst": 0.5, "of": 9}, WRONG, Trouble.OTHER_VALUES),
        ({"ok": False, "falls": False}, WRONG, Trouble.NOT_FALLING),
        ({"ok": False, "raised": "HIP error: invalid device function"}, RAISED, Trouble.NO_CODE),
        ({"refused": "No available kernel"}, OpOutcome.NOT_OFFERED, Trouble.REFUSED),
        ({"skipped": "out-of-time"}, NOT_TRIED, Trouble.OUT_OF_TIME),
        ({"ok": "yes", "ms": 1}, WRONG, Trouble.OTHER_VALUES),
        ({}, WRONG, Trouble.OTHER_VALUES),
    ],
)
def test_a_row_that_ended(end: dict[str, object], outcome: OpOutcome, trouble: Trouble | None) -> None:
    found = read(lines({"start": NAMES[0]}, {"end": NAMES[0], **end}), cells("native", "default", gpu=True))
    assert (found.results[NAMES[0]].outcome, found.results[NAMES[0]].trouble) == (outcome, trouble)


def test_a_child_that_dies_costs_its_row() -> None:
    children = Children({("gemm", "conv2d-3-16/f32"): ABORT})
    found = outcomes(try_native(children))
    assert found.pop("conv2d-3-16/f32") is ABORTED and set(found.values()) == {OK}


def test_two_of_a_kind_cost_the_rest_of_their_kind_and_nothing_else() -> None:
    """The card of document 004: every convolution crashes; recurrent nets and norms are still tried."""
    conv = [c for c in cells("gemm", "default", gpu=True) if c.row.group == "conv"]
    tried = try_native(Children({("gemm", c.name): ABORT for c in conv}))
    found, kinds = outcomes(tried), {c.kind for c in conv}
    crashed = [c.name for c in conv if found[c.name] is ABORTED]
    assert len(crashed) <= 2 * len(kinds)
    rest = [r for r in tried.trial.results if r.outcome is NOT_TRIED]
    assert {r.trouble for r in rest} == {Trouble.LIKE_OTHERS} and {r.op for r in rest} <= {c.row.id for c in conv}
    assert all(o is OK for name, o in found.items() if name not in {c.name for c in conv})
    every = outcomes(try_native(Children({("gemm", c.name): ABORT for c in conv}), Plan("all", True, {})))
    assert all(every[c.name] is ABORTED for c in conv)


@pytest.mark.parametrize(
    ("sane", "stop"), [(None, None), (ABORT, Stop.SANITY), (ended(b"", How.UNKILLABLE), Stop.UNKILLABLE)]
)
def test_the_gpu_after_a_fault(sane, stop: Stop | None) -> None:
    assert try_native(Children({("gemm", "lstm/f32"): ABORT}, sane)).stop is stop


FAULT = "amdgpu 0000:03:00.0: amdgpu: [gfxhub] page fault (src_id:0 ring:157)"


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (None, (FAULT,), ()),
        ((FAULT,), None, ()),
        ((), (FAULT,), (FAULT,)),
        (("x", FAULT), ("x", FAULT), ()),
        (("x", FAULT), ("x", FAULT, "y", FAULT), ()),  # the same line again cannot be told from the old one
        (("gone", "x"), ("x", "usb 1-1: reset", FAULT), (FAULT,)),
        (("all gone",), ("[drm] ring gfx timeout",), ()),
        (("all gone",), (FAULT,) * 9, (FAULT,) * 3),
    ],
)
def test_new_faults_in_the_kernel_log(before, after, found) -> None:
    assert new_faults(before, after) == found


def campaign(children: Children, begun: Probed, plan: Plan = PLAN) -> tuple[Probed, list[Probed]]:
    saved: list[Probed] = []
    return run_campaign(plan, begun, children, lambda: None, lambda *_: None, saved.append), saved


def test_harmless_strategies_first_and_every_row_begun_is_kept() -> None:
    found, saved = campaign(Children(), start(BASE))
    assert [t.strategy for t in found.trials] == [ANY, "cpu", "no-miopen", "gemm", "native"]
    assert (found.running, found.at, saved[-1]) == (None, None, found)


def test_where_the_basics_fail_no_strategy_is_tried() -> None:
    found, _ = campaign(Children({(ANY, "mm/f32"): ended(b"", How.SILENT, None)}), start(BASE))
    assert [t.strategy for t in found.trials] == [ANY]


def test_it_goes_on_where_it_was() -> None:
    known = {r.cell: r for r in trial("cpu").results[:9]}
    begun = dataclasses.replace(start(BASE), trials=(trial(ANY),))
    children = Children()
    found, _ = campaign(children, begun, Plan("default", True, known))
    assert [s.strategy for s in children.specs][:2] == ["cpu", "no-miopen"]
    assert len(children.specs[0].cells) == len(trial("cpu").results) - 9 and len(found.trials) == 5


def test_what_can_be_done_follows_from_rows() -> None:
    found = dataclasses.replace(start(BASE), trials=(trial(ANY), trial("native", unet=ABORTED), trial("gemm")))
    uses = {use.id: use for use in judge(found)}
    assert (uses["segmentation"].verdict, uses["segmentation"].strategies) == (Verdict.CAN, ("gemm",))
    alone = {use.id: use for use in judge(dataclasses.replace(found, trials=found.trials[:2]))}
    assert (alone["segmentation"].verdict, alone["segmentation"].missing) == (Verdict.CANNOT, ("unet/f32",))
    assert alone["recurrent"].verdict is Verdict.CAN
    none = {use.id: use.verdict for use in judge(dataclasses.replace(found, trials=(trial(ANY),)))}
    assert none["convlstm"] is Verdict.UNKNOWN


# --- the best --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trials", "best"),
    [
        ([trial("native"), trial("gemm"), trial("cpu", 9)], "native"),
        ([trial("native", 1.09), trial("gemm")], "native"),
        ([trial("native", 1.2), trial("gemm")], "gemm"),
        ([trial("native", 1.2), trial("no-miopen", 1.05), trial("gemm")], "no-miopen"),
        ([trial("native", 0.1, lstm=ABORTED), trial("gemm")], "gemm"),
        ([trial("native", 0.1, lstm=HUNG), trial("gemm")], "gemm"),
        ([trial("native", 0.1, lstm=WRONG), trial("gemm")], "gemm"),
        ([trial("native", 0.1, lstm=RAISED), trial("gemm")], "gemm"),
        ([trial("native", 0.1, lstm=NOT_TRIED), trial("gemm")], "gemm"),
        ([trial("native", unet=RAISED), trial("gemm", 5)], "native"),
        ([trial("native", unet=WRONG), trial("gemm", 5)], "gemm"),
        ([trial("native", unet=ABORTED), trial("gemm", 5)], "gemm"),
        ([trial("native", lstm=ABORTED), trial("gemm", lstm=HUNG), trial("cpu", 50)], "cpu"),
        ([trial("native", lstm=ABORTED)], None),
        ([], None),
    ],
)
def test_the_best(trials: list, best: str | None) -> None:
    found = types.best(trials)
    assert (found.strategy if found else None) == best


def test_why_not_names_the_operation() -> None:
    assert types.why_not(trial("native", gru=ABORTED)) == "gru/f32: aborted"
    assert types.why_not(trial("native", gru=NOT_TRIED)) == "gru/f32: not tried"
    assert types.why_not(trial("native")) is None


def test_an_older_kept_result_reads_and_still_decides() -> None:
    old = {"op": "lstm", "outcome": "ok", "ms": 1.0, "worst": 0.0}
    trials = [{"variables": BASE.name, "strategy": "gemm", "results": [old]}]
    whole = {"format": 1, "identity": json.loads(dump(start(BASE)))["identity"], "time": "t", "trials": trials}
    whole["sets"] = [{"name": BASE.name, "values": {"A": "1"}, "rule": None, "strategies": ["gemm"]}]
    found = load(json.dumps(whole).encode(), "x")
    best = types.choice(found)
    assert best is not None and best.strategy == "gemm" and found.edition == 1 and judge(found) == ()


def test_kept_and_read_again() -> None:
    found, saved = campaign(Children({("native", "gru/f32"): ABORT}), start(BASE))
    assert load(dump(found), "x") == found and load(dump(saved[0]), "x") == saved[0]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b"[" * 100_000])
def test_a_kept_file_that_is_none(content: bytes) -> None:
    with pytest.raises(RdnaError) as caught:
        load(content, "/state/probe-1.json")
    assert caught.value.reference == "probe-unreadable"


def test_stale() -> None:
    assert stale(IDENTITY, dataclasses.replace(IDENTITY, rocm=None)) == ("ROCm 7.15 -> none",)


def test_the_bar_ends_at_all_rows_whatever_is_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Native's second pass, children after a crash and the rows that ask whether the card still computes."""
    from rdna_installer.report import probe_text

    said: list[str] = []
    monkeypatch.setattr(probe_text, "passing", said.append)
    rows = PLAN.rows((BASE,))
    bar, fault = probe_text.Bar(sum(rows.values())), {("native", NAMES[0]): ABORT, ("native", "conv1d/f32"): ABORT}
    children = Children(fault)

    def launch(spec: Spec, heard: Callable[[bytes], None]) -> Ended:
        def both(new: bytes) -> None:
            heard(new)
            bar.tick(new)

        return children(spec, both)

    def begin(variables: types.Variables, strategy: str) -> None:
        bar.begin(rows.pop((variables.name, strategy)))

    run_campaign(PLAN, start(), launch, lambda: None, begin, lambda _: None)
    counts = [tuple(map(int, line.split("] ")[1].split()[0].split("/"))) for line in said]
    assert counts == sorted(counts) and counts[-1][0] == counts[-1][1] == bar.total and rows == {}
