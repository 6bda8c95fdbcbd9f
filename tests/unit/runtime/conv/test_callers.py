"""Whoever asks for a convolution gets the strategy: modules, functions, scripts, traces, compilers, transforms."""

from __future__ import annotations

import io
from typing import Any

import pytest

from rdna_installer.runtime import conv

STRATEGIES = ("no-miopen", "gemm", "cpu")


def test_modules_and_functions(torch: Any, activate: Any, ours: Any) -> None:
    activate("gemm")
    torch.nn.Conv2d(3, 4, 3)(torch.randn(1, 3, 8, 8)).sum().backward()
    torch.nn.functional.conv1d(torch.randn(1, 3, 8), torch.randn(4, 3, 3))
    torch.nn.ConvTranspose3d(3, 4, 2)(torch.randn(1, 3, 4, 4, 4))
    assert ours == ["correlate", "weight_gradient", "correlate", "adjoint"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_scripts_and_saved_traces_whatever_flag_they_baked_in(torch: Any, activate: Any, ours: Any) -> None:
    x, module = torch.randn(1, 3, 8, 8), torch.nn.Conv2d(3, 4, 3).eval()
    torch.backends.cudnn.enabled = True
    file = io.BytesIO()
    torch.jit.save(torch.jit.trace(module, x), file)
    file.seek(0)
    activate("gemm")
    assert torch.allclose(torch.jit.load(file)(x), module(x), atol=1e-5)
    assert torch.allclose(torch.jit.script(module)(x), module(x), atol=1e-5)
    deprecated = torch.ops.aten._convolution.deprecated
    deprecated(x, module.weight, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1, False, False, True)
    assert ours.count("correlate") >= 1


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_unbatched_empty_complex_and_vmap(torch: Any, activate: Any, strategy: str) -> None:
    w = torch.randn(4, 3, 3, 3)
    single, several = torch.randn(3, 8, 8), torch.randn(5, 2, 3, 8, 8)
    complicated = torch.randn(1, 3, 8, 8, dtype=torch.complex64), w.to(torch.complex64)
    wanted = torch.conv2d(single, w), torch.conv2d(*complicated), torch.conv2d(several.flatten(0, 1), w)
    activate(strategy)
    assert torch.allclose(torch.conv2d(single, w), wanted[0], atol=1e-5)
    assert torch.conv2d(torch.randn(0, 3, 8, 8), w).shape == (0, 4, 6, 6)
    assert torch.allclose(torch.conv2d(*complicated), wanted[1], atol=1e-5)
    mapped = torch.vmap(lambda one: torch.conv2d(one, w))(several)
    assert torch.allclose(mapped.flatten(0, 1), wanted[2], atol=1e-5)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_empty_batches_have_gradients(torch: Any, activate: Any, strategy: str) -> None:
    activate(strategy)
    x, w = torch.randn(0, 3, 8, 8, requires_grad=True), torch.randn(4, 3, 3, 3, requires_grad=True)
    torch.conv2d(x, w).sum().backward()
    assert x.grad.shape == x.shape and not w.grad.any()


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize(("channels", "biases"), [(5, None), (3, 1), (3, 5)])
def test_wrong_arguments_get_pytorchs_own_message(
    torch: Any, activate: Any, strategy: str, channels: int, biases: int | None
) -> None:
    def message() -> str:
        with pytest.raises(RuntimeError) as caught:
            bias = None if biases is None else torch.randn(biases)
            torch.conv2d(torch.randn(1, channels, 8, 8), torch.randn(4, 3, 3, 3), bias)
        return str(caught.value)

    wanted = message()
    activate(strategy)
    assert message() == wanted


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_inference_mode(torch: Any, activate: Any, strategy: str) -> None:
    activate(strategy)
    with torch.inference_mode():
        assert torch.conv2d(torch.randn(2, 3, 8, 8), torch.randn(4, 3, 3, 3), torch.randn(4)).is_inference()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_autocast_decides_the_type_and_stays_out_of_our_products(torch: Any, activate: Any, strategy: str) -> None:
    x, w = torch.randn(4, 8, 9, 9, requires_grad=True), torch.randn(8, 8, 3, 3, requires_grad=True)
    exact = torch.autograd.grad(torch.conv2d(x, w, padding=1).square().sum(), [x, w])
    activate(strategy)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.conv2d(x, w).dtype == torch.bfloat16
        # The convolution was asked for in float32, so its gradient must not be computed in bfloat16.
        with torch.autocast("cpu", enabled=False):
            loss = torch.conv2d(x, w, padding=1).square().sum()
        for found, want in zip(torch.autograd.grad(loss, [x, w]), exact, strict=True):
            assert (found - want).norm() <= 1e-5 * want.norm()


def test_compiled_graphs_accept_our_layouts(torch: Any, activate: Any, ours: Any) -> None:
    activate("gemm")
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.ReLU(), torch.nn.Conv2d(8, 4, 1))
    for layout in (torch.contiguous_format, torch.channels_last):
        x = torch.randn(2, 3, 8, 8).contiguous(memory_format=layout).requires_grad_()
        compiled = torch.compile(net, backend="aot_eager")
        out = compiled(x)
        assert torch.allclose(out, net(x), atol=1e-5)
        out.sum().backward()
    assert "adjoint" in ours


def test_other_threads(torch: Any, activate: Any, ours: Any) -> None:
    import threading

    activate("gemm")
    module, x = torch.nn.Conv2d(3, 4, 3), torch.randn(2, 3, 8, 8)
    threads = [threading.Thread(target=lambda: module(x).sum().backward()) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "weight_gradient" in ours


def test_parameters_get_gradients_with_their_own_strides(torch: Any, activate: Any) -> None:
    activate("gemm")
    for kernel, layout in ((3, torch.contiguous_format), (3, torch.channels_last), (1, torch.channels_last)):
        module = torch.nn.Conv2d(4, 6, kernel).to(memory_format=layout)
        module(torch.randn(2, 4, 8, 8)).sum().backward()
        assert module.weight.grad.stride() == module.weight.stride()


def test_deactivate_gives_everything_back(torch: Any, activate: Any, ours: Any) -> None:
    before = torch.backends.cudnn.enabled
    activate("gemm")
    assert not torch.backends.cudnn.enabled
    conv.deactivate()
    torch.conv2d(torch.randn(1, 3, 8, 8), torch.randn(4, 3, 3, 3))
    assert torch.backends.cudnn.enabled == before and ours == []
    assert not torch._C._dispatch_has_kernel_for_dispatch_key("aten::_convolution", "CPU")
