"""What is read from a child, when a trial and a campaign stop, which strategy is best: pure."""

from __future__ import annotations

import ast
import dataclasses
from pathlib import Path

import pytest
from probe_samples import BASE, IDENTITY, NAMES, RISKY, Children, ended, lines, trial, well

from rdna_installer.errors import RdnaError
from rdna_installer.machine.bounds import How
from rdna_installer.probe import types
from rdna_installer.probe.reading import dump, load, read, stale
from rdna_installer.probe.trial import new_faults, run_campaign, try_one
from rdna_installer.probe.types import SANITY, OpOutcome, Probed, Stop

OK, WRONG, RAISED = OpOutcome.OK, OpOutcome.WRONG, OpOutcome.RAISED
ABORTED, HUNG, NOT_TRIED = OpOutcome.ABORTED, OpOutcome.HUNG, OpOutcome.NOT_TRIED
ABORT = ended(b"", How.SIGNAL, -6, b"Memory access fault by GPU node-1\n")
TRIED = Path(__file__).resolve().parents[3] / "installer" / "rdna_installer" / "runtime" / "probe_ops.py"


def no_log() -> None:
    return None


def start(*sets: object) -> Probed:
    return Probed(IDENTITY, "2026-11-21T00:00:00Z", sets or (BASE,), ())  # type: ignore[arg-type]


def test_the_child_knows_exactly_our_operations() -> None:
    tree = ast.parse(TRIED.read_text(), feature_version=(3, 7))
    tables = [n.value for n in tree.body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "OPS"]
    assert [ast.literal_eval(key) for key in tables[0].keys] == list(NAMES)  # type: ignore[attr-defined]
    assert set(SANITY) <= set(NAMES)


# --- reading ---------------------------------------------------------------------------------------------------------


def test_a_report_to_the_end() -> None:
    found = read(lines({"about": {"torch": "2"}}) + well("copy", "add") + lines({"done": True}), NAMES)
    assert [(r.op, r.outcome, r.ms) for r in found.results] == [("copy", OK, 1.0), ("add", OK, 1.0)]
    assert (found.begun, found.done, found.fatal) == (None, True, None)


def test_a_start_without_an_end_is_the_culprit() -> None:
    assert read(well("copy") + lines({"start": "add"}) + b'{"end": "ad', NAMES).begun == "add"


@pytest.mark.parametrize(
    ("end", "outcome", "note"),
    [
        ({"ok": True, "ms": 2, "worst": 0}, OK, ""),
        ({"ok": False, "worst": 0.5}, WRONG, ""),
        ({"ok": False, "raised": "HIP error\x1b[31m"}, RAISED, "HIP error?[31m"),
        ({"ok": True}, WRONG, ""),
        ({"ok": True, "ms": "fast"}, WRONG, ""),
        ({"ok": True, "ms": float("nan")}, WRONG, ""),
        ({"ok": True, "ms": -1}, WRONG, ""),
        ({"ok": "yes", "ms": 1}, WRONG, ""),
        ({}, WRONG, ""),
    ],
)
def test_an_operation_that_ended(end: dict[str, object], outcome: OpOutcome, note: str) -> None:
    (result,) = read(lines({"start": "copy"}, {"end": "copy", **end}), NAMES).results
    assert (result.outcome, result.note) == (outcome, note)


@pytest.mark.parametrize(
    "garbage",
    [b"", b"\0" * 99, b"\xff\xfe\n", b"[]\n", b"1\n", b"null\n", b'{"start": ["copy"]}\n', b'{"end": {}}\n',
     b'{"start": "rm -rf"}\n', b'{"end": "copy", "ok": true, "ms": 1}\n', b"[" * 100_000, b'{"about": []}\n'],
)  # fmt: skip
def test_garbage_says_nothing(garbage: bytes) -> None:
    found = read(garbage, NAMES)
    assert (found.results, found.begun, found.done, found.fatal) == ((), None, False, None)


# --- one trial -------------------------------------------------------------------------------------------------------


def outcomes(tried) -> dict[str, OpOutcome]:
    return {r.op: r.outcome for r in tried.trial.results}


def test_all_goes_well_in_one_child() -> None:
    children = Children()
    tried = try_one(BASE, "gemm", BASE, children, no_log)
    assert set(outcomes(tried).values()) == {OK} and [r.op for r in tried.trial.results] == list(NAMES)
    assert (tried.stop, tried.hopeless, len(children.specs)) == (None, False, 1)


def test_after_an_abort_the_gpu_is_asked_and_the_rest_gets_a_new_child() -> None:
    children = Children({("native", "conv2d f32"): ABORT})
    tried = try_one(BASE, "native", BASE, children, no_log)
    found = outcomes(tried)
    assert found.pop("conv2d f32") is ABORTED and set(found.values()) == {OK}
    place = NAMES.index("conv2d f32")
    assert [len(s.ops) for s in children.specs] == [len(NAMES), len(SANITY), len(NAMES) - place - 1]
    assert tried.trial.notes == ("conv2d f32: ended by SIGABRT: Memory access fault by GPU node-1",)


