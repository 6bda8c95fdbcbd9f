"""The end of ``probe``: the cost model of ``gemm`` fitted to this card, MIOpen's own test; in children that may die."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import PurePosixPath

from rdna_installer.machine.bounds import Ended
from rdna_installer.machine.runner import REPORT_FD
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import RocmInstall
from rdna_installer.probe import driver
from rdna_installer.probe.costs import read_costs, worth_measuring
from rdna_installer.probe.types import Probed, Variables
from rdna_installer.record import replace

COSTS_CHILD = PurePosixPath("probe_costs.py")
COSTS = "the cost model of gemm"  # in place of a strategy, where progress is told
DRIVER = "MIOpenDriver"

Begin = Callable[[Variables, str], None]


def costs_command(python: str, child: str, conv: str) -> tuple[str, ...]:
    """What starts it; the number of its report's descriptor is filled in by the runner."""
    told = json.dumps({"report": 0, "device": "cuda", "conv": conv})
    return (python, "-B", child, told.replace('"report": 0', f'"report": {REPORT_FD}'))


def add_costs(found: Probed, begin: Begin, launch: Callable[[Variables], Ended]) -> Probed:
    """The result with what was measured, as it was where nothing is to be measured."""
    variables = worth_measuring(found)
    if variables is None:
        return found
    begin(variables, COSTS)
    return replace(found, costs=read_costs(launch(variables)))


def find_driver(root: Sysroot, installs: tuple[RocmInstall, ...], runner: int) -> PurePosixPath | None:
    """MIOpen's test program of the first ROCm that has it; never one that is a third user's."""
    for install in installs:
        path = PurePosixPath(install.path) / "bin" / DRIVER
        status = root.status(path)
        if status and stat.S_ISREG(status.st_mode) and status.st_mode & 0o111 and status.st_uid in (0, runner):
            return path
    return None


def add_driver(
    found: Probed, path: PurePosixPath | None, begin: Begin, launch: Callable[[tuple[str, ...]], Ended]
) -> Probed:
    """The result with MIOpen's own; last, since it may reset the GPU, and not after too many faults."""
    if path is None or found.stopped or not found.identity.gpus:
        return found
    begin(found.sets[0], DRIVER)
    return replace(found, driver=driver.judge(launch((str(path), *driver.ARGUMENTS))))
