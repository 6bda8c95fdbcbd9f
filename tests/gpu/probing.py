"""The children of `rdna-installer probe` on a GPU whose torch is no ROCm build: python3 tests/gpu/probing.py.

The command itself tries a GPU only where torch is a ROCm build (there: `rdna-installer probe`). This says that there is
one, and nothing else is other than there: strategies in processes of their own, results against the CPU's, the cost
model fitted at the end. Needs torch with its GPU in this Python, and what the program needs (click, yaml). Nothing is
kept. Exit status 1 where a strategy failed or no model came of it.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "installer"))
from rdna_installer.cli import options
from rdna_installer.machine.sysroot import Sysroot
from rdna_installer.probe.types import why_not
from rdna_installer.report import probe_text
from rdna_installer.report.console import Style, progress
from rdna_installer.workflow.probing import prepare, probe


def main() -> int:
    task = prepare(options.job(options.Chosen(pythons=(sys.executable,))), cpu=True)
    claimed = replace(task.start.identity, gpus=("claimed",))
    with tempfile.TemporaryDirectory() as folder:
        start = replace(task.start, identity=claimed, trials=())
        claiming = replace(task, root=Sysroot(folder), device="cuda", start=start)
        found = probe(claiming, lambda variables, strategy: progress(f"trying {strategy}"), lambda _: None)
    print(probe_text.render(found, Style(sys.stdout)))
    failed = [f"{trial.strategy}: {why}" for trial in found.trials if (why := why_not(trial)) is not None]
    print(f"failed: {failed or 'none'}")
    return int(bool(failed) or found.costs is None or found.costs.model is None)


if __name__ == "__main__":
    sys.exit(main())
