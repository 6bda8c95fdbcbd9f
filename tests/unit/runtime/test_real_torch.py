"""The hook, apply_patch and the probe's child with a real PyTorch; RDNA_TEST_TORCH_PYTHON names a Python with one."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hook_venv import Python, Ran, hook_files

pytestmark = pytest.mark.processes
RUNTIME = Path(__file__).resolve().parents[3] / "installer" / "rdna_installer" / "runtime"
TELL = """
import json, torch, sys
conv = sys.modules["_rdna_hook.conv"].current()
print(json.dumps([conv["strategy"], conv["in_force"], torch.backends.cudnn.enabled, torch.cuda.is_initialized()]))
"""
THREADS = {"OMP_NUM_THREADS": "1"}  # on a busy machine they wait for each other
GEMM = ["gemm", True, False, False]


@pytest.fixture(scope="module")
def interpreter() -> str:
    named = os.environ.get("RDNA_TEST_TORCH_PYTHON")
    if named is None and importlib.util.find_spec("torch") is None:
        pytest.skip("no torch (RDNA_TEST_TORCH_PYTHON names a Python that has one): not tested with a real PyTorch")
    return named or sys.executable


@pytest.fixture
def hooked(interpreter: str, tmp_path: Path):
    """Runs code with our hook, for a torch of any build."""
    for file in hook_files(Python(Path(interpreter), tmp_path, "3.11"), {"RDNA_CONV": "gemm"}):
        Path(file.path).parent.mkdir(exist_ok=True)
        Path(file.path).write_bytes(file.content)

    def run(code: str, **env: str) -> Ran:
        script = tmp_path / "script.py"
        script.write_text(code)
        clean = {"PATH": os.environ["PATH"], "RDNA_CONV_ANY": "1", "PYTHONDONTWRITEBYTECODE": "1", **THREADS, **env}
        command = [interpreter, "-W", "ignore", str(script)]
        done = subprocess.run(command, env=clean, capture_output=True, text=True, timeout=120, check=False)
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


def test_in_force_after_the_import_without_touching_the_gpu(hooked) -> None:
    ran = hooked("import _rdna_hook\n" + TELL)
    assert (ran.code, ran.err, json.loads(ran.out)) == (0, "", GEMM)


def test_apply_patch_after_the_import_and_back(hooked) -> None:
    code = f"""
import torch, json
from _rdna_hook import apply_patch
apply_patch(conv="cpu", memory_fraction=0.5)
{TELL}
apply_patch(conv="native")
{TELL}
"""
    ran = hooked(code)
    assert (ran.code, ran.err) == (0, "")
    assert [json.loads(line) for line in ran.out.splitlines()] == [
        ["cpu", True, False, False],
        ["native", True, True, False],
    ]


def test_an_unknown_strategy_is_one_line_and_native(hooked) -> None:
    ran = hooked("import _rdna_hook\n" + TELL, RDNA_CONV="magic")
    assert (ran.code, json.loads(ran.out)) == (0, ["native", True, True, False])
    assert len(ran.err.splitlines()) == 1 and "'magic'" in ran.err


def test_workers_of_every_start_method(hooked) -> None:
    code = f"""
import _rdna_hook

def look(queue):
    import torch, sys
    queue.put(sys.modules["_rdna_hook.conv"].current()["strategy"])

if __name__ == "__main__":
    import torch.nn
    import torch.utils.data as data
    {TELL.strip().replace(chr(10), chr(10) + "    ")}
    for method in ("fork", "spawn", "forkserver"):
        context = torch.multiprocessing.get_context(method)
        queue = context.Queue()
        child = context.Process(target=look, args=(queue,))
        child.start()
        print(queue.get(timeout=60))
        child.join()
    loader = data.DataLoader(list(range(8)), batch_size=2, num_workers=2)
    print(sum(int(batch.sum()) for batch in loader))
"""
    ran = hooked(code)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [json.dumps(GEMM), "gemm", "gemm", "gemm", "28"]


BREAKS = """
import json, sys, torch, probe_child
real = probe_child.Cell.compute
def broken(cell, given):
    found = real(cell, given)
    if cell.broken:
        found = [t + (t.abs().max() * 0.2 + 1) if t.is_floating_point() else t for t in found]
    return found
def tried(torch, cell, *rest):
    cell.broken = True
    return of(torch, cell, *rest)
