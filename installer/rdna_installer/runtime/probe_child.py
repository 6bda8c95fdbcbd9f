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

TIMED_FOR = 0.15  # seconds of repetitions of one operation, once its result was right
REPETITIONS = 30
LIMITS = {"float32": 1e-3, "float16": 2e-2, "bfloat16": 6e-2}  # relative to the largest value of the reference
STEPS = 12  # of the training loop


class Op:
    """An operation: `inputs(torch)` on the CPU, `compute(torch, inputs)` on any device and in any type."""

    def __init__(self, compute, inputs, dtype="float32", reference="float64", limit=None):
        self.compute, self.inputs, self.dtype, self.reference = compute, inputs, dtype, reference
        self.limit = limit or LIMITS[dtype]


def randn(*shapes):
    """Inputs of these shapes, the same in every run."""

    def make(torch):
        generator = torch.Generator().manual_seed(20240517)
        return [torch.randn(shape, generator=generator) for shape in shapes]

    return make


def forward(name, **options):
    """torch.nn.functional.`name` of (image, weight, bias)."""

    def compute(torch, given):
        return [getattr(torch.nn.functional, name)(*given, **options)]

    return compute


def gradients(compute):
    """`compute` and its gradients by every input."""

    def backward(torch, given):
        given = [tensor.detach().requires_grad_() for tensor in given]
        (out,) = compute(torch, given)
        return [out.detach(), *torch.autograd.grad(out, given, _slope(torch, out))]

    return backward


def twice(compute):
    """The gradient of a gradient, which training with gradient penalties needs."""

    def backward(torch, given):
        given = [tensor.detach().requires_grad_() for tensor in given]
        (out,) = compute(torch, given)
        (first,) = torch.autograd.grad(out * out, given[:1], _slope(torch, out), create_graph=True)
        return list(torch.autograd.grad((first * first).sum(), given[:2]))

    return backward


def _slope(torch, out):
    """Something to multiply gradients with: not all ones; of one sign, since sums that cancel have no digits left."""
    return torch.linspace(0.25, 1, out.numel()).reshape(out.shape).to(out.device, out.dtype)


def channels_last(compute):
    """The same with an image in channels-last memory."""

    def moved(torch, given):
        return compute(torch, [given[0].contiguous(memory_format=torch.channels_last), *given[1:]])

    return moved


def batch_norm(torch, given):
    """Training mode: statistics of the batch, and what it adds to the running ones."""
    x, weight, bias = given
    mean, variance = torch.zeros_like(weight), torch.ones_like(weight)
    x = x.detach().requires_grad_()
    out = torch.nn.functional.batch_norm(x, mean, variance, weight, bias, True, 0.1, 1e-5)
    (gradient,) = torch.autograd.grad(out, [x], _slope(torch, out))
    return [out.detach(), mean, variance, gradient]


def recurrent(kind):
    """A recurrent layer, forward and the gradient by its input."""

    def compute(torch, given):
        torch.manual_seed(7)
        layer = getattr(torch.nn, kind)(12, 16, num_layers=2).to(given[0].device, given[0].dtype)
        x = given[0].detach().requires_grad_()
        out = layer(x)[0]
        return [out.detach(), *torch.autograd.grad(out, [x], _slope(torch, out))]

    return compute


def training(torch, given):
    """A small network trained on one batch: the losses, which must fall."""
    torch.manual_seed(11)
    nn = torch.nn
    net = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3), nn.ReLU(),
        nn.Flatten(), nn.Linear(16 * 6 * 6, 4),
    ).to(given[0].device, given[0].dtype)  # fmt: skip
    wanted = (torch.arange(given[0].shape[0]) % 4).to(given[0].device)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    losses = []
    for _ in range(STEPS):
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(net(given[0]), wanted)
        loss.backward()
        optimiser.step()
        losses.append(loss.detach())
    return [torch.stack(losses)]


