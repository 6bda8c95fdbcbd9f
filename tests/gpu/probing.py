"""The children of `rdna-installer probe` on a GPU whose torch is no ROCm build: python3 tests/gpu/probing.py.

The command itself tries a GPU only where torch is a ROCm build (there: `rdna-installer probe`). This says that there is
one, and nothing else is other than there: strategies in processes of their own, results against the CPU's, the cost
model fitted at the end. Needs torch with its GPU in this Python, and what the program needs (click, yaml). As a
user, not as root: NVIDIA's driver refuses a child in a pid namespace of its own (error 304) in some containers. Nothing
is kept but what --json names. --dead: children die in rows of native, as document 004 tells. Exit status 1
where a strategy failed or no model came of it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path, PurePosixPath

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "installer"))
from rdna_installer.cli import options
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.probe.types import ANY, Variables, why_not
from rdna_installer.report import asjson, probe_text
from rdna_installer.report.console import Style, progress
from rdna_installer.workflow import probing
from rdna_installer.workflow.probing import prepare, probe

DIES = """
import os, sys, probe_child
tried = probe_child._tried
def dying(torch, cell, *rest):
    if cell.row["group"] in ("conv", "model", "train") and not cell.row.get("once"):
        sys.stderr.write("HSA_STATUS_ERROR_MEMORY_APERTURE_VIOLATION\\n")
        sys.stderr.flush()
        os.abort()
    return tried(torch, cell, *rest)
told = probe_child.json.loads(sys.argv[1])
if told["strategy"] == "native":
    probe_child._tried = dying
sys.exit(probe_child.main(told))
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--depth", default="default")
    parser.add_argument("--minutes", type=int, default=0)
    parser.add_argument("--dead", action="store_true")
    arguments = parser.parse_args()
    task = prepare(options.job(options.Chosen(pythons=(sys.executable,))), True, arguments.depth, arguments.minutes)
    claimed = replace(task.start.identity, gpus=("claimed",))
    environment = probing._environment
    libraries = {k: v for k, v in os.environ.items() if k in ("LD_LIBRARY_PATH", "CUDA_HOME", "TRITON_PTXAS_PATH")}
    libraries["TORCHINDUCTOR_LAYOUT_OPTIMIZATION"] = "0"  # pytorch#184013, as in behaviour.py
    probing._environment = lambda *told: {**libraries, **environment(*told)}  # where an NVIDIA driver is
    if arguments.dead:
        sources, probing.CHILD = probing.child_sources(), PurePosixPath("probe_dying.py")
        probing.child_sources = lambda: {**sources, probing.CHILD: DIES.encode()}
    with tempfile.TemporaryDirectory() as folder:
        start = replace(task.start, identity=claimed, trials=(), sets=(Variables("as planned"),))
        claiming = replace(task, root=Sysroot(folder), device="cuda", start=start)
        begun, strategies = time.perf_counter(), []

        def begin(variables: Variables, strategy: str) -> None:
            strategies.append(strategy)
            progress(f"{time.perf_counter() - begun:6.1f} s: trying {strategy}")

        found = probe(claiming, begin, lambda _: None)
    print(f"{time.perf_counter() - begun:.1f} s")
    print(probe_text.render(found, Style(sys.stdout)))
    if arguments.json:
        arguments.json.write_text(json.dumps({"schema": 1, **asjson.probe(found)}, indent=1))
    failed = [f"{t.strategy}: {why}" for t in found.trials if t.strategy != ANY and (why := why_not(t)) is not None]
    print(f"failed: {failed or 'none'}")
    return int(bool(failed) or found.costs is None or found.costs.model is None)


if __name__ == "__main__":
    sys.exit(main())
