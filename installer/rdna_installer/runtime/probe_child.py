"""Runs operations of torch one by one and says before and after each how it went: the child process of ``probe``.

    python probe_child.py JSON        {"report": fd, "device": "cuda" | "cpu", "strategy": NAME, "conv": MODULE,
                                       "ops": [...], "seconds": of repetitions of each, by default 0.15}

Each line of the report is one JSON object: {"about": ...}, {"start": op}, {"end": op, "ok": ..., ...}, {"done": true},
or {"fatal": why}. A GPU fault ends this process; the last start without an end is then what did it. Every result is
compared with the same operation on the CPU, computed before the GPU is touched. Python 3.7 or later, torch, nothing
else.
"""

import json
import os
import sys
import time

from probe_ops import OPS, training

TIMED_FOR = 0.15  # seconds of repetitions of one operation, once its result was right
REPETITIONS = 30


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


def main(told):
    """Do what we are told; 0 when every operation was tried."""
    die_with_the_parent()
    report = report_to(told["report"])
    try:
        import torch

        device = torch.device(told["device"])
        references = {name: _reference(torch, OPS[name]) for name in told["ops"]}
        if device.type == "cuda" and not torch.cuda.is_available():
            report(fatal="torch sees no GPU")
            return 4
        _activate(told)
        report(about=_about(torch, device))
    except Exception as problem:
        report(fatal=line_of(problem))
        return 4
    for name in told["ops"]:
        report(start=name)
        try:
            report(end=name, **_try(torch, OPS[name], device, references.pop(name), told))
        except Exception as problem:
            report(end=name, ok=False, raised=line_of(problem))
    report(done=True)
    return 0


def _activate(told):
    """The strategy, in this process only."""
    if told["strategy"] == "native":
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


def _reference(torch, op):
    """The result on the CPU, before any strategy is in force."""
    given = [tensor.to(getattr(torch, op.dtype)).to(getattr(torch, op.reference)) for tensor in op.inputs(torch)]
    return [tensor.double() for tensor in op.compute(torch, given)]


def _try(torch, op, device, reference, told):
    """Compare, then time."""
    given = [tensor.to(device, getattr(torch, op.dtype)) for tensor in op.inputs(torch)]
    found = [tensor.cpu().double() for tensor in op.compute(torch, given)]
    worst = max(_error(torch, mine, theirs) for mine, theirs in zip(found, reference))
    if len(found) != len(reference) or not worst <= op.limit:
        return {"ok": False, "worst": worst if worst < 1e30 else None}  # JSON knows neither infinity nor NaN
    if op.compute is training and not float(found[0][-1]) < 0.9 * float(found[0][0]):
        return {"ok": False, "raised": "the loss does not fall"}
    return {"ok": True, "worst": worst, "ms": _milliseconds(torch, op, device, given, told.get("seconds", TIMED_FOR))}


def _error(torch, mine, theirs):
    """The largest difference, relative to the largest value; infinite for a wrong shape or NaN."""
    if mine.shape != theirs.shape or not bool(torch.isfinite(mine).all()):
        return float("inf")
    return float((mine - theirs).abs().max()) / max(float(theirs.abs().max()), 1e-30)


def _milliseconds(torch, op, device, given, seconds):
    """The fastest of some repetitions."""
    wait = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    best, until = None, time.perf_counter() + seconds
    for _ in range(REPETITIONS):
        wait()
        begun = time.perf_counter()
        op.compute(torch, given)
        wait()
        took = time.perf_counter() - begun
        best = took if best is None else min(best, took)
        if time.perf_counter() > until:
            break
    return best * 1000


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
