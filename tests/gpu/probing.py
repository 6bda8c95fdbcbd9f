"""The children of `rdna-installer probe` on a GPU whose torch is no ROCm build: python3 tests/gpu/probing.py FOLDER.

The command itself tries a GPU only where torch is a ROCm build (there: `rdna-installer probe`). This says that there is
one, and nothing else is other than there: strategies in processes of their own, results against the CPU's, the cost
model fitted at the end. Needs torch with its GPU in this Python, and what the program needs (click, yaml). As a
user, not as root: NVIDIA's driver refuses a child in a pid namespace of its own (error 304) in some containers.

Into FOLDER: whole.json (as `probe --json`), whole.kept (as it is kept, for pages), errors.json (row_errors.py, of the
rows that were wrong or nearly so), then dead.json and dead.kept: the same card where rows of native end their process.
Printed: each row's largest error by its limit. Exit status 1 where a strategy failed or no model came of it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "installer"))
from rdna_installer.cli import options
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.probe.reading import dump
from rdna_installer.probe.types import ANY, OpOutcome, Probed, Variables, why_not
from rdna_installer.report import asjson, probe_text
from rdna_installer.report.console import Style, progress
from rdna_installer.workflow import probing
from rdna_installer.workflow.probing import Task, prepare, probe

LAYOUT = {"TORCHINDUCTOR_LAYOUT_OPTIMIZATION": "0"}  # pytorch#184013, as in behaviour.py
NEARLY = 0.5  # of its limit: looked at more closely
MOST = 14  # rows
ASKED = ("compile-cnn/f32", "resnet-bottleneck/f32", "conv2d-000/f32")  # wrong on an H100, once
LATEST = 330.0  # seconds after which nothing dies any more
SILENCE = 45.0  # seconds of a child that hangs here: longer than torch takes to be imported
# What ends or harms rows of native, as document 004 tells; the last is the card's own doing: an index far outside.
DIES = """
import os, signal, sys, time, probe_child
tried = probe_child._tried
def abort(torch):
    sys.stderr.write("HSA_STATUS_ERROR_MEMORY_APERTURE_VIOLATION\\n")
    sys.stderr.flush()
    os.abort()
def outside(torch):
    place = torch.tensor([1 << 40], device=told["device"])
    torch.zeros(8, device=told["device"])[place].sum().item()
def raises(torch):
    raise RuntimeError("miopenStatusUnknownError")
FAULTS = {
    "conv2d-3-16/f32": abort, "conv2d-3-64/f32": abort, "conv2d-3-16/f16": lambda torch: os.kill(os.getpid(), 11),
    "conv2d-backward/f16": lambda torch: time.sleep(600), "conv2d-backward/f32": abort,
    "lstm/f32": raises, "batchnorm2d/f16": outside,
}
def dying(torch, cell, device, reference, told):
    fault = FAULTS.get(cell.row["id"] + "/" + cell.kind)
    try:
        if fault:
            fault(torch)
    except Exception as problem:
        return {"ok": False, "raised": probe_child.line_of(problem)}
    return tried(torch, cell, device, reference, told)
told = probe_child.json.loads(sys.argv[1])
if told["strategy"] == "native":
    probe_child._tried = dying
sys.exit(probe_child.main(told))
"""


def claimed(arguments: argparse.Namespace, folder: str) -> Task:
    """The probe of a card that this Python's torch has."""
    task = prepare(options.job(options.Chosen(pythons=(sys.executable,))), True, arguments.depth, arguments.minutes)
    if arguments.cpu:
        return replace(task, root=Sysroot(folder))
    mine = replace(task.start.identity, gpus=("claimed",))
    start = replace(task.start, identity=mine, trials=(), sets=(Variables("as planned"),))
    return replace(task, root=Sysroot(folder), device="cuda", start=start)


def run(task: Task, name: str, out: Path) -> Probed:
    """Probe, print and write."""
    begun = time.perf_counter()

    def begin(variables: Variables, strategy: str) -> None:
        progress(f"{time.perf_counter() - begun:6.1f} s: trying {strategy}")

    found = probe(task, begin, lambda _: None)
    print(f"{name}: {time.perf_counter() - begun:.1f} s")
    print(probe_text.render(found, Style(sys.stdout)), flush=True)
    (out / f"{name}.json").write_text(json.dumps({"schema": 1, **asjson.probe(found)}, indent=1))
    (out / f"{name}.kept").write_bytes(dump(found))
    return found


def by_limit(found: Probed) -> dict[str, float]:
    """Of each cell its largest error in any strategy, in units of its limit; the worst first. Printed."""
    worst: dict[str, dict[str, float]] = {}
    for trial in found.trials:
        for r in trial.results:
            if r.of_limit is not None or r.outcome is OpOutcome.WRONG:
                worst.setdefault(r.cell, {})[trial.strategy] = float("inf") if r.of_limit is None else r.of_limit
    order = sorted(worst, key=lambda cell: -max(worst[cell].values()))
    for cell in order:
        print(f"{cell:28}" + "".join(f" {strategy} {of:.2g}" for strategy, of in worst[cell].items()))
    return {cell: max(worst[cell].values()) for cell in order}


def diagnose(cells: Iterable[str], out: Path) -> None:
    """In a process of its own, by Python as it is; what it wrote stays where it does not end."""
    program = Path(__file__).with_name("row_errors.py")
    try:
        argv = [sys.executable, "-B", program, out / "errors.json", *cells]
        subprocess.run(argv, env={**os.environ, **LAYOUT}, timeout=120, check=False)
    except subprocess.TimeoutExpired as late:
        print(late)


def die(task: Task, found: Probed, out: Path) -> None:
    """The same card with native's rows dying; what other strategies found stays."""
    sources, probing.CHILD = probing.child_sources(), PurePosixPath("probe_dying.py")
    probing.child_sources = lambda: {**sources, probing.CHILD: DIES.encode()}
    probing.LIMITS = replace(probing.LIMITS, silence=SILENCE)
    others = tuple(trial for trial in found.trials if trial.strategy != "native")
    run(replace(task, start=replace(task.start, trials=others), minutes=0), "dead", out)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, metavar="FOLDER")
    parser.add_argument("--depth", default="default")
    parser.add_argument("--minutes", type=int, default=0)
    parser.add_argument("--cpu", action="store_true", help="try this program itself, without a GPU")
    arguments = parser.parse_args()
    (arguments.out / "whole.json").touch()  # not after five minutes on a card: it may be closed to this user
    begun, environment = time.perf_counter(), probing._environment
    libraries = {k: v for k, v in os.environ.items() if k in ("LD_LIBRARY_PATH", "CUDA_HOME", "TRITON_PTXAS_PATH")}
    libraries |= LAYOUT
    probing._environment = lambda *told: {**libraries, **environment(*told)}  # where an NVIDIA driver is
    with tempfile.TemporaryDirectory() as folder:
        task = claimed(arguments, folder)
        found = run(task, "whole", arguments.out)
        near = [cell for cell, of in by_limit(found).items() if of > NEARLY]
        diagnose([*dict.fromkeys((*ASKED, *near))][:MOST], arguments.out)
        if time.perf_counter() - begun < LATEST:
            die(task, found, arguments.out)
    failed = [f"{t.strategy}: {why}" for t in found.trials if t.strategy != ANY and (why := why_not(t)) is not None]
    print(f"failed: {failed or 'none'}; {time.perf_counter() - begun:.0f} s in all")
    return int(bool(failed) or found.costs is None or found.costs.model is None)


if __name__ == "__main__":
    sys.exit(main())