def test_three_faults_are_enough() -> None:
    faults = {("native", name): ABORT for name in NAMES if name.startswith("conv")}
    tried = try_one(BASE, "native", BASE, Children(faults), no_log)
    found = list(outcomes(tried).values())
    assert (found.count(ABORTED), found.count(NOT_TRIED)) == (3, len(NAMES) - 6 - 3)
    assert tried.trial.faults == 3


@pytest.mark.parametrize(
    ("fault", "outcome", "stop", "note"),
    [
        (ended(b"", How.SILENT, None), HUNG, None, "no operation ended"),
        (ended(b"", How.LATE, None), HUNG, None, "past its time"),
        (ended(b"", How.FLOODED, None), ABORTED, None, "megabytes"),
        (ended(b"", How.MEMORY, None), ABORTED, None, "too much memory"),
        (ended(b"", How.ENDED, 3), ABORTED, None, "status 3: it said nothing"),
        (ended(b"", How.ENDED, 0), ABORTED, None, "status 0"),
        (ended(b"", How.SIGNAL, -50), ABORTED, None, "signal 50"),
        (ended(b"", How.UNKILLABLE, None), HUNG, Stop.UNKILLABLE, "process 4711 (state D) cannot be ended"),
        (ended(lines({"fatal": "torch sees no GPU"}), How.ENDED, 4), RAISED, None, "torch sees no GPU"),
    ],
)
def test_each_way_to_end(fault, outcome: OpOutcome, stop: Stop | None, note: str) -> None:
    tried = try_one(BASE, "native", BASE, Children({("native", "conv1d f32"): fault}), no_log)
    (result,) = [r for r in tried.trial.results if r.op == "conv1d f32"]
    assert (result.outcome, tried.stop) == (outcome, stop)
    assert note in result.note


@pytest.mark.parametrize(
    ("sane", "stop"),
    [
        (None, None),
        (ABORT, Stop.SANITY),
        (ended(lines({"start": "copy"}), How.SILENT, None), Stop.SANITY),
        (ended(lines({"start": "copy"}, {"end": "copy", "ok": False, "worst": 9}, {"done": True})), Stop.SANITY),
        (ended(well("copy"), How.ENDED, 0), Stop.SANITY),
        (ended(b"", How.UNKILLABLE, None), Stop.UNKILLABLE),
        # a torch without kernels for this GPU computes nothing, before and after
        (
            ended(well("copy") + lines({"start": "mm f32"}, {"end": "mm f32", "raised": "no kernel"}, {"done": True})),
            None,
        ),
    ],
)
def test_the_gpu_after_a_fault(sane, stop: Stop | None) -> None:
    children = Children({("native", "lstm"): ABORT}, sane)
    assert try_one(RISKY, "native", BASE, children, no_log).stop is stop
    assert [s.variables for s in children.specs if s.ops == SANITY] == [BASE]


def test_what_the_kernel_said_is_noted() -> None:
    logs = iter([("a", "b"), ("a", "b", "amdgpu 0000:03:00.0: amdgpu: GPU reset begin!"), ()])
    tried = try_one(BASE, "native", BASE, Children({("native", "lstm"): ABORT}), lambda: next(logs))
    assert tried.trial.notes[1] == "amdgpu 0000:03:00.0: amdgpu: GPU reset begin!"


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


# --- a campaign ------------------------------------------------------------------------------------------------------


def campaign(children: Children, *sets: object, begin: Probed | None = None) -> tuple[Probed, list[Probed]]:
    saved: list[Probed] = []
    found = run_campaign(begin or start(*sets), children, no_log, lambda *_: None, saved.append)
    return found, saved


def test_harmless_strategies_first_and_every_step_kept() -> None:
    found, saved = campaign(Children(), BASE, RISKY)
    assert [(t.variables, t.strategy) for t in found.trials] == [
        *((BASE.name, s) for s in ("cpu", "no-miopen", "gemm", "native")),
        (RISKY.name, "no-miopen"),
    ]
    assert [s.running is not None for s in saved] == [True, False] * 5
    assert saved[0].running == (BASE.name, "cpu") and found.stopped is None


def test_it_stops_at_once_when_a_child_cannot_be_ended() -> None:
    found, _ = campaign(Children({("no-miopen", "lstm"): ended(b"", How.UNKILLABLE, None)}))
    assert [t.strategy for t in found.trials] == ["cpu", "no-miopen"]
    assert "Reboot" in (found.stopped or "")


def test_where_the_basics_fail_no_strategy_is_tried() -> None:
    children = Children({("cpu", "mm f32"): ended(b"", How.SILENT, None)})
    found, _ = campaign(children, BASE, RISKY)
    assert [(t.variables, t.strategy) for t in found.trials] == [(BASE.name, "cpu"), (RISKY.name, "no-miopen")]


