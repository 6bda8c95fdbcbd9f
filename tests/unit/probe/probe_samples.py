"""Samples: identities, trials, and children that report as told without any process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from rdna_installer.machine.bounds import Ended, How
from rdna_installer.probe.rows import cells
from rdna_installer.probe.trial import Spec
from rdna_installer.probe.types import SANITY, Identity, OpOutcome, StrategyRun, Variables

IDENTITY = Identity(("gfx1010 0000:03:00.0",), "6.8.0", "2.11.0+rocm7.15", "7.15", "/venv/bin/python", "0.1.0")
BASE = Variables("as planned", (("AMDGCN_USE_BUFFER_OPS", "0"),))
RISKY = Variables("rdna1-spoof-fp32", (("HSA_OVERRIDE_GFX_VERSION", "10.3.0"),), "rdna1-spoof-fp32", ("no-miopen",))


def lines(*records: dict[str, object]) -> bytes:
    return b"".join(json.dumps(r).encode() + b"\n" for r in records)


def well(*ops: str, ms: float = 1.0) -> bytes:
    return b"".join(lines({"start": op}, {"end": op, "ok": True, "worst": 1e-7, "ms": ms}) for op in ops)


def ended(report: bytes, how: How = How.ENDED, code: int | None = 0, err: bytes = b"") -> Ended:
    left = ((4711, "D"),) if how is How.UNKILLABLE else ()
    return Ended(how, code, b"", err, report, left, 1.0)


def good(spec: Spec, ms: float = 1.0) -> Ended:
    return ended(well(*(c.name for c in spec.cells), ms=ms) + lines({"done": True}))


class Children:
    """Launches nothing: each (strategy, cell) in ``faults`` ends its child so; all else goes well."""

    def __init__(self, faults: dict[tuple[str, str], Ended] | None = None, sane: Ended | None = None) -> None:
        self.faults, self.sane = faults or {}, sane
        self.specs: list[Spec] = []

    def __call__(self, spec: Spec, heard: Callable[[bytes], None]) -> Ended:
        self.specs.append(spec)
        names = [cell.name for cell in spec.cells]
        done = self.sane if tuple(sorted(names)) == SANITY and self.sane else None
        for number, name in enumerate(names):
            fault = self.faults.get((spec.strategy, name))
            if done is None and fault is not None:
                done = replace(fault, report=well(*names[:number]) + lines({"start": name}) + fault.report)
        done = done or good(spec)
        heard(done.report)
        return done


def trial(strategy: str, ms: float = 1.0, variables: str = BASE.name, **outcomes: OpOutcome) -> StrategyRun:
    """A trial in which all went well but ``outcomes`` (float32 rows by id with _ for -)."""
    named = {name.replace("_", "-") + "/f32": outcome for name, outcome in outcomes.items()}
    asked = cells(strategy, "default", gpu=True)
    assert named.keys() <= {c.name for c in asked}
    results = (c.result(named.get(c.name, OpOutcome.OK), ms=ms if c.name not in named else None) for c in asked)
    return StrategyRun(variables, strategy, tuple(results))