probe_child.Cell.broken, probe_child.Cell.compute = False, broken
of, probe_child._tried = probe_child._tried, tried
sys.exit(probe_child.main(json.loads(sys.argv[1])))
"""


UNCOMPILED = """
import json, sys, probe_child
probe_child.probe_ops.compiled = lambda torch, net, device: net
sys.exit(probe_child.main(json.loads(sys.argv[1])))
"""


@pytest.fixture
def ran_rows(interpreter: str, tmp_path: Path):
    """Rows of a strategy in the small size, as the child says they ended."""
    from rdna_installer.workflow.probing import child_sources

    for name, content in child_sources().items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "broken.py").write_text(BREAKS)
    (tmp_path / "uncompiled.py").write_text(UNCOMPILED)

    def run(strategy: str, child: str = "probe_child.py", group: str | None = None) -> dict[str, dict[str, object]]:
        from rdna_installer.probe.rows import cells

        asked = [c for c in cells(strategy, "default", gpu=False) if group in (None, c.row.group)]
        names = [c.name for c in asked if c.type == "f32"]
        report = os.memfd_create("report")
        told = {"report": report, "device": "cpu", "strategy": strategy, "conv": "conv", "cells": names, "small": names}
        try:
            subprocess.run(
                [interpreter, "-B", tmp_path / child, json.dumps(told)],
                pass_fds=(report,), env={**os.environ, **THREADS, "PYTHONPATH": str(RUNTIME)},
                capture_output=True, timeout=300, check=True,
            )  # fmt: skip
            lines = [json.loads(line) for line in os.pread(report, 1 << 20, 0).splitlines()]
        finally:
            os.close(report)
        return {line["end"]: line for line in lines if "end" in line}

    return run


@pytest.mark.parametrize("strategy", ["any", "native", "no-miopen", "gemm", "cpu"])
def test_every_row_of_the_probe_is_right_on_the_cpu(ran_rows, strategy: str) -> None:
    found = ran_rows(strategy)
    assert found and {name for name, end in found.items() if not end.get("ok") and "refused" not in end} == set()


@pytest.mark.parametrize("strategy", ["any", "native"])
def test_what_is_compiled_elsewhere_has_a_limit_that_is_kept_without_a_compiler(ran_rows, strategy: str) -> None:
    """A bias before a normalisation has a gradient of rounding errors only: no compiler could be right."""
    found = ran_rows(strategy, "uncompiled.py", "compile")
    assert found and {name: end.get("of", 9) for name, end in found.items() if end.get("of", 9) > 0.2} == {}


@pytest.mark.parametrize("strategy", ["any", "native"])
def test_every_row_can_fail(ran_rows, strategy: str) -> None:
    """Each result broken on purpose, by a fifth of its largest value and one more."""
    seen = {name for name, end in ran_rows(strategy, "broken.py").items() if end.get("ok")}
    judged_by_loss = {"resnet-training/f32"}
    assert seen - judged_by_loss == set()


def test_the_cost_model_is_fitted_from_real_measurements(interpreter: str, tmp_path: Path) -> None:
    """Small shapes on the CPU: one that is ours and PyTorch's, one transposed, one in three dimensions."""
    from rdna_installer.runtime.conv import costs

    shapes = [
        [[2, 8, 14, 14], [8, 8, 3, 3], 1, 1, False, 1],
        [[2, 4, 7, 7], [4, 6, 4, 4], 2, 1, True, 1],
        [[1, 4, 4, 6, 6], [8, 2, 3, 3, 3], 1, 1, False, 2],
    ]
    report = os.memfd_create("report")
    try:
        told = {"report": report, "device": "cpu", "conv": "conv", "shapes": shapes, "seconds": 0.001}
        child = subprocess.run(
            [interpreter, "-B", RUNTIME / "probe_costs.py", json.dumps(told)],
            pass_fds=(report,),
            env={**os.environ, **THREADS}, capture_output=True, timeout=300, check=False,
        )  # fmt: skip
        lines = [json.loads(line) for line in os.pread(report, 1 << 20, 0).splitlines()]
    finally:
        os.close(report)
    assert child.returncode == 0, (child.stderr, lines[-1])
    assert [line["begun"][0] for line in lines[:-1]] == ["float32", "float16", "float64"] * len(shapes)
    found = lines[-1]
    assert found["samples"] == 3 * 3 * len(shapes)
    assert 0 < found["gain"] <= found["possible"] * 1.0001
    shipped = costs.template(1).numbers
    fitted = costs.parse(json.dumps(found["costs"]), shipped)["devices"]["cpu"]
    assert fitted["units"] == 1 and fitted["types"]["float32"] != shipped["types"]["float32"]
