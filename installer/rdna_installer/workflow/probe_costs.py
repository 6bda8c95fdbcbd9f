"""The end of ``probe``: where ``gemm`` works, its cost model is fitted to this card, in one more child that may die."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath

from rdna_installer import resources
from rdna_installer.machine.watch import REPORT_FD, Watched
from rdna_installer.probe.costs import read_costs, worth_measuring
from rdna_installer.probe.types import Probed, Variables

CHILD = PurePosixPath("probe_costs.py")
NAMED = "the cost model of gemm"  # in place of a strategy, where progress is told


def child_source() -> bytes:
    """The program of the child; it borrows from the other one."""
    return (resources.PACKAGE / "runtime" / CHILD).read_bytes()


def command(python: str, child: str, conv: str) -> tuple[str, ...]:
    """What starts it; the number of its report's descriptor is filled in by ``watch``."""
    told = json.dumps({"report": 0, "device": "cuda", "conv": conv})
    return (python, "-B", child, told.replace('"report": 0', f'"report": {REPORT_FD}'))


def add_costs(found: Probed, begin: Callable[[Variables, str], None], launch: Callable[[Variables], Watched]) -> Probed:
    """The result with what was measured, as it was where nothing is to be measured."""
    variables = worth_measuring(found)
    if variables is None:
        return found
    begin(variables, NAMED)
    return replace(found, costs=read_costs(launch(variables)))
