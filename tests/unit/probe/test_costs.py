"""When the cost model is measured, and what is believed of what a child says: pure."""

from __future__ import annotations

import json

import pytest
from probe_samples import BASE, IDENTITY, ended, lines, trial

from rdna_installer import resources
from rdna_installer.machine.bounds import How
from rdna_installer.probe.reading import dump, load, read_costs, worth_measuring
from rdna_installer.probe.types import Costs, Identity, OpOutcome, Probed, Stop

SHIPPED = json.loads((resources.PACKAGE / "runtime/conv/costs.json").read_text())
FOUND = {"schema": 1, "margin": 0.85, "devices": {"AMD": {**SHIPPED["devices"]["cuda"], "units": 36, "more": "x"}}}
GAINS = {"samples": 9, "gain": 1.25, "possible": 1.5}


def probed(*trials: object, identity: Identity = IDENTITY, stopped: str | None = None) -> Probed:
    return Probed(identity, "2026-11-21T00:00:00Z", (BASE,), trials, stopped)  # type: ignore[arg-type]


def test_where_both_work() -> None:
    assert worth_measuring(probed(trial("no-miopen"), trial("gemm"), trial("native", conv1d=OpOutcome.ABORTED))) == BASE
    assert worth_measuring(probed(trial("no-miopen"), trial("cpu"))) is None
    assert worth_measuring(probed(trial("no-miopen"), trial("gemm", conv1d=OpOutcome.WRONG))) is None
    assert worth_measuring(probed(trial("no-miopen"), trial("gemm"), stopped=Stop.SANITY.value)) is None
    assert worth_measuring(probed(trial("no-miopen"), trial("gemm"), stopped="6 faults: no more")) == BASE
    cpu = Identity((), "6.8.0", "2.11.0", None, "/venv/bin/python", "0.1.0")
    assert worth_measuring(probed(trial("no-miopen"), trial("gemm"), identity=cpu)) is None


def test_a_model_is_kept_as_it_came_without_what_nobody_reads() -> None:
    costs = read_costs(ended(lines({"begun": ["float32"]}, {"costs": FOUND, **GAINS})))
    assert costs.note == "9 samples: 1.25 x as fast as no-miopen by its choice, 1.50 x at best"
    model = json.loads(costs.model or "")
    assert model["devices"]["AMD"] == {**SHIPPED["devices"]["cuda"], "units": 36}
    kept = Probed(IDENTITY, "2026-11-21T00:00:00Z", (BASE,), (), costs=costs)
    assert load(dump(kept), "file") == kept
    unmeasured = Probed(IDENTITY, "2026-11-21T00:00:00Z", (BASE,), (), costs=Costs(None, "not measured: why"))
    assert load(dump(unmeasured), "file") == unmeasured


def without(key: str) -> dict[str, object]:
    numbers = json.loads(json.dumps(FOUND))
    del numbers["devices"]["AMD"]["types"]["half"]["gemm"][key]
    return numbers


def having(value: object) -> dict[str, object]:
    numbers = json.loads(json.dumps(FOUND))
    numbers["devices"]["AMD"]["types"]["float64"]["native"]["tflops"] = value
    return numbers


@pytest.mark.parametrize(
    "data",
    [None, [], {}, "text", {"schema": 1, "margin": 1, "devices": []}, {**FOUND, "margin": "1"}, without("gbs"),
     having(0), having(-1), having("fast"), having(None), having(float("nan")), having({"a": 1}),
     {**FOUND, "devices": {"AMD": []}}],
)  # fmt: skip
def test_anything_else_is_no_model(data: object) -> None:
    costs = read_costs(ended(lines({"costs": data, **GAINS})))
    assert costs.model is None and costs.note.startswith("not measured: no cost model: ")


@pytest.mark.parametrize(
    ("watched", "note"),
    [
        (ended(lines({"fatal": "no \x1b[31mkernels"})), "no ?[31mkernels"),
        (ended(b"\xff{[\n" + b"[" * 100_000, How.SILENT, None), "its process ended (silent, None) at start"),
        (ended(lines({"begun": [1, "a"]}), How.SIGNAL, -6), "its process ended (signal, -6) at [1, 'a']"),
        (ended(lines({"costs": FOUND}), How.LATE, None), "its process ended (late, None) at start"),
        (ended(b"", How.ENDED, 0), "its process ended (ended, 0) at start"),
    ],
)
def test_a_child_that_does_not_come_to_its_end(watched, note: str) -> None:
    assert read_costs(watched) == Costs(None, "not measured: " + note)
