"""Runs rows of torch operations one by one and says before and after each how it went: the child process of ``probe``.

    python probe_child.py JSON        {"report": fd, "device": "cuda" | "cpu", "strategy": NAME, "conv": MODULE,
                                       "cells": ["ROW/TYPE", ...], "seconds": of repetitions of each (0: not timed),
                                       "compiling": seconds left for compilers, "small": [cells in their small size],
                                       "soak": seconds to go on with the cells, instead of once}

Rows come from probe_rows.json beside it. Each line of the report is one JSON object: {"about": ...}, {"start": cell},
{"end": cell, "ok": ..., ...}, {"done": true}, {"soak": seconds, ...} or {"fatal": why}. A GPU fault ends this process;
the last start without an end is then what did it. Every result is compared with the same expression in float64 on the
CPU, which is kept beside this file for the other children. Python 3.7 or later, torch, nothing else.
"""

import json
import os
import re
import sys
import time

import probe_memory
import probe_ops
from probe_ops import TYPES, NotOfferedError

HERE = os.path.dirname(os.path.abspath(__file__))
REPETITIONS = 30
LEAST = 3  # repetitions, unless one takes seconds
WHOLE = 1 << 20  # elements of a result that are compared all; of larger ones both ends and so many at random:
SAMPLED = 1 << 18
END = 1 << 12
STICKY = re.compile("illegal memory|launch fail|device-side assert|misaligned|HSA_STATUS|[Mm]emory access fault")
NOISE = 1e-3  # of the largest of all results: smaller ones are compared by that
TOO_MUCH = 0.6  # of the free memory that a row may need


def report_to(fd):
    """A function that writes a line into a file the parent reads: at once, so that it outlives this process."""

    def report(**fields):
        line = (json.dumps(fields) + "\n").encode()
        while line:
            line = line[os.write(fd, line) :]

    return report


def line_of(problem):
    """An exception in one line."""
    return ("%s: %s" % (type(problem).__name__, " ".join(str(problem).split())))[:300]


def die_with_the_parent():
    """No core dumps, and no child left computing when the probe is gone."""
    try:
        import ctypes
        import resource
        import signal

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    except Exception:
        return  # not Linux, or no ctypes: nothing is lost


class Cell:
    """A row in one type, on one device; what can be made once is made at the first use."""

    def __init__(self, torch, row, kind, names, small):
        self.torch, self.row, self.kind, self.names = torch, row, kind, names
        self.of = row.get("small") if small and "small" in row else row.get("of", {})
        self.size = "small" if small and "small" in row else "full"
        self.code = compile(row["code"], row["id"], "eval")
        self.limit = row["limits"][list(TYPES).index(kind)]

    def ready(self, device, dtype):
        """Inputs and net, rounded to the row's type, then in `dtype`."""
        torch, rounded = self.torch, getattr(self.torch, TYPES[self.kind])
        given = {}
        for name, spec in self.of.items():
            drawn = probe_ops.draw(torch, name, spec)
            given[name] = drawn.to(rounded).to(device, dtype) if drawn.is_floating_point() else drawn.to(device)
        if "net" in self.row:
            torch.manual_seed(7)
            net = eval(self.row["net"], self.names, dict(given))  # noqa: S307 - our own rows
            given["net"] = net.to(rounded).to(device, dtype)
            if self.row.get("compiled") and dtype is rounded and device.type != "cpu":
                given["net"] = probe_ops.compiled(torch, given["net"], device)
            elif self.row.get("compiled") and dtype is rounded:
                probe_ops.compiled(torch, net, device)
        return given

    def compute(self, given):
        """The results, and the gradients where the row wants them."""
        if not self.row.get("gradients"):
            out = eval(self.code, dict(self.names, **given))  # noqa: S307
            return list(out) if isinstance(out, (tuple, list)) else [out]
        torch = self.torch
        inputs = {name: value for name, value in given.items() if name != "net"}
        by = {n: v.detach().requires_grad_() for n, v in inputs.items() if v.is_floating_point()}
        out = eval(self.code, dict(self.names, **dict(given, **by)))  # noqa: S307
        if not hasattr(self, "seeds"):
            self.seeds = probe_ops.seeds(torch, out).to(getattr(torch, TYPES[self.kind])).to(out.device, out.dtype)
        wanted = list(by.values()) + (list(given["net"].parameters()) if "net" in given else [])
        return [out.detach()] + list(torch.autograd.grad(out, wanted, self.seeds, allow_unused=True))

    def reference(self):
        """What is right: of each result its shape, the values at `places` and the largest. Kept for other children."""
        if self.row.get("compared") == "does" or (self.limit == "falls"):
            return None
        torch, began = self.torch, time.perf_counter()
        file = os.path.join(HERE, "reference-%s-%s-%s.pt" % (self.row["id"], self.kind, self.size))
        if os.path.exists(file):
            return torch.load(file)
        cpu = Cell(torch, self.row, self.kind, self.names, self.size == "small")
        dtype = torch.float32 if self.row.get("sampled") else torch.float64
        found = [
            _kept(torch, tensor.detach().double()) for tensor in cpu.compute(cpu.ready(torch.device("cpu"), dtype))
        ]
        if time.perf_counter() - began > 0.02:
            torch.save(found, file + ".new")
            os.rename(file + ".new", file)
        return found


