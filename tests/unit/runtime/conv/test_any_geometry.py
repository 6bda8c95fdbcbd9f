"""Any geometry, type, layout and cap: `gemm` for every shape against PyTorch in float64 (dispatch key CPU)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from rdna_installer.runtime import conv

TOLERANCE = {"float64": 1e-12, "float32": 1e-4, "float16": 1e-2, "bfloat16": 6e-2}
LAYOUTS = ("contiguous", "inside a larger tensor", "dimensions turned round", "every second element", "channels last")


@dataclass(frozen=True)
class Case:
    """`each` holds (size, kernel, stride, padding, dilation, output padding) of every spatial dimension."""

    batch: int
    inside: int  # channels of one group
    outside: int
    groups: int
    transposed: bool
    each: tuple[tuple[int, int, int, int, int, int], ...]
    dtype: str = "float64"
    layouts: tuple[str, str, str] = ("contiguous", "contiguous", "contiguous")  # image, weight, gradient
    cap: int | None = None

    def geometry(self) -> tuple[Any, ...]:
        _, _, stride, padding, dilation, extra = map(list, zip(*self.each, strict=True))
        if self.transposed:
            extra = [e % max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)]
        return stride, padding, dilation, self.transposed, extra if self.transposed else [0] * len(extra), self.groups


dimension = st.tuples(
    st.integers(1, 9), st.integers(1, 4), st.integers(1, 3), st.integers(0, 2), st.integers(1, 3), st.integers(0, 2)
)
channels = st.sampled_from((1, 2, 3, 4, 5, 9))
layouts = st.sampled_from(LAYOUTS)
cases = st.builds(
    Case, st.sampled_from((1, 2, 5)), channels, channels, st.sampled_from((1, 1, 2, 3)), st.booleans(),
    st.lists(dimension, min_size=1, max_size=3).map(tuple), st.sampled_from(tuple(TOLERANCE)),
    st.tuples(layouts, layouts, layouts), st.sampled_from((None, 1, 400, 4000, 40000)),
)  # fmt: skip


def laid_out(torch: Any, values: Any, layout: str) -> Any:
    """The same values lying differently in memory."""
    if layout == "inside a larger tensor":
        flat = torch.zeros(values.numel() + 11, dtype=values.dtype)
        return flat[7 : 7 + values.numel()].view(values.shape).copy_(values)
    if layout == "dimensions turned round":
        order = list(reversed(range(values.dim())))
        return values.permute(order).contiguous().permute(order)
    if layout == "every second element":
        every = (slice(1, None, 2),) * values.dim()
        return torch.zeros([2 * size + 1 for size in values.shape], dtype=values.dtype)[every].copy_(values)
    if layout == "channels last" and values.dim() > 3:
        return values.contiguous(memory_format=torch.channels_last if values.dim() == 4 else torch.channels_last_3d)
    return values


def results(torch: Any, x: Any, w: Any, grad: Any, geometry: Any) -> list[Any]:
    """Output and the gradients of image and weight; `grad` makes a gradient of the output's shape."""
    out = torch.convolution(x, w, None, *geometry)
    return [out, *torch.ops.aten.convolution_backward(grad(out.shape), x, w, None, *geometry, [True, True, False])[:2]]


@settings(max_examples=80)
@given(cases)
@example(Case(2, 16, 8, 1, False, ((9, 1, 2, 0, 1, 0),), "bfloat16", ("contiguous", LAYOUTS[1], "contiguous")))
@example(Case(5, 9, 1, 1, False, ((5, 3, 3, 0, 1, 0), (1, 1, 3, 1, 2, 0))))  # all taps fall into the padding
@example(Case(2, 9, 2, 1, False, ((1, 2, 3, 1, 1, 0), (7, 3, 1, 0, 1, 0))))  # an image smaller than the stride
@example(Case(1, 3, 5, 1, True, ((2, 1, 1, 0, 3, 2),)))  # a single tap, and output padding all the same
@example(Case(2, 4, 1, 2, False, ((9, 1, 1, 1, 3, 0),), "float64", ("contiguous", LAYOUTS[2], "contiguous")))
def test_equal_to_pytorch(torch: Any, activate: Any, case: Case) -> None:
    generator = torch.Generator().manual_seed(1)

    def made(shape: Any, layout: str) -> Any:
        values = torch.randn(shape, generator=generator, dtype=torch.float64).to(getattr(torch, case.dtype))
        return laid_out(torch, values, layout)

    sizes, kernel, *_ = zip(*case.each, strict=True)
    inside, outside = case.inside * case.groups, case.outside * case.groups
    x = made((case.batch, inside, *sizes), case.layouts[0])
    w = made(((inside, case.outside) if case.transposed else (outside, case.inside)) + kernel, case.layouts[1])
    fixed: list[Any] = []

    def gradient(shape: Any) -> Any:
        fixed.append(made(shape, case.layouts[2]))
        return fixed[0].double().contiguous()

    geometry = case.geometry()
    conv.deactivate()
    try:
        wanted = results(torch, x.double().contiguous(), w.double().contiguous(), gradient, geometry)
    except RuntimeError:
        return  # no such convolution
    activate("gemm", cap_bytes=case.cap)
    found = results(torch, x, w, lambda _: fixed[0], geometry)
    conv.deactivate()
    for part, f, want in zip(("output", "d image", "d weight"), found, wanted, strict=True):
        assert (f.shape, f.dtype) == (want.shape, x.dtype), part
        assert (f.double() - want).norm() <= TOLERANCE[case.dtype] * want.norm() + 1e-9, part
