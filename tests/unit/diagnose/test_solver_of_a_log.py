"""MIOpen's own log (levels 5 to 7) names the solver at work; the switch that takes it away is named with it."""

from __future__ import annotations

import sys

import pytest

from rdna_installer.diagnose.diagnose import diagnose
from rdna_installer.diagnose.finding import Diagnosis, Suspect
from rdna_installer.diagnose.scan import CHUNK, scan
from rdna_installer.knowledge.load import load_book
from rdna_installer.knowledge.signatures import load_signatures
from rdna_installer.report.console import Style
from rdna_installer.report.diagnose_text import render

SELECTED = "MIOpen(HIP): Info [EvaluateInvokers] Selected: ConvOclBwdWrW53: 0.0123, workspace_sz = 0"


def read(text: str) -> Diagnosis:
    seen = scan([text.encode()], load_signatures(load_book().targets.targets))
    return diagnose(seen, "a log", lambda: pytest.fail("no advice is asked for"))


@pytest.mark.parametrize(
    ("line", "solver", "switch"),
    [
        (SELECTED, "ConvOclBwdWrW53", "MIOPEN_DEBUG_CONV_DIRECT_OCL_WRW53=0"),
        ("MIOpen(HIP): Info [EvaluateInvokers] GemmBwdRest: 0.2 < 3.4e+38", "GemmBwdRest", "MIOPEN_DEBUG_CONV_GEMM=0"),
        (
            "MIOpen(HIP): Info2 [SearchForAllSolutions] ConvOclBwdWrW2<4>: Success.",
            "ConvOclBwdWrW2<4>",
            "MIOPEN_DEBUG_CONV_DIRECT_OCL_WRW2=0",
        ),
        (
            "MIOpen(HIP): Info [FindSolutionImpl] ConvDirectNaiveConvFwd (not searchable)",
            "ConvDirectNaiveConvFwd",
            "MIOPEN_DEBUG_CONV_DIRECT_NAIVE_CONV_FWD=0",
        ),
        (
            "MIOpen(HIP): Info [ConvForwardImmediate] solver_id = GemmFwdRest, workspace = 12",
            "GemmFwdRest",
            "MIOPEN_DEBUG_CONV_GEMM=0",
        ),
        (
            "MIOpen(HIP): Info [Find] FW Chosen Algorithm: GemmFwdRest , 12, 0.3",
            "GemmFwdRest",
            "MIOPEN_DEBUG_CONV_GEMM=0",
        ),
        (
            "MIOpen(HIP): Info [F] Selected: ConvHipDirect2DBwdWrW53: 0.2, workspace_sz = 0",
            "ConvHipDirect2DBwdWrW53",
            None,
        ),
    ],
)
def test_the_solver_of_a_line_and_its_switch(line: str, solver: str, switch: str | None) -> None:
    found = read(f"one\n{line}\nlast\n").suspect
    assert found is not None
    assert (found.solver, found.line, found.switch) == (solver, 2, switch)


@pytest.mark.parametrize(
    "line",
    [
        "MIOpen(HIP): Info [SearchForAllSolutions] ConvNoSuchSolver: Success.",
        "MIOpen(HIP): Info2 [SearchForAllSolutions] ConvOclBwdWrW53: Not applicable",
        "MIOpen(HIP): Warning [IsEnoughWorkspace] Solver <GemmFwdRest>, workspace required: 1",
        "ConvOclBwdWrW53: Success.",
    ],
)
def test_what_is_no_solver_at_work(line: str) -> None:
    assert read(f"{line}\n").suspect is None


def test_the_last_one_counts_also_over_many_windows() -> None:
    text = f"{SELECTED}\n" + "x" * 100 + "\n" + "filler line\n" * (CHUNK // 6)
    last = SELECTED.replace("ConvOclBwdWrW53", "GemmBwdRest")
    assert read(f"{text}{last}\n").suspect == Suspect("GemmBwdRest", text.count("\n") + 1, "MIOPEN_DEBUG_CONV_GEMM=0")


def test_what_it_does_on_the_target_of_the_log_is_said() -> None:
    found = read(f"amdgcn-amd-amdhsa--gfx1031\n{SELECTED}\n")
    assert found.suspect is not None
    assert found.suspect.effect == "removes exactly ConvOclBwdWrW53"
    text = render(found, Style(sys.stdout))
    assert "on this target it removes exactly ConvOclBwdWrW53" in " ".join(text.split())
    assert "  next:   rdna-installer run --set MIOPEN_DEBUG_CONV_DIRECT_OCL_WRW53=0 -- CMD" in text.splitlines()
