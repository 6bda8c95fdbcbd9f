"""Fixtures of the booted guests, and the table at the end: case, boots, seconds, result."""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import disk
from guest import Guest
from stages import Stage, Stages

NewGuest = Callable[[Stage], Guest]


@pytest.fixture(autouse=True)
def _needs_qemu() -> None:
    if why := disk.missing():
        pytest.skip(f"{why}: no boot was tested")


@pytest.fixture(autouse=True)
def _costs(record_property: Callable[[str, object], None]) -> Iterator[None]:
    """What the case costs; a stage counts for the one that needed it first."""
    start, cpu, boots = time.monotonic(), _cpu(), Guest.all_boots
    yield
    record_property("vm", [Guest.all_boots - boots, round(time.monotonic() - start), round(_cpu() - cpu)])


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Stages:
    base = tmp_path_factory.getbasetemp()
    return Stages((base if worker_id == "master" else base.parent) / "stages")


@pytest.fixture
def new_guest(tmp_path: Path) -> Iterator[NewGuest]:
    """Makes guests on copies of a stage's disk; they are switched off at the end, and their disks removed."""
    guests: list[Guest] = []

    def make(stage: Stage) -> Guest:
        folder = tmp_path / f"guest{len(guests)}"
        folder.mkdir()
        guests.append(Guest(stage.disk.copy(folder / "disk"), folder))
        return guests[-1]

    yield make
    for guest in guests:
        guest.cut()
        guest.disk.path.unlink()


def pytest_configure() -> None:
    # Before other processes are started: the moments of the power cuts are the same in all.
    os.environ.setdefault("RDNA_VM_SEED", str(time.time_ns() % 10**6))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [r for group in terminalreporter.stats.values() for r in group if isinstance(r, pytest.TestReport)]
    outcome = {report.nodeid: report.outcome for report in reports if report.when == "call"}
    costs = {r.nodeid: dict(r.user_properties)["vm"] for r in reports if "vm" in dict(r.user_properties)}
    if not costs:
        return
    terminalreporter.write_sep("-", f"booted guests, RDNA_VM_SEED={os.environ['RDNA_VM_SEED']}")
    terminalreporter.write_line(f"{'case':64} {'boots':>5} {'seconds':>7} {'CPU':>5}  result")
    for name, (boots, seconds, cpu) in costs.items():
        line = f"{name.rpartition('::')[2]:64} {boots:5} {seconds:7} {cpu:5}  {outcome.get(name, 'error')}"
        terminalreporter.write_line(line)
