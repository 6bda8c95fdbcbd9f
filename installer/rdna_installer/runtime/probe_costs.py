"""Measures our convolutions against PyTorch's on this card, fits the cost model of `gemm` to it: a child of ``probe``.

    python probe_costs.py JSON        {"report": fd, "device": "cuda" | "cpu", "conv": MODULE,
                                       "shapes": by default SHAPES, "seconds": of one timing, by default 0.01}

Reports {"begun": shape} before each, then {"costs": a file as conv/costs.py reads it, "samples": how many, "gain": ...,
"possible": ...}: how much faster than PyTorch's kernels the samples are as the fitted model chooses, and at best. Or
{"fatal": why}. Only kernels that have passed the probe run. Python 3.7 or later, torch, nothing else.
"""

import json
import math
import os
import sys
import time

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "probe_shapes.json"), encoding="ascii") as file:
    SHAPES = json.load(file)  # of each: input, weight, stride, padding, transposed, groups
TYPES = ("float32", "float16", "float64")
MARGINS = (0.95, 0.85, 0.7, 0.5)  # ours must be predicted to take less than this part of the time
STEPS = (2.0, 1.4, 1.15, 1.05, 1.01, 1.001)
ROUNDS = 20


def main(told):
    """Do what we are told; 0 when it was done."""
    from probe_child import die_with_the_parent, line_of, report_to

    die_with_the_parent()
    report = report_to(told["report"])
    try:
        import importlib

        import torch

        conv = importlib.import_module(told["conv"])
        costs = importlib.import_module(told["conv"] + ".costs")
        name, units = _device(torch, told["device"])
        samples = list(_samples(torch, conv, costs, told, report))
        model = costs.template(units)
        model.numbers = refit(model, samples)
        model.numbers["measured_on"] = "%s, torch %s" % (name, torch.__version__)
        model.margin = min(MARGINS, key=lambda margin: _lost(costs.Model(name, model.numbers, margin), samples))
        found = {"schema": 1, "margin": model.margin, "devices": {name: model.numbers}}
        report(costs=found, samples=len(samples), **_gains(model, samples))
    except Exception as problem:
        report(fatal=line_of(problem))
        return 4
    return 0


def refit(model, samples):
    """`model`'s numbers, moved until its predictions match `samples` best; types without samples stay as they are.

    A sample is (geometry, operation, dtype, called from backward, microseconds of PyTorch's kernels, of ours).
    """
    fitted = type(model)(model.name, json.loads(json.dumps(model.numbers)), model.margin)
    for kind, known in fitted.numbers["types"].items():
        own = [sample for sample in samples if sample[2] == kind or (kind == "half" and "16" in sample[2])]
        if own:
            _descend(fitted, _knobs(known), own)
    return fitted.numbers


def _knobs(known):
    """(dictionary, key) of every rate and duration that a card may have otherwise, the coarse ones first."""
    for way in ("native", "gemm"):
        yield from ((known[way]["scale"], operation) for operation in known[way]["scale"])
    yield from ((known["native"], key) for key in ("tflops", "call_us"))
    yield from ((known["gemm"], key) for key in ("tflops", "gbs"))
    for table in (known["native"]["columns_gelem"], known["native"]["loop_us"]):
        yield from ((table, operation) for operation in table)
    for table in (known["gemm"]["call_us"], known["gemm"]["pointwise_us"]):
        yield from ((table, place) for place in table)


def _descend(model, knobs, samples):
    """Turn one knob after the other, by ever smaller steps, as long as the error shrinks."""
    knobs, error = list(knobs), _error(model, samples)
    for step in STEPS:
        for _ in range(ROUNDS):
            before = error
            for table, key in knobs:
                for factor in (step, 1 / step):
                    old = table[key]
                    table[key] = old * factor
                    new = _error(model, samples)
                    if new < error:
                        error = new
                        break
                    table[key] = old
            if error > before * 0.999:
                break
    for table, key in knobs:
        table[key] = float("%.4g" % table[key])


def _error(model, samples):
    total = 0.0
    for geometry, operation, dtype, backward, native, gemm in samples:
        predicted = model.estimate(geometry, operation, dtype, backward)
        total += math.log(predicted.native / native) ** 2 + math.log(predicted.gemm / gemm) ** 2
    return total


def _lost(model, samples):
    """Logarithm of the time lost by choosing as `model` does."""
    return sum(math.log(_chosen(model, sample) / min(sample[4:])) for sample in samples)


def _gains(model, samples):
    """Geometric means: how much faster than PyTorch's kernels alone, as the model chooses and at best."""
    count = max(len(samples), 1)
    gain = sum(math.log(sample[4] / _chosen(model, sample)) for sample in samples) / count
    return {"gain": math.exp(gain), "possible": math.exp(gain + _lost(model, samples) / count)}


def _chosen(model, sample):
    return sample[5] if model.prefers_gemm(*sample[:4]) else sample[4]


def _samples(torch, conv, costs, told, report):
    for shape in told.get("shapes", SHAPES):
        for dtype in TYPES:
            report(begun=[dtype] + shape)
            try:
                yield from _sample(torch, conv, costs, told, shape, dtype)
            except RuntimeError:
                continue  # a small card has no memory for all shapes, an old one no kernels for all types


def _sample(torch, conv, costs, told, shape, dtype):
    """The three operations of one shape, both ways."""
    x_shape, w_shape, stride, padding, transposed, groups = shape
    n, device = len(x_shape) - 2, told["device"]
    options = ([stride] * n, [padding] * n, [1] * n, transposed, [0] * n, groups)
    x, w = (torch.randn(s, device=device, dtype=getattr(torch, dtype)) for s in (x_shape, w_shape))
    times = []
    for strategy in ("no-miopen", "gemm"):
        if not conv.activate(strategy, key=device.upper(), model=costs.Always()):
            raise ValueError("the strategy %s is not in force" % strategy)
        calls = _calls(torch, x, w, options)
        times.append([_microseconds(torch, call, device, told.get("seconds", 0.01)) for call in calls])
    conv.deactivate()
    geometry = sys.modules[told["conv"] + ".geometry"].geometry_of(x_shape, w_shape, *options)
    names = (costs.FORWARD, costs.IMAGE, costs.WEIGHT)
    for at, name in enumerate((names[1], names[0], names[2]) if transposed else names):
        yield geometry, name, dtype, at > 0, times[0][at], times[1][at]


def _calls(torch, x, w, options):
    x, w = x.detach().requires_grad_(), w.detach().requires_grad_()
    out = torch.convolution(x, w, None, *options)
    slope = torch.ones_like(out)

    def forward():
        with torch.no_grad():
            torch.convolution(x, w, None, *options)

    def backward(by):
        return lambda: torch.autograd.grad(out, [by], slope, retain_graph=True)

    return forward, backward(x), backward(w)


def _microseconds(torch, call, device, seconds):
    """The shortest of three series, by call."""
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None

    def series(count):
        wait()
        begun = time.perf_counter()
        for _ in range(count):
            call()
        wait()
        return max(time.perf_counter() - begun, 1e-7) / count

    series(1)
    count = max(2, min(50, int(seconds / series(1))))
    return 1e6 * min(series(count) for _ in range(3))


def _device(torch, device):
    if device != "cuda":
        return device, 1
    properties = torch.cuda.get_device_properties(device)
    return properties.name, properties.multi_processor_count


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
