"""The operations named after MIOpen: each is answered by PyTorch's own kernels (here on dispatch key CPU)."""

from __future__ import annotations

from typing import Any

import pytest

STRATEGIES = ("no-miopen", "gemm", "cpu")


def has(torch: Any, name: str) -> None:
    if not hasattr(torch.ops.aten, name):
        pytest.skip(f"this torch has no aten::{name}")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_convolutions(torch: Any, activate: Any, strategy: str) -> None:
    x, w, bias = torch.randn(2, 4, 8, 8), torch.randn(6, 4, 3, 3), torch.randn(6)
    depthwise, transposed = torch.randn(4, 1, 3, 3), torch.randn(4, 6, 3, 3)
    functional = torch.nn.functional
    plain = functional.conv2d(x, w, bias, 2, 1)
    fused = functional.conv2d(x, w, bias, 1, 1)
    wanted = [
        plain,
        functional.conv2d(x, depthwise, None, 1, 1, 1, 4),
        functional.conv_transpose2d(x, transposed, bias, 2, 1, 1),
        fused.relu(),
        (fused + 0.5 * fused).relu(),
    ]
    activate(strategy)
    ops = torch.ops.aten
    found = [
        ops.miopen_convolution(x, w, bias, [1, 1], [2, 2], [1, 1], 1, False, False),
        ops.miopen_depthwise_convolution(x, depthwise, None, [1, 1], [1, 1], [1, 1], 4, False, False),
        ops.miopen_convolution_transpose(x, transposed, bias, [1, 1], [1, 1], [2, 2], [1, 1], 1, False, False),
        ops.miopen_convolution_relu(x, w, bias, [1, 1], [1, 1], [1, 1], 1),
        ops.miopen_convolution_add_relu(x, w, fused, 0.5, bias, [1, 1], [1, 1], [1, 1], 1),
    ]
    for f, want in zip(found, wanted, strict=True):
        assert torch.allclose(f, want, atol=1e-4)


def test_convolution_gradient(torch: Any, activate: Any) -> None:
    activate("gemm")
    x, w = torch.randn(2, 4, 8, 8, requires_grad=True), torch.randn(6, 4, 3, 3, requires_grad=True)
    torch.ops.aten.miopen_convolution(x, w, None, [1, 1], [1, 1], [1, 1], 1, False, False).sum().backward()
    gradient, x.grad = x.grad, None
    torch.conv2d(x, w, None, 1, 1).sum().backward()
    assert torch.allclose(gradient, x.grad, atol=1e-5)


@pytest.mark.parametrize("training", [True, False])
def test_batch_norm(torch: Any, activate: Any, training: bool) -> None:
    x, weight, bias = torch.randn(4, 3, 5, 5, requires_grad=True), torch.rand(3, requires_grad=True), torch.rand(3)
    mean, variance = torch.rand(3), torch.rand(3) + 0.5
    wanted = torch.nn.functional.batch_norm(x, mean.clone(), variance.clone(), weight, bias, training, 0.1, 1e-5)
    gradients = torch.autograd.grad(wanted.square().sum(), [x, weight])
    activate("no-miopen")
    found, _, _ = torch.ops.aten.miopen_batch_norm(x, weight, bias, mean, variance, training, 0.1, 1e-5)
    assert torch.allclose(found, wanted, atol=1e-5)
    for f, want in zip(torch.autograd.grad(found.square().sum(), [x, weight]), gradients, strict=True):
        assert torch.allclose(f, want, atol=1e-4)


@pytest.mark.parametrize("mode", [0, 1, 2, 3])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("batch_first", [False, True])
def test_rnn(torch: Any, activate: Any, mode: int, bidirectional: bool, batch_first: bool) -> None:
    kind = (torch.nn.RNN, torch.nn.RNN, torch.nn.LSTM, torch.nn.GRU)[mode]
    options = {"nonlinearity": ("relu", "tanh")[mode]} if mode < 2 else {}
    net = kind(4, 5, 2, bidirectional=bidirectional, batch_first=batch_first, **options)
    x, hx = torch.randn(3, 6, 4, requires_grad=True), torch.randn(4 if bidirectional else 2, 3 if batch_first else 6, 5)
    hx.requires_grad_()
    cx = torch.randn_like(hx).requires_grad_() if mode == 2 else None
    out, _ = net(x, (hx, cx) if mode == 2 else hx)
    weights = list(net.parameters())
    leaves = [x, hx, *([cx] if mode == 2 else []), *weights]
    wanted = torch.autograd.grad(out.square().sum(), leaves)
    activate("no-miopen")
    found = torch.ops.aten.miopen_rnn(
        x, weights, 4, hx, cx, mode, 5, 2, batch_first, 0.0, True, bidirectional, [], None
    )
    assert torch.allclose(found[0], out, atol=1e-5)
    for f, want in zip(torch.autograd.grad(found[0].square().sum(), leaves), wanted, strict=True):
        assert torch.allclose(f, want, atol=1e-4)


def test_rnn_draws_the_same_dropout_in_its_gradient(torch: Any, activate: Any) -> None:
    activate("no-miopen")
    net, x = torch.nn.GRU(4, 5, 2), torch.randn(3, 6, 4, dtype=torch.float32, requires_grad=True)
    weights, hx = list(net.parameters()), torch.zeros(2, 6, 5)

    def run(value: Any) -> Any:
        torch.manual_seed(3)
        return torch.ops.aten.miopen_rnn(value, weights, 4, hx, None, 3, 5, 2, False, 0.5, True, False, [], None)[
            0
        ].sum()

    (gradient,) = torch.autograd.grad(run(x), [x])
    step = torch.zeros_like(x)
    step[0, 0, 0] = 1e-2
    with torch.no_grad():
        slope = (run(x + step) - run(x - step)) / 2e-2
    assert float(slope) == pytest.approx(float(gradient[0, 0, 0]), abs=2e-3)


def test_ctc(torch: Any, activate: Any) -> None:
    has(torch, "miopen_ctc_loss")
    activate("no-miopen")
    scores = torch.randn(10, 2, 5).log_softmax(2).requires_grad_()
    targets, lengths = torch.randint(1, 5, (2, 4), dtype=torch.int32), ([10, 10], [4, 3])
    wanted = torch.nn.functional.ctc_loss(scores, targets, *(torch.tensor(n) for n in lengths), reduction="none")
    assert not torch.ops.aten._use_miopen_ctc_loss(scores, targets, *lengths, 0)
    found, gradient = torch.ops.aten.miopen_ctc_loss(scores, targets, *lengths, 0, False, False)
    assert torch.allclose(found, wanted, atol=1e-4)
    (want,) = torch.autograd.grad(wanted.sum(), [scores])
    assert torch.allclose(gradient, want, atol=1e-4)
