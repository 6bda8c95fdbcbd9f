"""MIOpen's own test program: where it is looked for, and what is made of what it prints (as MIOpen 3.2 words it)."""

from __future__ import annotations

import io
import os
from pathlib import Path, PurePosixPath

import pytest
from probe_samples import BASE, IDENTITY, ended, trial

from rdna_installer.machine.bounds import Ended, How
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.model import RocmInstall, User
from rdna_installer.probe.reading import dump, load
from rdna_installer.probe.trial import DRIVER, judge_driver
from rdna_installer.probe.types import OpOutcome, Probed, Result, Trouble
from rdna_installer.report import probe_text
from rdna_installer.report.console import Style
from rdna_installer.workflow.probing import add_driver, find_driver

GOOD = b"""MIOpenDriver conv -n 1 -c 3 -H 32 -W 32 -k 16
MIOpen Forward Conv. Algorithm: 1, Solution: 85/ConvDirectNaiveConvFwd
GPU Kernel Time Forward Conv. Elapsed: 0.012345 ms (average)
Forward Convolution Verifies OK on CPU reference (5.1e-08 < 1.5e-06)
GPU Kernel Time Backward Data Conv. Elapsed: 0.020000 ms (average)
Backward Convolution Data Verifies OK on CPU reference (0 < 1.5e-06)
"""
BAD = GOOD + b"Backward Convolution Weights FAILED: 0.9 > 1.5e-06\n"
ME = User(os.getuid(), os.getgid(), "me", PurePosixPath("/"), "/bin/sh", frozenset())


def said(out: bytes, code: int | None = 0, err: bytes = b"", how: How = How.ENDED) -> Ended:
    return Ended(how, code, out, err)


@pytest.mark.parametrize(
    ("watched", "result"),
    [
        (said(GOOD), Result(DRIVER, OpOutcome.OK, pytest.approx(0.032345))),
        (said(BAD, 1), Result(DRIVER, OpOutcome.WRONG, note="Backward Convolution Weights FAILED: 0.9 > 1.5e-06")),
        (said(b""), Result(DRIVER, OpOutcome.RAISED, note="status 0: it said nothing")),
        (said(GOOD, 3), Result(DRIVER, OpOutcome.RAISED, note="status 3: " + GOOD.decode().splitlines()[-1])),
        (said(b"", 1, b"x\nMIOpen Error: \x1b\n"), Result(DRIVER, OpOutcome.RAISED, note="status 1: MIOpen Error: ?")),
        (
            said(GOOD, -6, b"Memory access fault by GPU node-1\n", How.SIGNAL),
            Result(
                DRIVER,
                OpOutcome.ABORTED,
                note="ended by SIGABRT: Memory access fault by GPU node-1",
                trouble=Trouble.MEMORY_FAULT,
            ),
        ),
        (
            said(GOOD, None, b"", How.LATE),
            Result(DRIVER, OpOutcome.HUNG, note="it ran past its time and was ended", trouble=Trouble.HANG),
        ),
    ],
)
def test_what_it_said(watched: Ended, result: Result) -> None:
    assert judge_driver(watched) == result


def test_it_is_kept_and_stands_beside_native() -> None:
    driver = Result(DRIVER, OpOutcome.ABORTED, note="ended by SIGABRT: fault")
    found = Probed(IDENTITY, "2026-11-21T00:00:00Z", (BASE,), (trial("gemm"), trial("native")), driver=driver)
    assert load(dump(found), "file") == found
    text = probe_text.render(found, Style(io.StringIO(), allowed=False))
    assert f"  {DRIVER}: CRASH ended by SIGABRT: fault" in text


def test_only_one_of_roots_or_our_own_is_run(tmp_path: Path) -> None:
    path = tmp_path / "opt/rocm-6.2.4/bin/MIOpenDriver"
    installs = (RocmInstall("6.1.0", "/opt/rocm-6.1.0", "test"), RocmInstall("6.2.4", "/opt/rocm-6.2.4", "test"))
    root = Sysroot(tmp_path)
    assert find_driver(root, installs, ME) is None
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o606)
    assert find_driver(root, installs, ME) is None  # not executable
    path.chmod(0o755)
    assert find_driver(root, installs, ME) == PurePosixPath("/opt/rocm-6.2.4/bin/MIOpenDriver")
    if os.geteuid() == 0:
        os.chown(path, 4711, 4711)
        assert find_driver(root, installs, ME) is None


def test_not_after_too_many_faults_nor_without_a_gpu() -> None:
    def launch(argv: tuple[str, ...]) -> Ended:
        return ended(b"") if argv else said(GOOD)

    found = Probed(IDENTITY, "2026-11-21T00:00:00Z", (BASE,), ())
    told: list[str] = []
    path = PurePosixPath("/opt/rocm/bin/MIOpenDriver")
    assert add_driver(found, path, lambda _, name: told.append(name), launch).driver is not None
    assert told == ["MIOpenDriver"]
    stopped = Probed(IDENTITY, found.time, (BASE,), (), "6 faults")
    for other, where in ((found, None), (stopped, path)):
        assert add_driver(other, where, lambda _, name: told.append(name), launch).driver is None
