"""What a convolution by matrix products gets wrong when nobody looks."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest

from rdna_installer.runtime import conv
from rdna_installer.runtime.conv import costs


class Never:
    name = "never"

    def prefers_gemm(self, *_: Any) -> bool:
        return False


def test_falling_back_does_not_come_back_to_us(torch: Any, activate: Any, ours: Any) -> None:
    activate("gemm", model=Never())
    x, w = torch.randn(2, 3, 8, 8, requires_grad=True), torch.randn(4, 3, 3, 3, requires_grad=True)
    torch.conv2d(x, w).sum().backward()
    assert ours == []


def largest_allocations(torch: Any, run: Any) -> list[int]:
    """Bytes of every tensor that `run` makes, largest first."""
    from torch.utils._python_dispatch import TorchDispatchMode

    sizes: list[int] = []

    class Watch(TorchDispatchMode):  # type: ignore[misc]
        def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            out = function(*args, **(kwargs or {}))
            for tensor in out if isinstance(out, tuple | list) else [out]:
                if isinstance(tensor, torch.Tensor) and tensor._base is None:
                    sizes.append(tensor.numel() * tensor.element_size())
            return out

    with Watch():
        run()
    return sorted(sizes, reverse=True)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_scratch_memory_stays_under_the_cap(torch: Any, dtype: str) -> None:
    from rdna_installer.runtime.conv import adjoint, correlate, geometry, weightgrad

    kind, size = getattr(torch, dtype), 4 if dtype == "float32" else 2
    cap = 2**18
    one = geometry.geometry_of((2, 16, 64, 64), (16, 16, 3, 3), [1, 1], [1, 1], [1, 1], False, [0, 0], 1)
    x, w, out = (
        torch.randn(2, 16, 64, 64).to(kind),
        torch.randn(16, 16, 3, 3).to(kind),
        torch.empty(16, 16, 3, 3).to(kind),
    )
    five, weights = (65536, 4096, 0, 64, 1), (144, 9, 0, 3, 1)
    runs = [
        lambda: correlate.correlate(one, five, weights, kind, cap // size)(x, w, None),
        lambda: adjoint.adjoint(one, five, weights, kind, cap // size)(x, w, None),
        lambda: weightgrad.weight_gradient(one, five, five, weights, kind, False, cap // size)(x, x, out),
    ]
    result = x.numel() * size
    for run in runs:
        sizes = largest_allocations(torch, run)
        scratch = [bytes_ for bytes_ in sizes if bytes_ != result]
        assert scratch and scratch[0] <= cap


def test_one_sample_larger_than_the_cap_is_cut_by_rows(torch: Any, activate: Any) -> None:
    x, w = torch.randn(1, 4, 40, 30, dtype=torch.float64), torch.randn(5, 4, 3, 3, dtype=torch.float64)
    wanted = torch.conv2d(x, w, padding=1)
    activate("gemm", cap_bytes=20000)
    assert torch.allclose(torch.conv2d(x, w, padding=1), wanted)


def test_partial_sums_of_16_bit_weights_are_float32(torch: Any, activate: Any) -> None:
    # 4096 ones in float16 partial sums would stick at 2048 per slice boundary; only float32 sums reach the true value.
    x = torch.ones(4, 1, 64, 64, dtype=torch.float16)
    grad = torch.full((4, 1, 64, 64), 0.1, dtype=torch.float16)
    activate("gemm", cap_bytes=100000)
    w = torch.ones(1, 1, 3, 3, dtype=torch.float16)
    found = torch.ops.aten.convolution_backward(
        grad, x, w, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1, [False, True, False]
    )
    exact = float(grad[0, 0, 0, 0]) * 4 * 64 * 64
    assert abs(float(found[1][0, 0, 1, 1]) - exact) <= exact * 2**-10


def test_no_batched_product_has_an_inner_dimension_of_one(
    torch: Any, activate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner: Counter[int] = Counter()
    for name in ("bmm", "mm"):
        original = getattr(torch, name)

        def spy(left: Any, right: Any, _original: Any = original, **options: Any) -> Any:
            inner[left.shape[-1]] += 1
            return _original(left, right, **options)

        monkeypatch.setattr(torch, name, spy)
    activate("gemm")
    for channels, groups in ((1, 1), (2, 2), (4, 2)):
        for kernel in (1, 2):
            x = torch.randn(3, channels, 9, 9, requires_grad=True)
            w = torch.randn(channels, channels // groups, kernel, kernel, requires_grad=True)
            torch.conv2d(x, w, groups=groups).sum().backward()
            torch.nn.functional.conv_transpose2d(x, w, groups=groups).sum().backward()
    torch.conv2d(torch.randn(1, 3, 2, 2), torch.randn(2, 3, 2, 2, requires_grad=True)).sum().backward()
    assert inner and min(inner) > 1


def test_same_bits_every_time_and_no_other_way_when_deterministic(torch: Any, activate: Any, ours: Any) -> None:
    from rdna_installer.runtime.conv import gemm

    activate("gemm", cap_bytes=50000)
    x, w = torch.randn(3, 8, 20, 20), torch.randn(8, 8, 3, 3)
    runs = [torch.conv2d(x, w) for _ in range(3)]
    assert all(torch.equal(runs[0], other) for other in runs)
    plans = gemm.Gemm(1000, costs.Always())

    def broke(*_: Any) -> Any:
        raise RuntimeError("HIP out of memory")

    plans._plan(x, w, [1, 1], [0, 0], [1, 1], False, [0, 0], 1).programs.clear()
    original, gemm.correlate = gemm.correlate, lambda *_: broke
    try:
        with pytest.raises(RuntimeError, match="out of memory"):
            plans.forward(x, w, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1, deterministic=True)
        torch.use_deterministic_algorithms(True)
        with pytest.raises(RuntimeError, match="out of memory"):
            plans.forward(x, w, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1)
    finally:
        torch.use_deterministic_algorithms(False)
        gemm.correlate = original


def test_out_of_memory_goes_down_the_ladder_and_says_so_once(
    torch: Any, activate: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from rdna_installer.runtime.conv import aten, gemm

    x, w = torch.randn(2, 3, 8, 8), torch.randn(4, 3, 3, 3)
    wanted = torch.conv2d(x, w)
    caps: list[int] = []

    def full(*arguments: Any) -> Any:
        caps.append(arguments[-1])
        raise RuntimeError("HIP out of memory. Tried to allocate 2.00 GiB")

    def native_full(*_: Any, **__: Any) -> Any:
        monkeypatch.setattr(aten, "convolution", original)  # the host may use it, the GPU is full
        raise RuntimeError("HIP out of memory. Tried to allocate 1.00 GiB")

    original = aten.convolution
    monkeypatch.setattr(gemm, "correlate", full)
    activate("gemm", cap_bytes=80000)
    for _ in range(2):
        monkeypatch.setattr(aten, "convolution", native_full)
        assert torch.allclose(torch.conv2d(x, w), wanted, atol=1e-5)
    assert caps[0] > caps[1] > 0
    lines = capfd.readouterr().err.splitlines()
    assert [line.rpartition(": ")[2] for line in lines] == ["gemm in smaller chunks", "no-miopen", "cpu"]


def test_other_errors_are_not_taken_for_a_lack_of_memory(
    torch: Any, activate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rdna_installer.runtime.conv import gemm

    def broke(*_: Any) -> Any:
        raise RuntimeError("HIP error: invalid device function")

    monkeypatch.setattr(gemm, "correlate", broke)
    activate("gemm")
    with pytest.raises(RuntimeError, match="invalid device function"):
        torch.conv2d(torch.randn(1, 3, 8, 8), torch.randn(4, 3, 3, 3))


def test_depthwise_is_left_to_pytorch(torch: Any, activate: Any, ours: Any) -> None:
    activate("gemm")
    torch.conv2d(torch.randn(1, 6, 8, 8), torch.randn(6, 1, 3, 3), groups=6)
    assert ours == []


@pytest.mark.parametrize("own", [None, "/srv/cache"])
def test_compiled_graphs_are_kept_apart_for_each_strategy(
    torch: Any, activate: Any, monkeypatch: pytest.MonkeyPatch, own: str | None
) -> None:
    """Inductor's key does not know who computes, and bakes strides in."""
    from torch._inductor.runtime.runtime_utils import default_cache_dir

    name = "TORCHINDUCTOR_CACHE_DIR"
    monkeypatch.setenv(name, own or "")
    base = own or default_cache_dir()
    for strategy in ("gemm", "no-miopen", "no-miopen", "cpu"):
        activate(strategy)
        assert os.environ[name] == f"{base}/rdna-conv-{strategy}"
    assert conv.activate("native", key="CPU")
    assert os.environ[name] == base
    conv.deactivate()


def test_columns_of_gigabytes_are_avoided_whatever_the_model_says(torch: Any, ours: Any) -> None:
    from rdna_installer.runtime.conv.gemm import Gemm

    x, w = torch.empty(1, 8, 64, 64), torch.empty(8, 8, 3, 3)
    geometry = ([1, 1], [1, 1], [1, 1], False, [0, 0], 1)
    assert not Gemm(2**20, Never())._plan(x, w, *geometry).forward
    assert Gemm(2**15, Never())._plan(x, w, *geometry).forward
    conv.deactivate()
