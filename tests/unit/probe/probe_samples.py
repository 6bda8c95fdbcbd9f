"""Samples: identities, trials, and children that report as told without any process."""

from __future__ import annotations

import json
from dataclasses import replace

from rdna_installer.machine.bounds import Ended, How
from rdna_installer.probe.trial import Spec
from rdna_installer.probe.types import OPS, SANITY, Identity, OpOutcome, Result, StrategyRun, Variables

IDENTITY = Identity(("gfx1010 0000:03:00.0",), "6.8.0", "2.11.0+rocm7.15", "7.15", "/venv/bin/python", "0.1.0")
BASE = Variables("as planned", (("AMDGCN_USE_BUFFER_OPS", "0"),))
RISKY = Variables("rdna1-spoof-fp32", (("HSA_OVERRIDE_GFX_VERSION", "10.3.0"),), "rdna1-spoof-fp32", ("no-miopen",))
NAMES = OPS


def lines(*records: dict[str, object]) -> bytes:
    return b"".join(json.dumps(r).encode() + b"\n" for r in records)


def well(*ops: str, ms: float = 1.0) -> bytes:
    return b"".join(lines({"start": op}, {"end": op, "ok": True, "worst": 1e-7, "ms": ms}) for op in ops)


def ended(report: bytes, how: How = How.ENDED, code: int | None = 0, err: bytes = b"") -> Ended:
    left = ((4711, "D"),) if how is How.UNKILLABLE else ()
    return Ended(how, code, b"", err, report, left, 1.0)


def good(spec: Spec, ms: float = 1.0) -> Ended:
    return ended(well(*spec.ops, ms=ms) + lines({"done": True}))


class Children:
    """Launches nothing: each (strategy, operation) in ``faults`` ends its child so; all else goes well."""

    def __init__(self, faults: dict[tuple[str, str], Ended] | None = None, sane: Ended | None = None) -> None:
        self.faults, self.sane = faults or {}, sane
        self.specs: list[Spec] = []

    def __call__(self, spec: Spec) -> Ended:
        self.specs.append(spec)
        if spec.ops == SANITY:
            return self.sane or good(spec)
        for number, op in enumerate(spec.ops):
            fault = self.faults.get((spec.strategy, op))
            if fault is not None:
                before = well(*spec.ops[:number]) + lines({"start": op})
                return replace(fault, report=before + fault.report)
        return good(spec)

    @property
    def tried(self) -> list[tuple[str, str, int]]:
        return [(s.variables.name, s.strategy, len(s.ops)) for s in self.specs]


def trial(strategy: str, ms: float = 1.0, variables: str = BASE.name, **outcomes: OpOutcome) -> StrategyRun:
    """A trial in which all went well but ``outcomes`` (operations by name with _ for blanks)."""
    named = {name.replace("_", " "): outcome for name, outcome in outcomes.items()}
    assert named.keys() <= set(NAMES)
    results = (Result(n, named.get(n, OpOutcome.OK), ms if n not in named else None) for n in NAMES)
    return StrategyRun(variables, strategy, tuple(results))