def _kept(torch, tensor):
    values = tensor.reshape(-1)[places(torch, tensor.numel())] if tensor.numel() > WHOLE else tensor.reshape(-1)
    return [list(tensor.shape), values.clone(), float(tensor.abs().max()) if tensor.numel() else 0.0]


def places(torch, count):
    """Where a large result is looked at: its two ends, and at random."""
    generator = torch.Generator().manual_seed(count)
    inner = torch.randint(count, (SAMPLED,), generator=generator)
    return torch.cat([torch.arange(END), torch.arange(count - END, count), inner])


def worst_of(torch, cell, found, reference):
    """The largest error of all results, as the row compares; infinite for a wrong shape, a missing one or NaN."""
    if len(found) != len(reference):
        return float("inf")
    least = NOISE * max(largest for _, _, largest in reference)  # a gradient that cancels to nothing has no digits
    return max(_error(torch, cell, mine, *theirs[:2], max(theirs[2], least)) for mine, theirs in zip(found, reference))


def _error(torch, cell, mine, shape, wanted, largest):
    mine = mine.detach().cpu()
    if list(mine.shape) != shape or not bool(torch.isfinite(mine).all()):
        return float("inf")
    values = mine.reshape(-1)
    values = (values[places(torch, values.numel())] if values.numel() > WHOLE else values).double()
    if cell.row.get("compared") == "bits":
        return 0.0 if torch.equal(values, wanted) else float("inf")
    if not values.numel():
        return 0.0
    apart = (values - wanted).abs()
    if cell.row.get("compared") == "element":
        return float((apart / (wanted.abs() + 1e-3)).max())
    return float(apart.max()) / max(largest, 1e-30)


def main(told):
    """Do what we are told; 0 when every cell was tried."""
    die_with_the_parent()
    report = report_to(told["report"])
    for name in ("TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR"):  # nothing of an earlier run, nor of another strategy
        os.environ[name] = os.path.join(HERE, "compiled-" + told["strategy"])
    try:
        import torch

        device = torch.device(told["device"])
        cells = _cells(torch, told)
        references = {name: _early(cell) for name, cell in cells.items()} if device.type == "cpu" else {}
        if device.type == "cuda" and not torch.cuda.is_available():
            report(fatal="torch sees no GPU")
            return 4
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False  # not AMD's, but of tests
        _activate(told)
        report(about=_about(torch, device))
    except Exception as problem:
        report(fatal=line_of(problem))
        return 4
    if told.get("soak"):
        return soak(torch, cells, device, told["soak"], report)
    left = told.get("compiling")
    for name, cell in cells.items():
        if left is not None and left <= 0 and not cell.row.get("required"):
            report(end=name, skipped="out-of-time", note="compilers had taken their time")
            continue
        reference = None
        try:  # on the CPU, before the operation is begun: what is slow there is not the card's
            reference = references.pop(name) if name in references else cell.reference()
        except Exception as problem:
            reference = problem
        report(start=name)
        said = _tried(torch, cell, device, reference, told)
        report(end=name, **said)
        if device.type == "cuda" and STICKY.search(said.get("raised", "")):
            report(again=True)  # nothing this process computes after that can be believed
            return 5
        if left is not None:
            left -= max(0.0, said.get("first", 0.0) - (said.get("ms") or 0.0) / 1000)
    report(done=True)
    return 0


def _cells(torch, told):
    with open(os.path.join(HERE, "probe_rows.json"), encoding="utf-8") as file:
        rows = {row["id"]: row for row in json.load(file)}
    names = dict(probe_memory.names(torch), **probe_ops.names(torch))
    small = told.get("small", ())
    return {c: Cell(torch, rows[c.rpartition("/")[0]], c.rpartition("/")[2], names, c in small) for c in told["cells"]}


def _early(cell):
    try:
        return cell.reference()
    except Exception as problem:
        return problem


def _activate(told):
    """The strategy, in this process only."""
    if told["strategy"] in ("native", "any"):
        return
    import importlib

    conv = importlib.import_module(told["conv"])
    model = None
    if told["device"] == "cpu":  # no device to judge shapes by: ours wherever it can
        model = importlib.import_module(told["conv"] + ".costs").Always()
    if not conv.activate(told["strategy"], key=told["device"].upper(), model=model):
        raise RuntimeError("the strategy is not in force: " + "; ".join(conv.current()["notices"]))


def _about(torch, device):
    """Which software and device this is."""
    found = {"torch": torch.__version__, "hip": getattr(torch.version, "hip", None), "device": "cpu", "gfx": None}
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        found.update(device=properties.name, gfx=getattr(properties, "gcnArchName", None))
    return found


