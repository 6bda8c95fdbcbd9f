"""Every kind of convolution under every strategy on one GPU against float64 on the CPU: python3 tests/gpu/matrix.py.

{conv, conv_transpose} x {1d, 2d, 3d} x {dense, grouped, depthwise} x dilation x stride x {f32, f16, bf16, f64} x
layout, forward and backward, plus the shapes that crash on cards with broken MIOpen kernels. Needs a CUDA or HIP
device and torch with it, nothing else: a checkout is enough. Some two minutes on an H200. Exit status 1 where a result
is off, 3 without a GPU; --json FILE keeps the result, --only VARIANT tries one. On ROCm `native` may abort the process
or reset the GPU: that is what the others are for (--only gemm).
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "installer" / "rdna_installer" / "runtime"))
import conv
from conv import costs

# relative error, norm of the difference over norm of the reference: a few roundings of each type
TOLERANCE = {torch.float64: 1e-12, torch.float32: 1e-5, torch.float16: 4e-3, torch.bfloat16: 3e-2}
VARIANTS = {
    "native": ("native", {}),
    "no-miopen": ("no-miopen", {}),
    "gemm": ("gemm", {}),
    "gemm, all shapes": ("gemm", {"model": costs.Always()}),
    "gemm, all shapes, 64 KiB cap": ("gemm", {"model": costs.Always(), "cap_bytes": 65536}),
    "cpu": ("cpu", {}),
}
GROUPS = {"dense": (8, 12, 1), "grouped": (8, 12, 4), "depthwise": (8, 8, 8)}
SIZES = {1: ((700,), (37,)), 2: ((25, 23), (11, 12)), 3: ((9, 8, 8), (6, 7, 5))}
CRASHERS = [  # document 004: conv2d(3, 16, 3) on 32 x 32 and its like abort on gfx1010
    ("conv2d 3>16 k3 32x32", 3, 16, 3, (1, 3, 32, 32)),
    ("conv2d 3>64 k3 224x224", 3, 64, 3, (1, 3, 224, 224)),
    ("conv2d 3>16 k1 32x32", 3, 16, 1, (1, 3, 32, 32)),
    ("conv1d 16>32 k3", 16, 32, 3, (2, 16, 50)),
    ("conv3d 1>16 k3", 1, 16, 3, (1, 1, 8, 8, 8)),
]
ODD = [  # found by tests/unit/runtime/conv/test_any_geometry.py to have been wrong or refused once
    ("1x1, every second position", "conv1d", {"stride": 2}, (2, 16, 9), (8, 16, 1), 8),
    (
        "all taps in the padding",
        "conv2d",
        {"stride": 3, "padding": (0, 1), "dilation": (1, 2)},
        (5, 9, 5, 1),
        (1, 9, 3, 1),
        1,
    ),
    ("smaller than the stride", "conv2d", {"stride": (3, 1), "padding": (1, 0)}, (2, 9, 1, 7), (2, 9, 2, 3), 2),
    ("output padding, one tap", "conv_transpose1d", {"dilation": 3, "output_padding": 2}, (1, 3, 2), (3, 5, 1), 5),
    ("one channel a group", "conv1d", {"groups": 2, "padding": 1}, (2, 8, 9), (2, 4, 1), 2),
]


def cases():
    """(name, function, arguments, channels, kernel, spatial size, batch, layouts)."""
    kinds = itertools.product((False, True), (1, 2, 3), GROUPS, (1, 2), (1, 2), (0, 1))
    for transposed, dims, group, dilation, stride, small in kinds:
        inside, outside, groups = GROUPS[group]
        extra = {"output_padding": stride - 1} if transposed else {}
        keywords = dict(stride=stride, dilation=dilation, padding=1 + small, groups=groups, **extra)
        name = f"conv{'_transpose' if transposed else ''}{dims}d"
        shape = (inside, outside // groups) if transposed else (outside, inside // groups)
        kernel = (3,) * dims if not small else (2, 3, 1)[:dims]
        size = SIZES[dims][small]
        label = f"{name} {group} dilation {dilation} stride {stride} kernel {kernel} size {size}"
        yield label, name, keywords, (3 if small else 2, inside, *size), shape + kernel, outside
    for label, inside, outside, kernel, shape in CRASHERS:
        dims = len(shape) - 2
        yield label, f"conv{dims}d", {}, shape, (outside, inside) + (kernel,) * dims, outside
    yield from ODD


def layouts(dims):
    yield "contiguous", torch.contiguous_format
    if dims > 1:
        yield "channels_last", torch.channels_last if dims == 2 else torch.channels_last_3d


def compute(function, keywords, tensors, seed):
    """[output, gradients of input, weight and bias]."""
    leaves = [t.detach().requires_grad_() for t in tensors]
    out = getattr(torch.nn.functional, function)(*leaves, **keywords)
    return [out.detach(), *torch.autograd.grad(out, leaves, seed(out))]


def seed_of(dtype):
    def seed(out):
        count = torch.arange(out.numel(), dtype=torch.float64).reshape(out.shape)
        return (torch.sin(count * 0.7 + 1) + 0.3).to(dtype).to(out.device, out.dtype)

    return seed


def prepare(arguments):
    """Inputs on the GPU with the float64 results of the CPU, for every case, type and layout."""
    generator = torch.Generator().manual_seed(arguments.seed)
    for label, function, keywords, shape, weight_shape, channels in cases():
        for dtype in TOLERANCE:
            fresh = [torch.randn(s, generator=generator).to(dtype) for s in (shape, weight_shape, (channels,))]
            wanted = compute(function, keywords, [t.double() for t in fresh], seed_of(dtype))
            for layout, memory_format in layouts(len(shape) - 2):
                there = [t.cuda() for t in fresh]
                there[:2] = [t.contiguous(memory_format=memory_format) for t in there[:2]]
                yield f"{label} {dtype} {layout}", function, keywords, there, wanted, dtype


def errors(found, wanted):
    pairs = [(f.detach().cpu().double(), w) for f, w in zip(found, wanted)]
    return [
        float("inf") if f.shape != w.shape else ((f - w).norm() / w.norm().clamp_min(1e-30)).item() for f, w in pairs
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=VARIANTS)
    arguments = parser.parse_args()
    if not torch.cuda.is_available():
        print("no GPU that this torch can use: nothing tested", file=sys.stderr)
        return 3
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    prepared = list(prepare(arguments))
    strides: dict[str, list] = {}
    report = {"schema": 1, "device": torch.cuda.get_device_name(), "torch": torch.__version__, "variants": {}}
    for name in [arguments.only] if arguments.only else VARIANTS:
        report["variants"][name] = check(name, prepared, strides)
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1))
    return 1 if any(v["failed"] for v in report["variants"].values()) else 0


def check(name, prepared, strides):
    strategy, options = VARIANTS[name]
    conv.deactivate()
    torch.backends.cudnn.enabled = True
    conv.activate(strategy, **options)
    failed, worst = [], {}
    for label, function, keywords, tensors, wanted, dtype in prepared:
        try:
            found = compute(function, keywords, tensors, seed_of(dtype))
        except RuntimeError as problem:
            failed.append(f"{label}: {problem}")
            continue
        for part, error in zip(("output", "d input", "d weight", "d bias"), errors(found, wanted)):
            worst[str(dtype)] = max(worst.get(str(dtype), 0.0), error)
            if not error <= TOLERANCE[dtype]:
                failed.append(f"{label} {part}: relative error {error:.2e}")
        if name == "no-miopen":
            strides[label] = [t.stride() for t in found]
        elif name.startswith("gemm") and label in strides and strides[label] != [t.stride() for t in found]:
            failed.append(f"{label}: strides {[t.stride() for t in found]} instead of {strides[label]}")
    cells = "  ".join(f"{k.partition('.')[2]} {v:.1e}" for k, v in worst.items())
    print(
        f"{name:30} {len(prepared)} cases forward and backward, {len(failed)} failures; worst error {cells}", flush=True
    )
    for text in failed[:20]:
        print("   ", text)
    return {"cases": len(prepared), "failed": failed, "worst": worst}


if __name__ == "__main__":
    raise SystemExit(main())