CONV2D = forward("conv2d", padding=1)
SMALL = randn((2, 5, 11, 9), (7, 5, 3, 3), (7,))
LARGE = randn((32, 64, 56, 56), (64, 64, 3, 3), (64,))
OPS = {
    "copy": Op(lambda torch, given: [given[0].clone()], randn((1000, 33))),
    "add": Op(lambda torch, given: [given[0] + given[1]], randn((513, 37), (513, 37))),
    "mm f32": Op(lambda torch, given: [given[0] @ given[1]], randn((130, 70), (70, 90))),
    "mm f16": Op(lambda torch, given: [given[0] @ given[1]], randn((130, 70), (70, 90)), "float16"),
    "bmm f32": Op(lambda torch, given: [torch.bmm(*given)], randn((5, 33, 17), (5, 17, 21))),
    "layer norm": Op(lambda torch, given: [torch.nn.functional.layer_norm(given[0], (33,))], randn((64, 33))),
    "conv2d 3>16 32x32": Op(forward("conv2d"), randn((1, 3, 32, 32), (16, 3, 3, 3), (16,))),
    "conv1d f32": Op(forward("conv1d"), randn((2, 16, 50), (32, 16, 3), (32,))),
    "conv2d f32": Op(CONV2D, SMALL),
    "conv3d f32": Op(forward("conv3d", padding=1), randn((2, 3, 7, 6, 5), (4, 3, 3, 3, 3), (4,))),
    "conv2d 1x1": Op(forward("conv2d"), randn((2, 19, 13, 11), (23, 19, 1, 1), (23,))),
    "conv2d grouped": Op(forward("conv2d", groups=4), randn((2, 8, 13, 11), (12, 2, 3, 3), (12,))),
    "conv2d depthwise": Op(forward("conv2d", groups=6, padding=1), randn((2, 6, 13, 11), (6, 1, 3, 3), (6,))),
    "conv2d dilated": Op(forward("conv2d", dilation=2, stride=2), randn((2, 5, 17, 15), (7, 5, 3, 3), (7,))),
    "conv2d channels last": Op(channels_last(CONV2D), SMALL),
    "conv transpose 2d": Op(forward("conv_transpose2d", stride=2), randn((2, 5, 9, 7), (5, 7, 4, 4), (7,))),
    "conv1d backward": Op(gradients(forward("conv1d")), randn((2, 16, 50), (32, 16, 3), (32,))),
    "conv2d backward": Op(gradients(CONV2D), SMALL),
    "conv3d backward": Op(gradients(forward("conv3d")), randn((2, 3, 7, 6, 5), (4, 3, 3, 3, 3), (4,))),
    "conv2d grouped backward": Op(gradients(forward("conv2d", groups=4)), randn((2, 8, 13, 11), (12, 2, 3, 3), (12,))),
    "conv transpose 2d backward": Op(
        gradients(forward("conv_transpose2d", stride=2)), randn((2, 5, 9, 7), (5, 7, 4, 4), (7,))
    ),
    "conv2d double backward": Op(twice(CONV2D), SMALL),
    "conv2d f16": Op(CONV2D, SMALL, "float16"),
    "conv2d f16 backward": Op(gradients(CONV2D), SMALL, "float16"),
    "conv2d bf16": Op(CONV2D, SMALL, "bfloat16"),
    "conv2d 64x56x56 batch 32": Op(CONV2D, LARGE, reference="float32"),
    "conv2d 64x56x56 batch 32 backward": Op(gradients(CONV2D), LARGE, reference="float32", limit=5e-3),
    "batch norm": Op(batch_norm, randn((4, 6, 9, 7), (6,), (6,))),
    "lstm": Op(recurrent("LSTM"), randn((9, 3, 12))),
    "gru": Op(recurrent("GRU"), randn((9, 3, 12))),
    "cnn training": Op(training, randn((16, 3, 16, 16)), limit=2e-2),
}


class Report:
    """Lines into a file the parent reads: written at once, so that they outlive this process."""

    def __init__(self, fd):
        self.fd = fd

    def say(self, **fields):
        """One line."""
        line = (json.dumps(fields) + "\n").encode()
        while line:
            line = line[os.write(self.fd, line) :]


def main(told):
    """Do what we are told; 0 when every operation was tried."""
    _die_with_the_parent()
    report = Report(told["report"])
    try:
        import torch

        device = torch.device(told["device"])
        references = {name: _reference(torch, OPS[name]) for name in told["ops"]}
        if device.type == "cuda" and not torch.cuda.is_available():
            report.say(fatal="torch sees no GPU")
            return 4
        _activate(told)
        report.say(about=_about(torch, device))
    except Exception as problem:
        report.say(fatal=_line(problem))
        return 4
    for name in told["ops"]:
        report.say(start=name)
        try:
            report.say(end=name, **_try(torch, OPS[name], device, references.pop(name), told))
        except Exception as problem:
            report.say(end=name, ok=False, raised=_line(problem))
    report.say(done=True)
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


def _line(problem):
    return ("%s: %s" % (type(problem).__name__, " ".join(str(problem).split())))[:300]


def _die_with_the_parent():
    """No core dumps, and no child left computing when the probe is gone."""
    try:
        import ctypes
        import resource
        import signal

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    except Exception:
        return  # not Linux, or no ctypes: nothing is lost


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
