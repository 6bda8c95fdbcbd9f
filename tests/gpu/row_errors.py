"""Errors of the probe's rows under torch's switches: python3 tests/gpu/row_errors.py OUT.json ROW/TYPE ...

For a row that is wrong and nobody knows why: each is computed as the probe does, then without the vendor's library,
with its other choices, without a compiler, and in float64 on the card; every result against float64 on the processor,
in units of the row's limit (above 1 is wrong), and for the first each result and gradient by itself. Needs torch and
yaml; written as it grows.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).resolve().parents[2] / "installer"
sys.path[:0] = [str(PROGRAM), str(PROGRAM / "rdna_installer" / "runtime")]
import probe_child  # noqa: E402
import probe_memory  # noqa: E402
import probe_ops  # noqa: E402
import torch  # noqa: E402

from rdna_installer.probe.rows import data  # noqa: E402

SECONDS = 60.0  # of all
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
CUDNN, MATMUL = torch.backends.cudnn, torch.backends.cuda.matmul
Switch = tuple[Any, str, object]
SWITCHES: dict[str, tuple[Switch, ...]] = {
    "as probed": (),
    "no vendor library": ((CUDNN, "enabled", False),),
    "benchmark": ((CUDNN, "benchmark", True),),
    "deterministic": ((CUDNN, "deterministic", True),),
    "tf32": ((CUDNN, "allow_tf32", True), (MATMUL, "allow_tf32", True)),
}


@contextmanager
def switched(switches: tuple[Switch, ...]) -> Iterator[None]:
    """As the probe sets them, but for these."""
    probed = ((CUDNN, "allow_tf32", False), (MATMUL, "allow_tf32", False))
    before = [(where, name, getattr(where, name)) for where, name, _ in (*probed, *switches)]
    try:
        for where, name, value in (*probed, *switches):
            setattr(where, name, value)
        yield
    finally:
        for where, name, value in reversed(before):
            setattr(where, name, value)


def measured(cell: Any, reference: Any, dtype: torch.dtype) -> dict[str, Any]:
    """The worst of all, and the error of each result by itself."""
    found = cell.compute(cell.ready(DEVICE, dtype))
    least = probe_child.NOISE * max(largest for _, _, largest in reference)
    each = [probe_child._error(torch, cell, f, *r[:2], max(r[2], least)) for f, r in zip(found, reference, strict=True)]
    worst = max(each)
    return {"worst": worst, "of": worst / cell.limit, "each": each, "largest": [r[2] for r in reference]}


def ways(row: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str | None, tuple[Switch, ...]]]:
    """Name, row, type (None: its own) and switches."""
    for name, switches in SWITCHES.items():
        yield name, row, None, switches
    if row.get("compiled"):
        yield "eager", {**row, "compiled": False}, None, ()
    yield "float64 on the card", {**row, "compiled": False}, "float64", ()


def row_errors(names: list[str], said: Callable[[str, str, dict[str, Any]], None]) -> None:
    """Each cell in each way, until the time is over."""
    known = {row["id"]: row for row in data()["rows"]}
    given = dict(probe_memory.names(torch), **probe_ops.names(torch))
    until = time.monotonic() + SECONDS
    with tempfile.TemporaryDirectory() as folder:
        probe_child.HERE = folder
        for name in names:
            id_, _, kind = name.rpartition("/")
            reference = probe_child.Cell(torch, known[id_], kind, given, False).reference()
            for way, row, dtype, switches in ways(known[id_]):
                if reference is None or time.monotonic() > until:
                    continue
                cell = probe_child.Cell(torch, row, kind, given, False)
                try:
                    torch.manual_seed(0)
                    with switched(switches):
                        result = measured(cell, reference, getattr(torch, dtype or probe_ops.TYPES[kind]))
                except Exception as problem:
                    result = {"raised": probe_child.line_of(problem)}
                said(name, way, result)


def main() -> None:
    torch.set_float32_matmul_precision("highest")
    out, found = Path(sys.argv[1]), dict[str, dict[str, Any]]()

    def said(name: str, way: str, result: dict[str, Any]) -> None:
        found.setdefault(name, {})[way] = result
        about = {"torch": torch.__version__, "cudnn": CUDNN.version()}
        out.write_text(json.dumps({**about, "rows": found}, indent=1))
        shown = result.get("raised") or f"{result['worst']:.2e} is {result['of']:.2f} of the limit"
        each = " ".join(f"{error:.0e}" for error in result.get("each", ())) if way == "as probed" else ""
        print(f"{name:28} {way:20} {shown} {each}", flush=True)

    row_errors(sys.argv[2:], said)


if __name__ == "__main__":
    main()