def test_too_many_faults_end_it() -> None:
    faults = {(s, name): ABORT for s in ("cpu", "no-miopen", "gemm") for name in NAMES[6:]}
    found, _ = campaign(Children(faults))
    assert [t.strategy for t in found.trials] == ["cpu", "no-miopen"]
    assert "6 faults" in (found.stopped or "")


def test_what_was_tried_before_is_not_tried_again() -> None:
    begun = dataclasses.replace(start(BASE), trials=(trial("cpu"), trial("native", conv1d_f32=HUNG)))
    children = Children()
    found, _ = campaign(children, begin=begun)
    assert [s for _, s, _ in children.tried] == ["no-miopen", "gemm"]
    assert len(found.trials) == 4


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
        ([trial("native", conv2d_bf16=RAISED), trial("gemm", 5)], "native"),
        ([trial("native", conv2d_bf16=WRONG), trial("gemm", 5)], "gemm"),
        ([trial("native", conv2d_bf16=ABORTED), trial("gemm", 5)], "gemm"),
        ([trial("native", lstm=ABORTED), trial("gemm", lstm=HUNG), trial("cpu", 50)], "cpu"),
        ([trial("native", lstm=ABORTED)], None),
        ([], None),
    ],
)
def test_the_best(trials: list, best: str | None) -> None:
    found = types.best(trials)
    assert (found.strategy if found else None) == best


def test_why_not_names_the_operation() -> None:
    assert types.why_not(trial("native", gru=ABORTED)) == "gru: aborted"
    assert types.why_not(trial("native", gru=NOT_TRIED)) == "gru: not tried"
    assert types.why_not(trial("native")) is None


def probed(*trials: object, sets: tuple = (BASE, RISKY)) -> Probed:
    return dataclasses.replace(start(*sets), trials=trials)


def test_an_experiment_passes_where_native_does_not_do_without_it() -> None:
    worse, risky = trial("native", lstm=ABORTED), trial("no-miopen", variables=RISKY.name)
    assert types.passed(probed(worse, risky), RISKY) is True
    assert types.passed(probed(trial("native"), risky), RISKY) is None, "nothing to gain"
    assert types.passed(probed(worse), RISKY) is None, "not tried"
    failed = trial("no-miopen", variables=RISKY.name, lstm=WRONG)
    assert types.passed(probed(worse, failed), RISKY) is False
    assert types.passed(probed(worse, trial("no-miopen"), risky), RISKY) is False, "it worked before as well"


def test_an_experiment_is_chosen_only_where_nothing_else_works() -> None:
    slow, fast = trial("cpu", 90), trial("no-miopen", variables=RISKY.name)
    assert types.choice(probed(slow, fast)) == slow
    assert types.choice(probed(trial("cpu", lstm=WRONG), fast)) == fast
    bare = trial("native", variables=types.BARE)
    assert types.choice(probed(bare)) is None, "what works without our variables is not what will be applied"


# --- keeping ---------------------------------------------------------------------------------------------------------


def test_kept_and_read_again() -> None:
    found, _ = campaign(Children({("native", "gru"): ABORT}), BASE, RISKY)
    assert load(dump(found), "x") == found
    going = dataclasses.replace(found, running=(BASE.name, "gemm"), stopped="because")
    assert load(dump(going), "x") == going


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"null", b"\xff", b'{"schema": 2}', b'{"schema": 1, "identity": []}', b"[" * 100_000,
     dump(start(BASE)).replace(b'"time"', b'"tame"'), dump(probed(trial("cpu"))).replace(b'"ok"', b'"fine"'),
     dump(probed(trial("cpu")))[:-99]],
)  # fmt: skip
def test_a_kept_file_that_is_none(content: bytes) -> None:
    with pytest.raises(RdnaError) as caught:
        load(content, "/state/probe-1.json")
    assert (caught.value.reference, caught.value.context) == ("probe-unreadable", "/state/probe-1.json")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, ()),
        ({"torch": "2.12.0"}, ("torch 2.11.0+rocm7.15 -> 2.12.0",)),
        ({"rocm": None}, ("ROCm 7.15 -> none",)),
        ({"kernel": "6.9.0"}, ("kernel 6.8.0 -> 6.9.0",)),
        ({"gpus": ()}, ("GPU gfx1010 0000:03:00.0 -> none",)),
        ({"version": "0.2.0"}, ("rdna-installer 0.1.0 -> 0.2.0",)),
    ],
)
def test_stale(change: dict[str, object], says: tuple[str, ...]) -> None:
    assert stale(IDENTITY, dataclasses.replace(IDENTITY, **change)) == says


def test_every_required_operation_is_timed_or_basic() -> None:
    assert types.REQUIRED >= types.TIMED
    assert "cnn training" in types.TIMED and "copy" not in types.TIMED