def _tried(torch, cell, device, reference, told):
    """The line of its end: compared, then timed."""
    try:
        if isinstance(reference, Exception):
            raise reference
        free = torch.cuda.mem_get_info()[0] if device.type == "cuda" else None
        if free is not None and cell.row.get("needs", 0) * (1 << 30) > TOO_MUCH * free:
            return {
                "skipped": "needs-more-memory",
                "note": "needs %.1f GiB of %.1f" % (cell.row["needs"], free / 2**30),
            }
        return _measured(torch, cell, device, reference, told)
    except NotOfferedError as problem:
        return {"refused": str(problem)}
    except Exception as problem:
        text = line_of(problem)
        if _refusal(cell.row, text):
            return {"refused": text}
        return {"ok": False, "raised": text}
    finally:
        if device.type == "cuda" and cell.row["group"] == "memory":
            torch.cuda.empty_cache()


def _refusal(row, text):
    """Torch says that it has no such kernel: by the row's words, or by those it has for all."""
    absent = re.search(r"has no attribute|not implemented for '(Half|BFloat16)'", text)
    return bool(absent or ("refuses" in row and re.search(row["refuses"], text)))


def _measured(torch, cell, device, reference, told):
    wait = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    given = cell.ready(device, getattr(torch, TYPES[cell.kind]))
    before = _peak(torch, device)
    begun = time.perf_counter()
    if cell.row.get("compared") == "does":
        (found,) = cell.compute(given)
        return {"ok": True, "worst": 0.0, "first": 0.0, "ms": (time.perf_counter() - begun) * 1000, "n": 1, **found}
    found = cell.compute(given)
    wait()
    said = {"first": time.perf_counter() - begun, "bytes": _peak(torch, device, before)}
    said.update(_judged(torch, cell, given, found, reference))
    del found
    if said["ok"] and told.get("seconds"):
        said.update(_times(cell, given, wait, told["seconds"]))
    return said


def _judged(torch, cell, given, found, reference):
    worst = 0.0 if reference is None else worst_of(torch, cell, found, reference)
    limit = 0.0 if cell.limit == "falls" else cell.limit
    if not worst <= limit:
        finite = worst < 1e30  # JSON knows neither infinity nor NaN
        return {"ok": False, "worst": worst if finite else None, "of": worst / limit if limit and finite else None}
    if cell.limit == "falls" or cell.row.get("falls"):
        losses = found[0].float().cpu()
        if not bool(torch.isfinite(losses).all()) or not float(losses[-1]) < 0.9 * float(losses[0]):
            return {"ok": False, "falls": False}
    if cell.row.get("compared") == "same":
        again = [cell.compute(given) for _ in range(2)]
        if not all(torch.equal(a, b) for run in again for a, b in zip(run, found)):
            return {"ok": False, "worst": worst, "of": None}
    return {"ok": True, "worst": worst, "of": worst / limit if limit else None}


def _peak(torch, device, before=None):
    """What is taken on the card now, or what was taken at most since."""
    if device.type != "cuda":
        return None
    if before is None:
        torch.cuda.reset_peak_memory_stats()
        return torch.cuda.memory_allocated()
    return torch.cuda.max_memory_allocated() - before


def _times(cell, given, wait, seconds):
    """Milliseconds: median, fastest, 10th and 90th percentile of some repetitions."""
    took, until = [], time.perf_counter() + seconds
    while len(took) < REPETITIONS and (time.perf_counter() < until or len(took) < LEAST):
        wait()
        begun = time.perf_counter()
        cell.compute(given)
        wait()
        took.append((time.perf_counter() - begun) * 1000)
        if sum(took) > 2000:
            break
    took.sort()
    last = len(took) - 1
    low, median, high = (took[int(last * part + 0.5)] for part in (0.1, 0.5, 0.9))
    return {"ms": median, "fastest": took[0], "low": low, "high": high, "n": len(took)}


def soak(torch, cells, device, seconds, report):
    """The same work again and again; a round whose results are not the first one's bits is counted as wrong."""
    wait = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    given = {name: cell.ready(device, getattr(torch, TYPES[cell.kind])) for name, cell in cells.items()}
    first = {}
    begun = said = time.perf_counter()
    rounds, wrong = 0, []
    while time.perf_counter() - begun < seconds:
        start = time.perf_counter()
        for name, cell in cells.items():
            found = cell.compute(given[name])[0].detach()
            wanted = first.setdefault(name, found.clone())
            if not bool((found - wanted).abs().max() <= cell.limit * wanted.abs().max()):
                wrong.append(name)
        wait()
        rounds += 1
        ms = (time.perf_counter() - start) * 1000
        if time.perf_counter() - said > 0.5 or rounds == 1:
            said = time.perf_counter()
            held = torch.cuda.memory_reserved() if device.type == "cuda" else 0
            report(soak=said - begun, rounds=rounds, wrong=len(wrong), ms=ms, bytes=held)
    report(done=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
