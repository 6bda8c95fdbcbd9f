"""Every strategy gives what PyTorch gives, both ways, in value, shape, type and strides (dispatch key CPU)."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from rdna_installer.runtime import conv

KINDS = list(
    itertools.product((1, 2, 3), (False, True), ((6, 4, 1), (20, 18, 1), (6, 4, 2), (3, 6, 3), (3, 3, 3), (1, 1, 1)))
)
GEOMETRIES = [
    {"stride": 1, "padding": 0, "dilation": 1},
    {"stride": 1, "padding": 1, "dilation": 1},
    {"stride": 2, "padding": 1, "dilation": 1},
    {"stride": 3, "padding": 2, "dilation": 1},
    {"stride": 1, "padding": 2, "dilation": 2},
    {"stride": 2, "padding": 1, "dilation": 2},
    {"stride": 2, "padding": 0, "dilation": 3},
]


def tensors(torch: Any, dims: int, transposed: bool, channels: tuple[int, int, int], kernel: Any, batch: int) -> Any:
    inside, outside, groups = channels
    shape = (inside, outside // groups) if transposed else (outside, inside // groups)
    size = (9, 8, 7)[:dims]
    return [torch.randn(s, dtype=torch.float64) for s in ((batch, inside, *size), (*shape, *kernel), (outside,))]


def compute(torch: Any, name: str, values: Any, keywords: Any) -> Any:
    leaves = [value.clone().requires_grad_() for value in values]
    out = getattr(torch.nn.functional, name)(*leaves, **keywords)
    weights = torch.linspace(-1, 1, out.numel(), dtype=out.dtype).view(out.shape)
    return [out.detach(), *torch.autograd.grad(out, leaves, weights)]


@pytest.mark.parametrize("cap", [None, 20000, 1])
@pytest.mark.parametrize(("dims", "transposed", "channels"), KINDS)
def test_gemm(
    torch: Any, activate: Any, ours: Any, dims: int, transposed: bool, channels: Any, cap: int | None
) -> None:
    name = f"conv{'_transpose' if transposed else ''}{dims}d"
    for geometry, batch in itertools.product(GEOMETRIES, (3,) if cap else (1, 3)):
        kernel = (3, 2, 3)[:dims] if geometry["padding"] else (1, 3, 2)[:dims]
        keywords = dict(geometry, groups=channels[2])
        if transposed and geometry["stride"] > 1:
            keywords["output_padding"] = 1
        values = tensors(torch, dims, transposed, channels, kernel, batch)
        wanted = compute(torch, name, values, keywords)
        activate("gemm", cap_bytes=cap)
        found = compute(torch, name, values, keywords)
        conv.deactivate()
        for part, f, w in zip(("output", "d input", "d weight", "d bias"), found, wanted, strict=True):
            label = f"{name} {channels} {keywords} batch {batch} {part}"
            assert torch.allclose(f, w), label
            assert (f.shape, f.stride(), f.dtype) == (w.shape, w.stride(), w.dtype), label
    depthwise = channels[2] > 1 and channels[0] == channels[2] and not transposed
    assert bool(ours) != depthwise


@pytest.mark.parametrize("strategy", ["no-miopen", "gemm", "cpu"])
@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16", "float64"])
def test_types(torch: Any, activate: Any, strategy: str, dtype: str) -> None:
    tolerance = {"float64": 1e-12, "float32": 1e-5, "float16": 4e-3, "bfloat16": 3e-2}[dtype]
    values = [v.to(getattr(torch, dtype)) for v in tensors(torch, 2, False, (8, 12, 1), (3, 3), 4)]
    wanted = compute(torch, "conv2d", [v.double() for v in values], {"padding": 1})
    activate(strategy)
    found = compute(torch, "conv2d", values, {"padding": 1})
    for f, w in zip(found, wanted, strict=True):
        assert f.dtype == values[0].dtype
        assert (f.double() - w).norm() <= tolerance * w.norm()


@pytest.mark.parametrize("strategy", ["no-miopen", "gemm", "cpu"])
@pytest.mark.parametrize("which", ["input", "weight", "both"])
@pytest.mark.parametrize("dims", [2, 3])
def test_channels_last(torch: Any, activate: Any, strategy: str, which: str, dims: int) -> None:
    layout = torch.channels_last if dims == 2 else torch.channels_last_3d
    values = [v.float() for v in tensors(torch, dims, False, (8, 12, 1), (3,) * dims, 2)]
    for index, name in enumerate(("input", "weight")):
        if which in (name, "both"):
            values[index] = values[index].contiguous(memory_format=layout)
    wanted = compute(torch, f"conv{dims}d", values, {"padding": 1})
    activate(strategy)
    found = compute(torch, f"conv{dims}d", values, {"padding": 1})
    for f, w in zip(found, wanted, strict=True):
        assert torch.allclose(f, w, atol=1e-4)
        assert strategy == "cpu" or f.stride() == w.stride()


@pytest.mark.parametrize("strategy", ["no-miopen", "gemm", "cpu"])
def test_views_and_broadcast_gradients(torch: Any, activate: Any, strategy: str) -> None:
    base = torch.randn(4, 10, 9, 16, dtype=torch.float64)
    x, w = base[1:3, 2:8, :, ::2].requires_grad_(), torch.randn(8, 6, 3, 3, dtype=torch.float64, requires_grad=True)
    wanted = torch.autograd.grad(torch.conv2d(x, w, padding=1).sum(), [x, w])
    activate(strategy)
    for f, want in zip(torch.autograd.grad(torch.conv2d(x, w, padding=1).sum(), [x, w]), wanted, strict=True):
        assert torch.allclose(f, want)


@pytest.mark.parametrize("strategy", ["no-miopen", "gemm", "cpu"])
@pytest.mark.parametrize("transposed", [False, True])
def test_double_backward(torch: Any, activate: Any, strategy: str, transposed: bool) -> None:
    activate(strategy)
    function = torch.nn.functional.conv_transpose2d if transposed else torch.nn.functional.conv2d
    x = torch.randn(2, 3, 5, 4, dtype=torch.float64, requires_grad=True)
    w = torch.randn(3, 3, 3, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(lambda a, b: function(a, b, stride=2, padding=1), (x, w))


@pytest.mark.parametrize("strategy", ["no-miopen", "gemm", "cpu"])
def test_masked_gradients_are_none(torch: Any, activate: Any, strategy: str) -> None:
    activate(strategy)
    x, w, grad = torch.randn(1, 2, 4, 4), torch.randn(3, 2, 3, 3), torch.randn(1, 3, 4, 4)
    for mask in itertools.product((True, False), repeat=3):
        found = torch.ops.aten.convolution_backward(
            grad, x, w, [3], [1, 1], [1, 1], [1, 1], False, [0, 0], 1, list(mask)
        )
        assert [g is not None for g in found] == list(mask)
